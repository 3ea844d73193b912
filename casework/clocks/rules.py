"""Calendar arithmetic: counted time is a line, and every question is a subtraction on it.

A due time is the position of the start plus the limit plus the pauses. Nothing is counted day by
day, so a missed night, a restart or a second scheduler cannot change an answer. Inside, time is whole
microseconds ("ticks"), so that sums are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from casework.clocks.calendar import MINUTE, Calendar
from casework.clocks.kinds import CalendarKind, Clock
from casework.kernel.time import local_day

NEVER_PAUSED = frozenset({Clock.FIRST_CONTACT})
"""An enterprise hears from somebody in time whatever its case is waiting for."""
SOON_PERCENT = 75

Pauses = Sequence[tuple[datetime, datetime | None]]


def minutes_of_days(days: int, calendar: Calendar, start: datetime) -> int:
    """The limit "N working days" in counted minutes: N times the counted minutes of one day, as they are at the start.

    So three working days from Monday 10:30 end on Thursday 10:30, and a case reported in the evening has the
    same three full days as one reported at opening. Calendar days count around the clock: N times 1440.
    """
    return days * calendar.minutes_on(local_day(start))


def working_minutes(a: datetime, b: datetime, calendar: Calendar) -> float:
    """Counted minutes from ``a`` to ``b``; negative when ``b`` is earlier."""
    return (calendar.position(b) - calendar.position(a)) / MINUTE


def due_at(
    start: datetime, limit_minutes: int, extension_minutes: int, pauses: Pauses, calendar: Calendar
) -> datetime | None:
    """When the limit, with extensions, is used up; None while an open pause holds it back.

    A start outside working hours rolls to the next opening; an end that falls on a closing time is that closing
    time (18:00), not the next opening. A pause adds the counted time it covers, overlapping pauses once; one that
    begins after the due time changes nothing, for what is late stays late.
    """
    begin = calendar.position(start)
    end = begin + (limit_minutes + extension_minutes) * MINUTE
    for since, until in _merged(pauses):
        held = max(calendar.position(since), begin)
        if held >= end:
            break
        if until is None:
            return None
        end += max(calendar.position(until) - held, 0)
    return calendar.moment_at(end) if end > begin else calendar.opening(start)


def paused_minutes(start: datetime, end: datetime, pauses: Pauses, calendar: Calendar) -> float:
    """Counted minutes between two moments that pauses cover, each once; an open pause lasts to the end."""
    total = 0
    for since, until in _merged(pauses):
        a, b = max(since, start), min(until or end, end)
        total += calendar.position(b) - calendar.position(a) if b > a else 0
    return total / MINUTE


def _merged(pauses: Pauses) -> Iterable[tuple[datetime, datetime | None]]:
    """The same paused time as spans in order that do not overlap; the last one may be open."""
    current: tuple[datetime, datetime | None] | None = None
    for since, until in sorted(pauses, key=lambda pause: pause[0]):
        if current is None:
            current = (since, until)
        elif current[1] is None:
            break
        elif since <= current[1]:
            current = (current[0], until and max(until, current[1]))
        else:
            yield current
            current = (since, until)
    if current:
        yield current


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What decides how a deadline stands, without its table. Pauses are (from, to or None, reason)."""

    started_at: datetime
    limit_minutes: int
    extension_minutes: int = 0
    pauses: tuple[tuple[datetime, datetime | None, str], ...] = ()
    done_at: datetime | None = None
    met: bool | None = None
    cancelled: bool = False

    @property
    def spans(self) -> Pauses:
        """The pauses without their reasons."""
        return [(since, until) for since, until, _ in self.pauses]

    def due(self, calendar: Calendar) -> datetime | None:
        """When it is due on this calendar; None while an open pause holds it back."""
        return due_at(self.started_at, self.limit_minutes, self.extension_minutes, self.spans, calendar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a deadline stands at a moment, ready to be shown.

    ``tone`` is '' (in time), 'soon', 'late', 'paused' or 'done'. ``remaining_minutes`` are counted minutes of
    its calendar, negative when over; for a done one, as it was when it was done.
    """

    tone: str
    used_percent: int
    remaining_minutes: float
    due_at: datetime | None
    calendar: CalendarKind
    day_minutes: int
    met: bool | None = None
    cancelled: bool = False

    @property
    def bar_width(self) -> int:
        """Used share for a bar, 0 to 100."""
        return max(0, min(self.used_percent, 100))


def standing(facts: Facts, calendar: Calendar, now: datetime, soon_percent: int = SOON_PERCENT) -> Standing:
    """How the deadline stands now. Late outweighs paused: a pause does not undo what was late before it."""
    at = min(now, facts.done_at) if facts.done_at else now
    due = facts.due(calendar)
    total = facts.limit_minutes + facts.extension_minutes
    remaining = _remaining(facts, calendar, due, at)
    used = round((total - remaining) * 100 / total, 6) if total else 100
    return Standing(
        tone=_tone(facts, at, due, used >= soon_percent),
        used_percent=int(used),
        remaining_minutes=remaining,
        due_at=due,
        calendar=calendar.kind,
        day_minutes=calendar.day_minutes,
        met=facts.met,
        cancelled=facts.cancelled,
    )


def _remaining(facts: Facts, calendar: Calendar, due: datetime | None, at: datetime) -> float:
    if due is not None and at > due:
        return working_minutes(at, due, calendar)
    total = facts.limit_minutes + facts.extension_minutes
    if at <= facts.started_at:
        return total
    left = total - working_minutes(facts.started_at, at, calendar)
    return left + paused_minutes(facts.started_at, at, facts.spans, calendar) if facts.pauses else left


def _tone(facts: Facts, at: datetime, due: datetime | None, is_soon: bool) -> str:
    if facts.done_at:
        return "done"
    if due is not None and at > due:
        return "late"
    if any(since <= at and (until is None or at < until) for since, until, _ in facts.pauses):
        return "paused"
    return "soon" if is_soon else ""
