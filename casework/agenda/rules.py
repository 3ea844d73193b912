"""Which week is asked for, and on which day something can be put: pure."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from casework.kernel.errors import N_, Reason, because
from casework.kernel.time import at_local, local

WEEK = timedelta(days=7)
_WEEK = re.compile(r"^(\d{4})-?W(\d{1,2})$", re.IGNORECASE)
EARLIEST, LATEST = date(2000, 1, 3), date(2100, 1, 4)


def monday_of(text: str, today: date) -> date:
    """The Monday of the week that an address asks for (2020-W12, or any day of it); else of this week."""
    return _asked(text.strip()) or today - timedelta(days=today.weekday())


def _asked(text: str) -> date | None:
    try:
        if named := _WEEK.match(text):
            found = date.fromisocalendar(int(named[1]), int(named[2]), 1)
        else:
            day = date.fromisoformat(text)
            found = day - timedelta(days=day.weekday())
    except (ValueError, OverflowError):
        return None
    return found if EARLIEST <= found <= LATEST else None


def week_name(monday: date) -> str:
    """A week as an address names it: 2020-W12."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def days_of(monday: date) -> list[date]:
    """Monday to Sunday."""
    return [monday + timedelta(days=number) for number in range(7)]


def on_day(moment: datetime, day: date, minutes: int | None = None) -> datetime:
    """The same time of day on another day, or another time of day in minutes."""
    wall = local(moment)
    hour, minute = divmod(minutes, 60) if minutes is not None else (wall.hour, wall.minute)
    return at_local(day, hour, minute)


def day_objections(day: date | None, today: date, off: Reason | None, *, sure: bool) -> list[Reason]:
    """Why something cannot be put on a day; ``off`` says why it is no working day, which one may be ``sure`` of."""
    if day is None:
        return [because(N_("Day: write one as 2026-03-16."), "day")]
    if day < today:
        return [because(N_("Day: this one is past. Choose today or a later day."), "day")]
    if off is not None and not sure:
        asked = N_("%(day)s is not a working day (%(why)s). Choose another day, or tick that it was agreed so.")
        return [because(asked, "day", day=day.isoformat(), why=off)]
    return []
