"""Everything that the board of a place says, counted at one moment and kept for half a minute in each process.

The page asks anew as often, so that what hangs on a wall is never more than a minute old.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from casework.areas.models import Area, Level
from casework.board import queries, rules
from casework.board.rules import Chart, Day, Holder, Relief, Stock
from casework.coverage import queries as coverage
from casework.coverage.queries import Place
from casework.coverage.rules import Cell, total
from casework.kernel.keep import keep
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day
from casework.roster.limits import limits_of
from casework.supplies import demand

SECONDS = 30


@dataclass(frozen=True, slots=True)
class Warm:
    """A community with its open cases, and how warm it is drawn."""

    id: int
    name: str
    open: int
    step: int


@dataclass(frozen=True, slots=True)
class Street:
    """A subdistrict with its communities."""

    id: int
    name: str
    communities: tuple[Warm, ...]

    @property
    def open(self) -> int:
        """Open cases in its communities."""
        return sum(one.open for one in self.communities)


@dataclass(frozen=True, slots=True)
class Missing:
    """An item that a unit's cases need and it has not; without a unit: cases that no unit has yet."""

    item_id: int
    unit_id: int | None
    name: str
    measure: str
    unit_name: str
    short: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A place at a moment. ``others`` are the units that do not stand on the board by name: how many, and their cases;
    ``led`` are communities with a leader, of ``communities``; ``unplaced`` open cases in no community.
    """

    at: datetime
    stock: Stock
    holders: tuple[Holder, ...]
    others: tuple[int, Stock]
    days: tuple[Day, ...]
    chart: Chart
    covered: Cell
    led: int
    communities: int
    stale_days: int
    streets: tuple[Street, ...]
    unplaced: int
    relief: Relief
    processes: tuple[tuple[int, str, str, int], ...]
    missing: tuple[Missing, ...]

    @property
    def runs(self) -> int:
        """Temporary processes under way."""
        return sum(count for *_, count in self.processes)


def figures(actor: Actor, area: Area, *, now: datetime) -> Figures:
    """The figures of a place for a reader, at most half a minute old; those with the same duties share them."""
    whose = 0 if queries.sees_all(actor, area) else actor.user_id
    return keep(lambda: count(actor, area, now=now), "board", area.id, actor.duties, whose, seconds=SECONDS)


def count(actor: Actor, area: Area, *, now: datetime) -> Figures:
    """The figures of a place, counted now."""
    inside, today = queries.scope(actor, area), local_day(now)
    district = queries.district_of(area)
    lying = queries.lying(inside, now)
    days = queries.flow(inside, today)
    limits = limits_of(district.id)
    board = coverage.board(district, today, today, limits, actor)
    places = queries.inside_of(area, board.places)
    towns = [one for one in places if one.level == Level.COMMUNITY]
    heat = rules.by_community(lying)
    streets = _streets(area, places, towns, heat)
    holders, others = _holders(rules.by_unit(lying))
    return Figures(
        at=now,
        stock=rules.whole(lying),
        holders=holders,
        others=others,
        days=tuple(days),
        chart=rules.chart(days),
        covered=_covered(area, board, places),
        led=sum(one.id in board.leaders for one in towns),
        communities=len(towns),
        stale_days=limits.stale_days,
        streets=streets,
        unplaced=heat.get(None, 0),
        relief=queries.relief(inside),
        processes=tuple(queries.processes(inside)),
        missing=_missing(demand.overview(actor, district.id, today)),
    )


def _covered(area: Area, board: coverage.Board, places: Sequence[Place]) -> Cell:
    """The counts of coverage in the place: of a whole district also of firms that lie in no community."""
    if area.level == Level.DISTRICT:
        return board.total
    known = {place.id for place in places}
    return total(cell for key, cell in board.cells.items() if key in known)


def _streets(
    area: Area, places: Sequence[Place], towns: Sequence[Place], heat: dict[int | None, int]
) -> tuple[Street, ...]:
    most = max((heat.get(town.id, 0) for town in towns), default=0)
    warm: dict[int | None, list[Warm]] = {}
    for town in towns:
        n = heat.get(town.id, 0)
        warm.setdefault(town.parent_id, []).append(Warm(town.id, town.name, n, rules.step(n, most)))
    heads = [(one.id, one.name) for one in places if one.level == Level.SUBDISTRICT]
    if not heads and towns:  # a community's own board
        return (Street(area.id, area.name, tuple(warm[towns[0].parent_id])),)
    return tuple(Street(key, name, tuple(warm.get(key, ()))) for key, name in heads)


def _holders(stocks: dict[int | None, Stock]) -> tuple[tuple[Holder, ...], tuple[int, Stock]]:
    """The units that stand on the board by name, and the others in one line."""
    shown = rules.pressing(stocks)
    names = demand.unit_names([key for key in shown if key])
    most = max((one.open for one in stocks.values()), default=0)
    rest = Stock()
    for key in stocks.keys() - set(shown):
        rest.add(stocks[key])
    named = [Holder(key, names.get(key or 0, ""), stocks[key], -(-100 * stocks[key].open // most)) for key in shown]
    return tuple(named), (len(stocks) - len(shown), rest)


def _missing(seen: demand.Overview) -> tuple[Missing, ...]:
    found = [
        Missing(
            one.item_id,
            one.unit_id,
            seen.items[one.item_id].name,
            seen.items[one.item_id].measure,
            seen.unit_names.get(one.unit_id or 0, ""),
            one.short,
        )
        for one in seen.shortages
    ]
    return tuple(sorted(found, key=lambda one: (one.name, one.unit_name)))
