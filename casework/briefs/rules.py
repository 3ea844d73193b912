"""Which days a brief is about, what they are compared with, and when a planned one is due. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from casework.briefs.words import Kind
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.time import at_local, local, local_day
from casework.kpis.periods import LONGEST, next_month

ONE = timedelta(days=1)
WEEK = 7 * ONE
NOON, FRIDAY = 12 * 60, 4
SLICES = 14
"""So many pairs of bars a chart holds."""
TRIES = 3
MISSED = 7 * ONE
"""Occasions that were missed longer ago are passed over."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a brief and the moments that they are counted between; the same of what they are compared with.

    Where the last day is not over, both end equally far in: half a day is not compared with a whole one.
    """

    first: date
    last: date
    start: datetime
    end: datetime
    first_before: date
    last_before: date
    start_before: datetime
    end_before: datetime
    whole: bool


def span(first: date, last: date, now: datetime) -> Span:
    """The days from ``first`` to ``last`` (both included) as they stand now, and the same number of days before."""
    length = last - first + ONE
    start, over = at_local(first), at_local(last + ONE)
    end = min(over, max(now, start))
    reached = min(last, max(local_day(now), first))
    before = at_local(first - length)
    return Span(
        first=first,
        last=reached,
        start=start,
        end=end,
        first_before=first - length,
        last_before=reached - length,
        start_before=before,
        end_before=before + (end - start),
        whole=end == over,
    )


def slices(first: date, last: date) -> list[tuple[date, date]]:
    """The days in at most ``SLICES`` equal parts, oldest first: days, weeks, months, quarters or years.

    Of fewer days than that the days before are shown too, so that a single day stands in its fortnight.
    """
    days = (last - first).days + 1
    if days <= SLICES:
        return [(day, day) for day in (last - ONE * back for back in range(SLICES - 1, -1, -1))]
    if days <= 7 * SLICES:
        return _cut(first, last, lambda day: day + WEEK)
    for months in (1, 3, 12):
        found = _cut(first, last, lambda day, months=months: _months_on(day, months))  # type: ignore[misc]
        if len(found) <= SLICES:
            return found
    return found


def _cut(first: date, last: date, step: Callable[[date], date]) -> list[tuple[date, date]]:
    found = []
    while first <= last:
        after = step(first)
        found.append((first, min(after - ONE, last)))
        first = after
    return found


def _months_on(day: date, months: int) -> date:
    """The first day of the month so many months on, in steps that begin with the year."""
    month = day.replace(day=1)
    for _ in range(months - (month.month - 1) % months):
        month = next_month(month)
    return month


LAST_WEEK = date.max - 7 * ONE
"""Weeks after it have no Sunday; they are refused as days that have not come."""


def days_of(kind: str, day: date) -> tuple[date, date]:
    """The day itself, or the week from Monday that it lies in."""
    if kind == Kind.WEEKLY and day < LAST_WEEK:
        monday = day - ONE * day.weekday()
        return monday, monday + 6 * ONE
    return day, day


def faults(kind: str, first: date | None, last: date | None, today: date) -> list[Reason]:
    """What is wrong with the days that somebody asks a brief about."""
    name = "on" if kind != Kind.SPECIAL else "first"
    if first is None or last is None:
        missing = name if first is None else "last"
        return [because(N_("Day: pick a day, such as 2020-02-12."), missing)]
    if first > last:
        return [because(N_("Last day: it lies before the first one; change one of them."), "last")]
    if (last - first).days > LONGEST:
        return [because(N_("Last day: at most ten years at once; pick a later first day."), "last")]
    if first > today:
        return [because(N_("Day: it has not begun; pick today or an earlier day."), name)]
    if first.year < 1990:
        return [because(N_("Day: pick a day after 1990."), name)]
    return []


def covered(kind: str, due_at: datetime) -> tuple[date, date]:
    """The days that a planned brief is about: from noon the day itself, before noon the one before; a week from Friday
    noon on is the one that runs, earlier the one before.
    """
    wall = local(due_at)
    day, late = wall.date(), wall.hour * 60 + wall.minute >= NOON
    if kind == Kind.WEEKLY:
        running = (day.weekday(), late) >= (FRIDAY, True)
        return days_of(kind, day if running else day - WEEK)
    return days_of(kind, day if late else day - ONE)


def next_occasion(
    minute: int, weekday: int | None, after: datetime, is_working_day: Callable[[date], bool]
) -> datetime:
    """The next moment after another at which a plan is due: on its weekday, else on every working day."""
    day = local_day(after)
    for _ in range(400):
        due = at_local(day, minute // 60, minute % 60)
        fits = day.weekday() == weekday if weekday is not None else is_working_day(day)
        if due > after and fits:
            return due
        day += ONE
    return at_local(day, minute // 60, minute % 60)  # a calendar without a working day in a year


def checked(kind: str, first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The days that somebody asked for.

    Raises:
        Refused: they are none that a brief can be about.
    """
    reasons = faults(kind, first, last, today)
    if reasons or first is None or last is None:
        raise Refused(reasons)
    return first, last
