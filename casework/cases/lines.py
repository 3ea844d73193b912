"""What a list says of a case: the columns that are read, and the line that is made of them with its clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.accounts.models import User
from casework.areas.models import Area
from casework.cases import tags
from casework.cases.models import Case
from casework.clocks import rules as clock_rules
from casework.clocks.explain import remaining_text
from casework.clocks.kinds import CalendarKind
from casework.clocks.queries import calendar_of


@dataclass(frozen=True, slots=True)
class ListClock:
    """A clock chip: its words and its bar, computed on the server."""

    name: str
    tone: str
    remaining: Any
    used: int
    due: datetime | None
    why: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """What every listing says of a case."""

    id: int
    number: str
    title: str
    requester: str
    state: str
    urgent: bool
    clock: ListClock | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow(CaseLine):
    """One line of the list."""

    officer: str | None
    area: str | None
    verb: str
    at: datetime
    tags: tuple[str, ...] = ()


# What `line_of` reads: every listing selects these, and what it shows beside.
LINE = (
    Case.id,
    Case.number,
    Case.title,
    Case.requester,
    Case.state,
    Case.urgent,
    Case.next_clock,
    Case.next_due_at,
    Case.next_limit,
    Case.next_calendar_id,
    Case.next_paused,
)


COLUMNS = (*LINE, Case.last_verb, Case.last_at, User.name.label("officer"), Area.name.label("area"))


def row_of(row: Any, now: datetime) -> CaseRow:
    """A line of the list, from a row that holds COLUMNS and the tags."""
    shown = {"officer": row.officer, "area": row.area, "verb": row.last_verb, "at": row.last_at}
    return CaseRow(**line_of(row, now), **shown, tags=tags.apart(row.tags))


def line_of(row: Any, now: datetime) -> dict[str, Any]:
    """The fields of a `CaseLine`, from a row that holds the columns of LINE."""
    plain = {name: getattr(row, name) for name in ("id", "number", "title", "requester", "state", "urgent")}
    return plain | {"clock": _clock_of(row, now)}


def _clock_of(row: Any, now: datetime) -> ListClock | None:
    """The chip of the deadline that is due first, from the copy that the case keeps of it."""
    if row.next_clock is None:
        return None
    if row.next_paused or row.next_due_at is None:
        return ListClock(row.next_clock, "paused", _PAUSED, 100, None)
    calendar = calendar_of(row.next_calendar_id)
    due = row.next_due_at
    left = (
        clock_rules.working_minutes(now, due, calendar)
        if due > now
        else -clock_rules.working_minutes(due, now, calendar)
    )
    used = 100 if not row.next_limit else round(100 - 100 * left / row.next_limit)
    tone = "late" if due <= now else "soon" if used >= clock_rules.SOON_PERCENT else ""
    standing = clock_rules.Standing(
        tone=tone,
        used_percent=used,
        remaining_minutes=left,
        due_at=due,
        calendar=calendar.kind,
        day_minutes=calendar.day_minutes,
    )
    return ListClock(row.next_clock, tone, remaining_text(standing), standing.bar_width, due)


_PAUSED = remaining_text(
    clock_rules.Standing(
        tone="paused",
        used_percent=100,
        remaining_minutes=0,
        due_at=None,
        calendar=CalendarKind.ALWAYS,
        day_minutes=1440,
    )
)
