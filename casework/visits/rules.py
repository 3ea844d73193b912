"""When a stop is on the route and in which order, and what a plan or an appointment must hold: pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from casework.kernel.errors import N_, Reason, because
from casework.kernel.rhythm import LONGEST

AHEAD = timedelta(days=7)
FARTHEST = timedelta(days=366)
MET = {"spoke": N_("Spoke"), "nobody": N_("Nobody there"), "moved": N_("Moved away"), "refused": N_("Would not speak")}
WEEKDAYS = {
    1: N_("Monday"),
    2: N_("Tuesday"),
    3: N_("Wednesday"),
    4: N_("Thursday"),
    5: N_("Friday"),
    6: N_("Saturday"),
    7: N_("Sunday"),
}
_NUMBER = re.compile(r"(\d+)")


class Part(StrEnum):
    """A part of the day's route."""

    OVERDUE = "overdue"
    TODAY = "today"
    AHEAD = "ahead"


def part_of(day: date, today: date) -> Part | None:
    """Where a stop that is due on a day stands today; None when it is too far ahead."""
    if day < today:
        return Part.OVERDUE
    if day == today:
        return Part.TODAY
    return Part.AHEAD if day <= today + AHEAD else None


def by_numbers(address: str) -> tuple[tuple[int, int, str], ...]:
    """An address as a key to sort by, in which house 9 stands before house 12."""
    parts = _NUMBER.split(address)
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDraft:
    """How often, when it suits (minutes of the day), what to ask, and who goes if not the officer."""

    every_days: int
    weekday: int | None = None
    begins: int | None = None
    ends: int | None = None
    ask: str = ""
    visitor_id: int | None = None


def plan_objections(draft: PlanDraft) -> list[Reason]:
    """Why visits cannot be planned like this."""
    found = []
    if not 1 <= draft.every_days <= LONGEST:
        found.append(because(N_("Every how many days: write a number from 1 to %(most)s."), "every_days", most=LONGEST))
    if draft.weekday is not None and draft.weekday not in WEEKDAYS:
        found.append(because(N_("Weekday: pick one, or leave it open."), "weekday"))
    if (draft.begins is None) != (draft.ends is None):
        found.append(because(N_("Time that suits: write both times, or none."), "begins"))
    elif draft.begins is not None and draft.ends is not None and draft.begins >= draft.ends:
        found.append(because(N_("Ends: choose a time after the beginning."), "ends"))
    return found


def appointment_objections(at: datetime | None, now: datetime) -> list[Reason]:
    """Why a visit cannot be agreed for this time."""
    if at is None or at < now - timedelta(minutes=5):
        return [because(N_("Day and time: choose one that is still to come."), "at")]
    if at > now + FARTHEST:
        return [because(N_("Day and time: choose one within a year."), "at")]
    return []


def moved(order: Sequence[str], key: str, up: bool) -> list[str]:
    """The order of a route after one stop went up or down by one; the same when it cannot."""
    found = list(order)
    if key not in found:
        return found
    at = found.index(key)
    to = at - 1 if up else at + 1
    if 0 <= to < len(found):
        found[at], found[to] = found[to], found[at]
    return found
