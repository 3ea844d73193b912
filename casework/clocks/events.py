"""What is changed about calendars: facts on the chain of the system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class CalendarRevised(Fact):
    """Days or hours of a calendar were changed, on the strength of ``why``."""

    kind: ClassVar[str] = "system"
    sentence: ClassVar[str] = N_("Changed the calendar “%(calendar)s”: %(why)s")
    calendar_id: int
    calendar: str
    why: str
    days: list[dict[str, Any]] = field(default_factory=list)
    hours: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CalendarMade(Fact):
    """A calendar was made, for an area or for everywhere."""

    kind: ClassVar[str] = "system"
    sentence: ClassVar[str] = N_("Made the calendar “%(calendar)s”: %(why)s")
    calendar_id: int
    code: str
    calendar: str
    why: str
