"""Start, stop, pause, resume and extend the clocks of a case. The case tells what and for how long.

Everything here may be repeated: what is already so is left alone and not returned. Nothing commits.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import orm

from casework.clocks import queries, rules
from casework.clocks.kinds import Clock, Limit
from casework.clocks.models import Deadline, Pause
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because


def draft(*, clock: Clock, limit: Limit, areas: Collection[int], now: datetime, subject_id: int = 0) -> Deadline:
    """A clock that starts now, not yet anybody's: for a case that is made in the same breath.

    ``areas`` are those that the case lies in: the calendar of the nearest one counts.
    """
    key = queries.calendar_id_for(limit.calendar, areas)
    return drafted(clock=clock, limit=limit, calendar_id=key, now=now, subject_id=subject_id)


def drafted(*, clock: Clock, limit: Limit, calendar_id: int | None, now: datetime, subject_id: int = 0) -> Deadline:
    """As ``draft``, by a calendar that is known."""
    deadline = Deadline(
        clock=clock,
        subject_id=subject_id,
        calendar_id=calendar_id,
        started_at=now,
        limit_minutes=0 if limit.in_days else limit.amount,
        limit_days=limit.amount if limit.in_days else None,
        extension_minutes=0,
        cancelled=False,
        pauses=[],
    )
    derive(deadline)
    return deadline


def start(
    *, case_id: int, clock: Clock, limit: Limit, areas: Collection[int], now: datetime, subject_id: int = 0
) -> list[Deadline]:
    """Start a clock. One that is open already goes on as it is; one that has stopped gets a new row."""
    if queries.open_deadlines(case_id, [clock], subject_id):
        return []
    deadline = draft(clock=clock, limit=limit, areas=areas, now=now, subject_id=subject_id)
    deadline.case_id = case_id
    db.session.add(deadline)
    db.session.flush()  # the next command may ask for it, and the session does not flush by itself
    return [deadline]


def stop(*, case_id: int, clock: Clock, now: datetime, subject_id: int | None = None) -> list[Deadline]:
    """Stop a clock because what it asks for is done; ``met`` says whether in time."""
    return _flushed(_stopped(queries.open_deadlines(case_id, [clock], subject_id), now))


def cancel(*, case_id: int, now: datetime, clock: Clock | None = None, subject_id: int | None = None) -> list[Deadline]:
    """Stop a clock, or all of the case, without judging it: the case was merged, withdrawn, declined."""
    return _cancelled(queries.open_deadlines(case_id, None if clock is None else [clock], subject_id), now)


def cancel_all(*, case_ids: Collection[int], now: datetime) -> list[Deadline]:
    """Stop every clock of some cases that end, without judging it."""
    return _cancelled(queries.all_open(case_ids), now)


def pause(*, case_id: int, clocks: Collection[Clock], reason: str, now: datetime) -> list[Deadline]:
    """Let time not count for these clocks from now on. First contact never pauses; pausing twice is once."""
    running = [
        deadline
        for deadline in queries.open_deadlines(case_id, set(clocks) - rules.NEVER_PAUSED)
        if not _open_pause(deadline)
    ]
    for deadline in running:
        deadline.pauses.append(Pause(from_at=max(now, deadline.started_at), reason=reason))
        derive(deadline)
    return _flushed(running)


def resume(*, case_id: int, now: datetime, clocks: Collection[Clock] | None = None) -> list[Deadline]:
    """Let time count again. The due time moves by what was paused, so nothing is late at once for it."""
    paused = [deadline for deadline in queries.open_deadlines(case_id, clocks) if _open_pause(deadline)]
    for deadline in paused:
        _end_pause(deadline, now)
        derive(deadline)
    return _flushed(paused)


def extend(*, case_id: int, clock: Clock, minutes: int, now: datetime) -> list[Deadline]:
    """Add counted minutes to an open clock; pauses and earlier extensions stay.

    Raises:
        Refused: the clock is not running, the extension is not positive, or the new due time would be past.

    """
    if minutes <= 0:
        raise Refused(because(N_("Give an extension longer than nothing."), "minutes"))
    found = _running(case_id, clock)
    for deadline in found:
        deadline.extension_minutes += minutes
        derive(deadline)
        if deadline.due_at and deadline.due_at <= now:
            text = N_("Even so extended it would be due already: extend it by more.")
            raise Refused(because(text, "minutes"))
    return _flushed(found)


def set_limit(*, case_id: int, clock: Clock, limit: Limit, areas: Collection[int]) -> list[Deadline]:
    """Change limit and calendar of an open clock, as when the urgency changes. Pauses and extensions stay.

    Unlike an extension it may leave the clock late: the new limit is measured from the same start.

    Raises:
        Refused: the clock is not running.

    """
    found = _running(case_id, clock)
    for deadline in found:
        deadline.calendar_id = queries.calendar_id_for(limit.calendar, areas)
        deadline.limit_minutes, deadline.limit_days = (0, limit.amount) if limit.in_days else (limit.amount, None)
        derive(deadline)
    return _flushed(found)


def _running(case_id: int, clock: Clock) -> list[Deadline]:
    found = queries.open_deadlines(case_id, [clock])
    if not found:
        raise Refused(because(N_("This clock is not running: there is nothing to change.")))
    return found


def _stopped(deadlines: list[Deadline], now: datetime) -> list[Deadline]:
    for deadline in deadlines:
        _end_pause(deadline, now)
        derive(deadline)
        deadline.done_at, deadline.look_at = now, None
        deadline.met = deadline.due_at is None or now <= deadline.due_at
    return deadlines


def _cancelled(deadlines: list[Deadline], now: datetime) -> list[Deadline]:
    for deadline in _stopped(deadlines, now):
        deadline.met, deadline.cancelled = None, True
    return _flushed(deadlines)


def _open_pause(deadline: Deadline) -> Pause | None:
    return next((pause for pause in deadline.pauses if pause.to_at is None), None)


def _end_pause(deadline: Deadline, now: datetime) -> None:
    if open_pause := _open_pause(deadline):
        open_pause.to_at = max(now, open_pause.from_at)


def derive(deadline: Deadline) -> bool:
    """Store the due time that follows from the other columns and the calendar as it is; whether it moved."""
    before = deadline.due_at
    known = queries.known_calendar(deadline.calendar_id) if deadline.calendar_id else None
    calendar = queries.calendar_of(deadline.calendar_id)
    if deadline.limit_days is not None:
        deadline.limit_minutes = rules.minutes_of_days(deadline.limit_days, calendar, deadline.started_at)
    deadline.due_at = queries.facts_of(deadline).due(calendar)
    deadline.revision = known.row.revision if known else 0
    look_again(deadline)
    return deadline.due_at != before


def look_again(deadline: Deadline) -> None:
    """Let the ladder of reminders look at a deadline anew at once; a paused or stopped one is not looked at."""
    runs = deadline.due_at is not None and deadline.done_at is None
    deadline.look_at = deadline.started_at if runs else None
    # Written even where it is what we read: a sweep may have moved it on meanwhile, by the old due time.
    orm.attributes.flag_modified(deadline, "look_at")


def _flushed(deadlines: list[Deadline]) -> list[Deadline]:
    if deadlines:
        db.session.flush()  # later reads of the same command must see it, and autoflush is off
    return deadlines
