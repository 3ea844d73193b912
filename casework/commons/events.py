"""What happens to a case in a common issue: facts on its own chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class CommonIssueJoined(Fact):
    """The case goes together with others from now on."""

    kind: ClassVar[str] = "move"
    issue: int
    number: str
    title: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class CommonIssueLeft(Fact):
    """The case goes on by itself again."""

    kind: ClassVar[str] = "move"
    issue: int
    number: str
    title: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class DoneTogether(Fact):
    """The entry before this one was made for ``count`` cases chosen from the list at once, or took that back."""

    kind: ClassVar[str] = "move"
    action: str
    count: int
    move: int
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class MovedTogether(Fact):
    """The entry before this one was made for ``count`` cases of a common issue at once; ``move`` is its page."""

    kind: ClassVar[str] = "move"
    issue: int
    number: str
    title: str
    action: str
    count: int
    move: int
