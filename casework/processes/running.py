"""Every read of runs: what exists for a person, where a run stands, whose turn it is, what a case still waits for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.clocks.queries import calendar_for
from casework.clocks.rules import working_minutes
from casework.files.models import Attachment
from casework.kernel.db import db, one
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
from casework.processes.words import ENTERPRISE, FieldKind, Result, RunState

MOST_SENT = 2000
CASE_COLUMN = {
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
    return one(query, "run")


def visible_run(run_id: int, *, to: Actor) -> tuple[ProcessRun, Case]:
    """A run and its case: for who may see the case, and for the authorities that have a step in it.

    Raises:
        NotFound: there is none, or it is out of scope: the same answer for both.
    """
    query = (
        sa.select(ProcessRun, Case)
        .join(Case, Case.id == ProcessRun.case_id)
        .where(ProcessRun.id == run_id, known_to(to))
    )
    found = db.session.execute(query).first()
    if found is None:
        raise NotFound("run")
    run, case = found
    case_queries.opened(case, to)
    return run, case


def known_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition, on a run and its case, under which a run exists for a person."""
    return sa.or_(case_queries.visible_to(actor), _has_a_step(actor))


def _has_a_step(actor: Actor) -> sa.ColumnElement[bool]:
    acting = orm.aliased(StepRun)  # whoever asks may have steps of their own in the query
    conditions = [
        sa.and_(
            CASE_COLUMN[duty.area_level] == duty.area_id,
            sa.exists().where(acting.run_id == ProcessRun.id, acting.domain.in_(sorted(duty.domains))),
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


def file_ids(step: Step, answers: Mapping[str, Any]) -> list[int]:
    """The files that the answers of a step name."""
    asked = [field.key for field in step.asked if field.kind in (FieldKind.FILE, FieldKind.PHOTO)]
    return [one for key in asked for one in answers.get(key, ())]


def files_of(ids: Collection[int]) -> list[Attachment]:
    """The files with these ids, in their order of arrival."""
    if not ids:
        return []
    return list(db.session.scalars(sa.select(Attachment).where(Attachment.id.in_(set(ids))).order_by(Attachment.id)))


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


def visits_of(run_id: int) -> dict[str, VisitSlot]:
    """The visits that are set in a run, by step."""
    query = sa.select(VisitSlot).where(
        VisitSlot.run_id == run_id, VisitSlot.chosen_at.is_not(None), VisitSlot.withdrawn_at.is_(None)
    )
    return {slot.step: slot for slot in db.session.scalars(query)}


def has_unfinished(case_id: int) -> list[ProcessRun]:
    """The runs of a case that are under way."""
    query = sa.select(ProcessRun).where(ProcessRun.case_id == case_id, ProcessRun.state == RunState.RUNNING)
    return list(db.session.scalars(query.order_by(ProcessRun.id)))


def areas_of(case_id: int) -> frozenset[int]:
    """The areas that a case lies in: they say which calendar counts."""
    return db.session.get_one(Case, case_id).area_ids


def minutes_taken(opened: StepRun, until: datetime) -> int:
    """Counted minutes from the opening of a step to a moment, by the step's calendar."""
    return max(
        round(working_minutes(opened.ready_at, until, calendar_for(opened.calendar, areas_of(opened.case_id)))), 0
    )


def first_step(case_id: int) -> StepRun | None:
    """The first step of a case that waits for the enterprise now."""
    query = sa.select(StepRun).where(StepRun.case_id == case_id, StepRun.actor == ENTERPRISE, StepRun.done_at.is_(None))
    return db.session.scalar(query.order_by(StepRun.id).limit(1))
