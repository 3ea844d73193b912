"""What supervision writes into the story of a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class DeadlineWarned(Fact):
    """A yellow card before the due time, or a red one after it: ``level`` is ``yellow`` or ``red``."""

    kind: ClassVar[str] = "clock"
    clock: str
    level: str
    due_at: datetime
    to: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DeadlineEscalated(Fact):
    """A late clock was brought before the lead, the area leader or the regulator; ``to`` are their names."""

    kind: ClassVar[str] = "clock"
    clock: str
    level: str
    due_at: datetime
    to: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CaseUrged(Fact):
    """Somebody urged; with ``requester`` it was the enterprise, on its page."""

    kind: ClassVar[str] = "note"
    text: str
    requester: bool = False
