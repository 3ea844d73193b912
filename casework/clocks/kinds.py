"""The closed sets of this package, apart from the tables so that the pure rules can name them too."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Clock(StrEnum):
    """What a deadline is for. A case has at most one open deadline of each, or one for each thing it is about."""

    ACKNOWLEDGE = "acknowledge"
    FIRST_CONTACT = "first_contact"
    RESOLVE = "resolve"
    REVIEW = "review"
    CALLBACK = "callback"
    PARKED = "parked"
    ANSWER = "answer"
    PLAN = "plan"
    STEP = "step"
    PROMISE = "promise"
    ORDER = "order"
    REWORK = "rework"


FOR_A_DAY = frozenset({Clock.PROMISE, Clock.PARKED, Clock.ANSWER})
"""Clocks that run until a day that somebody named: their limit in minutes says nothing to anybody."""


class CalendarKind(StrEnum):
    """Which time counts."""

    ALWAYS = "always"
    """Every minute of every day."""
    WORKING = "working"
    """Working hours of working days."""


class DayKind(StrEnum):
    """How a date differs from what its weekday says."""

    HOLIDAY = "holiday"
    """No work, though it may be a weekday."""
    WORKDAY = "workday"
    """Work, though it may be a weekend: a make-up day."""


ALWAYS, WORKING = CalendarKind.ALWAYS.value, CalendarKind.WORKING.value
"""The two calendars that are there from the start, by the code that a limit names."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take: so many minutes or whole days of a calendar, named by its code."""

    amount: int
    calendar: str = WORKING
    in_days: bool = False
