"""Reads of deadlines, and the calendars as every process keeps them. Who may see the case is asked before."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from casework.areas.models import Area, Level
from casework.clocks import calendars, drawing, explain, rules
from casework.clocks.calendar import ALWAYS as ALWAYS_CALENDAR
from casework.clocks.calendar import Calendar, Day
from casework.clocks.kinds import ALWAYS, FOR_A_DAY, WORKING, Clock, DayKind
from casework.clocks.models import CalendarDay, Deadline, WorkCalendar
from casework.kernel.db import db
from casework.kernel.errors import Reason

DEPTHS: Mapping[str, int] = {Level.CITY: 1, Level.DISTRICT: 2, Level.SUBDISTRICT: 3, Level.COMMUNITY: 4, Level.SITE: 5}
CALENDAR_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Known:
    """A calendar as read from its table: the dates that differ with their names, its own among them, and where it
    holds.
    """

    row: Row
    depth: int
    own: Mapping[date, Day]
    days: Mapping[date, Day]
    calendar: Calendar

    @property
    def id(self) -> int:
        """Its key."""
        return self.row.id


@dataclass(frozen=True, slots=True)
class Row:
    """The row of a calendar as it was when it was read; ``label`` is its name with its area before it."""

    id: int
    code: str
    name: str
    area_id: int | None
    label: str
    hours: Sequence[Mapping[str, Any]]
    week: Sequence[int]
    holidays: bool
    revision: int
    why: str


@dataclass(slots=True)
class _Kept:
    """The calendars as last read from one database."""

    stamp: tuple[int, ...]
    checked: float
    known: dict[int, Known]


_kept: WeakKeyDictionary[sa.Engine, _Kept] = WeakKeyDictionary()


def forget_calendar() -> None:
    """Ask at the next question whether they have changed: after an edit, and where they are what a page is about."""
    for kept in _kept.values():
        kept.checked = -CALENDAR_SECONDS


def known_calendars() -> Mapping[int, Known]:
    """Every calendar by id; at most half a minute old."""
    return _current().known


def known_calendar(calendar_id: int) -> Known:
    """A calendar; one that another process has just made is found too."""
    if calendar_id not in known_calendars():
        forget_calendar()
    return known_calendars()[calendar_id]


def calendar_of(calendar_id: int | None) -> Calendar:
    """The calendar of a deadline; None is around the clock."""
    return ALWAYS_CALENDAR if calendar_id is None else known_calendar(calendar_id).calendar


def calendar_id_for(code: str, area_ids: Collection[int] = ()) -> int | None:
    """The calendar that a limit names, for something that lies in these areas: that of the nearest area, else the one
    for everywhere; None for around the clock. A code that nobody made counts as working time.
    """
    if code == ALWAYS:
        return None
    return nearest(known_calendars().values(), code, area_ids).id


def nearest(listed: Iterable[Known], code: str, area_ids: Collection[int]) -> Known:
    """Of some calendars the one that counts for a code in an area."""
    fitting = [one for one in listed if one.row.area_id is None or one.row.area_id in area_ids]
    named = [one for one in fitting if one.row.code == code] or [one for one in fitting if one.row.code == WORKING]
    return max(named, key=lambda one: one.depth)


def calendar_for(code: str, area_ids: Collection[int] = ()) -> Calendar:
    """As ``calendar_id_for``, the calendar itself."""
    return calendar_of(calendar_id_for(code, area_ids))


def _current() -> _Kept:
    kept = _kept.get(db.engine)
    if kept and time.monotonic() - kept.checked < CALENDAR_SECONDS:
        return kept
    # Count and sum of the row versions change with every insert, edit and delete that can happen to a row.
    tables = (CalendarDay, WorkCalendar)
    sums = [(sa.func.count(), sa.func.coalesce(sa.func.sum(table.version), 0)) for table in tables]
    asked = [
        sa.select(value).select_from(table).scalar_subquery()
        for table, two in zip(tables, sums, strict=True)
        for value in two
    ]
    row = db.session.execute(sa.select(*asked)).one()
    stamp = tuple(int(number) for number in row)
    if not kept or kept.stamp != stamp:
        kept = _Kept(stamp, time.monotonic(), _read())
        _kept[db.engine] = kept
    kept.checked = time.monotonic()
    return kept


def _read() -> dict[int, Known]:
    columns = (CalendarDay.calendar_id, CalendarDay.day, CalendarDay.kind, CalendarDay.name, CalendarDay.official)
    own: dict[int, dict[date, Day]] = {}
    for calendar_id, day, kind, name, official in db.session.execute(sa.select(*columns).order_by(CalendarDay.day)):
        own.setdefault(calendar_id, {})[day] = Day(DayKind(kind), name, official)
    rows = db.session.execute(
        sa.select(WorkCalendar, Area.level, Area.name).outerjoin(Area, Area.id == WorkCalendar.area_id)
    ).all()
    base = next((row[0].id for row in rows if row[0].code == WORKING and row[0].area_id is None), 0)
    return {row.id: known(row_of(row, place), DEPTHS.get(level or "", 0), own, base) for row, level, place in rows}


def row_of(row: WorkCalendar, place: str | None) -> Row:
    """A row of the table as it is kept."""
    label = f"{place} · {row.name}" if place else row.name
    shape = (tuple(row.hours), tuple(row.week), row.holidays, row.revision, row.why)
    return Row(row.id, row.code, row.name, row.area_id, label, *shape)


def known(row: Row, depth: int, own: Mapping[int, Mapping[date, Day]], base: int) -> Known:
    """A calendar with its dates; ``own`` are the dates of every calendar, ``base`` is the one of the statutory ones."""
    mine = own.get(row.id, {})
    days = dict(sorted({**(own.get(base, {}) if row.holidays else {}), **mine}.items()))
    name = "" if row.code == WORKING and row.area_id is None else row.label
    made = calendars.built(row.hours, row.week, {day: fact.kind for day, fact in days.items()}, name)
    return Known(row, depth, mine, days, made)


def deadlines_of(case_id: int) -> list[Deadline]:
    """Every deadline of a case, oldest first, pauses loaded. One query."""
    chosen = sa.select(Deadline).where(Deadline.case_id == case_id).order_by(Deadline.started_at, Deadline.id)
    return list(db.session.scalars(chosen.options(joinedload(Deadline.pauses))).unique())


def worth_showing(case_id: int) -> list[Deadline]:
    """What runs on a case, and what the case itself kept or missed; of its promises, which have a list of their own,
    the one due first. One query.
    """
    found = [one for one in deadlines_of(case_id) if not one.cancelled and not (one.done_at and one.subject_id)]
    owed = [one for one in found if one.clock == Clock.PROMISE]
    first = min(owed, key=lambda one: (one.due_at or one.started_at, one.id), default=None)
    return [one for one in found if one.clock != Clock.PROMISE or one is first]


def open_deadlines(
    case_id: int, clocks: Collection[str] | None = None, subject_id: int | None = None
) -> list[Deadline]:
    """The running and paused deadlines of a case, of one thing or of all, pauses loaded. One query."""
    chosen = _open(Deadline.case_id == case_id)
    if subject_id is not None:
        chosen = chosen.where(Deadline.subject_id == subject_id)
    if clocks is not None:
        chosen = chosen.where(Deadline.clock.in_(clocks))
    return list(db.session.scalars(chosen).unique())


def all_open(case_ids: Collection[int]) -> list[Deadline]:
    """Every running and paused deadline of some cases, pauses loaded. One query."""
    return list(db.session.scalars(_open(Deadline.case_id.in_(case_ids))).unique())


def _open(of: sa.ColumnElement[bool]) -> sa.Select[Deadline]:
    chosen = sa.select(Deadline).where(of, Deadline.done_at.is_(None))
    return chosen.order_by(Deadline.id).options(joinedload(Deadline.pauses))


def next_due(case_id: int) -> Deadline | None:
    """The open deadline that is due first; a paused one only if nothing else runs."""
    return next_dues([case_id]).get(case_id)


def next_dues(case_ids: Collection[int]) -> dict[int, Deadline]:
    """For a page of cases: the deadline of each that is due first, pauses loaded. Steps and promises have lists of
    their own. Two queries.
    """
    chosen = (
        sa.select(Deadline)
        .where(Deadline.case_id.in_(case_ids), Deadline.done_at.is_(None), Deadline.subject_id == 0)
        .order_by(Deadline.due_at.is_(None), Deadline.due_at, Deadline.id)
        .options(selectinload(Deadline.pauses))
    )
    first: dict[int, Deadline] = {}
    for deadline in db.session.scalars(chosen):
        first.setdefault(deadline.case_id, deadline)
    return first


def overdue(
    *, clock: str, now: datetime, limit: int = 100, after: tuple[datetime, int] | None = None
) -> list[Deadline]:
    """Open deadlines of a clock whose time is past, earliest first.

    ``after`` is (due_at, id) of the last one seen, so that a sweep goes on where it was.
    """
    chosen = sa.select(Deadline).where(Deadline.clock == clock, Deadline.done_at.is_(None), Deadline.due_at < now)
    if after:
        # The first comparison is implied by the second; it lets both databases seek in the index.
        due, last = after
        chosen = chosen.where(Deadline.due_at >= due, sa.or_(Deadline.due_at > due, Deadline.id > last))
    return list(db.session.scalars(chosen.order_by(Deadline.due_at, Deadline.id).limit(limit)))


def to_look_at(
    *, now: datetime, limit: int, after: tuple[datetime, int] | None = None
) -> list[tuple[datetime, int, int]]:
    """What the ladder of reminders has to look at now, longest waiting first, as (look_at, id, case).

    ``after`` is (look_at, id) of the last one seen: what could not be done is passed by.
    """
    chosen = sa.select(Deadline.look_at, Deadline.id, Deadline.case_id).where(
        Deadline.look_at.is_not(None), Deadline.look_at < now
    )
    if after:
        look, last = after
        chosen = chosen.where(Deadline.look_at >= look, sa.or_(Deadline.look_at > look, Deadline.id > last))
    rows = db.session.execute(chosen.order_by(Deadline.look_at, Deadline.id).limit(limit))
    return [(look, key, case_id) for look, key, case_id in rows if look is not None]


def facts_of(deadline: Deadline) -> rules.Facts:
    """A deadline as the rules see it."""
    return rules.Facts(
        started_at=deadline.started_at,
        limit_minutes=deadline.limit_minutes,
        extension_minutes=deadline.extension_minutes,
        pauses=tuple((pause.from_at, pause.to_at, pause.reason) for pause in deadline.pauses),
        done_at=deadline.done_at,
        met=deadline.met,
        cancelled=deadline.cancelled,
    )


def standing_of(deadline: Deadline, *, now: datetime, soon_percent: int = rules.SOON_PERCENT) -> rules.Standing:
    """How a deadline stands now, for display."""
    return rules.standing(facts_of(deadline), calendar_of(deadline.calendar_id), now, soon_percent)


def strip_of(deadline: Deadline, *, now: datetime) -> drawing.Strip:
    """A deadline as it is drawn."""
    return drawing.strip(facts_of(deadline), calendar_of(deadline.calendar_id), now)


def explanation_of(deadline: Deadline, *, now: datetime) -> list[Reason]:
    """Why a deadline is due when it is, in sentences."""
    days = known_calendar(deadline.calendar_id).days if deadline.calendar_id else {}
    facts, calendar = facts_of(deadline), calendar_of(deadline.calendar_id)
    return explain.explanation(facts, calendar, days, now=now, for_a_day=deadline.clock in FOR_A_DAY)
