"""Where the steps of a process lie in a drawing: columns by order, rows so that lines cross little. Pure geometry.

A column holds the steps that may begin at the same time; a line that passes a column has a row of its own there. A
diamond stands where a step opens several ways or waits for several. Returns run dashed below everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from casework.processes.definition import Definition

WIDE, HIGH = 158, 56  # of a step
COLUMN, ROW = 284, 88  # from one step to the next
MARGIN, GATE, BELOW = 62, 20, 26
SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Node:
    """A step at its place: the upper left corner."""

    key: str
    x: int
    y: int

    @property
    def middle(self) -> int:
        """The height of its lines."""
        return self.y + HIGH // 2


@dataclass(frozen=True, slots=True)
class Drawing:
    """A process drawn: steps, diamonds (their middle), lines and returns (as SVG paths), where it begins and ends."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    gates: tuple[tuple[int, int], ...]
    lines: tuple[str, ...]
    returns: tuple[str, ...]
    start: tuple[int, int]
    end: tuple[int, int]


Rows = Mapping[str, tuple[int, float]]
"""Column and row of each step, and of each place where a line passes a column (``from>to@column``)."""


def drawing(definition: Definition) -> Drawing:
    """The drawing of a checked definition; steps that can never begin are left out."""
    columns = _columns(definition)
    rows = _rows(definition, columns)
    top = min(row for _, row in rows.values())
    nodes = {key: _node(key, *rows[key], top) for key in definition.order}
    followers = _followers(definition)
    forks = {key for key, later in followers.items() if len(later) > 1}
    joins = {key for key in nodes if len(definition.by_key[key].after) > 1}
    gates = [(nodes[key].x + WIDE + 46, nodes[key].middle) for key in forks]
    gates += [(nodes[key].x - 32, nodes[key].middle) for key in joins]
    bottom = max(node.y for node in nodes.values()) + HIGH
    middle = (MARGIN // 2 + bottom) // 2
    right = max(node.x for node in nodes.values()) + COLUMN
    lines = _lines(definition, nodes, rows, top)
    lines += [_bend(36, middle, node.x - 20, node.x, node.middle) for node in _first(definition, nodes)]
    lines += [_bend(nodes[key].x + WIDE, nodes[key].middle, right - 44, right - 12, middle)
              for key in nodes if not followers[key]]  # fmt: skip
    backs = _returns(definition, nodes, bottom)
    height = bottom + 18 + BELOW * len(backs)
    return Drawing(
        width=right + 26,
        height=height,
        nodes=tuple(nodes.values()),
        gates=tuple(gates),
        lines=tuple(lines),
        returns=tuple(backs),
        start=(24, middle),
        end=(right, middle),
    )


def _columns(definition: Definition) -> dict[str, int]:
    columns: dict[str, int] = {}
    for key in definition.order:
        columns[key] = 1 + max((columns[before] for before in definition.by_key[key].after), default=-1)
    return columns


def _followers(definition: Definition) -> dict[str, list[str]]:
    followers: dict[str, list[str]] = {key: [] for key in definition.order}
    for key in definition.order:
        for before in definition.by_key[key].after:
            followers[before].append(key)
    return followers


def _way(before: str, key: str, columns: Mapping[str, int]) -> list[str]:
    """The places on the way of a line: a step, each column that it passes, a step."""
    passed = [f"{before}>{key}@{column}" for column in range(columns[before] + 1, columns[key])]
    return [before, *passed, key]


def _rows(definition: Definition, columns: Mapping[str, int]) -> dict[str, tuple[int, float]]:
    """Give every place a row; a few sweeps put each beside the places that it is joined to."""
    beside: dict[str, list[str]] = {key: [] for key in definition.order}
    layers: list[list[str]] = [[] for _ in range(1 + max(columns.values()))]
    for key in definition.order:
        layers[columns[key]].append(key)
    for key in definition.order:
        for before in definition.by_key[key].after:
            way = _way(before, key, columns)
            for offset, place in enumerate(way[1:-1], 1):
                layers[columns[before] + offset].append(place)
            for one, next_one in pairwise(way):
                beside.setdefault(one, []).append(next_one)
                beside.setdefault(next_one, []).append(one)
    return _swept(layers, beside)


def _swept(layers: Sequence[list[str]], beside: Mapping[str, list[str]]) -> dict[str, tuple[int, float]]:
    row = {place: index - (len(layer) - 1) / 2 for layer in layers for index, place in enumerate(layer)}
    for _ in range(SWEEPS):
        for layer in layers:
            wish = {place: sum(row[one] for one in beside[place]) / len(beside[place]) if beside[place] else row[place]
                    for place in layer}  # fmt: skip
            layer.sort(key=lambda place: (wish[place], row[place]))
            for index, place in enumerate(layer):
                row[place] = index - (len(layer) - 1) / 2
    return {place: (column, row[place]) for column, layer in enumerate(layers) for place in layer}


def _node(key: str, column: int, row: float, top: float) -> Node:
    return Node(key, MARGIN + column * COLUMN, MARGIN // 2 + round((row - top) * ROW))


def _first(definition: Definition, nodes: Mapping[str, Node]) -> list[Node]:
    return [nodes[key] for key in definition.order if not definition.by_key[key].after]


def _lines(definition: Definition, nodes: Mapping[str, Node], rows: Rows, top: float) -> list[str]:
    columns = {key: column for key, (column, _) in rows.items()}
    found = []
    for key in definition.order:
        for before in definition.by_key[key].after:
            places = [_node(place, *rows[place], top) for place in _way(before, key, columns)]
            found.append(_through(places))
    return found


def _through(places: Sequence[Node]) -> str:
    """One line: out of the first place, along the rows that it passes, into the last."""
    path = f"M{places[0].x + WIDE} {places[0].middle}"
    for one, next_one in pairwise(places):
        turn = one.x + WIDE + 46
        path += f"H{turn}V{next_one.middle}H{next_one.x}"
    return path


def _bend(x: int, y: int, turn: int, to_x: int, to_y: int) -> str:
    return f"M{x} {y}H{turn}V{to_y}H{to_x}"


def _returns(definition: Definition, nodes: Mapping[str, Node], bottom: int) -> list[str]:
    found: list[str] = []
    for key in definition.order:
        decision = definition.by_key[key].decision
        for to in decision.return_to if decision else ():
            deep, source, target = bottom + 18 + BELOW * len(found), nodes[key], nodes[to]
            from_x, to_x = source.x + WIDE // 2 + 12, target.x + WIDE // 2 - 12
            found.append(f"M{from_x} {source.y + HIGH}V{deep}H{to_x}V{target.y + HIGH}")
    return found
