"""The review queue and the page of one review: evidence beside the checklist, the result in a dozen lines."""

from __future__ import annotations

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.cases import presenting, workflow
from casework.cases import queries as case_queries
from casework.cases import service as cases
from casework.cases.action_forms import action_form
from casework.cases.forms import ActionForm
from casework.cases.models import Case
from casework.cases.workflow import OUTCOME_LABELS, Action, State
from casework.clocks.explain import moment
from casework.kernel.attempts import carry_out
from casework.kernel.errors import NotFound, NotPermitted
from casework.kernel.permissions import Actor, can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.review import desk, queries, service, summary, weighing
from casework.review.policy import QUEUE

blueprint = Blueprint("reviews", __name__)
ACTS = ("approve", "countersign", "return", "ask_proof")


@blueprint.get("/review")
@needs(QUEUE)
def review() -> ResponseReturnValue:
    """The queue under the name that bookmarks have."""
    return redirect("/reviews", 301)


@blueprint.get("/reviews")
@needs(QUEUE)
def index() -> ResponseReturnValue:
    """The results that wait for this person, oldest due first."""
    wanted = desk.asked(State.UNDER_REVIEW)
    mine = queries.mine_to_review(current_actor(), wanted.stage)
    return page("reviews/index.html", fragment="reviews/_list.html", **desk.queue(wanted, mine))


@blueprint.get("/reviews/<number>")
@needs(QUEUE)
def show(number: str) -> ResponseReturnValue:
    """One result, ready to be judged; the first of the queue is one key away from the next."""
    actor = current_actor()
    case = case_queries.visible_case(number, to=actor)
    if case.state != State.UNDER_REVIEW:
        return redirect(f"/cases/{number}", 302)
    action = _offered(case, actor)
    if action is None:
        raise NotPermitted("case.approve")
    return _show(case, action_form(action, case))


def _offered(case: Case, actor: Actor) -> Action | None:
    """The act whose form is shown: the one asked for, else approving, countersigning, returning."""
    asked = request.args.get("as", "")
    names = [asked] if asked == "return" else []
    for name in (*names, "countersign" if case.signed_by_id else "approve", "approve", "return"):
        action = workflow.action_named(name)
        if action is not None and can(actor, action.permission, case):
            return action
    return None


def _show(case: Case, form: ActionForm, status: int = 200) -> ResponseReturnValue:
    actor, now, wanted = current_actor(), utcnow(), desk.asked(State.UNDER_REVIEW)
    view = presenting.case_view(case, actor, now=now)
    moves = queries.moves_of(case.id)
    proof = form if form.action.name == "ask_proof" else _blank("ask_proof", case, actor)
    main = _main(case, actor) if form.action.name == "ask_proof" else form
    if "note" in main and main.action.name == "approve":
        main.note.label.text = gettext("Opinion; when you return it: what must be mended")
    return page(
        "reviews/show.html",
        case=case,
        view=view,
        form=main,
        action=main.action,
        proof=proof if can(actor, "case.ask_proof", case) and not case.proof_asked else None,
        lines=summary.summary(case, view, moves, actor, now=now),
        before=summary.said_before(moves, view.checklist, "return", "approve", "give_proof"),
        weight=weighing.weigh(case),
        outcome=_outcome(case),
        next=queries.next_to_review(case, actor, wanted.filters, wanted.stage, now=now),
        wanted=wanted,
        status=status,
    )


def _outcome(case: Case) -> str:
    """The outcome that the result claims; the case has none before it is closed."""
    label = OUTCOME_LABELS.get(str((case.result or {}).get("outcome")), "")
    return str(gettext(label)) if label else ""


def _blank(name: str, case: Case, actor: Actor) -> ActionForm:
    """The form of an act as nobody has filled it in yet."""
    action = workflow.action_named(name)
    if action is None:
        raise NotFound(name)
    form = action_form(action, case)
    for field in form:
        if field.name not in ("csrf_token", "op", "version"):
            field.process(None)
    form.carry(case)
    return form


def _main(case: Case, actor: Actor) -> ActionForm:
    action = _offered(case, actor)
    return _blank(action.name if action else "approve", case, actor)


@blueprint.post("/reviews/<number>/<act>")
@needs(QUEUE)
def act(number: str, act: str) -> ResponseReturnValue:
    """Approve, countersign, return or ask for a proof; then the next result, or the queue."""
    actor, wanted = current_actor(), desk.asked(State.UNDER_REVIEW)
    case = case_queries.visible_case(number, to=actor)
    form = _posted(case, act)
    following = _next(case)
    said: list[str] = []

    def work() -> str:
        cases.act(case, act, form.answer(), actor=actor, now=utcnow())
        said.append(_done(case, form.action))
        return f"/reviews{f'/{following}' if following else ''}{wanted.query()}"

    if location := carry_out(form, work, principal=principal(), row=case):
        for text in said:
            flash(text)
        return redirect(location, 303)
    if form.http_status == 409 or State(case.state) not in form.action.sources:
        return _told(case, form)
    return _show(case, form, form.http_status)


def _posted(case: Case, act: str) -> ActionForm:
    """The form of an act as it was sent; what is to be mended may stand in the opinion."""
    action = workflow.action_named(act) if act in ACTS else None
    if action is None:
        raise NotFound(act)
    if not can(current_actor(), action.permission, case):
        raise NotPermitted(action.permission)
    form = action_form(action, case)
    if act == "return" and not form.reason.data:
        form.reason.data = request.form.get("note", "").strip()
    return form


def _done(case: Case, action: Action) -> str:
    if action.name == "approve" and case.state == State.UNDER_REVIEW:
        return str(gettext("Signed; it waits for the second signature: %(title)s", title=case.title))
    return presenting.done_text(case, action)


def _told(case: Case, form: ActionForm) -> ResponseReturnValue:
    """Somebody was faster: say who and what; while it is still under review, on its page with what was typed."""
    reason = service.decided_meanwhile(case)
    if case.state != State.UNDER_REVIEW or _offered(case, current_actor()) is None:
        moved = moment(case.last_at)
        return page("reviews/decided.html", case=case, reason=reason, moved=moved, next=_next(case), status=409)
    form.reasons[:] = [reason]
    form.carry(case)
    return _show(case, form, 409)


def _next(case: Case) -> str | None:
    wanted = desk.asked(State.UNDER_REVIEW)
    return queries.next_to_review(case, current_actor(), wanted.filters, wanted.stage, now=utcnow())
