"""Pure rules: which limit holds, which cases may be approved together, how a sample is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from casework.kernel.errors import N_, Reason, because

MOST_TOGETHER = 50
MOST_SAMPLED = 200
MOST_CLOSED = 200_000
"""Closed cases that one sample is drawn from: above, a shorter period or a smaller area is asked for."""
VERDICTS: Mapping[str, str] = {"in_order": N_("In order"), "not_in_order": N_("Not in order")}


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as set: where, for which type (None: all), from which sum."""

    area_id: int
    type_id: int | None
    amount_fen: int


def limit_for(limits: Iterable[Limit], areas: Sequence[int]) -> int | None:
    """The sum that holds: of the nearest area, and there of the type before that of all. ``areas``: nearest first."""
    found = [one for one in limits if one.area_id in areas]
    nearest = min(found, key=lambda one: (areas.index(one.area_id), one.type_id is None), default=None)
    return nearest.amount_fen if nearest else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What deciding on many together needs to know of a case."""

    type_id: int
    amount_fen: int
    has_talks: bool
    joint: bool
    signed: bool
    returned: bool
    urgent: bool
    missing: Sequence[str] = ()
    blocking: Sequence[Reason] = ()
    may: bool = True


def why_not_together(case: Candidate, type_id: int) -> list[Reason]:
    """Why a case is not approved with the others but looked at on its own; all reasons at once."""
    checks = (
        (not case.may, N_("It is not yours to review.")),
        (case.type_id != type_id, N_("It is of another type.")),
        (bool(case.amount_fen) or case.has_talks or case.joint, N_("Money or several firms are at stake.")),
        (case.signed, N_("It waits for a second signature.")),
        (case.returned, N_("It was returned before: look at what was mended.")),
    )
    return [
        *(Reason(text) for holds, text in checks if holds),
        *(because(N_("Closing evidence is missing: %(item)s."), item=item) for item in case.missing),
        *(because(N_("Settle first: %(item)s."), item=item) for item in case.blocking),
    ]


def draw(seed: str, numbers: Collection[str], size: int) -> list[str]:
    """A random sample that anyone can draw again: the lowest SHA-256 of ``seed:number``, in that order."""
    return sorted(numbers, key=lambda number: hashlib.sha256(f"{seed}:{number}".encode()).digest())[:size]


def population_hash(numbers: Iterable[str]) -> str:
    """A print of what was drawn from: SHA-256 over the sorted numbers, one a line."""
    return hashlib.sha256("\n".join(sorted(numbers)).encode()).hexdigest()
