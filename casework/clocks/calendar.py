"""A calendar as a line of counted time: which moments count, and where each lies on the line.

``position`` says how much counted time has gone by at a moment, ``moment_at`` is its inverse. Inside, time is whole
microseconds ("ticks"), so that sums are exact. Pure.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise

from casework.clocks.kinds import CalendarKind, DayKind
from casework.kernel.time import SHANGHAI, local

MINUTE = 60_000_000
"""Ticks in a minute."""
DAY = 24 * 60 * MINUTE
Spans = tuple[tuple[time, time], ...]
OFFICE_HOURS: Spans = ((time(9), time(12)), (time(14), time(18)))
WEEK = frozenset(range(5))
"""Monday to Friday."""


@dataclass(frozen=True, slots=True)
class Day:
    """One date of the calendar table: how it differs, why, and whether the official notice says so."""

    kind: DayKind
    name: str
    official: bool = True


@dataclass(frozen=True)
class Calendar:
    """Which time counts: all of it, or certain hours of certain days in Asia/Shanghai.

    ``days`` are the dates that differ from their weekday; ``week`` the weekdays that count (Monday is 0); ``hours``
    the intervals of a day, from (inclusive) to (exclusive), in order and apart; ``later`` other hours from a day on,
    as for a summer. An always-calendar ignores them all. ``name`` is what pages call it.

    Raises:
        ValueError: hours are empty, out of order or overlap; no weekday counts; two changes begin on one day.

    """

    kind: CalendarKind = CalendarKind.WORKING
    days: Mapping[date, DayKind] = field(default_factory=dict)
    hours: Spans = OFFICE_HOURS
    week: frozenset[int] = WEEK
    later: tuple[tuple[date, Spans], ...] = ()
    name: str = ""
    _eras: tuple[_Era, ...] = field(init=False, repr=False, compare=False)
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _bases: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _week: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _odd: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _shift: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare the running balance of the dates that differ, and the line up to each change of hours."""
        always = self.kind == CalendarKind.ALWAYS
        if not always and not self.week:
            raise ValueError("at least one weekday must count")
        week = range(7) if always else self.week
        _set(self, "_week", tuple(accumulate((number in week for number in range(7)), initial=0)))
        odd = [] if always else sorted(day.toordinal() for day in self.days if self._differs(day))
        _set(self, "_odd", tuple(odd))
        steps = (-1 if self._is_usual(ordinal) else 1 for ordinal in odd)
        _set(self, "_shift", tuple(accumulate(steps, initial=0)))
        _set(self, "_eras", self._lined_up(((date.min, self.hours), *self.later)) if not always else (_ALWAYS,))
        _set(self, "_starts", tuple(era.start for era in self._eras))
        _set(self, "_bases", tuple(era.base for era in self._eras))

    def _lined_up(self, given: tuple[tuple[date, Spans], ...]) -> tuple[_Era, ...]:
        eras: list[_Era] = []
        for day, hours in given:
            spans, start = tuple((_ticks(a), _ticks(b)) for a, b in hours), day.toordinal()
            edges = [edge for span in spans for edge in span]
            if not edges or any(a >= b for a, b in pairwise(edges)):
                raise ValueError("hours must be in order and must not overlap or touch")
            if eras and start <= eras[-1].start:
                raise ValueError("changes of hours must be in order")
            before, base = self._days_before(start), 0
            if eras:
                base = eras[-1].base + (before - eras[-1].before) * eras[-1].length
            eras.append(_Era(start, before, base, spans, sum(b - a for a, b in spans)))
        return tuple(eras)

    def _is_usual(self, ordinal: int) -> bool:
        """Whether a date counts by its weekday alone; ordinal 1 is a Monday."""
        weekday = (ordinal - 1) % 7
        return self._week[weekday + 1] > self._week[weekday]

    def _differs(self, day: date) -> bool:
        return (self.days[day] == DayKind.WORKDAY) != self._is_usual(day.toordinal())

    def _era(self, ordinal: int) -> _Era:
        return self._eras[bisect_right(self._starts, ordinal) - 1]

    def hours_on(self, day: date) -> Spans:
        """The hours that count on a day that counts."""
        return next((hours for start, hours in reversed(self.later) if start <= day), self.hours)

    @property
    def day_minutes(self) -> int:
        """Counted minutes of one full counted day by the first hours: 420 in the office, 1440 around the clock."""
        return self._eras[0].length // MINUTE

    def minutes_on(self, day: date) -> int:
        """Counted minutes of one full counted day by the hours of that time."""
        return self._era(day.toordinal()).length // MINUTE

    def is_working_day(self, day: date) -> bool:
        """Whether any time counts on this date."""
        ordinal = day.toordinal()
        return self._days_before(ordinal + 1) > self._days_before(ordinal)

    def position(self, moment: datetime) -> int:
        """Ticks of counted time from a fixed origin to this moment. It stands still when nothing counts."""
        wall = local(moment)
        ordinal = wall.toordinal()
        era, before = self._era(ordinal), self._days_before(ordinal)
        found = era.base + (before - era.before) * era.length
        if self._days_before(ordinal + 1) == before:
            return found
        tick = _ticks(wall.time())
        return found + sum(min(tick, b) - a for a, b in era.spans if tick > a)

    def moment_at(self, position: int) -> datetime:
        """The earliest moment at which this much counted time has gone by, in UTC."""
        era = self._eras[max(bisect_left(self._bases, position) - 1, 0)]
        number, rest = divmod(position - era.base - 1, era.length)
        rest += 1
        for a, b in era.spans:
            if rest <= b - a:
                midnight = datetime.combine(self._day_numbered(era.before + number), time.min, SHANGHAI)
                return (midnight + timedelta(microseconds=a + rest)).astimezone(UTC)
            rest -= b - a
        raise AssertionError("a position lies inside its day")

    def opening(self, moment: datetime) -> datetime:
        """The moment itself if time counts then, else the next opening."""
        return self.moment_at(self.position(moment) + 1) - timedelta(microseconds=1)

    def _days_before(self, ordinal: int) -> int:
        """Counted days before a date, by the weekday formula and the balance of the dates that differ."""
        weeks, rest = divmod(ordinal - 1, 7)
        days = weeks * self._week[7] + self._week[rest]
        return days + self._shift[bisect_left(self._odd, ordinal)] if self._odd else days

    def _day_numbered(self, number: int) -> date:
        """The counted day that has ``number`` counted days before it."""
        near, margin = number * 7 // self._week[7], 2 * len(self._odd) + 10
        guesses = range(max(1, near - margin), near + margin)
        found = bisect_right(guesses, number, key=lambda ordinal: self._days_before(ordinal + 1))
        return date.fromordinal(guesses[found])


@dataclass(frozen=True, slots=True)
class _Era:
    """A time with the same hours: the date it begins on, the counted days and ticks before that, spans of a day."""

    start: int
    before: int
    base: int
    spans: tuple[tuple[int, int], ...]
    length: int


_ALWAYS = _Era(1, 0, 0, ((0, DAY),), DAY)


def _set(calendar: Calendar, name: str, value: object) -> None:
    object.__setattr__(calendar, name, value)


def _ticks(wall: time) -> int:
    return ((wall.hour * 60 + wall.minute) * 60 + wall.second) * 1_000_000 + wall.microsecond


ALWAYS = Calendar(CalendarKind.ALWAYS)
