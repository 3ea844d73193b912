"""Moving many cases together: the preview with its form, and what became of each."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from casework.areas.models import Area
from casework.cases.listing import list_labels
from casework.cases.workflow import Action
from casework.commons import forms, move_queries, moving, queries, rules
from casework.commons.models import CommonIssue, CommonMove, MoveState, StepState
from casework.commons.policy import MOVE, READ
from casework.commons.views import ticked_ids
from casework.files.upload import MAX_UPLOAD, Upload
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, NotPermitted, Refused
from casework.kernel.forms import Form
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal, takes_files
from casework.roster.queries import names

blueprint = Blueprint("common_moves", __name__, url_prefix="/common-issues/<int:issue_id>")
RESULTS = {
    StepState.DONE: N_("Done"),
    StepState.REFUSED: N_("Not done"),
    StepState.WAITING: N_("Still to come"),
}


def _movable(issue_id: int) -> CommonIssue:
    issue = queries.visible_issue(issue_id, to=current_actor())
    if not can(current_actor(), MOVE, issue):
        raise NotPermitted(MOVE)
    return issue


@blueprint.route("/move/<action>", methods=["GET", "POST"])
@needs(MOVE)
@takes_files(MAX_UPLOAD)
def move(issue_id: int, action: str) -> ResponseReturnValue:
    """Which cases can take it and which cannot and why; filled in once, done for each that is ticked."""
    actor, now = current_actor(), utcnow()
    issue, chosen = _movable(issue_id), rules.together(action)
    if chosen is None:
        raise NotFound(action)
    lines = queries.preview(issue, chosen, actor, now)
    form = _form(issue, chosen, lines)
    upload = Upload(request.files.getlist("files") if "files" in form else None)
    made: list[int] = []

    def work() -> str:
        found = _asked(issue, chosen, form, upload)
        if found.status == MoveState.RUNNING:
            made.append(found.id)
        return url_for(".result", issue_id=issue.id, move_id=found.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), prepare=upload.take_in)):
        for move_id in made:
            moving.carry_on(move_id, now=utcnow())
        return redirect(location, 303)
    return page(
        "commons/move.html",
        issue=issue,
        action=chosen,
        form=form,
        ready=[line for line in lines if not line.why],
        held=[line for line in lines if line.why],
        ticked=ticked_ids() if request.method == "POST" else None,
        labels=list_labels(),
        at_once=rules.AT_ONCE,
        status=form.http_status,
    )


def _asked(issue: CommonIssue, action: Action, form: forms.MoveForm, upload: Upload) -> CommonMove:
    """The move of the ticked cases; what it is refused for stands at the fields."""
    answer = form.whole_answer()
    try:
        return moving.ask(
            issue,
            action,
            answer,
            ticked_ids(),
            sealed=upload.sealed,
            proves=str(form.data.get("proves") or ""),
            actor=current_actor(),
            now=utcnow(),
        )
    except Refused as refusal:
        form.refuse_at(refusal.reasons)
        raise Refused([]) from refusal


def _form(issue: CommonIssue, action: Action, lines: list[queries.Waiting]) -> forms.MoveForm:
    kinds = queries.types_of(line.case for line in lines if not line.why)
    leaders = queries.who_may_lead(db.session.get_one(Area, issue.district_id), local_day(utcnow()))
    return forms.for_move(action, kinds, leaders, queries.evidence_of(kinds))


@blueprint.get("/moves/<int:move_id>")
@needs(READ)
def result(issue_id: int, move_id: int) -> ResponseReturnValue:
    """What became of each case; asked for again while it goes on."""
    issue = queries.visible_issue(issue_id, to=current_actor())
    return _result(issue, move_queries.move_of(issue, move_id), Form(formdata=None))


def _result(issue: CommonIssue, found: CommonMove, form: Form) -> ResponseReturnValue:
    at = url_for(".result", issue_id=issue.id, move_id=found.id)
    context = result_context(found, form, at, may=can(current_actor(), MOVE, issue))
    return page("commons/result.html", fragment="commons/_result.html", status=form.http_status, issue=issue, **context)


def result_context(found: CommonMove, form: Form, at: str, *, may: bool) -> dict[str, Any]:
    """What the page of a move at this address shows; ``may``: whether those that were left may be tried again."""
    actor = current_actor()
    counts = move_queries.tally([found.id]).get(found.id, {})
    usual = StepState.REFUSED if counts.get(StepState.REFUSED) else StepState.DONE
    wanted = request.args.get("show", "")
    show = wanted if wanted in set(StepState) else usual
    rows = move_queries.steps_of(found, actor, show, paging.asked(request.args))
    moving_on = found.status != MoveState.DONE
    return {
        "at": at,
        "move": found,
        "action": rules.taken_back(found.action) if found.undoes_id else rules.of_move(found.action),
        "by": names({found.by_id}).get(found.by_id, ""),
        "counts": counts,
        "results": RESULTS,
        "show": show,
        "rows": [
            (step, number, title, who, move_queries.said(step.reasons)) for step, number, title, who, _ in rows.rows
        ],
        "moving": moving_on,
        "may_again": not moving_on and bool(counts.get(StepState.REFUSED)) and may,
        "form": form,
        "ways": rows.ways(lambda **way: f"{at}?{urlencode({'show': show, **way})}"),
    }


@blueprint.post("/moves/<int:move_id>/again")
@needs(MOVE)
def again(issue_id: int, move_id: int) -> ResponseReturnValue:
    """Try those that were left once more."""
    actor, form = current_actor(), Form()
    issue = _movable(issue_id)
    found = move_queries.move_of(issue, move_id)
    here = url_for(".result", issue_id=issue.id, move_id=found.id)
    made: list[int] = []

    def work() -> str:
        moving.again(issue, found, actor=actor, now=utcnow())
        if found.status == MoveState.RUNNING:
            made.append(found.id)
        return here

    if location := carry_out(form, work, principal=principal()):
        for key in made:
            moving.carry_on(key, now=utcnow())
        return redirect(location, 303)
    return _result(issue, found, form)
