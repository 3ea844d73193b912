"""What a changed limit of a type would have meant for the cases that were closed lately: shown before it is saved.

Nothing is judged anew by it: decided deadlines stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import load_only, selectinload

from casework.areas.models import Level
from casework.cases.clockwork import limit_of
from casework.cases.models import Case, CaseType
from casework.clocks import queries as clocks
from casework.clocks import rules
from casework.clocks.kinds import Clock, Limit
from casework.clocks.models import Deadline
from casework.kernel.db import db
from casework.kernel.permissions import Actor, Role

BACK = timedelta(days=90)
WORKED_OUT = 2000
SHOWN = 50
_DISTRICT = {Level.CITY: Case.city_id, Level.DISTRICT: Case.district_id}
_ASKED = (
    *(Case.number, Case.title, Case.urgent, Case.area_id, Case.city_id, Case.district_id),
    *(Case.subdistrict_id, Case.community_id),
)


@dataclass(frozen=True, slots=True)
class Turned:
    """A case that would have been late instead of on time, or the other way round."""

    number: str
    title: str
    clock: str
    done_at: datetime
    before: datetime | None
    after: datetime | None
    late: bool


@dataclass(slots=True)
class Tried:
    """One clock under its new limit: how many were decided, how many were late, and how many would have been."""

    clock: str
    decided: int = 0
    late_before: int = 0
    late_after: int = 0


@dataclass(slots=True)
class Preview:
    """What new limits would have meant. ``cases`` were closed in that time, the newest first; not ``whole``: older
    ones were left out. ``shown`` are the first of those that would have turned.
    """

    cases: int = 0
    whole: bool = True
    clocks: list[Tried] = field(default_factory=list)
    turned: int = 0
    shown: list[Turned] = field(default_factory=list)


def preview(kind: CaseType, limits: Mapping[str, Any], *, actor: Actor, now: datetime) -> Preview:
    """How the cases of a type that were closed in the last ninety days would have stood under other limits."""
    changed = [Clock(name) for name, limit in limits.items() if _limit(kind.limits, name) != _limit(limits, name)]
    cases = {case.id: case for case in _closed(kind, actor, now)} if changed else {}
    found = Preview(len(cases), len(cases) < WORKED_OUT, [Tried(clock) for clock in changed])
    by_clock = {one.clock: one for one in found.clocks}
    for deadline in _decided(list(cases), changed):
        _try(found, by_clock[deadline.clock], deadline, cases[deadline.case_id], limits)
    return found


def _limit(limits: Mapping[str, Any], name: str) -> Limit:
    return limit_of(limits, Clock(name))


def _closed(kind: CaseType, actor: Actor, now: datetime) -> Sequence[Case]:
    """The newest cases of the type in the actor's districts that were closed since: read from one end of an index."""
    reach = [
        _DISTRICT[Level(duty.area_level)] == duty.area_id
        for duty in actor.duties
        if duty.role is Role.DISTRICT_ADMIN and duty.area_level in _DISTRICT
    ]
    newest = sa.select(Case.id).where(sa.or_(sa.false(), *reach), Case.type_id == kind.id)
    lately = sa.select(newest.order_by(Case.id.desc()).limit(WORKED_OUT).subquery().c.id)
    query = sa.select(Case).where(Case.id.in_(lately), Case.is_open.is_(False), Case.closed_at >= now - BACK)
    return db.session.scalars(query.options(load_only(*_ASKED))).all()


def _decided(case_ids: Sequence[int], changed: Sequence[Clock]) -> Sequence[Deadline]:
    query = sa.select(Deadline).where(
        Deadline.case_id.in_(case_ids),
        Deadline.clock.in_(changed),
        Deadline.subject_id == 0,
        Deadline.done_at.is_not(None),
        Deadline.cancelled.is_(False),
    )
    query = query.order_by(Deadline.done_at.desc(), Deadline.id.desc()).options(selectinload(Deadline.pauses))
    return db.session.scalars(query).all() if case_ids and changed else ()


def _try(found: Preview, one: Tried, deadline: Deadline, case: Case, new: Mapping[str, Any]) -> None:
    clock = Clock(deadline.clock)
    after = _due_under(deadline, case, limit_of(new, clock, urgent=case.urgent))
    done = deadline.done_at or deadline.started_at
    late = after is not None and done > after
    one.decided += 1
    one.late_before += not deadline.met
    one.late_after += late
    if late == bool(deadline.met):
        found.turned += 1
        if len(found.shown) < SHOWN:
            found.shown.append(Turned(case.number, case.title, clock, done, deadline.due_at, after, late))


def _due_under(deadline: Deadline, case: Case, limit: Limit) -> datetime | None:
    """When it would have been due, with the pauses and extensions that it had."""
    calendar, facts = clocks.calendar_for(limit.calendar, case.area_ids), clocks.facts_of(deadline)
    minutes = limit.amount
    if limit.in_days:
        minutes = rules.minutes_of_days(limit.amount, calendar, facts.started_at)
    return rules.due_at(facts.started_at, minutes, facts.extension_minutes, facts.spans, calendar)
