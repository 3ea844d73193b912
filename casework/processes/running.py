"""Every read of runs: what exists for a person, where a run stands, whose turn it is, what a case still waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.cases import queries as case_queries
from casework.cases.models import Assignment, Case
from casework.clocks.queries import calendar_of
from casework.clocks.rules import working_minutes
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, Role
from casework.processes import flow, queries
from casework.processes.definition import Definition, Step
from casework.processes.models import (
    IssuedDocument,
    ProcessRun,
    ProcessTemplate,
    StepDraft,
    StepRun,
    Submission,
    TemplateVersion,
    VisitSlot,
)
from casework.processes.words import AUTHORITY, LEAD, OFFICER, Result, RunState

MOST_SENT = 2000
_CASE_COLUMN = {
    "city": Case.city_id,
    "district": Case.district_id,
    "subdistrict": Case.subdistrict_id,
    "community": Case.community_id,
    "site": Case.area_id,
}


@dataclass(frozen=True, slots=True)
class Course:
    """A run with everything that says where it stands."""

    run: ProcessRun
    template: ProcessTemplate
    version: TemplateVersion
    definition: Definition
    sent: Sequence[Submission]
    now: flow.Standing

    @property
    def known(self) -> list[Submission]:
        """What was sent for steps that this version has: the places that ``now.void`` names."""
        return _known(self.definition, self.sent)

    def step(self, key: str) -> Step:
        """A step by its key.

        Raises:
            NotFound: the process has no such step.
        """
        step = self.definition.by_key.get(key)
        if step is None:
            raise NotFound("step")
        return step

    def latest(self, key: str) -> Submission | None:
        """What was sent for a step last, whether it counts or not; returns sent *from* it are left out."""
        own = (row for row in reversed(self.sent) if row.step == key and row.result != Result.RETURN)
        return next(own, None)

    def returned(self, key: str) -> Submission | None:
        """Why a step is open again: the return that opened it."""
        for row in reversed(self.sent):
            if row.result == Result.RETURN and row.to_step == key:
                return row
            if row.step == key:
                return None
        return None


def folded(definition: Definition, sent: Sequence[Submission]) -> flow.Standing:
    """Where a run stands after what was sent for steps that this definition has."""
    return flow.standing(
        definition,
        [
            flow.Submission(step=row.step, result=Result(row.result), answers=row.answers, to=row.to_step)
            for row in _known(definition, sent)
        ],
    )


def _known(definition: Definition, sent: Sequence[Submission]) -> list[Submission]:
    return [row for row in sent if row.step in definition.by_key]


def course_of(run: ProcessRun) -> Course:
    """A run, its version and its submissions, folded."""
    version = db.session.get_one(TemplateVersion, run.version_id)
    template = db.session.get_one(ProcessTemplate, run.template_id)
    definition = queries.definition_of(version)
    query = sa.select(Submission).where(Submission.run_id == run.id).order_by(Submission.no).limit(MOST_SENT)
    sent = list(db.session.scalars(query))
    return Course(run, template, version, definition, sent, folded(definition, sent))


def runs_of(case_id: int) -> list[ProcessRun]:
    """The runs of a case, those under way first, then the newest."""
    ended = sa.case((ProcessRun.state == RunState.RUNNING, 0), else_=1)
    query = sa.select(ProcessRun).where(ProcessRun.case_id == case_id).order_by(ended, ProcessRun.id.desc())
    return list(db.session.scalars(query.limit(50)))


def run_of(case_id: int, run_id: int) -> ProcessRun:
    """A run of a case.

    Raises:
        NotFound: the case has no such run.
    """
    query = sa.select(ProcessRun).where(ProcessRun.id == run_id, ProcessRun.case_id == case_id)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("run")
    return found


def visible_run(run_id: int, *, to: Actor) -> tuple[ProcessRun, Case]:
    """A run and its case: for who may see the case, and for the authorities that have a step in it.

    Raises:
        NotFound: there is none, or it is out of scope: the same answer for both.
    """
    query = (
        sa.select(ProcessRun, Case)
        .join(Case, Case.id == ProcessRun.case_id)
        .where(ProcessRun.id == run_id, sa.or_(case_queries.visible_to(to), _has_a_step(to)))
    )
    found = db.session.execute(query).first()
    if found is None:
        raise NotFound("run")
    return found[0], found[1]


def _has_a_step(actor: Actor) -> sa.ColumnElement[bool]:
    conditions = [
        sa.and_(
            _CASE_COLUMN[duty.area_level] == duty.area_id,
            sa.exists().where(StepRun.run_id == ProcessRun.id, StepRun.domain.in_(sorted(duty.domains))),
        )
        for duty in actor.duties
        if duty.role is Role.REGULATOR and duty.domains
    ]
    return sa.or_(sa.false(), *conditions)


def open_steps(run_ids: Sequence[int]) -> list[StepRun]:
    """The steps of these runs whose actors may act, the earliest due first."""
    query = sa.select(StepRun).where(StepRun.run_id.in_(run_ids), StepRun.done_at.is_(None))
    return list(db.session.scalars(query.order_by(StepRun.due_at.asc().nulls_last(), StepRun.id)))


def steps_of(run_id: int) -> list[StepRun]:
    """Every opening of every step of a run, the oldest first."""
    return list(db.session.scalars(sa.select(StepRun).where(StepRun.run_id == run_id).order_by(StepRun.id)))


def draft_of(run_id: int, step: str) -> StepDraft | None:
    """What was typed for a step and not sent."""
    return db.session.get(StepDraft, (run_id, step))


def documents_of(run_ids: Sequence[int]) -> list[IssuedDocument]:
    """The documents that runs issued, the newest first."""
    query = sa.select(IssuedDocument).where(IssuedDocument.run_id.in_(run_ids))
    return list(db.session.scalars(query.order_by(IssuedDocument.id.desc())))


def slots_of(run_id: int, step: str) -> list[VisitSlot]:
    """The times offered for a visit and not taken back, the earliest first."""
    query = sa.select(VisitSlot).where(
        VisitSlot.run_id == run_id, VisitSlot.step == step, VisitSlot.withdrawn_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(VisitSlot.begins_at, VisitSlot.id)))


def has_unfinished(case_id: int) -> list[ProcessRun]:
    """The runs of a case that are under way."""
    query = sa.select(ProcessRun).where(ProcessRun.case_id == case_id, ProcessRun.state == RunState.RUNNING)
    return list(db.session.scalars(query.order_by(ProcessRun.id)))


@dataclass(frozen=True, slots=True)
class Turn:
    """A step that waits for somebody: of which run and case, since when, until when, and a visit that is set."""

    run_id: int
    step: str
    title: str
    process: str
    number: str
    case_title: str
    requester: str
    ready_at: datetime
    due_at: datetime | None
    visit_at: datetime | None


def turns(actor: Actor, *, limit: int, locale: str) -> list[Turn]:
    """The open steps that are this person's: of the cases they hold, of their team, of their authority."""
    mine = [condition for role, condition in _TURNS.items() if actor.has(role)]
    if not mine:
        return []
    visit = (
        sa.select(sa.func.min(VisitSlot.begins_at))
        .where(
            VisitSlot.run_id == StepRun.run_id,
            VisitSlot.step == StepRun.step,
            VisitSlot.chosen_at.is_not(None),
            VisitSlot.withdrawn_at.is_(None),
        )
        .scalar_subquery()
    )
    query = (
        sa.select(StepRun, TemplateVersion, Case.number, Case.title.label("case_title"), Case.requester, visit)
        .join(ProcessRun, ProcessRun.id == StepRun.run_id)
        .join(TemplateVersion, TemplateVersion.id == ProcessRun.version_id)
        .join(Case, Case.id == StepRun.case_id)
        .where(StepRun.done_at.is_(None), Case.is_open.is_(True), sa.or_(*(condition(actor) for condition in mine)))
        .order_by(StepRun.due_at.asc().nulls_last(), StepRun.id)
        .limit(limit)
    )
    return [_turn(row, locale) for row in db.session.execute(query)]


def _turn(row: Any, locale: str) -> Turn:
    opened, version, number, case_title, requester, visit_at = row
    definition = queries.definition_of(version)
    return Turn(
        run_id=opened.run_id,
        step=opened.step,
        title=definition.by_key[opened.step].title.said(locale),
        process=definition.name.said(locale),
        number=number,
        case_title=case_title,
        requester=requester,
        ready_at=opened.ready_at,
        due_at=opened.due_at,
        visit_at=visit_at,
    )


def _held(actor: Actor) -> sa.ColumnElement[bool]:
    holding = sa.select(Assignment.case_id).where(Assignment.user_id == actor.user_id, Assignment.to_at.is_(None))
    return sa.and_(StepRun.actor == OFFICER, StepRun.case_id.in_(holding))


def _led(actor: Actor) -> sa.ColumnElement[bool]:
    units = [duty.unit_id for duty in actor.duties if duty.role is Role.LEAD]
    return sa.or_(_held(actor), sa.and_(StepRun.actor == LEAD, Case.unit_id.in_(units)))


def _owned(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.false(),
        *(
            sa.and_(
                StepRun.actor == AUTHORITY,
                StepRun.domain.in_(sorted(duty.domains)),
                _CASE_COLUMN[duty.area_level] == duty.area_id,
            )
            for duty in actor.duties
            if duty.role is Role.REGULATOR
        ),
    )


_TURNS = {Role.OFFICER: _held, Role.LEAD: _led, Role.REGULATOR: _owned}


def minutes_taken(opened: StepRun, until: datetime) -> int:
    """Counted minutes from the opening of a step to a moment, by the step's calendar."""
    return max(round(working_minutes(opened.ready_at, until, calendar_of(opened.calendar))), 0)
