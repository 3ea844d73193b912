"""Reads of deadlines, and the calendar as every process keeps it. Who may see the case is asked before."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from casework.clocks import explain, rules
from casework.clocks.kinds import CalendarKind, Clock, DayKind
from casework.clocks.models import CalendarDay, Deadline
from casework.kernel.db import db
from casework.kernel.errors import Reason

CALENDAR_SECONDS = 60


@dataclass(slots=True)
class _Kept:
    """The calendar as last read from one database."""

    stamp: tuple[int, int]
    checked: float
    days: dict[date, rules.Day]
    calendar: rules.Calendar


_kept: WeakKeyDictionary[sa.Engine, _Kept] = WeakKeyDictionary()


def forget_calendar() -> None:
    """Read the calendar anew at the next question. Call it after an edit."""
    _kept.clear()


def calendar_days() -> dict[date, rules.Day]:
    """The dates that differ from their weekday; at most a minute old."""
    return _current().days


def working_calendar() -> rules.Calendar:
    """Working hours on working days, by the calendar table; at most a minute old."""
    return _current().calendar


def calendar_of(kind: str) -> rules.Calendar:
    """The calendar of a kind."""
    return rules.ALWAYS if kind == CalendarKind.ALWAYS else working_calendar()


def _current() -> _Kept:
    kept = _kept.get(db.engine)
    if kept and time.monotonic() - kept.checked < CALENDAR_SECONDS:
        return kept
    # Count and sum of the row versions change with every insert, edit and delete that can happen to a day.
    versions = sa.func.coalesce(sa.func.sum(CalendarDay.version), 0)
    row = db.session.execute(sa.select(sa.func.count(CalendarDay.day), versions)).one()
    stamp = (int(row[0]), int(row[1]))
    if not kept or kept.stamp != stamp:
        kept = _read(stamp)
        _kept[db.engine] = kept
    kept.checked = time.monotonic()
    return kept


def _read(stamp: tuple[int, int]) -> _Kept:
    columns = (CalendarDay.day, CalendarDay.kind, CalendarDay.name, CalendarDay.official)
    rows = db.session.execute(sa.select(*columns).order_by(CalendarDay.day))
    days = {day: rules.Day(DayKind(kind), name, official) for day, kind, name, official in rows}
    calendar = rules.Calendar(CalendarKind.WORKING, {day: fact.kind for day, fact in days.items()})
    return _Kept(stamp, time.monotonic(), days, calendar)


def deadlines_of(case_id: int) -> list[Deadline]:
    """Every deadline of a case, oldest first, pauses loaded. One query."""
    chosen = sa.select(Deadline).where(Deadline.case_id == case_id).order_by(Deadline.started_at, Deadline.id)
    return list(db.session.scalars(chosen.options(joinedload(Deadline.pauses))).unique())


def open_deadlines(case_id: int, clocks: Collection[str] | None = None) -> list[Deadline]:
    """The running and paused deadlines of a case, pauses loaded. One query."""
    chosen = sa.select(Deadline).where(Deadline.case_id == case_id, Deadline.done_at.is_(None))
    if clocks is not None:
        chosen = chosen.where(Deadline.clock.in_(clocks))
    chosen = chosen.order_by(Deadline.id).options(joinedload(Deadline.pauses))
    return list(db.session.scalars(chosen).unique())


def next_due(case_id: int) -> Deadline | None:
    """The open deadline that is due first; a paused one only if nothing else runs."""
    return next_dues([case_id]).get(case_id)


def next_dues(case_ids: Collection[int]) -> dict[int, Deadline]:
    """For a page of cases: the deadline of each that is due first, pauses loaded. Two queries."""
    chosen = (
        sa.select(Deadline)
        .where(Deadline.case_id.in_(case_ids), Deadline.done_at.is_(None))
        .order_by(Deadline.due_at.is_(None), Deadline.due_at, Deadline.id)
        .options(selectinload(Deadline.pauses))
    )
    first: dict[int, Deadline] = {}
    for deadline in db.session.scalars(chosen):
        first.setdefault(deadline.case_id, deadline)
    return first


def overdue(
    *, clock: Clock, now: datetime, limit: int = 100, after: tuple[datetime, int] | None = None
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
    return rules.standing(facts_of(deadline), calendar_of(deadline.calendar), now, soon_percent)


def explanation_of(deadline: Deadline, *, now: datetime) -> list[Reason]:
    """Why a deadline is due when it is, in sentences."""
    days = calendar_days() if deadline.calendar == CalendarKind.WORKING else {}
    return explain.explanation(facts_of(deadline), calendar_of(deadline.calendar), days, now=now)
