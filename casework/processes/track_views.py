"""The enterprise's page: where its case stands in plain words, the steps that are its own, times to choose, papers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from werkzeug.utils import redirect
from wtforms import StringField
from wtforms.validators import Optional

from casework.cases.models import Case
from casework.cases.workflow import MAIN_LINE, OUTCOME_LABELS, STATE_LABELS, State
from casework.files.views import serve
from casework.kernel.attempts import carry_out
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, NotFound, Reason, Refused
from casework.kernel.forms import Form
from casework.kernel.i18n import language
from casework.kernel.time import utcnow
from casework.kernel.web import page, public, takes_files
from casework.processes import issuing, run_pages, running, slots, step_edge, track
from casework.processes.definition import Step
from casework.processes.models import IssuedDocument, ProcessRun, VisitSlot
from casework.processes.running import Course
from casework.processes.step_edge import AtStep
from casework.processes.words import ENTERPRISE, RunState, Stand
from casework.roster.models import Unit
from casework.roster.queries import names as names_of

blueprint = Blueprint("track", __name__)
MAX_UPLOAD = 60 * 1024 * 1024
KEY = "track"


class OpenForm(Form):
    """The case code and the last four digits of the phone."""

    code = StringField(lazy_gettext(N_("Case code")), [Optional()])
    digits = StringField(lazy_gettext(N_("Last four digits of the contact's phone")), [Optional()])


@blueprint.route("/track", methods=["GET", "POST"])
@public
def find() -> ResponseReturnValue:
    """Enter the code and the digits."""
    form = OpenForm()
    if request.method == "POST" and (case := _opened(form, form.code.data or "")):
        return redirect(url_for("track.show", code=case.code), 303)
    return page("processes/track_open.html", form=form, code="", status=form.http_status)


@blueprint.route("/track/<code>", methods=["GET", "POST"])
@public
def show(code: str) -> ResponseReturnValue:
    """Where the case stands; before that the last four digits of the phone, once in twelve hours."""
    form = OpenForm()
    if request.method == "POST" and (found := _opened(form, code)):
        return redirect(url_for("track.show", code=found.code), 303)
    case = _mine(code)
    if case is None:
        return page("processes/track_open.html", form=form, code=code, status=form.http_status)
    return page_of(case)


def _opened(form: OpenForm, code: str) -> Case | None:
    """Check code and digits, each try counted; what is wrong is never said."""
    form.http_status = 422
    if not form.validate():
        return None
    with transaction():
        track.count_try(code, request.remote_addr or "", now=utcnow())
    try:
        case = track.opened_by(code, form.digits.data or "")
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return None
    with transaction():
        track.forget_tries(code)
    session[KEY] = [case.code, (utcnow() + track.OPEN_FOR).isoformat()]
    return case


def _mine(code: str) -> Case | None:
    """The case, if this browser has shown the digits for it."""
    opened = session.get(KEY)
    if not opened or opened[0] != track.normal(code) or utcnow() > datetime.fromisoformat(opened[1]):
        return None
    return track.by_code(code)


def own_case(code: str) -> Case:
    """The case whose digits this browser has shown.

    Raises:
        NotFound: there is none, or the digits were not shown.
    """
    case = _mine(code)
    if case is None:
        raise NotFound("track")
    return case


@dataclass(frozen=True, slots=True)
class Task:
    """A step that waits for the enterprise, with the times to choose from where somebody comes."""

    run: ProcessRun
    process: str
    step: Step
    title: str
    why: str
    slots: Sequence[VisitSlot] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """A process as the enterprise sees it: each step, whose turn it is, and what came of it."""

    run: ProcessRun
    title: str
    steps: Sequence[tuple[str, str, str]]
    visits: Sequence[tuple[str, VisitSlot]]


# What a higher package adds to the page: given the case, and the form that was refused, if it is one of its own.
PARTS: list[Callable[[Case, Form | None], Markup]] = []


def page_of(case: Case, task_form: Form | None = None) -> ResponseReturnValue:
    """The page of a case whose digits were shown; with the form that was refused."""
    locale, now = language(), utcnow()
    courses = [running.course_of(run) for run in running.runs_of(case.id)] if case.processed else []
    lead = names_of({case.lead_id}).get(case.lead_id, "") if case.lead_id else ""
    unit = db.session.get(Unit, case.unit_id) if case.unit_id else None
    return page(
        "processes/track.html",
        case=case,
        progress=_progress(case),
        tasks=[task for course in courses for task in _tasks(course, locale)] if case.is_open else [],
        offers=[task for course in courses for task in _offers(course, locale, now)] if case.is_open else [],
        ways=[_way(course, locale) for course in courses],
        papers=_papers([course.run.id for course in courses], now),
        lead=lead,
        unit=unit.name if unit else "",
        form=task_form or Form(),
        parts=[part(case, task_form) for part in PARTS],
        status=task_form.http_status if task_form else 200,
    )


def _progress(case: Case) -> list[tuple[str, str]]:
    """The main line of the case as (words, done | now | next); an end beside it is the last word."""
    state = State(case.state)
    if state not in MAIN_LINE:
        aside = {State.WAITING: State.IN_PROGRESS, State.OBJECTED: State.DISPATCHED, State.PARKED: State.IN_PROGRESS}
        if state not in aside:
            return [(STATE_LABELS[State.SUBMITTED], "done"), (STATE_LABELS[state], "now")]
        state = aside[state]
    place = MAIN_LINE.index(state)
    told = [
        (STATE_LABELS[one], "done" if index < place else "now" if index == place else "next")
        for index, one in enumerate(MAIN_LINE)
    ]
    if state is State.CLOSED and case.outcome:
        told[-1] = (OUTCOME_LABELS[case.outcome], "done")
    return told


def _tasks(course: Course, locale: str) -> list[Task]:
    if course.run.state != RunState.RUNNING:
        return []
    found = []
    for key in course.now.ready:
        step = course.definition.by_key[key]
        if step.role == ENTERPRISE:
            back = course.returned(key)
            title = step.title.said(locale)
            found.append(Task(course.run, course.definition.name.said(locale), step, title, back.note if back else ""))
    return found


def _offers(course: Course, locale: str, now: datetime) -> list[Task]:
    """The visits for which a time can be chosen."""
    if course.run.state != RunState.RUNNING:
        return []
    found = []
    for key in course.now.ready:
        step = course.definition.by_key[key]
        offered = running.slots_of(course.run.id, key) if step.visit else []
        if offered and not any(slot.chosen_at for slot in offered):
            ahead = [slot for slot in offered if slot.begins_at > now]
            name = course.definition.name.said(locale)
            found.append(Task(course.run, name, step, step.title.said(locale), "", ahead))
    return found


def _way(course: Course, locale: str) -> Way:
    looks = {Stand.DONE: "done", Stand.READY: "now"}
    steps = [
        (step.title.said(locale), str(run_pages.actor_words(step)), looks.get(course.now.stands[step.key], "next"))
        for step in course.definition.steps
        if course.now.stands[step.key] is not Stand.SKIPPED
    ]
    visits = [
        (course.definition.by_key[key].title.said(locale), slot)
        for key, slot in running.visits_of(course.run.id).items()
        if key in course.now.ready
    ]
    return Way(course.run, course.definition.name.said(locale), steps, visits)


def _papers(run_ids: list[int], now: datetime) -> list[tuple[IssuedDocument, str]]:
    found = running.documents_of(run_ids) if run_ids else []
    return [(document, issuing.standing(document, now)) for document in found]


@blueprint.route("/track/<code>/runs/<int:run_id>/steps/<key>", methods=["GET", "POST"])
@public
@takes_files(MAX_UPLOAD)
def step(code: str, run_id: int, key: str) -> ResponseReturnValue:
    """A step of the enterprise: filled on a phone, kept as it goes."""
    at = _at(code, run_id, key)
    here = request.path
    if request.method == "POST" and (location := step_edge.send(at, url_for("track.show", code=code), here)):
        flash(gettext("Kept. Go on whenever you like.") if location == here else gettext("Sent. Thank you."))
        return redirect(location, 303)
    return page(
        "processes/track_step.html",
        case=at.case,
        at=at,
        page_of=run_pages.step_page(at),
        process=at.course.definition.name.said(language()),
        status=at.form.http_status,
    )


def _at(code: str, run_id: int, key: str) -> AtStep:
    case = own_case(code)
    run = running.run_of(case.id, run_id)
    at = step_edge.at_step(case, run, key, actor=None, principal=f"case{case.id}")
    if at.step.role != ENTERPRISE:
        raise NotFound("step")
    return at


@blueprint.post("/track/<code>/runs/<int:run_id>/steps/<key>/draft")
@public
def keep(code: str, run_id: int, key: str) -> ResponseReturnValue:
    """Keep what is being typed."""
    step_edge.keep(_at(code, run_id, key))
    return "", 204


@blueprint.post("/track/<code>/runs/<int:run_id>/steps/<key>/visit")
@public
def choose(code: str, run_id: int, key: str) -> ResponseReturnValue:
    """Choose the time of a visit."""
    case, form = own_case(code), Form()
    run = running.run_of(case.id, run_id)
    chosen = request.form.get("slot", "")

    def work() -> str:
        if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 16):
            raise Refused(Reason(N_("Choose one of the times.")))
        slots.choose(case, run, key, int(chosen), actor=None, now=utcnow())
        return url_for("track.show", code=code)

    if location := carry_out(form, work, principal=f"case{case.id}"):
        flash(gettext("The visit is set."))
        return redirect(location, 303)
    return page_of(case, form)


@blueprint.get("/track/<code>/runs/<int:run_id>/files/<token>")
@public
def file(code: str, run_id: int, token: str) -> ResponseReturnValue:
    """A file that the enterprise attached itself."""
    case = own_case(code)
    course = running.course_of(running.run_of(case.id, run_id))
    found = run_pages.file_in(course, token, own=True)
    if found is None:
        raise NotFound("file")
    return serve(found, thumbnail=request.args.get("small") == "1")
