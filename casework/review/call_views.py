"""The queue of call-backs, the page of one call, and the enterprise's own answer by a one-time link."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, current_app, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.cases import presenting, workflow
from casework.cases import queries as case_queries
from casework.cases import service as cases
from casework.cases.action_forms import action_form
from casework.cases.forms import ActionForm
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel import throttle
from casework.kernel.attempts import carry_out
from casework.kernel.db import transaction
from casework.kernel.errors import NotFound, NotPermitted, TooMany
from casework.kernel.forms import Form
from casework.kernel.permissions import can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal, public, site_address
from casework.review import calling, desk, queries, summary
from casework.review.forms import RateForm
from casework.review.models import RatingLink
from casework.review.policy import CALLS

blueprint = Blueprint("call_backs", __name__)
GUESSES, WINDOW = 30, timedelta(minutes=15)


@blueprint.get("/call-backs")
@needs(CALLS)
def index() -> ResponseReturnValue:
    """The approved results that this person may call back about, oldest due first."""
    mine = case_queries.callable_by(current_actor())
    return page("reviews/calls.html", **desk.queue(desk.asked(State.CALLBACK), mine))


@blueprint.route("/call-backs/<number>", methods=["GET", "POST"])
@needs(CALLS)
def call(number: str) -> ResponseReturnValue:
    """One call: what was asked and done, the number to call, the questions; then the next one."""
    actor, now, wanted = current_actor(), utcnow(), desk.asked(State.CALLBACK)
    case = case_queries.visible_case(number, to=actor)
    if case.state != State.CALLBACK and request.method == "GET":
        return redirect(f"/cases/{number}", 302)
    if not can(actor, "case.callback", case):
        raise NotPermitted("case.callback")
    form = _form(case)
    if request.method == "GET":
        return _call(case, form)
    following = queries.next_to_call(case, actor, wanted.filters, now=now)
    said: list[str] = []

    def work() -> str:
        cases.act(case, "callback", form.answer(), actor=actor, now=now)
        said.append(_said(case))
        return f"/call-backs{f'/{following}' if following else ''}{wanted.query()}"

    if location := carry_out(form, work, principal=principal(), row=case):
        for text in said:
            flash(text)
        return redirect(location, 303)
    return _call(case, form, status=form.http_status)


def _said(case: Case) -> str:
    """What became of it, in the toast."""
    if case.state == State.IN_PROGRESS:
        return str(gettext("Back to work: %(title)s", title=case.title))
    if case.state == State.CALLBACK:
        return str(gettext("Not reached yet, try again later: %(title)s", title=case.title))
    return str(gettext("Closed: %(title)s", title=case.title))


def _form(case: Case) -> ActionForm:
    action = workflow.action_named("callback")
    if action is None:
        raise NotFound("callback")
    return action_form(action, case)


def _call(case: Case, form: ActionForm, *, status: int = 200, phone: str = "") -> ResponseReturnValue:
    actor, now, wanted = current_actor(), utcnow(), desk.asked(State.CALLBACK)
    moves = queries.moves_of(case.id)
    facts = case_queries.facts(case, actor, now=now, deep=False)
    link = calling.live_link(case.id, now=now)
    return page(
        "reviews/call.html",
        case=case,
        view=presenting.case_view(case, actor, now=now),
        form=form,
        action=form.action,
        most=facts.callback_most,
        tries=[(entry.at, summary.call_words(entry)) for entry in moves if entry.data.get("action") == "callback"],
        link=link,
        url=_url(link) if link else "",
        make=Form(formdata=None),
        next=queries.next_to_call(case, actor, wanted.filters, now=now),
        wanted=wanted,
        phone=phone,
        status=status,
    )


def _url(link: RatingLink) -> str:
    return f"{site_address()}/rate/{calling.token_of(link, str(current_app.secret_key))}"


@blueprint.post("/call-backs/<number>/phone")
@needs(CALLS)
def phone(number: str) -> ResponseReturnValue:
    """Show the number to call; the look is on the story."""
    case = case_queries.visible_case(number, to=current_actor())
    if not can(current_actor(), "case.callback", case):
        raise NotPermitted("case.callback")
    with transaction():
        shown = cases.reveal_phone(case, actor=current_actor(), now=utcnow())
    form = _form(case)
    form.carry(case)
    return _call(case, form, phone=shown)


@blueprint.post("/call-backs/<number>/link")
@needs(CALLS)
def link(number: str) -> ResponseReturnValue:
    """Make the link by which the enterprise answers itself."""
    case, form = case_queries.visible_case(number, to=current_actor()), Form()

    def work() -> str:
        calling.make_link(case, key=str(current_app.secret_key), actor=current_actor(), now=utcnow())
        return f"/call-backs/{number}#link"

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    flash(str(form.reasons[0]) if form.reasons else gettext("Not saved."))
    return redirect(f"/cases/{number}", 303)


@blueprint.route("/rate/<token>", methods=["GET", "POST"])
@public
def rate(token: str) -> ResponseReturnValue:
    """What the link opens: three questions about one case, and thanks."""
    found, case = _link(token)
    form, now = RateForm(), utcnow()

    def work() -> str:
        calling.answer_by_link(found, form.answers(), now=utcnow())
        return request.path

    if request.method == "POST" and carry_out(form, work, principal=f"rate{found.id}"):
        return redirect(request.path, 303)
    live = calling.is_live(found, case, now)
    status = form.http_status if form.http_status != 200 else 200 if live or found.used_at else 410
    return page("reviews/rate.html", link=found, case=case, live=live, rating=form, status=status)


def _link(token: str) -> tuple[RatingLink, Case]:
    """The link with this token; who guesses is slowed down, and told the same each time."""
    try:
        return calling.link_for(token)
    except NotFound:
        with transaction():
            guesses = throttle.count(f"rate:{request.remote_addr}", window=WINDOW, now=utcnow())
        if guesses > GUESSES:
            raise TooMany(int(WINDOW.total_seconds())) from None
        raise
