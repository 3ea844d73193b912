"""What is left out of the figures and taken back in, what other systems logged, and who changed a definition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class LeftOutOfFigures(Fact):
    """A reviewer from outside of the handling unit left the case out of figures. ``what`` is a group, or all."""

    kind: ClassVar[str] = "fix"
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class TakenBackIn(Fact):
    """The case counts again for these figures."""

    kind: ClassVar[str] = "fix"
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class ActivityLogged(Fact):
    """What another system logged of a case, taken over from its file: the entry is of now, ``happened_at`` of then."""

    kind: ClassVar[str] = "move"
    activity: str
    happened_at: datetime
    resource: str = ""
    group: str = ""
    ref: str = ""
    origin: str = ""
