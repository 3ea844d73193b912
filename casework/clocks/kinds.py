"""The closed sets of this package, apart from the tables so that the pure rules can name them too."""

from __future__ import annotations

from enum import StrEnum


class Clock(StrEnum):
    """What a deadline is for. A case has at most one open deadline of each."""

    ACKNOWLEDGE = "acknowledge"
    FIRST_CONTACT = "first_contact"
    RESOLVE = "resolve"
    REVIEW = "review"
    CALLBACK = "callback"
    PARKED = "parked"
    ANSWER = "answer"


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
