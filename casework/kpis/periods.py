"""Periods: a week, month, quarter or year that a day lies in, or any days; each knows the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from casework.kernel.errors import N_

SPANS: Mapping[str, str] = {
    "week": N_("Week"),
    "month": N_("Month"),
    "quarter": N_("Quarter"),
    "year": N_("Whole year"),
    "days": N_("From–to"),
}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
LONGEST = 3660
ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``, both included."""

    span: str
    first: date
    last: date

    @property
    def before(self) -> Period:
        """The period of the same kind just before this one."""
        if self.span == "days":
            length = self.last - self.first
            return Period("days", self.first - length - ONE, self.first - ONE)
        return period(self.span, self.first - ONE)

    @property
    def after(self) -> Period:
        """The period of the same kind just after this one."""
        if self.span == "days":
            length = self.last - self.first
            return Period("days", self.last + ONE, self.last + length + ONE)
        return period(self.span, self.last + ONE)

    def as_query(self) -> dict[str, str]:
        """The period as address parameters."""
        if self.span == "days":
            return {"span": "days", "from": self.first.isoformat(), "to": self.last.isoformat()}
        return {"span": self.span, "on": self.first.isoformat()}

    def pieces(self) -> tuple[list[date], list[tuple[date, date]]]:
        """The whole months in it by their first day, and the days that are left at its ends."""
        start = self.first if self.first.day == 1 else next_month(self.first)
        end = self.last + ONE
        end = end.replace(day=1)
        if start >= end:
            return [], [(self.first, self.last)]
        months = [start]
        while (after := next_month(months[-1])) < end:
            months.append(after)
        days = [(self.first, start - ONE), (end, self.last)]
        return months, [(a, b) for a, b in days if a <= b]


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def period(span: str, on: date) -> Period:
    """The week (from Monday), month, quarter or year that a day lies in."""
    if span == "week":
        monday = on - timedelta(days=on.weekday())
        return Period(span, monday, monday + timedelta(days=6))
    length = MONTHS[span]
    first = on.replace(day=1, month=(on.month - 1) // length * length + 1)
    end = first
    for _ in range(length):
        end = next_month(end)
    return Period(span, first, end - ONE)


def read_period(args: Mapping[str, str], today: date) -> Period:
    """The period that an address asks for; this month where it says nothing that is understood."""
    span = args.get("span", "month")
    if span == "days":
        first, last = _day(args.get("from")), _day(args.get("to"))
        if first and last and first <= last and (last - first).days <= LONGEST:
            return Period("days", first, last)
    if span not in MONTHS and span != "week":
        span = "month"
    return period(span, _day(args.get("on")) or today)


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2099 else None


def trail(last: Period, count: int) -> list[Period]:
    """So many periods up to this one, oldest first."""
    found = [last]
    while len(found) < count:
        found.append(found[-1].before)
    return found[::-1]
