"""What an import made; taking it back: what that means, the reason, and then how far it is."""

from __future__ import annotations

import contextlib
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from casework.imports import marks, runs, undoing
from casework.imports.forms import TARGET_LABELS, UndoForm
from casework.imports.models import ENDED, ImportRun, Undo
from casework.imports.policy import targets_of
from casework.imports.words import kind_said
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, Conflict, NotPermitted
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, go, needs, page, principal

blueprint = Blueprint("import_undo", __name__, url_prefix="/imports")
SINCE = {Undo.KEPT: "", Undo.UNDONE: N_("Taken back"), Undo.STAYS: N_("Stays as it is")}


@blueprint.route("/<int:key>/undo", methods=["GET", "POST"])
@needs("import.run")
def undo(key: int) -> ResponseReturnValue:
    """What would be taken back, and why; sent, it is taken back at once when it is little, else by the job."""
    actor = current_actor()
    run = runs.visible_run(key, to=actor)
    if run.target not in targets_of(actor):
        raise NotPermitted("import.run")
    if run.status not in ENDED and request.method == "GET":
        return go("imports.show", key=key)
    form = UndoForm()
    asked = [0]

    def work() -> str:
        asked[0] = undoing.ask(runs.visible_run(key, to=actor), form.reason.data or "", now=utcnow()).things
        return url_for("imports.show", key=key)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        if asked[0] <= undoing.AT_ONCE:
            with contextlib.suppress(Conflict):  # the job carries on what stops here
                undoing.execute(key, now=utcnow())
        return redirect(location, 303)
    return _page(run, form)


def _page(run: ImportRun, form: UndoForm) -> ResponseReturnValue:
    return page(
        "imports/undo.html",
        run=run,
        form=form,
        label=TARGET_LABELS[run.target],
        made=[(kind_said(kind), count) for kind, count in undoing.made(run.id) if count],
        status=form.http_status,
    )


@blueprint.get("/<int:key>/made")
@needs("import.run")
def made(key: int) -> ResponseReturnValue:
    """What an import made and changed, row by row, each with its page."""
    actor = current_actor()
    run = runs.visible_run(key, to=actor)
    found = marks.of_run(run.id, paging.asked(request.args))
    return page(
        "imports/made.html",
        run=run,
        rows=[(mark, kind_said(mark.kind), marks.address_of(mark)) for mark in found.rows],
        titles=marks.titles(found.rows, actor),
        since=SINCE,
        label=TARGET_LABELS[run.target],
        pager=found.ways(partial(url_for, ".made", key=key)),
    )
