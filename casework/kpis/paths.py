"""From the steps of cases to paths: variants, which step follows which and how long after, where time goes. Pure.

A trace is a case as a row of steps in the order of time; an edge is one step right after another, as process mining
counts them, so that any tool that reads our export finds the same numbers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was done: what, when, and who had the case until then (a kind of office or a unit, no person)."""

    activity: str
    at: datetime
    holder: str = ""
    resource: str = ""
    group: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A case as the row of its steps."""

    case_id: int
    steps: tuple[Done, ...]

    @property
    def variant(self) -> tuple[str, ...]:
        """The steps without their times."""
        return tuple(step.activity for step in self.steps)

    @property
    def minutes(self) -> float:
        """From the first step to the last."""
        return _minutes(self.steps[0].at, self.steps[-1].at)


@dataclass(frozen=True, slots=True)
class Times:
    """How often, and how long: median and the time that nine of ten keep, in minutes."""

    n: int
    median: float
    p90: float
    total: float


@dataclass(frozen=True, slots=True)
class Variant:
    """Cases that took the same steps."""

    steps: tuple[str, ...]
    n: int
    median: float
    case_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """What some traces show. ``backs`` are the edges that lead to a step which the case had been through before."""

    cases: int
    events: int
    time: Times | None
    activities: Mapping[str, int]
    places: Mapping[str, float]
    edges: Mapping[Edge, Times]
    waits: Mapping[str, Times]
    holders: Mapping[str, Times]
    backs: Mapping[Edge, int]
    back_cases: int
    variants: Sequence[Variant]


@dataclass(slots=True)
class _Seen:
    activities: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    edges: dict[Edge, list[float]] = field(default_factory=lambda: defaultdict(list))
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    holders: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    backs: Counter[Edge] = field(default_factory=Counter)
    variants: dict[tuple[str, ...], list[Trace]] = field(default_factory=lambda: defaultdict(list))
    back_cases: int = 0


def discover(traces: Iterable[Trace]) -> Log:
    """What the traces show together."""
    seen, whole = _Seen(), []
    for trace in traces:
        if trace.steps:
            whole.append(trace.minutes)
            _look_at(trace, seen)
    variants = [
        Variant(steps, len(alike), median(one.minutes for one in alike), tuple(one.case_id for one in alike))
        for steps, alike in seen.variants.items()
    ]
    return Log(
        cases=len(whole),
        events=seen.activities.total(),
        time=times(whole) if whole else None,
        activities=dict(seen.activities.most_common()),
        places={name: sum(found) / len(found) for name, found in seen.places.items()},
        edges=_by_count(seen.edges),
        waits=_by_total(seen.waits),
        holders=_by_total(seen.holders),
        backs=dict(seen.backs.most_common()),
        back_cases=seen.back_cases,
        variants=sorted(variants, key=lambda one: (-one.n, one.steps)),
    )


def _look_at(trace: Trace, seen: _Seen) -> None:
    been: set[str] = set()
    went_back = False
    last = max(len(trace.steps) - 1, 1)
    seen.variants[trace.variant].append(trace)
    for place, step in enumerate(trace.steps):
        seen.activities[step.activity] += 1
        seen.places[step.activity].append(place / last)
        if place:
            before = trace.steps[place - 1]
            took, edge = _minutes(before.at, step.at), (before.activity, step.activity)
            seen.edges[edge].append(took)
            seen.waits[step.activity].append(took)
            if step.holder:
                seen.holders[step.holder].append(took)
            if step.activity in been and step.activity != before.activity:
                seen.backs[edge] += 1
                went_back = True
        been.add(step.activity)
    seen.back_cases += went_back


def times(minutes: Sequence[float]) -> Times:
    """Median (of two in the middle their mean, as everywhere) and P90 by nearest rank."""
    ranked = sorted(minutes)
    return Times(len(ranked), median(ranked), ranked[-(-len(ranked) * 9 // 10) - 1], sum(ranked))


def _by_count(found: Mapping[Edge, Sequence[float]]) -> dict[Edge, Times]:
    made = {key: times(taken) for key, taken in found.items()}
    return dict(sorted(made.items(), key=lambda one: (-one[1].n, one[0])))


def _by_total(found: Mapping[str, Sequence[float]]) -> dict[str, Times]:
    made = {key: times(taken) for key, taken in found.items()}
    return dict(sorted(made.items(), key=lambda one: (-one[1].total, one[0])))


def _minutes(a: datetime, b: datetime) -> float:
    return (b - a).total_seconds() / 60
