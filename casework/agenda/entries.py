"""What stands in people's days between two moments. Each package that knows of something says it here.

SOURCES tell what is set for a day or time; LOOSE what follows from a rhythm or is done already: it does not belong in
a private calendar, nor is it left over from the weeks before. MOVERS load what can be put on another day. All three
are filled in the wiring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from casework.kernel.errors import Reason
from casework.kernel.permissions import Actor, Known
from casework.kernel.time import local_day

MOST = 500
MOST_OF_ALL = 6000


class Kind(StrEnum):
    """What sort of thing stands there: it says the icon, and whether it can be put on another day."""

    VISIT = "visit"
    DUE = "due"
    DONE = "done"
    SESSION = "session"
    STEP = "step"
    PROMISE = "promise"
    ROUND = "round"
    DEADLINE = "deadline"
    SHIFT = "shift"
    CARE = "care"


@dataclass(frozen=True, slots=True)
class Ask:
    """Whose days, from when until when, and who asks: only what this person may know of is told.

    ``led`` are those for whom the asker may plan as their lead.
    """

    people: frozenset[int]
    since: datetime
    until: datetime
    viewer: Actor
    now: datetime
    locale: str = "zh-CN"
    led: frozenset[int] = frozenset()

    @property
    def first(self) -> date:
        """The first day."""
        return local_day(self.since)

    @property
    def last(self) -> date:
        """The last day."""
        return local_day(self.until)

    @property
    def today(self) -> date:
        """The day on which it is asked."""
        return local_day(self.now)

    @property
    def most(self) -> int:
        """How much one source tells at most."""
        return min(MOST * max(len(self.people), 1), MOST_OF_ALL)

    def plans_for(self, user_id: int | None) -> bool:
        """Whether the asker may put things of this person on another day: their own, or as their lead."""
        return user_id is not None and (user_id == self.viewer.user_id or user_id in self.led)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing in somebody's days: for a day, from–to, or due at a moment (no end).

    ``move`` is what MOVERS load it by, with the ``version`` that was seen; empty: it stays where it is.
    """

    kind: Kind
    uid: str
    user_id: int
    begins: datetime | date
    ends: datetime | None = None
    what: Reason
    known: Known
    path: str
    detail: str = ""
    late: bool = False
    move: str = ""
    version: int = 0

    @property
    def at(self) -> datetime | None:
        """Its time of day, if it has one."""
        return self.begins if isinstance(self.begins, datetime) else None

    @property
    def day(self) -> date:
        """The day on which it stands."""
        return local_day(self.begins) if isinstance(self.begins, datetime) else self.begins

    @property
    def order(self) -> tuple[Any, ...]:
        """Things with a time of day in their order, then what is only for the day."""
        return (self.day, self.at is None, self.at.timestamp() if self.at else 0.0, self.kind.value, self.uid)


Source = Callable[[Ask], list[Entry]]
SOURCES: list[Source] = []
LOOSE: list[Source] = []


@dataclass(frozen=True, slots=True)
class Put:
    """What it has become: by what it is loaded, its version, and where to put it back (None: take it away again)."""

    kind: str
    key: int
    version: int
    back: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movable:
    """Something that can be put on another day, loaded for somebody who may know of it.

    ``put`` and ``drop`` are commands of its package, which check permission and write the record.
    """

    what: Reason
    title: str
    begins: datetime
    path: str
    row: Any = None
    asks_reason: bool = True
    told: Reason | None = None
    put: Callable[[datetime, str, datetime], Put]
    drop: Callable[[str, datetime], None] | None = None


Mover = Callable[[int, Actor, datetime], Movable]
MOVERS: dict[str, Mover] = {}


def entries(ask: Ask) -> list[Entry]:
    """Everything that is set for some people's days, in order."""
    return gathered(SOURCES, ask)[0]


def gathered(sources: Iterable[Source], ask: Ask) -> tuple[list[Entry], bool]:
    """What some sources tell, in order, and whether one of them had more to tell than it may."""
    told = [source(ask) for source in sources]
    found = sorted((entry for part in told for entry in part), key=lambda entry: entry.order)
    return found, any(len(part) >= ask.most for part in told)
