"""What the requester does on the page of the case: answer, add, confirm and rate, ask again, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.utils import redirect

from casework.cases import queries as case_queries
from casework.cases.clockwork import CLOCK_LABELS
from casework.cases.models import Case
from casework.cases.presenting import Button, Part
from casework.cases.workflow import STATUTORY_ROUTES, State
from casework.clocks import queries as clocks
from casework.clocks.kinds import Clock
from casework.files.upload import PUBLIC_UPLOAD, Upload
from casework.intake import forms, queries, repeats, service
from casework.intake.policy import TELL
from casework.kernel.attempts import carry_out
from casework.kernel.errors import NotFound
from casework.kernel.forms import Form, VersionedForm
from casework.kernel.permissions import Actor, can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal, public, takes_files
from casework.processes.track_views import own_case, page_of
from casework.review import calling
from casework.review.forms import RateForm

blueprint = Blueprint("replies", __name__)
ASKED = ("requester", "supplement")


def part_of(case: Case, form: Form | None = None) -> Markup:
    """What is asked of the requester now, the messages, and the ways on; under the head of the page."""
    now = utcnow()
    asks = case.state == State.WAITING and (case.waiting or {}).get("code") in ASKED
    again = case.state == State.CLOSED and case.closed_at and now - case.closed_at <= service.REOPEN_WITHIN
    open_clocks = [one for one in clocks.open_deadlines(case.id) if one.due_at and one.clock != Clock.PROMISE]
    due = [(CLOCK_LABELS[one.clock], one.due_at) for one in open_clocks if one.due_at]
    given = {type(form): form} if form else {}
    html = render_template(
        "intake/_track.html",
        case=case,
        asks=asks,
        waiting=case.waiting or {},
        until=_day(case),
        talk=queries.talk(case),
        declined=queries.declined(case) if case.state == State.DECLINED else None,
        routes=STATUTORY_ROUTES,
        due=sorted(due, key=lambda one: one[1])[:2] if case.is_open else [],
        reply=given.get(forms.ReplyForm) or forms.ReplyForm(formdata=None),
        rating=(given.get(RateForm) or RateForm(formdata=None)) if case.state == State.CALLBACK else None,
        again=(given.get(forms.ReasonForm) or forms.ReasonForm(formdata=None)) if again else None,
    )
    return Markup(html)  # noqa: S704 - a template's own output


def _day(case: Case) -> datetime | None:
    until = (case.waiting or {}).get("until")
    return datetime.fromisoformat(until) if until else None


def _done(case: Case, form: Form, work: Callable[[], None], said: str) -> ResponseReturnValue:
    """Carry out what the requester does; back on the page either way, with the text where it was refused."""
    here = url_for("track.show", code=case.code)

    def carried() -> str:
        work()
        return here

    if location := carry_out(form, carried, principal=f"case{case.id}"):
        flash(said)
        return redirect(location, 303)
    return page_of(case, form)


@blueprint.post("/track/<code>/reply")
@public
@takes_files(PUBLIC_UPLOAD)
def reply(code: str) -> ResponseReturnValue:
    """Answer what was asked, or add something."""
    case, form = own_case(code), forms.ReplyForm()
    upload = Upload(form.files.data, most=service.MOST_FILES)
    here = url_for("track.show", code=case.code)

    def work() -> str:
        service.write(case, form.text.data or "", upload.sealed, now=utcnow())
        return here

    if location := carry_out(form, work, principal=f"case{case.id}", prepare=upload.take_in):
        flash(gettext("Sent. Thank you."))
        return redirect(location, 303)
    return page_of(case, form)


@blueprint.post("/track/<code>/rate")
@public
def rate(code: str) -> ResponseReturnValue:
    """Say whether it is solved."""
    case, form = own_case(code), RateForm()

    def work() -> None:
        calling.answered(case, form.answers(), now=utcnow())

    return _done(case, form, work, gettext("Thank you for telling us."))


@blueprint.post("/track/<code>/again")
@public
def again(code: str) -> ResponseReturnValue:
    """Ask to take it up again."""
    case, form = own_case(code), forms.ReasonForm()
    said = gettext("We take it up again.")
    return _done(case, form, lambda: service.ask_again(case, form.reason.data or "", now=utcnow()), said)


@blueprint.route("/track/<code>/withdraw", methods=["GET", "POST"])
@public
def withdraw(code: str) -> ResponseReturnValue:
    """Ask first, then end it."""
    case, form = own_case(code), forms.ReasonForm()
    if not case.is_open:
        raise NotFound("withdraw")
    form.reason.label.text = gettext("Why you no longer ask for it")
    here = url_for("track.show", code=case.code)

    def work() -> str:
        service.withdraw(case, form.reason.data or "", now=utcnow())
        return here

    if request.method == "POST" and (location := carry_out(form, work, principal=f"case{case.id}")):
        flash(gettext("It is withdrawn."))
        return redirect(location, 303)
    return page("intake/withdraw.html", case=case, form=form, status=form.http_status)


@blueprint.route("/cases/<number>/tell", methods=["GET", "POST"])
@needs(TELL)
def tell(number: str) -> ResponseReturnValue:
    """Write to the requester."""
    actor, form = current_actor(), forms.TellForm()
    case = case_queries.visible_case(number, to=actor)

    def work() -> str:
        service.tell(case, form.text.data or "", actor=actor, now=utcnow())
        return url_for("cases.show", number=number)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        flash(gettext("It stands on the requester's page now."))
        return redirect(location, 303)
    return page("intake/tell.html", case=case, form=form, talk=queries.talk(case), status=form.http_status)


@blueprint.get("/cases/<number>/repeats/<other>")
@needs("case.merge")
def compare(number: str, other: str) -> ResponseReturnValue:
    """Two cases side by side, to be merged or left."""
    actor = current_actor()
    case, repeat = (case_queries.visible_case(one, to=actor) for one in (number, other))
    form = VersionedForm(formdata=None)
    form.carry(case)
    return page("intake/compare.html", case=case, other=repeat, form=form, may_merge=can(actor, "case.merge", case))


def of_case(case: Case, view: object, actor: Actor, now: datetime) -> Part:
    """The way to write to the requester, and at triage the likely repeats, on the case page."""
    menu = [Button(gettext("Write to the requester"), f"/cases/{case.number}/tell", "note")]
    menu = menu if can(actor, TELL, case) else []
    if case.state not in (State.SUBMITTED, State.ACCEPTED) or not can(actor, "case.merge", case):
        return Part(menu=menu)
    found = repeats.of(case, actor, now)
    aside = render_template("intake/_repeats.html", case=case, found=found, why=repeats.WHY) if found else ""
    return Part(aside=Markup(aside), menu=menu)  # noqa: S704 - a template's own output
