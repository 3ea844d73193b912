"""A ledger coming back from Excel: uploaded, compared, decided row by row, taken over."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, Refused, because, reason_kept
from casework.kernel.forms import row_id
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal, takes_files
from casework.ledgers import returns
from casework.ledgers.back import Compared
from casework.ledgers.forms import BackForm, TakeBackForm
from casework.ledgers.models import LedgerReturn, ReturnRow, ReturnState, RowKind, RowResult
from casework.ledgers.policy import BACK
from casework.ledgers.returning import RETURNING
from casework.sheets import limits
from casework.sheets.uploads import FORM_BYTES, content_of

blueprint = Blueprint("ledger_back", __name__, url_prefix="/ledgers/back")
NO_FILE = N_("Choose the ledger that you edited: xlsx or csv.")
SHOWN = 300
MOVING = (ReturnState.WAITING, ReturnState.RUNNING)
RESULTS = {
    RowResult.WAITING: N_("Still to come"),
    RowResult.DONE: N_("Taken over"),
    RowResult.KEPT: N_("Left as it stands"),
    RowResult.REFUSED: N_("Not taken over"),
}


@blueprint.route("", methods=["GET", "POST"])
@needs(BACK)
@takes_files(FORM_BYTES)
def upload() -> ResponseReturnValue:
    """Send an edited ledger back; the answer shows what would change. Nothing is changed before it is said so."""
    actor, form = current_actor(), BackForm()
    compared: list[tuple[LedgerReturn, list[Compared]]] = []

    def prepare() -> None:
        file = form.file.data
        content = content_of(file, NO_FILE)
        try:
            with limits.reading(actor.user_id, now=utcnow()):
                compared.append(returns.compared(content, file.filename, actor=actor, now=utcnow()))
        except Refused as refusal:
            raise Refused([because(one.text, "file", **dict(one.values)) for one in refusal.reasons]) from refusal

    def work() -> str:
        return url_for(".show", key=returns.keep(*compared[0]).id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), prepare=prepare)):
        return redirect(location, 303)
    return page("ledgers/back.html", form=form, status=form.http_status)


@blueprint.get("/<int:key>")
@needs(BACK)
def show(key: int) -> ResponseReturnValue:
    """What would change, how far it is, or what became of each row."""
    made = returns.visible_return(key, to=current_actor())
    form = TakeBackForm(formdata=None)
    form.version.data = str(made.version)
    return _show(made, form)


def _show(made: LedgerReturn, form: TakeBackForm) -> ResponseReturnValue:
    counted = returns.tally(made)
    listed = {kind: returns.rows_of(made, SHOWN, ReturnRow.kind == kind) for kind in RowKind}
    partly = returns.rows_of(made, SHOWN, returns.in_part())
    every = {row.row: row for rows in (*listed.values(), partly) for row in rows}
    of = RETURNING[made.list_name]
    return page(
        "ledgers/returned.html",
        fragment="ledgers/_returned.html",
        made=made,
        form=form,
        kinds=counted.kinds,
        results=counted.results,
        cells=counted.cells,
        cells_in=counted.cells_in,
        listed=listed,
        partly=partly,
        reasons={at: [(one.get("cell", ""), reason_kept(one)) for one in row.reasons] for at, row in every.items()},
        chosen={row_id(one) for one in request.form.getlist("mine")},
        titles={name: gettext(title) for name, (title, *_) in of.columns.items()},
        called=of.names([row.number for row in every.values() if row.number], current_actor()),
        path=of.path,
        labels=RESULTS,
        moving=made.status in MOVING,
        compared=made.status == ReturnState.COMPARED,
        most=SHOWN,
        status=form.http_status,
    )


@blueprint.post("/<int:key>/take")
@needs(BACK)
def take(key: int) -> ResponseReturnValue:
    """Take it over: what a colleague wrote meanwhile stays, except in the rows that were ticked."""
    actor, form = current_actor(), TakeBackForm()
    made = returns.visible_return(key, to=actor)
    mine = [number for one in request.form.getlist("mine") if (number := row_id(one)) is not None]
    begun: list[int] = []

    def work() -> str:
        returns.start(made, mine=mine, reason=form.reason.data or "", now=utcnow())
        if made.status == ReturnState.RUNNING:
            begun.append(made.id)
        return url_for(".show", key=made.id)

    if location := carry_out(form, work, principal=principal(), row=made):
        for one in begun:
            returns.carry_on(one, now=utcnow())
        return redirect(location, 303)
    return _show(made, form)
