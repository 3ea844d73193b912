"""Counts put together for the board, and its chart in numbers: pure.

A unit's cases lie with it since ``held_since``; what no unit has yet lies with the desk since it was reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

DAYS = 14
AGED = ("1", "3", "7", "14", "30")
HELD = ("3", "7", "14")
SHOWN = 8
"""So many units stand on the board by name; the others are one line."""
STEPS = 4
WIDTH, HEIGHT, LEFT, TOP, BASE, WIDE, EDGE = 420, 236, 34, 12, 186, 9, 10
"""The flow chart: its box, where bars begin, between which lines they stand, how wide; what is free at the right."""


@dataclass(slots=True)
class Stock:
    """Open cases with the clock and the ages among them; ``aged`` and ``held`` count those above so many days."""

    open: int = 0
    late: int = 0
    soon: int = 0
    aged: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AGED, 0))
    held: dict[str, int] = field(default_factory=lambda: dict.fromkeys(HELD, 0))
    since: datetime | None = None

    def add(self, other: Stock) -> None:
        """Count the other's cases too."""
        self.open, self.late, self.soon = self.open + other.open, self.late + other.late, self.soon + other.soon
        for mine, theirs in ((self.aged, other.aged), (self.held, other.held)):
            for days, count in theirs.items():
                mine[days] += count
        self.since = min((one for one in (self.since, other.since) if one), default=None)

    def longest(self, now: datetime) -> int:
        """For how many whole days the case that lies longest has lain there."""
        return (now - self.since).days if self.since else 0

    def held_beyond(self, now: datetime) -> str:
        """The largest of the limits that the longest has passed; empty when it has passed none."""
        passed = [days for days in HELD if self.since and now - self.since > timedelta(days=int(days))]
        return passed[-1] if passed else ""


Lying = tuple[int | None, int | None, Stock]
"""Unit, community, and what lies there."""


@dataclass(frozen=True, slots=True)
class Holder:
    """What lies with a unit; with none: what no unit has yet. ``bar`` is its share of the largest, in hundredths."""

    unit_id: int | None
    name: str
    stock: Stock
    bar: int


def whole(rows: Iterable[Lying]) -> Stock:
    """All of them in one."""
    found = Stock()
    for _, _, stock in rows:
        found.add(stock)
    return found


def by_unit(rows: Iterable[Lying]) -> dict[int | None, Stock]:
    """What lies with each unit."""
    found: dict[int | None, Stock] = {}
    for unit_id, _, stock in rows:
        found.setdefault(unit_id, Stock()).add(stock)
    return found


def by_community(rows: Iterable[Lying]) -> dict[int | None, int]:
    """Open cases of each community."""
    found: dict[int | None, int] = {}
    for _, community_id, stock in rows:
        found[community_id] = found.get(community_id, 0) + stock.open
    return found


def pressing(stocks: Mapping[int | None, Stock]) -> list[int | None]:
    """The units that stand on the board: where most is late, then where most lies."""
    order = sorted(stocks, key=lambda key: (-stocks[key].late, -stocks[key].open, key or 0))
    return order[:SHOWN]


def step(count: int, most: int) -> int:
    """How warm a community is drawn, from 0 to ``STEPS``: its share of the largest, rounded up."""
    return -(-count * STEPS // most) if count and most else 0


@dataclass(frozen=True, slots=True)
class Day:
    """What came in on a day, and what ended."""

    day: date
    came: int
    ended: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the chart."""

    kind: str
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Days as pairs of bars; ``lines`` are (y, number), ``words`` are (x, day)."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[float, int], ...]
    words: tuple[tuple[float, date], ...]


def chart(days: Sequence[Day]) -> Chart:
    """The chart of some days, the last one at the right."""
    top = _round_up(max((max(one.came, one.ended) for one in days), default=0))
    scale, wide = (BASE - TOP) / top, (WIDTH - LEFT - EDGE) / max(len(days), 1)
    bars = [
        Bar(kind, round(LEFT + n * wide + wide * place, 1), round(BASE - count * scale, 1), round(count * scale, 1))
        for n, one in enumerate(days)
        for kind, count, place in (("in", one.came, 0.14), ("out", one.ended, 0.52))
    ]
    lines = [(round(BASE - count * scale, 1), count) for count in range(0, top + 1, top // 4)]
    words = [(round(LEFT + (n + 0.5) * wide, 1), one.day) for n, one in enumerate(days) if (len(days) - 1 - n) % 2 == 0]
    return Chart(tuple(bars), tuple(lines), tuple(words))


def _round_up(most: int) -> int:
    """The end of the scale: of four steps, each 1, 2 or 5 with noughts."""
    size = 1
    while True:
        for one in (1, 2, 5):
            if one * size * 4 >= most:
                return one * size * 4
        size *= 10


@dataclass(frozen=True, slots=True)
class Relief:
    """Relief in fen. ``promised``: agreements in force, confirmed or not; ``agreed``: those that both sides confirmed;
    ``received``: what firms or officers confirmed to have arrived, whatever became of the agreement.
    """

    promised: int = 0
    agreed: int = 0
    received: int = 0
    firms: int = 0
