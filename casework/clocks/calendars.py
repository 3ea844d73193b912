"""What is wrong with a calendar that somebody writes down, and the calendar that it is: values in, values out. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from casework.clocks.calendar import Calendar, Spans
from casework.clocks.kinds import CalendarKind, DayKind
from casework.kernel.errors import N_, Reason, because

MOST_SPANS = 6
MOST_CHANGES = 20
FORM = N_("Hours: write intervals such as 09:00-12:00, 14:00-18:00.")
ORDER = N_("Hours: %(span)s ends before it begins: begin with the earlier time.")
OVERLAP = N_("Hours: %(one)s and %(other)s overlap or touch: leave a break between them, or write one interval.")


def built(hours: Sequence[Mapping[str, Any]], week: Sequence[int], days: Mapping[date, DayKind], name: str) -> Calendar:
    """The calendar that a row describes."""
    first, *later = [(_day(one), _spans(one["spans"])) for one in hours]
    changes = tuple((day, spans) for day, spans in later if day is not None)
    return Calendar(CalendarKind.WORKING, days, first[1], frozenset(week), changes, name)


def _day(given: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(given["from"]) if given.get("from") else None


def _spans(given: Sequence[Sequence[str]]) -> Spans:
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in given)


def read_hours(text: str, field: str = "hours") -> tuple[list[list[str]], list[Reason]]:
    """The intervals that somebody wrote, as ``[["09:00", "12:00"], …]``, with what is wrong with them."""
    plain = text.replace("，", ",").replace("、", ",").replace("：", ":").replace(";", ",").replace("；", ",")
    for dash in "–—－~～至到":
        plain = plain.replace(dash, "-")
    parts = [part.strip() for part in plain.split(",") if part.strip()]
    if not parts or len(parts) > MOST_SPANS:
        return [], [because(FORM, field)]
    found: list[tuple[time, time]] = []
    for part in parts:
        span = _span(part)
        if span is None:
            return [], [because(FORM, field)]
        if span[0] >= span[1]:
            return [], [because(ORDER, field, span=part)]
        found.append(span)
    found.sort()
    for one, other in itertools.pairwise(found):
        if one[1] >= other[0]:
            return [], [because(OVERLAP, field, one=_said(one), other=_said(other))]
    return [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in found], []


def _span(part: str) -> tuple[time, time] | None:
    opens, dash, closes = part.partition("-")
    try:
        return (_time(opens), _time(closes)) if dash else None
    except ValueError:
        return None


def _time(text: str) -> time:
    hours, colon, minutes = text.strip().partition(":")
    if colon != ":" or not (hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()):
        raise ValueError(text)
    return time(int(hours), int(minutes))


def _said(span: tuple[time, time]) -> str:
    return f"{span[0]:%H:%M}-{span[1]:%H:%M}"


def write_hours(spans: Sequence[Sequence[str]]) -> str:
    """The intervals as one writes them: 09:00-12:00, 14:00-18:00."""
    return ", ".join(f"{opens}-{closes}" for opens, closes in spans)
