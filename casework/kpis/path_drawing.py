"""The paths as a drawing: steps in a column in the order they come, forward ways on the right, ways back on the left.

Pure numbers. What is rare is left to the table, so that the drawing can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from casework.kpis.paths import Edge, Log, Times

WIDTH, LEFT, BOX, ROW, TOP = 640, 190, 260, 56, 12
HEIGHT_OF_BOX = 34
MOST_STEPS, MOST_EDGES, MOST_LABELS = 14, 28, 12
WIDEST = 9.0


@dataclass(frozen=True, slots=True)
class Box:
    """A step."""

    name: str
    n: int
    x: int
    y: int
    width: int
    height: int
    fill: float


@dataclass(frozen=True, slots=True)
class Way:
    """An edge: its path, its width, where its label stands, if it has one."""

    source: str
    target: str
    times: Times
    path: str
    width: float
    back: bool
    label_x: float
    label_y: float
    anchor: str
    labelled: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and ways on a sheet; ``left_out`` ways are in the table alone."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]
    left_out: int


def draw(log: Log) -> Drawing:
    """The commonest steps and ways of a log."""
    common = list(log.activities)[:MOST_STEPS]
    order = in_order(sorted(common, key=lambda name: (log.places[name], -log.activities[name], name)), log)
    row = {name: place for place, name in enumerate(order)}
    edges = [(edge, found) for edge, found in log.edges.items() if edge[0] in row and edge[1] in row][:MOST_EDGES]
    most = max((found.n for _, found in edges), default=1)
    made = [_way(edge, found, row, most, nth < MOST_LABELS) for nth, (edge, found) in enumerate(edges)]
    return Drawing(
        WIDTH,
        TOP * 2 + ROW * len(order),
        tuple(_box(name, row[name], log.activities) for name in order),
        tuple(made),
        len(log.edges) - len(edges),
    )


def in_order(names: list[str], log: Log) -> list[str]:
    """Steps so that few cases go against the order: each is moved to where that is least, until none needs to be."""
    order, moved = list(names), True
    for _ in names:
        if not moved:
            break
        moved = False
        for name in names:
            rest = [one for one in order if one != name]
            tried = [[*rest[:place], name, *rest[place:]] for place in range(len(order))]
            best = min(tried, key=lambda one: _against(one, log))
            if _against(best, log) < _against(order, log):
                order, moved = best, True
    return order


def _against(order: list[str], log: Log) -> int:
    place = {name: at for at, name in enumerate(order)}
    return sum(
        found.n
        for (a, b), found in list(log.edges.items())[: MOST_EDGES * 2]
        if a in place and b in place and place[b] < place[a]
    )


def _box(name: str, place: int, counts: Mapping[str, int]) -> Box:
    share = counts[name] / max(counts.values())
    return Box(name, counts[name], LEFT, TOP + ROW * place, BOX, HEIGHT_OF_BOX, round(share * BOX, 1))


def _way(edge: Edge, found: Times, row: Mapping[str, int], most: int, labelled: bool) -> Way:
    a, b = row[edge[0]], row[edge[1]]
    width = round(max(WIDEST * found.n / most, 1.0), 1)
    middle = HEIGHT_OF_BOX / 2
    y1, y2 = TOP + ROW * a + middle, TOP + ROW * b + middle
    if b == a + 1:
        x = LEFT + BOX / 2
        path = f"M{x} {y1 + middle}V{y2 - middle}"
        return Way(*edge, found, path, width, False, x + 10, (y1 + y2) / 2 + 4, "start", labelled)
    back = b <= a
    side = LEFT if back else LEFT + BOX
    reach = min(24 + 14 * abs(b - a), 130) * (-1 if back else 1)
    if a == b:
        y1, y2 = y1 - 8, y2 + 8
    path = f"M{side} {y1}C{side + reach} {y1} {side + reach} {y2} {side} {y2}"
    label = side + reach * 0.75
    return Way(*edge, found, path, width, back, label, (y1 + y2) / 2 + 4, "end" if back else "start", labelled)
