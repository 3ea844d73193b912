"""Calendar arithmetic: counted time is a line, and every question is a subtraction on it.

``Calendar.position`` says how much counted time has gone by at a moment, ``Calendar.moment_at`` is its
inverse. A due time is the position of the start plus the limit plus the pauses. Nothing is counted day by
day, so a missed night, a restart or a second scheduler cannot change an answer. Inside, time is whole
microseconds ("ticks"), so that sums are exact.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise

from casework.clocks.kinds import CalendarKind, Clock, DayKind
from casework.kernel.time import SHANGHAI, local

MINUTE = 60_000_000
"""Ticks in a minute."""
DAY = 24 * 60 * MINUTE
OFFICE_HOURS = ((time(9), time(12)), (time(14), time(18)))
NEVER_PAUSED = frozenset({Clock.FIRST_CONTACT})
"""An enterprise hears from somebody in time whatever its case is waiting for."""
SOON_PERCENT = 75

Pauses = Sequence[tuple[datetime, datetime | None]]


@dataclass(frozen=True, slots=True)
class Day:
    """One date of the calendar table: how it differs, why, and whether the official notice says so."""

    kind: DayKind
    name: str
    official: bool = True


@dataclass(frozen=True)
class Calendar:
    """Which time counts: all of it, or the working hours of working days in Asia/Shanghai.

    ``days`` are the dates that differ from their weekday; ``hours`` the intervals of a working day, from
    (inclusive) to (exclusive), in order and apart. An always-calendar ignores both.

    Raises:
        ValueError: the hours are empty, out of order, or overlap.

    """

    kind: CalendarKind = CalendarKind.WORKING
    days: Mapping[date, DayKind] = field(default_factory=dict)
    hours: tuple[tuple[time, time], ...] = OFFICE_HOURS
    _spans: tuple[tuple[int, int], ...] = field(init=False, repr=False, compare=False)
    _length: int = field(init=False, repr=False, compare=False)
    _odd: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _shift: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare the day's spans and the running balance of holidays and make-up days."""
        always = self.kind == CalendarKind.ALWAYS
        spans = ((0, DAY),) if always else tuple((_ticks(a), _ticks(b)) for a, b in self.hours)
        edges = [edge for span in spans for edge in span]
        if not edges or any(a >= b for a, b in pairwise(edges)):
            raise ValueError("working hours must be in order and must not overlap or touch")
        odd = [] if always else sorted(day.toordinal() for day in self.days if self._differs(day))
        steps = (-1 if _is_weekday(ordinal) else 1 for ordinal in odd)
        for name, value in (
            ("_spans", spans),
            ("_length", sum(b - a for a, b in spans)),
            ("_odd", tuple(odd)),
            ("_shift", tuple(accumulate(steps, initial=0))),
        ):
            object.__setattr__(self, name, value)

    def _differs(self, day: date) -> bool:
        return (self.days[day] == DayKind.WORKDAY) != _is_weekday(day.toordinal())

    @property
    def day_minutes(self) -> int:
        """Counted minutes of one full counted day: 420 with the office hours, 1440 around the clock."""
        return self._length // MINUTE

    def is_working_day(self, day: date) -> bool:
        """Whether any time counts on this date."""
        ordinal = day.toordinal()
        return self._days_before(ordinal + 1) > self._days_before(ordinal)

    def position(self, moment: datetime) -> int:
        """Ticks of counted time from a fixed origin to this moment. It stands still when nothing counts."""
        wall = local(moment)
        ordinal = wall.toordinal()
        before = self._days_before(ordinal)
        if self._days_before(ordinal + 1) == before:
            return before * self._length
        tick = _ticks(wall.time())
        return before * self._length + sum(min(tick, b) - a for a, b in self._spans if tick > a)

    def moment_at(self, position: int) -> datetime:
        """The earliest moment at which this much counted time has gone by, in UTC."""
        number, rest = divmod(position - 1, self._length)
        rest += 1
        for a, b in self._spans:
            if rest <= b - a:
                midnight = datetime.combine(self._day_numbered(number), time.min, SHANGHAI)
                return (midnight + timedelta(microseconds=a + rest)).astimezone(UTC)
            rest -= b - a
        raise AssertionError("a position lies inside its day")

    def opening(self, moment: datetime) -> datetime:
        """The moment itself if time counts then, else the next opening."""
        return self.moment_at(self.position(moment) + 1) - timedelta(microseconds=1)

    def _days_before(self, ordinal: int) -> int:
        """Counted days before a date, by the weekday formula and the balance of the dates that differ."""
        if self.kind == CalendarKind.ALWAYS:
            return ordinal - 1
        weeks, rest = divmod(ordinal - 1, 7)  # ordinal 1 is a Monday
        return weeks * 5 + min(rest, 5) + self._shift[bisect_left(self._odd, ordinal)]

    def _day_numbered(self, number: int) -> date:
        """The counted day that has ``number`` counted days before it."""
        if self.kind == CalendarKind.ALWAYS:
            return date.fromordinal(number + 1)
        margin = 2 * len(self._odd) + 10
        guesses = range(max(1, number * 7 // 5 - margin), number * 7 // 5 + margin)
        found = bisect_right(guesses, number, key=lambda ordinal: self._days_before(ordinal + 1))
        return date.fromordinal(guesses[found])


ALWAYS = Calendar(CalendarKind.ALWAYS)


def _ticks(wall: time) -> int:
    return ((wall.hour * 60 + wall.minute) * 60 + wall.second) * 1_000_000 + wall.microsecond


def _is_weekday(ordinal: int) -> bool:
    return (ordinal - 1) % 7 < 5


def minutes_of_days(days: int, calendar: Calendar) -> int:
    """The limit "N working days" in counted minutes: N times the counted minutes of one day.

    So three working days from Monday 10:30 end on Thursday 10:30, and a case reported in the evening has the
    same three full days as one reported at opening. Calendar days count around the clock: N times 1440.
    """
    return days * calendar.day_minutes


def add_working(start: datetime, minutes: float, calendar: Calendar) -> datetime:
    """The moment when so many counted minutes have gone by since ``start``.

    A start outside working hours rolls to the next opening. An end that falls on a closing time is that
    closing time (18:00), not the next opening.
    """
    ticks = round(minutes * MINUTE)
    return calendar.moment_at(calendar.position(start) + ticks) if ticks > 0 else calendar.opening(start)


def working_minutes(a: datetime, b: datetime, calendar: Calendar) -> float:
    """Counted minutes from ``a`` to ``b``; negative when ``b`` is earlier."""
    return (calendar.position(b) - calendar.position(a)) / MINUTE


def due_at(
    start: datetime, limit_minutes: int, extension_minutes: int, pauses: Pauses, calendar: Calendar
) -> datetime | None:
    """When the limit, with extensions, is used up; None while an open pause holds it back.

    A pause adds the counted time it covers, overlapping pauses once; one that begins after the due time
    changes nothing, for what is late stays late.
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
