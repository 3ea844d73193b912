"""The period of a list: the words ``from`` and ``to`` of an address, days of Asia/Shanghai, both included."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from casework.kernel.errors import N_, Reason, because
from casework.kernel.time import at_local
from casework.kpis.periods import period

FIRST, LAST = "from", "to"
NO_DAY = N_("Period: write its days like 2020-03-16.")
TURNED = N_("Period: it ends before it begins, exchange the two days.")
Words = Mapping[str, str]


def words(args: Words) -> dict[str, str]:
    """What of an address is about the period, as it was written."""
    return {name: args[name].strip()[:20] for name in (FIRST, LAST) if args.get(name, "").strip()}


def _day(text: str) -> date | None:
    """A day; none that lies so far off that its beginning or the next one cannot be told."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min < day < date.max else None


def fault(args: Words) -> Reason | None:
    """What is wrong with the period of an address; None when nothing is, or when it has none."""
    days = {name: _day(text) for name, text in words(args).items()}
    for name, day in days.items():
        if day is None:
            return because(NO_DAY, name)
    first, last = days.get(FIRST), days.get(LAST)
    return because(TURNED, FIRST) if first and last and last < first else None


def _ends(args: Words) -> tuple[date | None, date | None]:
    given = words(args)
    return _day(given.get(FIRST, "")), _day(given.get(LAST, ""))


def moments(column: Any, args: Words) -> list[sa.ColumnElement[bool]]:
    """The conditions that a moment lies in the period."""
    first, last = _ends(args)
    found = [column >= at_local(first)] if first else []
    return found + ([column < at_local(last + timedelta(days=1))] if last else [])


def days(column: Any, args: Words) -> list[sa.ColumnElement[bool]]:
    """The conditions that a day lies in the period."""
    first, last = _ends(args)
    return ([column >= first] if first else []) + ([column <= last] if last else [])


def said(args: Words) -> str:
    """The period as it stands on a file: ``2020-03-01 – 2020-03-31``; "" for none."""
    first, last = (day.isoformat() if day else "" for day in _ends(args))
    return f"{first or '…'} – {last or '…'}" if first or last else ""


def presets(today: date) -> list[tuple[str, dict[str, str]]]:
    """The periods that are picked with one tap: their name and their words."""
    week, month = period("week", today), period("month", today)
    named = ((N_("This week"), week), (N_("This month"), month), (N_("Last month"), month.before))
    return [(name, {FIRST: one.first.isoformat(), LAST: one.last.isoformat()}) for name, one in named]
