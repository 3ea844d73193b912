"""Start, stop, pause, resume and extend the clocks of a case. The case tells what and for how long.

Everything here may be repeated: what is already so is left alone and not returned. Nothing commits.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from casework.clocks import queries, rules
from casework.clocks.kinds import CalendarKind, Clock, DayKind
from casework.clocks.models import CalendarDay, Deadline, Pause
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because


def draft(*, clock: Clock, limit_minutes: int, calendar: CalendarKind, now: datetime) -> Deadline:
    """A clock that starts now, not yet anybody's: for a case that is made in the same breath."""
    deadline = Deadline(
        clock=clock,
        calendar=calendar,
        started_at=now,
        limit_minutes=limit_minutes,
        extension_minutes=0,
        cancelled=False,
        pauses=[],
    )
    _derive(deadline)
    return deadline


def start(*, case_id: int, clock: Clock, limit_minutes: int, calendar: CalendarKind, now: datetime) -> list[Deadline]:
    """Start a clock. One that is open already goes on as it is; one that has stopped gets a new row."""
    if queries.open_deadlines(case_id, [clock]):
        return []
    deadline = draft(clock=clock, limit_minutes=limit_minutes, calendar=calendar, now=now)
    deadline.case_id = case_id
    db.session.add(deadline)
    db.session.flush()  # the next command may ask for it, and the session does not flush by itself
    return [deadline]


def stop(*, case_id: int, clock: Clock, now: datetime) -> list[Deadline]:
    """Stop a clock because what it asks for is done; ``met`` says whether in time."""
    return _stopped(queries.open_deadlines(case_id, [clock]), now)


def stop_all(*, case_id: int, now: datetime) -> list[Deadline]:
    """Stop every open clock of a case as done."""
    return _stopped(queries.open_deadlines(case_id), now)


def cancel(*, case_id: int, now: datetime, clock: Clock | None = None) -> list[Deadline]:
    """Stop a clock, or all of the case, without judging it: the case was merged, withdrawn, declined."""
    cancelled = _stopped(queries.open_deadlines(case_id, None if clock is None else [clock]), now)
    for deadline in cancelled:
        deadline.met, deadline.cancelled = None, True
    return _flushed(cancelled)


def pause(*, case_id: int, clocks: Collection[Clock], reason: str, now: datetime) -> list[Deadline]:
    """Let time not count for these clocks from now on. First contact never pauses; pausing twice is once."""
    running = [
        deadline
        for deadline in queries.open_deadlines(case_id, set(clocks) - rules.NEVER_PAUSED)
        if not _open_pause(deadline)
    ]
    for deadline in running:
        deadline.pauses.append(Pause(from_at=max(now, deadline.started_at), reason=reason))
        _derive(deadline)
    return _flushed(running)


def resume(*, case_id: int, now: datetime, clocks: Collection[Clock] | None = None) -> list[Deadline]:
    """Let time count again. The due time moves by what was paused, so nothing is late at once for it."""
    paused = [deadline for deadline in queries.open_deadlines(case_id, clocks) if _open_pause(deadline)]
    for deadline in paused:
        _end_pause(deadline, now)
        _derive(deadline)
    return _flushed(paused)


def extend(*, case_id: int, clock: Clock, minutes: int, now: datetime) -> list[Deadline]:
    """Add counted minutes to an open clock; pauses and earlier extensions stay.

    Raises:
        Refused: the clock is not running, the extension is not positive, or the new due time would be past.

    """
    if minutes <= 0:
        raise Refused(because(N_("Give an extension longer than nothing."), "minutes"))
    return _changed(case_id, clock, extra=minutes, limit=None, calendar=None, now=now)


def set_limit(
    *, case_id: int, clock: Clock, limit_minutes: int, calendar: CalendarKind, now: datetime
) -> list[Deadline]:
    """Change limit and calendar of an open clock, as when the urgency changes. Pauses and extensions stay.

    Unlike an extension it may leave the clock late: the new limit is measured from the same start.

    Raises:
        Refused: the clock is not running.

    """
    return _changed(case_id, clock, extra=0, limit=limit_minutes, calendar=calendar, now=now)


def set_day(*, day: date, kind: DayKind | None, name: str = "", official: bool = True) -> list[Deadline]:
    """Make a date a holiday or a make-up workday, or (None) what its weekday says; open due times follow."""
    row = db.session.get(CalendarDay, day)
    if kind is None:
        # A row of its own kind, not a gap: the next seeding must not bring the old one back.
        kind = DayKind.WORKDAY if day.weekday() < 5 else DayKind.HOLIDAY
    if row is None:
        db.session.add(CalendarDay(day=day, kind=kind, name=name, official=official, version=2))
    else:
        row.kind, row.name, row.official = kind, name, official
    db.session.flush()  # the calendar is read from the table
    queries.forget_calendar()
    return rederive()


def rederive() -> list[Deadline]:
    """Derive the stored due times of all open working-time deadlines from the calendar as it is now."""
    chosen = (
        sa.select(Deadline)
        .where(Deadline.done_at.is_(None), Deadline.calendar == CalendarKind.WORKING)
        .options(selectinload(Deadline.pauses))
        .execution_options(yield_per=1000)
    )
    moved = [deadline for deadline in db.session.scalars(chosen) if _derive(deadline)]
    return _flushed(moved)


def _changed(
    case_id: int, clock: Clock, *, extra: int, limit: int | None, calendar: CalendarKind | None, now: datetime
) -> list[Deadline]:
    found = queries.open_deadlines(case_id, [clock])
    if not found:
        raise Refused(because(N_("This clock is not running: there is nothing to change.")))
    for deadline in found:
        deadline.extension_minutes += extra
        deadline.limit_minutes = deadline.limit_minutes if limit is None else limit
        deadline.calendar = calendar or deadline.calendar
        _derive(deadline)
        if extra and deadline.due_at and deadline.due_at <= now:
            text = N_("Even so extended it would be due already: extend it by more.")
            raise Refused(because(text, "minutes"))
    return _flushed(found)


def _stopped(deadlines: list[Deadline], now: datetime) -> list[Deadline]:
    for deadline in deadlines:
        _end_pause(deadline, now)
        _derive(deadline)
        deadline.done_at = now
        deadline.met = deadline.due_at is None or now <= deadline.due_at
    return _flushed(deadlines)


def _open_pause(deadline: Deadline) -> Pause | None:
    return next((pause for pause in deadline.pauses if pause.to_at is None), None)


def _end_pause(deadline: Deadline, now: datetime) -> None:
    if open_pause := _open_pause(deadline):
        open_pause.to_at = max(now, open_pause.from_at)


def _derive(deadline: Deadline) -> bool:
    """Store the due time that follows from the other columns; whether it moved."""
    before = deadline.due_at
    deadline.due_at = queries.facts_of(deadline).due(queries.calendar_of(deadline.calendar))
    return deadline.due_at != before


def _flushed(deadlines: list[Deadline]) -> list[Deadline]:
    if deadlines:
        db.session.flush()  # later reads of the same command must see it, and autoflush is off
    return deadlines
