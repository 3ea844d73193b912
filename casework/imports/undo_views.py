"""Taking an import back: what that means, the reason, and then how far it is."""

from __future__ import annotations

import contextlib

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from casework.imports import runs, undoing
from casework.imports.forms import TARGET_LABELS, UndoForm
from casework.imports.models import ENDED, ImportRun
from casework.imports.policy import targets_of
from casework.imports.words import kind_said
from casework.kernel.attempts import carry_out
from casework.kernel.errors import Conflict, NotPermitted
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, go, needs, page, principal

blueprint = Blueprint("import_undo", __name__, url_prefix="/imports")


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
