"""What each person and each team carries: counted from indexes, each number with the address of its rows.

Numbers stand by name, never by size: this is for sharing work out, not for comparing people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Area
from casework.cases.models import Assignment, Case
from casework.enterprises.models import Liaison
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.permissions import Actor, Role
from casework.negotiations.models import Commitment
from casework.negotiations.words import UNSETTLED
from casework.processes.models import StepRun
from casework.processes.words import OFFICER
from casework.roster.models import Posting, Unit, UnitKind
from casework.roster.queries import HANDLERS, valid_on

SOON = timedelta(days=1)
AHEAD = timedelta(days=2)
SIZE = 50
MOST = 300


@dataclass(slots=True)
class Load:
    """What one person carries today; ``late`` and ``soon`` are part of ``lead``."""

    user_id: int
    name: str
    role: str
    lead: int = 0
    support: int = 0
    late: int = 0
    soon: int = 0
    firms: int = 0
    deputy: int = 0
    steps: int = 0
    promises: int = 0


@dataclass(slots=True)
class TeamLoad:
    """What a unit carries today."""

    id: int
    name: str
    area: str
    people: int = 0
    open: int = 0
    late: int = 0
    soon: int = 0


@dataclass(frozen=True, slots=True)
class TeamPage:
    """A page of units, with the largest number of open cases on it, for the bars."""

    rows: Sequence[TeamLoad]
    most: int
    found: paging.Page[Any] = field(repr=False)


def of_unit(unit_id: int, *, now: datetime, day: date) -> list[Load]:
    """Everybody who handles cases in a unit today, by name. Six queries, whatever the size of the unit."""
    query = (
        sa.select(User.id, User.name, sa.func.min(Posting.role))
        .join(Posting, Posting.user_id == User.id)
        .where(Posting.unit_id == unit_id, Posting.role.in_(HANDLERS), valid_on(day), User.disabled_at.is_(None))
        .group_by(User.id, User.name)
        .order_by(User.name, User.id)
        .limit(MOST)
    )
    loads = {row[0]: Load(*row) for row in db.session.execute(query)}
    if loads:
        ids = sorted(loads)
        _cases(loads, ids, now)
        _support(loads, ids)
        _firms(loads, ids, day)
        _steps(loads, ids)
        _promises(loads, ids, day)
    return list(loads.values())


def _sums(now: datetime) -> tuple[Any, Any, Any]:
    """Open cases, those of them that are late, and those due within a day."""
    late = sa.case((Case.next_due_at < now, 1), else_=0)
    soon = sa.case((sa.and_(Case.next_due_at >= now, Case.next_due_at < now + SOON), 1), else_=0)
    return sa.func.count(), sa.func.sum(late), sa.func.sum(soon)


def _cases(loads: dict[int, Load], ids: Sequence[int], now: datetime) -> None:
    query = sa.select(Case.lead_id, *_sums(now)).where(Case.lead_id.in_(ids), Case.is_open.is_(True))
    for user_id, count, late, soon in db.session.execute(query.group_by(Case.lead_id)):
        load = loads[user_id or 0]
        load.lead, load.late, load.soon = count, int(late or 0), int(soon or 0)


def _support(loads: dict[int, Load], ids: Sequence[int]) -> None:
    query = (
        sa.select(Assignment.user_id, sa.func.count())
        .join(Case, Case.id == Assignment.case_id)
        .where(Assignment.user_id.in_(ids), Assignment.to_at.is_(None), Assignment.part == "support")
        .where(Case.is_open.is_(True))
    )
    for user_id, count in db.session.execute(query.group_by(Assignment.user_id)):
        loads[user_id].support = count


def _firms(loads: dict[int, Load], ids: Sequence[int], day: date) -> None:
    """As officer and as deputy, in one query."""
    holds = sa.and_(Liaison.from_on <= day, sa.or_(Liaison.to_on.is_(None), Liaison.to_on >= day))
    sides = [
        sa.select(column.label("user_id"), sa.literal(side).label("side"), sa.func.count().label("n"))
        .where(column.in_(ids), holds)
        .group_by(column)
        for column, side in ((Liaison.officer_id, "firms"), (Liaison.deputy_id, "deputy"))
    ]
    for user_id, side, count in db.session.execute(sa.union_all(*sides)):
        setattr(loads[user_id or 0], side, count)


def _steps(loads: dict[int, Load], ids: Sequence[int]) -> None:
    """Open steps of processes that wait for the officer of a case."""
    query = (
        sa.select(Case.lead_id, sa.func.count())
        .join(StepRun, StepRun.case_id == Case.id)
        .where(Case.lead_id.in_(ids), Case.is_open.is_(True), StepRun.done_at.is_(None), StepRun.actor == OFFICER)
    )
    for user_id, count in db.session.execute(query.group_by(Case.lead_id)):
        loads[user_id or 0].steps = count


def _promises(loads: dict[int, Load], ids: Sequence[int], day: date) -> None:
    """Unsettled promises on their cases that are due within two days or late."""
    query = (
        sa.select(Case.lead_id, sa.func.count())
        .join(Commitment, Commitment.case_id == Case.id)
        .where(Case.lead_id.in_(ids), Case.is_open.is_(True), Commitment.state.in_(UNSETTLED))
        .where(Commitment.due_on <= day + AHEAD)
    )
    for user_id, count in db.session.execute(query.group_by(Case.lead_id)):
        loads[user_id or 0].promises = count


def _reached(actor: Actor) -> sa.ColumnElement[bool]:
    """The units whose work the actor may look at: as the table of permissions says, in one condition."""
    ways: list[sa.ColumnElement[bool]] = []
    for duty in actor.duties:
        if duty.role is Role.LEAD:
            ways.append(Unit.id == duty.unit_id)
        elif duty.role in (Role.AREA_LEADER, Role.DISTRICT_ADMIN):
            ways.append(Unit.area_id.in_(sa.select(Area.id).where(areas.within(duty.area_id, duty.area_level))))
    return sa.or_(sa.false(), *ways)


def teams(actor: Actor, area: Area | None, at: paging.At, *, now: datetime, day: date) -> TeamPage:
    """A page of the teams of one's districts, by code, with what they carry. Three queries a page."""
    query = sa.select(Unit).where(_reached(actor), Unit.kind == UnitKind.TEAM, Unit.closed_on.is_(None))
    if area is not None:
        query = query.where(Unit.area_id.in_(sa.select(Area.id).where(areas.within(area.id, area.level))))
    query = query.join(Area, Area.id == Unit.area_id).add_columns(Area.path)
    found = paging.page_of(query, (paging.Key(Unit.code, str),), at, SIZE, values=lambda row: [row[0].code])
    loads = {unit.id: TeamLoad(unit.id, unit.name, path) for unit, path in found.rows}
    counted = sa.select(Case.unit_id, *_sums(now)).where(Case.unit_id.in_(loads), Case.is_open.is_(True))
    for unit_id, count, late, soon in db.session.execute(counted.group_by(Case.unit_id)):
        one = loads[unit_id]
        one.open, one.late, one.soon = count, int(late or 0), int(soon or 0)
    serving = sa.select(Posting.unit_id, sa.func.count(Posting.user_id.distinct()))
    serving = serving.where(Posting.unit_id.in_(loads), Posting.role.in_(HANDLERS), valid_on(day))
    for unit_id, count in db.session.execute(serving.group_by(Posting.unit_id)):
        loads[unit_id].people = count
    return TeamPage(list(loads.values()), max((one.open for one in loads.values()), default=0), found)
