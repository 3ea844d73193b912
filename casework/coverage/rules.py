"""The state of each community from its counts, and the even sharing out of firms: pure.

Coverage 覆盖率 = firms with an officer who serves on that day ÷ firms in business (domain.md, KPIs).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heapify, heappop, heappush


class Tone(StrEnum):
    """How a community looks on the map: the worst that holds."""

    OK = "ok"
    GAP = "gap"
    OLD = "old"
    HEAVY = "hvy"


@dataclass(frozen=True, slots=True)
class Held:
    """So many firms of a community that one officer answers for, and with how many a deputy."""

    community_id: int | None
    officer_id: int
    firms: int
    with_deputy: int


@dataclass(slots=True)
class Cell:
    """A community on a day. ``ended`` are firms whose officer no longer serves, ``heavy`` are overloaded officers with
    all the firms that they answer for.
    """

    firms: int = 0
    covered: int = 0
    ended: int = 0
    no_deputy: int = 0
    stale: int = 0
    heavy: dict[int, int] = field(default_factory=dict)

    @property
    def uncovered(self) -> int:
        """Firms for which nobody was named; nobody may be named for one that is out of business."""
        return max(self.firms - self.covered - self.ended, 0)

    @property
    def gaps(self) -> int:
        """Firms for which nobody answers, for whatever reason."""
        return self.uncovered + self.ended

    def tone(self, has_leader: bool) -> Tone:
        """The worst that holds."""
        if self.gaps or not has_leader:
            return Tone.GAP
        if self.stale:
            return Tone.OLD
        return Tone.HEAVY if self.heavy else Tone.OK


def cells(
    firms: Mapping[int | None, int],
    held: Iterable[Held],
    stale: Mapping[int | None, int],
    *,
    serving: frozenset[int],
    most: int,
) -> dict[int | None, Cell]:
    """The communities of a district from its counts. ``serving``: officers with a posting on that day."""
    found = {key: Cell(firms=count, stale=stale.get(key, 0)) for key, count in firms.items()}
    rows = list(held)
    loads: dict[int, int] = {}
    for row in rows:
        loads[row.officer_id] = loads.get(row.officer_id, 0) + row.firms
    for row in rows:
        cell = found.setdefault(row.community_id, Cell())
        if row.officer_id not in serving:
            cell.ended += row.firms
            continue
        cell.covered += row.firms
        cell.no_deputy += row.firms - row.with_deputy
        if loads[row.officer_id] > most:
            cell.heavy[row.officer_id] = loads[row.officer_id]
    return found


def total(found: Iterable[Cell]) -> Cell:
    """All cells in one."""
    whole = Cell()
    for cell in found:
        whole.firms += cell.firms
        whole.covered += cell.covered
        whole.ended += cell.ended
        whole.no_deputy += cell.no_deputy
        whole.stale += cell.stale
        whole.heavy |= cell.heavy
    return whole


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who may take firms: in which areas, how many they have, and in which trades."""

    user_id: int
    area_ids: frozenset[int]
    load: int
    trades: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm to be given to somebody: the areas it lies in, and its trade."""

    id: int
    area_ids: frozenset[int]
    trade: str = ""


def share_out(firms: Sequence[Firm], officers: Sequence[Officer]) -> dict[int, int | None]:
    """Give each firm to who reaches it and has the fewest; equal loads go to who knows the trade, then to the first.

    Firms that few can reach come first, so that loads end within one of each other wherever the areas allow.
    Returns officer by firm; None where nobody reaches it.
    """
    reach: dict[frozenset[int], list[int]] = {}
    for firm in firms:
        if firm.area_ids not in reach:
            reach[firm.area_ids] = [n for n, one in enumerate(officers) if one.area_ids & firm.area_ids]
    load = [one.load for one in officers]
    given: dict[int, int | None] = {firm.id: None for firm in firms}
    groups: dict[tuple[int, ...], list[Firm]] = {}
    for firm in firms:
        groups.setdefault(tuple(reach[firm.area_ids]), []).append(firm)
    for may, listed in sorted(groups.items(), key=lambda pair: (len(pair[0]), pair[0])):
        _share(may, listed, officers, load, given)
    return given


def _share(
    may: tuple[int, ...],
    listed: Sequence[Firm],
    officers: Sequence[Officer],
    load: list[int],
    given: dict[int, int | None],
) -> None:
    """Share firms that the same officers reach, the least loaded first; of equals, who knows the trade."""
    heap = [(load[n], n) for n in may]
    heapify(heap)
    for firm in listed:
        if not heap:
            return
        equals = [heappop(heap)]
        while heap and heap[0][0] == equals[0][0] and len(equals) < 8:
            equals.append(heappop(heap))
        place = next((i for i, (_, n) in enumerate(equals) if firm.trade and firm.trade in officers[n].trades), 0)
        count, chosen = equals.pop(place)
        for one in equals:
            heappush(heap, one)
        load[chosen] = count + 1
        heappush(heap, (count + 1, chosen))
        given[firm.id] = officers[chosen].user_id
