"""Whose turn it is: the open steps of running processes on somebody's desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Assignment, Case
from casework.kernel.db import db
from casework.kernel.permissions import Actor, Role
from casework.processes import queries
from casework.processes.models import ProcessRun, StepRun, TemplateVersion, VisitSlot
from casework.processes.running import CASE_COLUMN
from casework.processes.words import AUTHORITY, LEAD, OFFICER


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
    mine = turn_of(actor)
    if mine is None:
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
        .where(StepRun.done_at.is_(None), Case.is_open.is_(True), mine)
        .order_by(StepRun.due_at.asc().nulls_last(), StepRun.id)
        .limit(limit)
    )
    return [_turn(row, locale) for row in db.session.execute(query)]


def turn_of(actor: Actor) -> sa.ColumnElement[bool] | None:
    """The condition, on an open step and its case, that it is this person's turn; None: it never is."""
    mine = [condition(actor) for role, condition in _TURNS.items() if actor.has(role)]
    return sa.or_(*mine) if mine else None


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
                CASE_COLUMN[duty.area_level] == duty.area_id,
            )
            for duty in actor.duties
            if duty.role is Role.REGULATOR
        ),
    )


_TURNS = {Role.OFFICER: _held, Role.LEAD: _led, Role.REGULATOR: _owned}
