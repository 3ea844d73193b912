"""The state of each community from its counts, and the even sharing out of firms: pure.

Coverage 覆盖率 = firms with an officer who serves on that day ÷ firms in business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heapify, heappop, heappush

EQUALS = 8  # so many of the least loaded are asked for their trade


class Tone(StrEnum):
    """How a community looks on the map: the worst that holds."""

    OK = "ok"
    GAP = "gap"
    OLD = "old"
    HEAVY = "hvy"
    HANDING = "mov"


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
    all the firms that they answer for, ``handing`` firms that are going to another officer or deputy.
    """

    firms: int = 0
    covered: int = 0
    ended: int = 0
    no_deputy: int = 0
    stale: int = 0
    handing: int = 0
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
        if self.heavy:
            return Tone.HEAVY
        return Tone.HANDING if self.handing else Tone.OK


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
        whole.handing += cell.handing
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

    Then firms go from hand to hand as long as that brings two loads nearer, so that no sharing out is more even
    (an optimal semi-matching: Harvey, Ladner, Lovász, Tamir 2006). Returns officer by firm; None where nobody
    reaches it.
    """
    sharing = _Sharing(firms, officers)
    sharing.deal()
    sharing.even_out()
    return sharing.given()


class _Sharing:
    """Officers by place in the list, and the firms that lie in the same areas as one heap, as the same reach them."""

    def __init__(self, firms: Sequence[Firm], officers: Sequence[Officer]) -> None:
        self.firms, self.officers = firms, officers
        self.load = [one.load for one in officers]
        self.heaps: dict[frozenset[int], list[Firm]] = {}
        for firm in firms:
            self.heaps.setdefault(firm.area_ids, []).append(firm)
        self.reach = {heap: [n for n, one in enumerate(officers) if one.area_ids & heap] for heap in self.heaps}
        self.held: list[dict[frozenset[int], list[Firm]]] = [{} for _ in officers]

    def deal(self) -> None:
        """What few can take comes first."""
        for heap, listed in sorted(self.heaps.items(), key=lambda pair: (len(self.reach[pair[0]]), min(pair[0]))):
            waiting = [(self.load[n], n) for n in self.reach[heap]]
            heapify(waiting)
            for firm in listed if waiting else ():
                self._take(self._next(waiting, firm.trade), heap, firm)
                for n in self._fresh:
                    heappush(waiting, (self.load[n], n))

    def _next(self, waiting: list[tuple[int, int]], trade: str) -> int:
        """The least loaded; of up to eight equals, who knows the trade."""
        equals = [heappop(waiting)[1]]
        while waiting and waiting[0][0] == self.load[equals[0]] and len(equals) < EQUALS:
            equals.append(heappop(waiting)[1])
        self._fresh = equals
        return next((n for n in equals if trade and trade in self.officers[n].trades), equals[0])

    def _take(self, n: int, heap: frozenset[int], firm: Firm) -> None:
        self.held[n].setdefault(heap, []).append(firm)
        self.load[n] += 1

    def even_out(self) -> None:
        """Along chains of officers who can take from each other, from who has most to who has at least two less."""
        moved = True
        while moved:
            moved = False
            for n in sorted(range(len(self.officers)), key=lambda n: -self.load[n]):
                while chain := self._chain(n):
                    for giver, heap, taker in chain:
                        self._hand_on(giver, heap, taker)
                    moved = True

    def _chain(self, start: int) -> list[tuple[int, frozenset[int], int]]:
        """The shortest chain that ends at somebody with at least two less than ``start``; empty when there is none."""
        if self.load[start] - min(self.load) < 2:
            return []
        came: dict[int, tuple[int, frozenset[int]]] = {start: (start, frozenset())}
        queue, seen = [start], set[frozenset[int]]()
        for giver in queue:
            fresh = self.held[giver].keys() - seen  # whoever reaches a heap was met when it was met
            seen |= fresh
            for heap in sorted(fresh, key=sorted):
                for taker in self.reach[heap]:
                    if taker in came:
                        continue
                    came[taker] = (giver, heap)
                    if self.load[taker] <= self.load[start] - 2:
                        return self._back(came, start, taker)
                    queue.append(taker)
        return []

    @staticmethod
    def _back(
        came: Mapping[int, tuple[int, frozenset[int]]], start: int, end: int
    ) -> list[tuple[int, frozenset[int], int]]:
        found = []
        while end != start:
            giver, heap = came[end]
            found.append((giver, heap, end))
            end = giver
        return found

    def _hand_on(self, giver: int, heap: frozenset[int], taker: int) -> None:
        """One firm, of a trade that the giver does not know if there is one."""
        listed, known = self.held[giver][heap], self.officers[giver].trades
        place = next((at for at, firm in enumerate(listed) if firm.trade not in known), 0)
        firm = listed.pop(place)
        if not listed:
            del self.held[giver][heap]
        self.load[giver] -= 1
        self._take(taker, heap, firm)

    def given(self) -> dict[int, int | None]:
        """Officer by firm."""
        found: dict[int, int | None] = {firm.id: None for firm in self.firms}
        for officer, heaps in zip(self.officers, self.held, strict=True):
            found |= {firm.id: officer.user_id for listed in heaps.values() for firm in listed}
        return found
