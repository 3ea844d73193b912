"""A figure through time as geometry: one bar a period. Pure numbers; the table beside it says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 180
LEFT, TOP, BASE = 8, 22, 150
ROOM = 4
"""Every so many bars one label is drawn where they stand too close."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One period: where its bar stands, and whether its labels are drawn."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    labelled: bool
    empty: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars over a base line."""

    width: int
    height: int
    base: int
    bars: tuple[Bar, ...]


def bars(values: Sequence[float | None], most: float | None = None) -> Chart:
    """Bars for values, the highest one as high as ``most`` or as the highest value; None is a gap."""
    top = most or max((value for value in values if value is not None), default=0) or 1
    step = (WIDTH - 2 * LEFT) / max(len(values), 1)
    width = min(step * 0.7, 60)
    every = 1 if step >= 44 else 2 if step >= 24 else ROOM
    made = []
    for place, value in enumerate(values):
        height = 0.0 if value is None else round(min(value / top, 1) * (BASE - TOP), 1)
        middle = round(LEFT + step * (place + 0.5), 1)
        labelled = (len(values) - 1 - place) % every == 0
        x, y = round(middle - width / 2, 1), round(BASE - height, 1)
        made.append(Bar(x, y, round(width, 1), height, middle, labelled, value is None))
    return Chart(WIDTH, HEIGHT, BASE, tuple(made))
