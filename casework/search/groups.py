"""What a find is made of: lines in groups, each line with its hits marked and its address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.search.rules import Piece

MOST = 100
"""How many of a group are looked at to be counted: from there on the page says 99+."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One find: its title and a part of its text in pieces, what it is in small words, and when it was."""

    href: str
    title: Sequence[Piece]
    about: Sequence[Any] = ()
    text: Sequence[Piece] = ()
    at: datetime | None = None
    key: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The finds of one kind: the first of them, how many there are as far as that was counted, and where all stand."""

    kind: str
    label: str
    lines: Sequence[Line]
    count: int
    every: str = ""
    after: str | None = None
    partly: bool = False
    """Whether only the newest of the finds were put in order of their worth."""

    @property
    def count_text(self) -> str:
        """The number of finds as it is shown."""
        return str(self.count) if self.count < MOST else f"{MOST - 1}+"
