"""Lists going out: each at the address of its page, the ready-made ones on a page of their own; long ones by job."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.files import storage
from casework.files.views import disposition
from casework.kernel import paging, throttle
from casework.kernel.attempts import carry_out
from casework.kernel.db import transaction
from casework.kernel.errors import N_, NotFound, Refused, TooMany
from casework.kernel.i18n import language
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal, signed_in
from casework.ledgers import exports, periods, returns, taking_out
from casework.ledgers.forms import DecideForm, TakeOutForm
from casework.ledgers.models import ExportState, ListExport
from casework.ledgers.policy import LEDGERS, SECOND
from casework.ledgers.ready_made import BESIDE, FIVE_LEDGERS, THREE_LISTS
from casework.ledgers.taking_out import CSV, LISTS, TYPES, XLSX, Asked
from casework.roster.queries import names

COLUMNS_TOLD = 6
blueprint = Blueprint("ledgers", __name__)
AN_HOUR = 60
"""Lists that somebody takes out in an hour."""
STATES = {
    ExportState.ASKED: N_("Waits for a second person"),
    ExportState.WAITING: N_("Waits for its turn"),
    ExportState.RUNNING: N_("Being made"),
    ExportState.DONE: N_("Ready to take"),
    ExportState.REFUSED: N_("Not agreed to"),
    ExportState.STOPPED: N_("Given up: you may no longer take it out"),
}
MOVING = (ExportState.WAITING, ExportState.RUNNING)


def hand_out(name: str, form: str, **fixed: str) -> ResponseReturnValue:
    """A list at once, or the page that says more: it is long, more than this person may take out, or empty."""
    asked = Asked(current_actor(), {**request.args.to_dict(), **fixed}, utcnow(), form=form)
    listed = taking_out.list_named(name, asked.actor)
    way: dict[str, Any] = {**listed.words(asked.args), "list": name, "form": form}
    try:
        rows = taking_out.count(listed, asked)
        if rows > taking_out.ALONE or taking_out.says_nothing(listed, rows, full=False):
            return redirect(url_for("ledgers.ask", **way), 302)
    except Refused:
        return redirect(url_for("ledgers.ask", **way), 302)
    with transaction():  # before the work: what is too much is not made at all
        _count_one(asked)
    with tempfile.TemporaryFile() as file:
        taken = taking_out.write(file, listed, asked)
        content = file.read()
    with transaction():
        taking_out.note(name, asked, taken)
    return _file(content, name, asked)


def _count_one(asked: Asked) -> None:
    """One more list of this hour.

    Raises:
        TooMany: there were too many.
    """
    if throttle.count(f"export:{asked.actor.user_id}", window=timedelta(hours=1), now=asked.now) > AN_HOUR:
        raise TooMany(600)


def _file(content: bytes, name: str, asked: Asked) -> Response:
    said = " ".join(filter(None, (gettext(LISTS[name].title), LISTS[name].told(asked))))
    shown = f"{said} {local_day(asked.now).isoformat()}.{asked.form}"
    headers = {"Content-Disposition": disposition(shown), "Cache-Control": "private, no-store"}
    return Response(content, content_type=TYPES[asked.form], headers=headers)


@blueprint.get("/cases/export.xlsx", defaults={"form": XLSX})
@blueprint.get("/cases/export.csv", defaults={"form": CSV})
@needs("case.export")
def cases(form: str) -> ResponseReturnValue:
    """The list of cases with its present filters."""
    return hand_out("cases", form)


@blueprint.get("/people/export.xlsx", defaults={"form": XLSX})
@blueprint.get("/people/export.csv", defaults={"form": CSV})
@needs("roster.read")
def people(form: str) -> ResponseReturnValue:
    """The roster as it is filtered."""
    return hand_out("people", form)


@blueprint.get("/orders/register.xlsx", defaults={"form": XLSX})
@blueprint.get("/orders/register.csv", defaults={"form": CSV})
@needs("order.export")
def orders(form: str) -> ResponseReturnValue:
    """The register of supervision orders with its present filters."""
    return hand_out("orders", form)


@blueprint.get("/supplies/<int:unit_id>/ledger.xlsx", defaults={"form": XLSX})
@blueprint.get("/supplies/<int:unit_id>/ledger.csv", defaults={"form": CSV})
@needs("supplies.read")
def supplies(unit_id: int, form: str) -> ResponseReturnValue:
    """The ledger of a unit's supplies with its present filters."""
    return hand_out("supplies", form, unit=str(unit_id))


@blueprint.get("/enterprises/export.xlsx", defaults={"form": XLSX})
@blueprint.get("/enterprises/export.csv", defaults={"form": CSV})
@needs("enterprise.read")
def enterprises(form: str) -> ResponseReturnValue:
    """The enterprises as they are searched for."""
    return hand_out("enterprises", form)


@blueprint.get("/coverage/<int:area_id>/rows.xlsx", defaults={"form": XLSX})
@blueprint.get("/coverage/<int:area_id>/rows.csv", defaults={"form": CSV})
@needs("coverage.read")
def covered(area_id: int, form: str) -> ResponseReturnValue:
    """The firms behind a number of the coverage board."""
    return hand_out("coverage", form, area=str(area_id))


@blueprint.get("/ledgers/<name>.xlsx", defaults={"form": XLSX})
@blueprint.get("/ledgers/<name>.csv", defaults={"form": CSV})
@needs(LEDGERS)
def ready_made(name: str, form: str) -> ResponseReturnValue:
    """One of the ready-made lists and ledgers."""
    if name not in (*THREE_LISTS, *FIVE_LEDGERS, *BESIDE):
        raise NotFound(name)
    return hand_out(name, form)


@blueprint.get("/ledgers")
@needs(LEDGERS)
def index() -> ResponseReturnValue:
    """The three lists and five ledgers of a period, what came back, what I asked for, what waits for me to agree."""
    actor = current_actor()
    given: dict[str, Any] = periods.words(request.args)
    found = exports.exports_of(actor, paging.asked(request.args))
    deciding = exports.to_decide(actor)
    fault = periods.fault(given)
    whole = {**given, "scope": "all"} if given else {}  # of a past month what is closed meanwhile counts too

    def offered(which: tuple[str, ...]) -> list[tuple[str, taking_out.ListOut, str]]:
        mine = [(name, LISTS[name]) for name in which if can(actor, LISTS[name].permission)]
        return [(name, listed, urlencode(whole) if listed.dated else "") for name, listed in mine]

    return page(
        "ledgers/ledgers.html",
        groups=[]
        if fault
        else [
            (N_("The three lists"), offered(THREE_LISTS)),
            (N_("The five ledgers"), offered(FIVE_LEDGERS)),
            (N_("More lists"), offered(BESIDE)),
        ],
        told=COLUMNS_TOLD,
        given=given,
        fault=fault,
        presets=periods.presets(local_day(utcnow())),
        deciding=deciding,
        names=names({row.by_id for row in deciding}),
        rows=found.rows,
        returned=returns.returns_of(actor),
        titles={name: listed.title for name, listed in LISTS.items()},
        states=STATES,
        most=taking_out.most_rows(actor),
        ways=found.ways(partial(url_for, ".index", **given)),
        status=422 if fault else 200,
    )


@blueprint.route("/ledgers/ask", methods=["GET", "POST"])
@signed_in
def ask() -> ResponseReturnValue:
    """How a list is taken out: as what, what for, with numbers in full or not."""
    actor, name = current_actor(), request.args.get("list", "")
    listed = taking_out.list_named(name, actor)
    args = listed.words(request.args)
    form = TakeOutForm()
    may_reveal = bool(listed.reveal) and can(actor, listed.reveal)
    if request.method == "GET":
        form.form.data = request.args.get("form") if request.args.get("form") in TYPES else XLSX
    asked = Asked(actor, args, utcnow(), full=bool(form.full.data) and may_reveal, form=form.form.data or XLSX)

    def work() -> str:
        _count_one(asked)
        made = exports.ask(name, asked, purpose=form.purpose.data or "", locale=language())
        return url_for(".show", key=made.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    return _ask_page(listed, asked, form, may_reveal)


def _ask_page(listed: taking_out.ListOut, asked: Asked, form: TakeOutForm, may_reveal: bool) -> ResponseReturnValue:
    rows = 0
    try:
        rows = taking_out.count(listed, asked)
    except Refused as refusal:
        if not form.reasons:
            form.refuse(refusal.reasons)
    return page(
        "ledgers/ask.html",
        form=form,
        title=listed.title,
        about=listed.told(asked),
        here=request.full_path,
        rows=rows,
        nothing=taking_out.says_nothing(listed, rows, full=False) and not form.reasons,
        second=taking_out.needs_a_second(listed, rows, full=False),
        may_reveal=may_reveal,
        status=form.http_status if request.method == "POST" else 200,
    )


@blueprint.get("/ledgers/<int:key>")
@signed_in
def show(key: int) -> ResponseReturnValue:
    """How far a list is; once made, the way to the file; for a second person, what is asked of them."""
    return _show(exports.visible_export(key, to=current_actor()), DecideForm(formdata=None))


def _show(export: ListExport, form: DecideForm) -> ResponseReturnValue:
    actor = current_actor()
    mine = export.by_id == actor.user_id
    form.version.data = form.version.data or str(export.version)
    return page(
        "ledgers/list.html",
        fragment="ledgers/_list.html",
        export=export,
        title=LISTS[export.name].title,
        state=STATES[ExportState(export.status)],
        moving=export.status in MOVING,
        mine=mine,
        kept=mine and export.expires_at is not None and utcnow() < export.expires_at,
        form=form if export.status == ExportState.ASKED and not mine and can(actor, SECOND) else None,
        names=names([key for key in (export.by_id, export.second_id) if key]),
        status=form.http_status,
    )


@blueprint.get("/ledgers/<int:key>/file")
@signed_in
def download(key: int) -> ResponseReturnValue:
    """The file, for whoever asked for it, for a day; every other try is refused and logged."""
    actor, now = current_actor(), utcnow()
    export = exports.visible_export(key, to=actor)
    fault = exports.ANOTHERS if export.by_id != actor.user_id else ""
    if not fault and export.status == ExportState.DONE and export.expires_at and export.expires_at <= now:
        fault = exports.EXPIRED
    if fault:
        with transaction():
            exports.refuse(exports.visible_export(key, to=actor), fault, actor=actor, now=now)
    if fault or export.status != ExportState.DONE:
        raise NotFound("file")
    try:
        content = storage.current().get(export.storage_key)
    except storage.Missing as error:
        raise NotFound("file") from error
    return _file(content, export.name, Asked(actor, dict(export.args), export.made_at or now, form=export.form))


@blueprint.post("/ledgers/<int:key>/decide")
@needs(SECOND)
def decide(key: int) -> ResponseReturnValue:
    """A second person agrees or says why not."""
    actor, form = current_actor(), DecideForm()
    export = exports.visible_export(key, to=actor)
    agreed = request.form.get("agree") == "1"
    if export.by_id == actor.user_id:
        with transaction():
            exports.refuse(exports.visible_export(key, to=actor), exports.OWN, actor=actor, now=utcnow())

    def work() -> str:
        exports.decide(export, agreed=agreed, answer=form.answer.data or "", actor=actor, now=utcnow())
        return url_for(".index")

    if location := carry_out(form, work, principal=principal(), row=export):
        flash(gettext("Agreed: the list is made now.") if agreed else gettext("Refused: they are told why."))
        return redirect(location, 303)
    return _show(export, form)
