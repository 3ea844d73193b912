"""What the pages of a run show, worked out once for the template: each step with its stand, time and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext

from casework.cases.models import Case
from casework.cases.types import DOMAINS
from casework.clocks.explain import remaining_text
from casework.clocks.queries import calendar_for
from casework.clocks.rules import Facts
from casework.clocks.rules import standing as clock_standing
from casework.files.models import Attachment
from casework.kernel.errors import N_, Reason
from casework.kernel.i18n import language
from casework.kernel.permissions import Actor, can
from casework.processes import issuing, migrating, running, step_forms, telling
from casework.processes.definition import Field, Step
from casework.processes.models import IssuedDocument, ProcessRun, StepRun, Submission, VisitSlot
from casework.processes.policy import filling, step_of
from casework.processes.running import Course
from casework.processes.step_edge import AtStep
from casework.processes.words import ACTORS, ENTERPRISE, STANDS, RunState, Stand
from casework.roster.queries import names as names_of


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer in words, with the files that it is."""

    label: str
    words: str
    files: Sequence[Attachment] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step of a run: where it stands, who acts, how long it took or has left, what was answered."""

    step: Step
    number: int
    title: str
    actor: Reason | str
    stand: Stand
    stand_label: str
    minutes: int | None
    limit: int | None
    clock: Any
    due_at: datetime | None
    answers: Sequence[Answer]
    sent: Submission | None
    who: str
    mine: bool
    visit: VisitSlot | None = None

    @property
    def late(self) -> bool:
        """Whether it took, or is taking, longer than it should."""
        return bool(self.limit and self.minutes is not None and self.minutes > self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run for its page. ``stands`` is what the drawing marks; ``move`` previews a newer version."""

    run: ProcessRun
    course: Course
    title: str
    steps: Sequence[StepView]
    documents: Sequence[tuple[IssuedDocument, str]]
    stands: Mapping[str, str]
    move: migrating.Preview | None
    started_by: str
    may_cancel: bool
    may_revoke: bool

    @property
    def open(self) -> list[StepView]:
        """The steps whose turn it is."""
        return [view for view in self.steps if view.stand is Stand.READY and self.run.state == RunState.RUNNING]

    @property
    def mine(self) -> list[StepView]:
        """Those of them that the reader may fill."""
        return [view for view in self.open if view.mine]


def run_view(run: ProcessRun, case: Case, actor: Actor, *, now: datetime) -> RunView:
    """Read what the page of a run needs: a handful of queries, whatever the number of steps."""
    course, locale = running.course_of(run), language()
    openings = {row.step: row for row in running.steps_of(run.id)}
    people = names_of({row.by_id for row in course.sent if row.by_id} | {run.started_by_id})
    files = {file.id: file for file in running.files_of(_file_ids(course))}
    newer = migrating.newer(run, now) if can(actor, "process.migrate", case) else None
    visits = running.visits_of(run.id)
    documents = [(document, issuing.standing(document, now)) for document in running.documents_of([run.id])]
    views = [
        _step_view(course, step, number, case, actor, openings.get(step.key), people, files, now)
        for number, step in enumerate(course.definition.steps, 1)
    ]
    views = [replace(view, visit=visits.get(view.step.key)) for view in views]
    return RunView(
        run=run,
        course=course,
        title=course.definition.name.said(locale),
        steps=views,
        documents=documents,
        stands={view.step.key: view.stand.value for view in views},
        move=migrating.preview(course, newer, locale=locale) if newer else None,
        started_by=gettext("the enterprise itself") if run.by_requester else people.get(run.started_by_id, ""),
        may_revoke=_may_revoke(course, case, actor),
        may_cancel=run.state == RunState.RUNNING and can(actor, "process.cancel", case),
    )


def _may_revoke(course: Course, case: Case, actor: Actor) -> bool:
    return any(step.issues and can(actor, "document.revoke", step_of(case, step)) for step in course.definition.steps)


def _file_ids(course: Course) -> list[int]:
    found: list[int] = []
    for row in course.known:
        found += running.file_ids(course.definition.by_key[row.step], row.answers)
    return found


def _step_view(
    course: Course,
    step: Step,
    number: int,
    case: Case,
    actor: Actor,
    opened: StepRun | None,
    people: Mapping[int, str],
    files: Mapping[int, Attachment],
    now: datetime,
) -> StepView:
    locale, stand = language(), course.now.stands[step.key]
    sent = course.latest(step.key) if stand in (Stand.DONE, Stand.HELD) or course.now.rejected_at == step.key else None
    is_open = opened is not None and opened.done_at is None
    return StepView(
        step=step,
        number=number,
        title=step.title.said(locale),
        actor=actor_words(step),
        stand=stand,
        stand_label=str(Reason(STANDS[stand])),
        minutes=_minutes(opened, now),
        limit=opened.limit_minutes if opened else step.limit.minutes if step.limit else None,
        clock=clock_of(opened, now) if opened is not None and is_open else None,
        due_at=opened.due_at if opened is not None and is_open else None,
        answers=answers_of(step, sent.answers if sent else {}, locale, files),
        sent=sent,
        who=people.get(sent.by_id or 0, "") if sent else "",
        mine=stand is Stand.READY and can(actor, filling(step), step_of(case, step)),
    )


def _minutes(opened: StepRun | None, now: datetime) -> int | None:
    if opened is None:
        return None
    return opened.minutes if opened.done_at is not None else running.minutes_taken(opened, now)


def actor_words(step: Step) -> Reason | str:
    """Who acts in a step, an authority by its domain."""
    return Reason(DOMAINS.get(step.domain, step.domain)) if step.domain else Reason(ACTORS[step.role])


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of an open step as the chips draw it."""

    name: Reason
    tone: str
    used: int
    remaining: Reason
    due_at: datetime | None


def clock_of(opened: StepRun, now: datetime) -> Clock | None:
    """How much time an open step has left; None without a limit."""
    if opened.limit_minutes is None:
        return None
    facts = Facts(started_at=opened.ready_at, limit_minutes=opened.limit_minutes)
    stands = clock_standing(facts, calendar_for(opened.calendar, running.areas_of(opened.case_id)), now)
    name = Reason(N_("Time for this step"))
    return Clock(name, stands.tone, stands.bar_width, remaining_text(stands), opened.due_at)


def answers_of(step: Step, given: Mapping[str, Any], locale: str, files: Mapping[int, Attachment]) -> list[Answer]:
    """The answers of a step in words, files as files."""
    return [
        Answer(field.label.said(locale), words, _files(field, given, files))
        for field, words in telling.lines(step, given, locale)
    ]


def _files(field: Field, given: Mapping[str, Any], files: Mapping[int, Attachment]) -> list[Attachment]:
    if field.kind not in step_forms.FILES:
        return []
    return [files[one] for one in given.get(field.key, ()) if one in files]


@dataclass(frozen=True, slots=True)
class StepPage:
    """The form of a step for its page: the fields, the buttons that end it, and why it is open again."""

    title: str
    help: str
    lines: Sequence[step_forms.Line]
    endings: Sequence[step_forms.Ending]
    returned: Submission | None
    declares: bool


def step_page(at: AtStep) -> StepPage:
    """What the form of a step shows in the reader's language."""
    locale = language()
    return StepPage(
        title=at.step.title.said(locale),
        help=at.step.help.said(locale),
        lines=step_forms.lines(at.step, at.form, at.kept_files()),
        endings=step_forms.endings(at.course.definition, at.step, locale),
        returned=at.course.returned(at.step.key),
        declares=any(field.kind == "declaration" for field in at.step.asked),
    )


def file_in(course: Course, token: str, *, own: bool = False) -> Attachment | None:
    """A file that an answer or a draft of this run names, by its token; ``own``: only of the enterprise's steps."""
    ids: set[int] = set()
    for row in course.known:
        ids |= _named(course.definition.by_key[row.step], row.answers, own)
    for key in course.now.ready:
        if draft := running.draft_of(course.run.id, key):
            ids |= _named(course.definition.by_key[key], draft.answers, own)
    return next((file for file in running.files_of(ids) if file.token == token), None)


def _named(step: Step, given: Mapping[str, Any], own: bool) -> set[int]:
    return set(running.file_ids(step, given)) if not own or step.role == ENTERPRISE else set()
