"""Which rule fits, and who of those it leads to takes the case: pure, so that it can be tried on the past."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from casework.kernel.errors import N_, Reason, because

DAY = 24 * 60


class Way(StrEnum):
    """How the officer was found."""

    OWN = "own"
    DEPUTY = "deputy"
    NAMED = "named"
    STAND_IN = "stand_in"
    TEAM = "team"
    DESK = "desk"


WAYS: Mapping[str, str] = {
    Way.OWN: N_("the enterprise's own officer"),
    Way.DEPUTY: N_("the deputy of the enterprise's own officer"),
    Way.NAMED: N_("named in the rule"),
    Way.STAND_IN: N_("stands in for who is away"),
    Way.TEAM: N_("has the fewest open cases in the unit"),
    Way.DESK: N_("nobody could be found: the desk decides"),
}
ENDED, AWAY, LOADED = "ended", "away", "loaded"
PASSED: Mapping[str, str] = {
    ENDED: N_("does not serve here today"),
    AWAY: N_("is away today"),
    LOADED: N_("has as many open cases as one person can carry"),
}


SIZE_MARKS = (("sole_trader", "个体"), ("micro", "微"), ("small", "小"), ("medium", "中"), ("large", "大"))


def size_of(said: str) -> str:
    """The size of a firm as its file says it, as one of the sizes that rules ask for; empty when it says nothing."""
    return next((size for size, mark in SIZE_MARKS if mark in said or said == size), "")


@dataclass(frozen=True, slots=True)
class Matter:
    """What a rule looks at. ``minute`` is of the day in Asia/Shanghai, when it was reported."""

    type_code: str
    area_ids: frozenset[int]
    text: str
    size: str
    minute: int


@dataclass(frozen=True, slots=True)
class Conditions:
    """When a rule fits; what is empty asks for nothing. ``begin`` to ``end`` may pass midnight."""

    types: frozenset[str] = frozenset()
    areas: frozenset[int] = frozenset()
    words: tuple[str, ...] = ()
    sizes: frozenset[str] = frozenset()
    begin: int | None = None
    end: int | None = None

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Conditions:
        """From the form in which they are kept."""
        return cls(
            frozenset(kept.get("types", ())),
            frozenset(kept.get("areas", ())),
            tuple(kept.get("words", ())),
            frozenset(kept.get("sizes", ())),
            kept.get("begin"),
            kept.get("end"),
        )

    @property
    def fit_all(self) -> bool:
        """Whether it asks for nothing: a fallback."""
        return self == Conditions()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def found_in(conditions: Conditions, matter: Matter) -> tuple[str, ...]:
    """The words of a rule that stand in the text."""
    text = _plain(matter.text)
    return tuple(word for word in conditions.words if _plain(word) in text)


def fits(conditions: Conditions, matter: Matter) -> bool:
    """Whether everything that a rule asks for holds; of its words one is enough."""
    return (
        (not conditions.types or matter.type_code in conditions.types)
        and (not conditions.areas or bool(conditions.areas & matter.area_ids))
        and (not conditions.sizes or matter.size in conditions.sizes)
        and (not conditions.words or bool(found_in(conditions, matter)))
        and _in_time(conditions, matter.minute)
    )


def _in_time(conditions: Conditions, minute: int) -> bool:
    if conditions.begin is None or conditions.end is None:
        return True
    if conditions.begin <= conditions.end:
        return conditions.begin <= minute < conditions.end
    return minute >= conditions.begin or minute < conditions.end


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who might take the case. ``unit_id`` is where they would act; ``load`` counts their open cases."""

    user_id: int
    name: str
    unit_id: int | None
    way: Way
    serves: bool = True
    away: bool = False
    load: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """Who takes it, if anybody can, and who was passed over and why (name, reason)."""

    taken: Candidate | None
    passed: tuple[tuple[str, str], ...] = ()


def choose(candidates: Sequence[Candidate], most: int) -> Choice:
    """The first who serves, is not away and can carry one more; when all are full, the least loaded.

    ``candidates`` come in the order of preference; of a unit's people those with fewer cases come first.
    """
    passed: dict[int, tuple[str, str]] = {}
    full: list[Candidate] = []
    for one in candidates:
        if one.user_id in passed:
            continue
        bar = _bar(one, most)
        if bar is None:
            return Choice(one, tuple(passed.values()))
        passed[one.user_id] = (one.name, bar)
        if bar == LOADED:
            full.append(one)
    if not full:
        return Choice(None, tuple(passed.values()))
    taken = min(full, key=lambda one: one.load)
    del passed[taken.user_id]
    return Choice(taken, tuple(passed.values()))


def _bar(one: Candidate, most: int) -> str | None:
    if not one.serves or one.unit_id is None:
        return ENDED
    if one.away:
        return AWAY
    return LOADED if one.load >= most else None


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule asks for, for the page: label and values."""

    label: Reason
    values: tuple[str, ...] = field(default=())


def clock(minute: int) -> str:
    """A minute of the day as it stands on a watch."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def minute_of(text: str) -> int | None:
    """A time like 18:00 or 7：30 as a minute of the day; None when it is none."""
    hour, colon, minute = unicodedata.normalize("NFKC", text).strip().partition(":")
    if not (colon and hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit() and len(minute) == 2):
        return None
    given = int(hour) * 60 + int(minute)
    return given if int(minute) < 60 and given < DAY else None


def faults(conditions: Conditions) -> list[Reason]:
    """What is wrong with the conditions as they were filled in."""
    found = []
    if (conditions.begin is None) != (conditions.end is None):
        found.append(because(N_("Time of day: write both when it begins and when it ends."), "begin"))
    elif conditions.begin is not None and conditions.begin == conditions.end:
        found.append(because(N_("Time of day: begin and end are the same; leave both empty for the whole day."), "end"))
    if any(len(word) > 20 for word in conditions.words):
        found.append(because(N_("Words: at most 20 characters each, with commas between."), "words"))
    if len(conditions.words) > 50:
        found.append(because(N_("Words: at most 50 for a rule; make two rules."), "words"))
    return found


def first(rules: Iterable[tuple[Any, Conditions]], matter: Matter) -> Any | None:
    """The first rule that fits, in the order given; None when none does."""
    return next((rule for rule, conditions in rules if fits(conditions, matter)), None)
