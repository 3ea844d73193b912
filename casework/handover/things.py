"""What a person can hold, as a table: how to list it, who may take it, how it goes to another.

Higher packages add their kinds of things in the wiring; a hand-over asks the table and knows none of them by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from casework.accounts.models import User
from casework.kernel.permissions import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One thing that somebody holds. ``group`` is where or of what type it is, as a page says it.

    ``case_id``: on whose story it is told when it goes over; ``enterprise_id``: who gets another contact.
    """

    kind: str
    ref: int
    title: str
    detail: str = ""
    href: str = ""
    group: str = ""
    case_id: int | None = None
    enterprise_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Things of one kind that go from one person to another, within a transaction."""

    refs: Sequence[int]
    leaver: User
    successor: User
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of things. ``one`` and ``many`` are its counted name.

    ``held`` lists what a person holds now; ``fits`` gives of some things those that a person who serves on a day may
    take; ``move`` passes them on and returns those that were still the leaver's: others are left alone.
    """

    name: str
    label: str
    one: str
    many: str
    held: Callable[[int, datetime], Sequence[Thing]]
    fits: Callable[[Sequence[Thing], int, date], set[int]]
    move: Callable[[Passing], set[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What goes with the case by itself, as whoever works on it does it: only shown. Links by title."""

    name: str
    label: str
    listed: Callable[[int, datetime], Sequence[Thing]]


# In the order in which they go over: who leads a case is known before its promises follow.
KINDS: dict[str, Kind] = {}
FOLLOWING: dict[str, Following] = {}


def held_by(user_id: int, now: datetime) -> list[Thing]:
    """Everything that a person holds, kind after kind; a query or two a kind."""
    return [thing for kind in KINDS.values() for thing in kind.held(user_id, now)]


def unfit(things: Sequence[Thing], user_id: int, day: date) -> list[Thing]:
    """Those of the things that a person may not take."""
    found = []
    for name, kind in KINDS.items():
        own = [thing for thing in things if thing.kind == name]
        fitting = kind.fits(own, user_id, day) if own else set()
        found += [thing for thing in own if thing.ref not in fitting]
    return found
