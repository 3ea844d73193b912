"""Working time the slow and obvious way: one minute after the other. It shares no line with the product."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
MINUTE = timedelta(minutes=1)
Counts = Callable[[datetime], bool]


Hours = list[tuple[int, int]]


def office(
    holidays: set[str],
    makeup: set[str],
    hours: Hours,
    week: frozenset[int] = frozenset(range(5)),
    then: list[tuple[str, Hours]] | None = None,
) -> Counts:
    """Whether the minute that begins at a moment is worked. Hours are minutes of the day; ``then`` others from a day
    on; ``week`` the weekdays that are worked, Monday is 0.
    """

    def counts(moment: datetime) -> bool:
        wall = moment.astimezone(CHINA)
        minute = wall.hour * 60 + wall.minute
        day, valid = wall.strftime("%Y-%m-%d"), hours
        for since, others in then or []:
            if day >= since:
                valid = others
        if not any(opens <= minute < closes for opens, closes in valid):
            return False
        return day in makeup or (wall.isoweekday() - 1 in week and day not in holidays)

    return counts


def always(_: datetime) -> bool:
    return True


def minutes_between(a: datetime, b: datetime, counts: Counts) -> int:
    total = 0
    while a < b:
        total += counts(a)
        a += MINUTE
    return total


def due(start: datetime, limit: int, pauses: list[tuple[datetime, datetime | None]], counts: Counts) -> datetime | None:
    """The end of the minute in which the limit is used up; None when an open pause comes before it."""
    if limit == 0:
        while not counts(start):
            start += MINUTE
        return start
    moment, used = start, 0
    while True:
        if any(begin <= moment and end is None for begin, end in pauses):
            return None
        if counts(moment) and not any(begin <= moment < end for begin, end in pauses if end):
            used += 1
        moment += MINUTE
        if used == limit:
            return moment.astimezone(UTC)
