"""Approving several equal simple cases at once: the preview says of each whether it goes and why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from werkzeug.utils import redirect

from casework.cases import workflow
from casework.cases.action_forms import action_form
from casework.cases.forms import ActionForm
from casework.cases.models import Case
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, Conflict, NotPermitted, Reason, Refused
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page
from casework.review import service
from casework.review.policy import TOGETHER

blueprint = Blueprint("reviews_together", __name__, url_prefix="/reviews/together")
MEANWHILE = Reason(N_("Somebody changed it meanwhile: look at it on its own."))


@blueprint.get("")
@needs(TOGETHER)
def preview() -> ResponseReturnValue:
    """Which of the ticked cases go together and which do not, and the checklist that is marked once for all."""
    actor, now = current_actor(), utcnow()
    found = service.preview(service.candidates(request.args.getlist("cases"), actor), actor, now=now)
    ready = [one for one in found if not one.why]
    form = _form(ready[0].case) if ready else None
    return _page(found, form)


def _form(case: Case) -> ActionForm:
    action = workflow.action_named("approve")
    assert action is not None  # noqa: S101 - the table has it
    return action_form(action, case)


def _page(found: Sequence[service.Preview], form: ActionForm | None, **more: Any) -> ResponseReturnValue:
    return page(
        "reviews/together.html",
        ready=[one.case for one in found if not one.why],
        held=[one for one in found if one.why],
        form=form,
        **{"results": None, "status": 200, **more},
    )


@blueprint.post("")
@needs(TOGETHER)
def approve() -> ResponseReturnValue:
    """Approve each that was ticked, one transaction a case; what does not go says why."""
    actor = current_actor()
    chosen = service.candidates(request.form.getlist("cases"), actor)
    if not chosen:
        return redirect("/reviews", 303)
    type_id = service.common_type(chosen)
    form = _form(next(case for case in chosen if case.type_id == type_id))
    versions = dict(pair.split(":", 1) for pair in request.form.getlist("versions") if ":" in pair)
    if not form.validate():
        return _page(service.preview(chosen, actor, now=utcnow()), form, status=422)
    results = [(case.number, case.title, _one(case, type_id, form, versions, len(chosen))) for case in chosen]
    done = [number for number, _, why in results if not why]
    if not done:
        form.refuse(results[0][2])
        return _page(service.preview(chosen, actor, now=utcnow()), form, status=422)
    flash(ngettext("%(num)s case approved", "%(num)s cases approved", len(done)))
    if len(done) == len(results):
        return redirect("/reviews", 303)
    return _page([], None, results=results)


def _one(case: Case, type_id: int, form: ActionForm, versions: dict[str, str], count: int) -> Sequence[Reason]:
    """Approve one of them, or why not."""
    number = case.number
    try:
        with transaction():
            if versions.get(number) != str(case.version):
                raise Conflict("stale")
            service.approve_together(case, type_id, form.answer(), count=count, actor=current_actor(), now=utcnow())
    except Refused as refusal:
        return refusal.reasons
    except NotPermitted:
        return [Reason(N_("It is not yours to review."))]
    except Conflict:
        db.session.rollback()
        return [MEANWHILE]
    return []
