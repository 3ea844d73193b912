"""What the requester and the office say to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class RequesterWrote(Fact):
    """The requester answered or added something on the page of the case."""

    kind: ClassVar[str] = "note"
    text: str
    files: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RequesterTold(Fact):
    """The office wrote to the requester: it stands on the page of the case."""

    kind: ClassVar[str] = "note"
    text: str
