"""A deadline as a strip: the time that counts, pauses, start, now and due, from left to right. Numbers only. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from casework.clocks.calendar import Calendar
from casework.clocks.kinds import CalendarKind
from casework.clocks.rules import Facts
from casework.kernel.time import SHANGHAI, local_day

WIDTH = 640
FINE_DAYS = 14
"""Up to so many days each interval of a day is drawn, above that whole days."""
LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of the strip: where it begins and how wide it is."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the strip: ``kind`` is start, now, due or done."""

    kind: str
    x: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Strip:
    """What is drawn. Days begin at ``midnights``."""

    counted: tuple[Band, ...]
    paused: tuple[Band, ...]
    midnights: tuple[float, ...]
    marks: tuple[Mark, ...]


def strip(facts: Facts, calendar: Calendar, now: datetime) -> Strip:
    """The strip of a deadline, from its start to the last of due, done and now."""
    due, end = facts.due(calendar), facts.done_at or now
    begin = facts.started_at
    last = min(max(moment for moment in (due, end, begin + timedelta(minutes=1)) if moment), begin + LONGEST)
    scale = WIDTH / (last - begin).total_seconds()

    def at(moment: datetime) -> float:
        return round(max(0.0, min((moment - begin).total_seconds() * scale, WIDTH)), 1)

    def band(since: datetime, until: datetime) -> Band:
        return Band(at(since), round(at(until) - at(since), 1))

    counted = [band(a, b) for a, b in _stretches(begin, last, calendar)]
    paused = [band(a, b or end) for a, b in facts.spans if a < last and (b or end) > a]
    moments = [("start", begin), ("now", now if not facts.done_at else None), ("done", facts.done_at), ("due", due)]
    marks = tuple(Mark(kind, at(moment), moment) for kind, moment in moments if moment and begin <= moment <= last)
    days = (last - begin).days
    midnights = tuple(at(moment) for moment in _midnights(begin, last)) if days <= 31 else ()
    return Strip(tuple(one for one in counted if one.width > 0), tuple(paused), midnights, marks)


def _midnights(begin: datetime, last: datetime) -> Iterator[datetime]:
    day = local_day(begin) + timedelta(days=1)
    while (moment := datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)) < last:
        yield moment
        day += timedelta(days=1)


def _stretches(begin: datetime, last: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The time that counts between two moments, whole days where there are many."""
    if calendar.kind == CalendarKind.ALWAYS:
        yield begin, last
        return
    fine, day = (last - begin).days <= FINE_DAYS, local_day(begin)
    while day <= local_day(last):
        if calendar.is_working_day(day):
            spans = calendar.hours_on(day)
            for opens, closes in spans if fine else ((spans[0][0], spans[-1][1]),):
                since, until = (datetime.combine(day, wall, SHANGHAI) for wall in (opens, closes))
                if until > begin and since < last:
                    yield max(since, begin), min(until, last)
        day += timedelta(days=1)
