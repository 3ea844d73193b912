"""What makes a posting unlawful: facts in, reasons out."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from casework.kernel.errors import N_, Reason, because
from casework.kernel.permissions import Role

APART = frozenset((Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR))
"""An account holds at most one of these: system, security and audit are administered by three people."""


def posting_objections(
    role: str, *, held: Collection[Role], from_on: date, to_on: date | None, today: date, area_fits: bool
) -> list[Reason]:
    """Why this posting cannot be made; ``held`` are the roles the person has or is to have."""
    reasons = []
    if to_on and to_on < from_on:
        reasons.append(because(N_("The last day lies before the first: choose a later one."), "to_on"))
    elif to_on and to_on < today:
        reasons.append(because(N_("The last day is past: choose today or a later day."), "to_on"))
    if role in APART and any(other in APART and other != role for other in held):
        reasons.append(
            because(
                N_("System, security and audit are administered by three people: this account has one of the three."),
                "role",
            )
        )
    if not area_fits:
        reasons.append(because(N_("Choose an area inside that of the unit, or the unit's own."), "area_id"))
    return reasons


@dataclass(frozen=True, slots=True)
class Limits:
    """What one person can carry and when a contact is stale: presets, until a district sets its own."""

    most_cases: int = 30
    most_firms: int = 60
    stale_days: int = 14


LONGEST_SHIFT = timedelta(hours=24)
LONGEST_ABSENCE = timedelta(days=366)
MOST_REPEATS = 13  # weeks


def absence_objections(from_on: date, to_on: date, today: date) -> list[Reason]:
    """Why these days away cannot be entered; what is past can, as somebody fell ill without a word."""
    if to_on < from_on:
        return [because(N_("The last day lies before the first: choose a later one."), "to_on")]
    if to_on - from_on > LONGEST_ABSENCE:
        return [because(N_("The last day: at most a year after the first; end the posting instead."), "to_on")]
    if to_on < today:
        return [because(N_("The last day is past: choose today or a later day."), "to_on")]
    return []


def shift_objections(begins_at: datetime, ends_at: datetime, weeks: int) -> list[Reason]:
    """Why a shift cannot be as it is."""
    if ends_at <= begins_at:
        return [because(N_("Ends: choose a time after the beginning."), "ends_at")]
    if ends_at - begins_at > LONGEST_SHIFT:
        return [because(N_("Ends: a shift lasts at most 24 hours."), "ends_at")]
    if not 1 <= weeks <= MOST_REPEATS:
        return [
            because(
                N_(
                    "Weeks: from 1 to %(most)s.",
                ),
                "weeks",
                most=MOST_REPEATS,
            )
        ]
    return []


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a time line: somebody is on duty, or nobody."""

    begins_at: datetime
    ends_at: datetime
    names: tuple[str, ...] = ()


def stretches(shifts: list[tuple[datetime, datetime, str]], begin: datetime, end: datetime) -> list[Stretch]:
    """A time from ``begin`` to ``end`` cut where the people change; a stretch without names is a gap."""
    inside = {moment for first, last, _ in shifts for moment in (first, last) if begin < moment < end}
    marks = [begin, *sorted(inside), end]
    found: list[Stretch] = []
    for first, last in itertools.pairwise(marks):
        names = tuple(name for start, stop, name in shifts if start <= first and last <= stop)
        if found and found[-1].names == names:
            found[-1] = Stretch(found[-1].begins_at, last, names)
        else:
            found.append(Stretch(first, last, names))
    return found


def who_goes(people: Sequence[int | None], out: Mapping[int, int | None]) -> int | None:
    """Who does today what is one person's: the first of them who is there, else whoever stands in for one of them.

    ``out`` are those who are away or no longer serve, with their stand-in. When nobody is there it stays with the
    first: it must lie on somebody's list.
    """
    named = [person for person in people if person]
    for person in named:
        if person not in out:
            return person
    for person in named:
        stand_in = out[person]
        if stand_in and stand_in not in out:
            return stand_in
    return named[0] if named else None
