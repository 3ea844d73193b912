"""Reads: the ladder of a place, what was told of a case, what is brought before somebody, and how often was urged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from casework.areas.models import Area
from casework.areas.models import Level as AreaLevel
from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.clocks import queries as clocks
from casework.clocks.explain import said_due
from casework.clocks.kinds import WORKING, Clock
from casework.clocks.models import Deadline
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, can
from casework.supervision import rules
from casework.supervision.models import Escalation, EscalationReader, LadderRow, Urge
from casework.supervision.policy import LADDER
from casework.supervision.rules import PRESET, Gap, Ladder, Plan
from casework.supervision.words import RUNGS, Level

PREVIEWED = 2000
HISTORY = 20
URGES_LOOKED_AT = timedelta(days=20)
"""Longer than any row of days off: no urge of the same working day is older."""


def ladder_of(row: LadderRow | None) -> Ladder:
    """A row as the rules see it; the presets where a district set nothing."""
    if row is None:
        return PRESET
    gaps, urgent = (
        {level: Gap(int(given[level]["amount"]), str(given[level]["unit"])) for level in RUNGS}
        for given in (row.gaps, row.urgent_gaps)
    )
    return Ladder(yellow_percent=row.yellow_percent, yellow_minutes=row.yellow_minutes, gaps=gaps, urgent_gaps=urgent)


def ladder_row(district_id: int) -> LadderRow | None:
    """What a district set, if anything."""
    return db.session.get(LadderRow, district_id)


def ladders_of(district_ids: Collection[int | None]) -> Mapping[int, Ladder]:
    """The ladders of those of the districts that set one. One query."""
    wanted = sorted({key for key in district_ids if key})
    rows = db.session.scalars(sa.select(LadderRow).where(LadderRow.district_id.in_(wanted)))
    return {row.district_id: ladder_of(row) for row in rows}


def districts(actor: Actor) -> list[Area]:
    """The districts whose ladder this person sets, by name."""
    query = sa.select(Area).where(Area.level == AreaLevel.DISTRICT).order_by(Area.name, Area.id).limit(500)
    return [area for area in db.session.scalars(query) if can(actor, LADDER, area)]


def district(area_id: int, *, to: Actor) -> Area:
    """A district whose ladder this person sets.

    Raises:
        NotFound: there is none, or it is another's.
    """
    found = db.session.get(Area, area_id)
    if found is None or found.level != AreaLevel.DISTRICT or not can(to, LADDER, found):
        raise NotFound("district")
    return found


def plan_of(deadline: Deadline, case: Case, ladder: Ladder) -> Plan:
    """The levels of a deadline with their moments, by the calendars as they are."""
    return rules.plan(
        Clock(deadline.clock),
        clocks.facts_of(deadline),
        ladder,
        calendar=clocks.calendar_of(deadline.calendar_id),
        working=clocks.calendar_for(WORKING, case.area_ids),
        urgent=case.urgent,
    )


def told_levels(deadlines: Sequence[Deadline]) -> Mapping[int, set[str]]:
    """What was told of some deadlines since they are due when they are. One query."""
    due = {deadline.id: deadline.due_at for deadline in deadlines}
    query = sa.select(Escalation.deadline_id, Escalation.level, Escalation.due_at)
    found: dict[int, set[str]] = defaultdict(set)
    for deadline_id, level, at in db.session.execute(query.where(Escalation.deadline_id.in_(sorted(due)))):
        if at == due[deadline_id]:
            found[deadline_id].add(level)
    return found


@dataclass(frozen=True, slots=True)
class Would:
    """What another ladder would tell at once: how many open clocks were worked out, how many are told by level."""

    counted: int
    levels: Mapping[str, int]
    whole: bool


def preview(area: Area, ladder: Ladder, *, now: datetime) -> Would:
    """What a ladder would tell now of the open cases of a district, the earliest due first."""
    query = (
        sa.select(Deadline, Case)
        .join(Case, Case.id == Deadline.case_id)
        .where(
            Case.district_id == area.id,
            Case.is_open.is_(True),
            Deadline.done_at.is_(None),
            Deadline.due_at.is_not(None),
        )
        .order_by(Deadline.due_at, Deadline.id)
        .limit(PREVIEWED + 1)
        .options(selectinload(Deadline.pauses))
    )
    rows = db.session.execute(query).all()
    told = told_levels([deadline for deadline, _ in rows])
    levels: dict[str, int] = dict.fromkeys(Level, 0)
    for deadline, case in rows[:PREVIEWED]:
        for level in rules.turn(plan_of(deadline, case, ladder), told.get(deadline.id, ()), now).tell:
            levels[level] += 1
    return Would(min(len(rows), PREVIEWED), levels, len(rows) <= PREVIEWED)


@dataclass(frozen=True, slots=True)
class Brought:
    """A late case that was brought before somebody and that they have not ticked off."""

    id: int
    number: str
    title: str
    requester: str
    clock: str
    level: str
    due_at: datetime


def brought_before(actor: Actor, *, limit: int) -> list[Brought]:
    """What still stands: the clock runs, is due when it was due then, and the case is theirs to see."""
    query = (
        sa.select(
            Escalation.id, Case.number, Case.title, Case.requester, Deadline.clock, Escalation.level,
            Escalation.due_at,
        )
        .join(EscalationReader, EscalationReader.escalation_id == Escalation.id)
        .join(Deadline, Deadline.id == Escalation.deadline_id)
        .join(Case, Case.id == Escalation.case_id)
        .where(
            EscalationReader.user_id == actor.user_id,
            EscalationReader.seen_at.is_(None),
            Escalation.level.in_(RUNGS),
            Deadline.done_at.is_(None),
            Deadline.due_at == Escalation.due_at,
            Case.is_open.is_(True),
            visible_to(actor),
        )
        .order_by(Escalation.told_at.desc(), Escalation.id.desc())
        .limit(limit)
    )  # fmt: skip
    rows = db.session.execute(query)
    return [Brought(*row[:-1], said_due(row.clock, row.due_at)) for row in rows]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history of a case: a card, a rung or an urge."""

    at: datetime
    kind: str
    clock: str = ""
    by_id: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """What was told and urged on a case: the counts, and the newest lines first."""

    yellow: int = 0
    red: int = 0
    urged: int = 0
    lines: tuple[Line, ...] = ()


def history(case_id: int) -> History:
    """The cards, rungs and urges of a case. Three queries."""
    here = (Escalation.case_id == case_id, Escalation.told_at.is_not(None))
    levels = sa.select(Escalation.level, sa.func.count()).where(*here)
    counts = {level: int(n) for level, n in db.session.execute(levels.group_by(Escalation.level))}
    told = (
        sa.select(Escalation.told_at, Escalation.level, Deadline.clock)
        .join(Deadline, Deadline.id == Escalation.deadline_id)
        .where(*here)
        .order_by(Escalation.id.desc())
        .limit(HISTORY)
    )
    lines = [Line(at, level, clock) for at, level, clock in db.session.execute(told) if at]
    urges = urges_of(case_id)
    lines += [Line(row.at, "urged", by_id=row.by_id, text=row.reason) for row in urges]
    lines.sort(key=lambda line: line.at, reverse=True)
    return History(counts.get("yellow", 0), counts.get("red", 0), len(urges), tuple(lines[:HISTORY]))


def urges_of(case_id: int) -> list[Urge]:
    """Everything that was urged on a case, newest first: a quota keeps it few."""
    query = sa.select(Urge).where(Urge.case_id == case_id).order_by(Urge.at.desc(), Urge.id.desc())
    return list(db.session.scalars(query.limit(500)))


def urges_again(cases: Collection[Case], now: datetime) -> dict[int, datetime]:
    """Which of the cases staff cannot urge now, with when they can again. One query."""
    query = sa.select(Urge.case_id, Urge.at).where(
        Urge.case_id.in_([case.id for case in cases]), Urge.at > now - URGES_LOOKED_AT, Urge.by_id.is_not(None)
    )
    before: dict[int, list[datetime]] = {}
    for case_id, at in db.session.execute(query):
        before.setdefault(case_id, []).append(at)
    found = {}
    for case in cases:
        if case.id in before:
            calendar = clocks.calendar_for(WORKING, case.area_ids)
            if again := rules.urge_again_at(before[case.id], rules.STAFF, now, calendar):
                found[case.id] = again
    return found


def urge_again_at(case: Case, *, requester: bool, now: datetime) -> datetime | None:
    """When this case may be urged again by staff, or by the requester; None when it is now."""
    whose = Urge.by_id.is_(None) if requester else Urge.by_id.is_not(None)
    query = sa.select(Urge.at).where(Urge.case_id == case.id, Urge.at > now - URGES_LOOKED_AT, whose)
    calendar = clocks.calendar_for(WORKING, case.area_ids)
    quota = rules.REQUESTER if requester else rules.STAFF
    return rules.urge_again_at(list(db.session.scalars(query)), quota, now, calendar)
