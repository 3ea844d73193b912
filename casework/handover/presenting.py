"""What the pages of a hand-over show, worked out once for the template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from casework.handover.models import HandoverItem
from casework.handover.queries import Count
from casework.handover.things import KINDS, Thing
from casework.handover.words import Answer
from casework.kernel.errors import Reason

Pair = tuple[Thing, HandoverItem | None]


@dataclass(slots=True)
class Group:
    """Things of a kind that lie together, and how many each successor is to have; 0: nobody yet."""

    name: str
    count: int = 0
    chosen: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Section:
    """A kind of things with its groups."""

    kind: str
    label: str
    count: int = 0
    missing: int = 0
    groups: dict[str, Group] = field(default_factory=dict)


def sections(pairs: Iterable[Pair]) -> list[Section]:
    """What is held, by kind and group, in the order of the kinds."""
    found: dict[str, Section] = {}
    for thing, row in pairs:
        section = found.setdefault(thing.kind, Section(thing.kind, KINDS[thing.kind].label))
        group = section.groups.setdefault(thing.group, Group(thing.group))
        successor = (row.successor_id or 0) if row is not None and row.state != Answer.REFUSED else 0
        section.count += 1
        section.missing += not successor
        group.count += 1
        group.chosen[successor] = group.chosen.get(successor, 0) + 1
    return [found[name] for name in KINDS if name in found]


def counted(kind: str, count: int) -> str:
    """“24 enterprises”, in the reader's language."""
    known = KINDS.get(kind)
    return str(Reason(known.one if count == 1 else known.many, {"num": count})) if known else str(count)


def summed_up(kinds: Iterable[tuple[str, int]], joint: str) -> str:
    """“24 enterprises, 3 cases, 2 promises”."""
    return joint.join(counted(kind, count) for kind, count in kinds)


@dataclass(slots=True)
class Part:
    """What one successor is to have, by kind, and how much of it is answered."""

    successor_id: int
    kinds: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)


def parts(counts: Sequence[Count]) -> list[Part]:
    """The successors with what they were offered; the largest first."""
    found: dict[int, Part] = {}
    for row in counts:
        if row.successor_id:
            part = found.setdefault(row.successor_id, Part(row.successor_id))
            part.kinds[row.kind] = part.kinds.get(row.kind, 0) + row.count
            part.states[row.state] = part.states.get(row.state, 0) + row.count
    return sorted(found.values(), key=lambda part: (-sum(part.kinds.values()), part.successor_id))


def by_state(counts: Sequence[Count]) -> dict[str, int]:
    """How many things stand where."""
    found: dict[str, int] = {}
    for row in counts:
        found[row.state] = found.get(row.state, 0) + row.count
    return found


def targets(pairs: Iterable[Pair], chosen: Mapping[tuple[str, ...], int]) -> dict[tuple[str, int], int]:
    """Who is to have each thing: what is chosen for its group, else for its kind, else for all."""
    found = {}
    for thing, _row in pairs:
        for key in ((thing.kind, thing.group), (thing.kind,), ("all",)):
            if key in chosen:
                found[thing.kind, thing.ref] = chosen[key]
                break
    return found
