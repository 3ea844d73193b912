"""What happens to the common issues themselves: facts on the security chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class CommonIssueOpened(Fact):
    """Somebody saw one obstacle in many cases."""

    kind: ClassVar[str] = "settings"
    sentence: ClassVar[str] = N_("Opened the common issue %(number)s “%(title)s”")
    issue: int
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class CommonIssueEdited(Fact):
    """Its words or who leads it were changed: old and new side by side."""

    kind: ClassVar[str] = "settings"
    sentence: ClassVar[str] = N_("Changed the common issue %(number)s")
    issue: int
    number: str
    changes: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommonIssueSettled(Fact):
    """It is settled for all of its cases."""

    kind: ClassVar[str] = "settings"
    sentence: ClassVar[str] = N_("Settled the common issue %(number)s “%(title)s”")
    issue: int
    number: str
    title: str
    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class CommonIssueReopened(Fact):
    """It turned out not to be settled."""

    kind: ClassVar[str] = "settings"
    sentence: ClassVar[str] = N_("Took up the common issue %(number)s “%(title)s” again")
    issue: int
    number: str
    title: str
    reason: str
