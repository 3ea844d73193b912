"""What lists and boards say of the time of a case as conditions: since when it lies where it lies, and on which day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.kernel.time import at_local


def held_since() -> Any:
    """Since when a case lies with who has it: its unit, or the desk until a unit has it."""
    return sa.func.coalesce(Case.held_since, Case.submitted_at)


def on_day(column: Any, day: date) -> sa.ColumnElement[bool]:
    """That a moment lies on a calendar day in Asia/Shanghai."""
    return sa.and_(column >= at_local(day), column < at_local(day + timedelta(days=1)))


def day_of(text: str) -> str:
    """A day as an address gives it; empty when it is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return ""
    return found.isoformat() if 2000 <= found.year < 2100 else ""
