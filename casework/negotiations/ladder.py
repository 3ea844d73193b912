"""The offer ladder as geometry: asks come down, offers go up, the gap between closes. Pure numbers, no markup.

A round without an ask or offer carries the former one forward. The lowest ask and the highest offer of a round make
the lines; all of them stand in the table. What cannot be told in yuan, and a deferral (owed all the same), stands in
the table only. An offer past its day is drawn hollow and holds nothing, unless an agreement rests on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from casework.kernel.time import local_day

WIDTH, HEIGHT = 410, 214
LEFT, RIGHT, TOP, BASE = 20, 370, 22, 188
MOST_STEPS = 40
MOST_LABELS = 4
APART, ROOM = 16, 70
"""Two labels need so many units between them, up and down or side by side."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An ask or offer: what it is worth in fen (None: cannot be told), its method, its last day.

    ``said`` is whatever the drawing's owner puts in words for the table.
    """

    worth_fen: int | None
    method: str
    expires_on: date | None
    said: Any = None

    @property
    def counts(self) -> bool:
        """Whether it stands on a line."""
        return self.worth_fen is not None and self.method != "defer"


@dataclass(frozen=True, slots=True)
class Rung:
    """A round: when, where the other side stood, what the firms asked and the counterparty offered."""

    at: datetime
    stance: str
    asks: Sequence[Mark] = ()
    offers: Sequence[Mark] = ()


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the talks have led to."""

    on: date
    total_fen: int


@dataclass(frozen=True, slots=True)
class Row:
    """A round in the table beside the drawing; sums in fen, None where nothing stands. ``gap_bp`` is of the ask."""

    day: date
    stance: str
    asks: Sequence[Mark]
    offers: Sequence[Mark]
    ask_fen: int | None
    offer_fen: int | None
    expired: bool

    @property
    def marks(self) -> Sequence[Mark]:
        """All that was named in the round, asks first."""
        return (*self.asks, *self.offers)

    @property
    def gap_fen(self) -> int | None:
        """What still lies between: None while one side has not spoken, 0 once they meet."""
        if self.ask_fen is None or self.offer_fen is None:
            return None
        return max(self.ask_fen - self.offer_fen, 0)


@dataclass(frozen=True, slots=True)
class Point:
    """A dot on a line with its sum; ``label`` says whether there is room for words, at (``label_x``, ``label_y``)."""

    x: float
    y: float
    kind: str
    fen: int
    label: bool
    label_x: float
    label_y: float
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A day on the axis with the stance of that round, or the day of the agreement."""

    x: float
    day: date
    stance: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """The drawing, ready for attributes of an SVG, and its table. ``drawn`` is false while there is nothing to draw."""

    drawn: bool
    rows: Sequence[Row] = ()
    ask_path: str = ""
    offer_path: str = ""
    gap_path: str = ""
    points: Sequence[Point] = ()
    ticks: Sequence[Tick] = ()
    agreed: Agreed | None = None
    agreed_point: Point | None = None
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def first(self) -> Row | None:
        """The first round in which a sum was named."""
        return next((row for row in self.rows if row.ask_fen is not None or row.offer_fen is not None), None)

    @property
    def last(self) -> Row | None:
        """How it stands after the last round."""
        return self.rows[-1] if self.rows else None

    @property
    def gap_fen(self) -> int | None:
        """What lies between now: nothing once it is agreed."""
        if self.agreed is not None:
            return 0
        return self.last.gap_fen if self.last else None

    @property
    def first_gap_fen(self) -> int | None:
        """What lay between when both had first spoken."""
        return next((row.gap_fen for row in self.rows if row.gap_fen is not None), None)

    @property
    def gap_bp(self) -> int | None:
        """The gap in hundredths of a per cent of the last ask."""
        ask = self.last.ask_fen if self.last else None
        return None if self.gap_fen is None or not ask else self.gap_fen * 10_000 // ask


def ladder(rungs: Sequence[Rung], agreed: Agreed | None, today: date) -> Ladder:
    """Draw the talks. ``rungs`` in the order of time; ``today`` decides what has expired."""
    rows = _rows(rungs, agreed, today)
    steps = _steps([row for row in rows if row.ask_fen is not None or row.offer_fen is not None])
    if not steps:
        return Ladder(drawn=False, rows=rows, agreed=agreed)
    top = max([row.ask_fen or 0 for row in steps] + [row.offer_fen or 0 for row in steps] + [_total(agreed)]) or 1
    xs = _places(len(steps), agreed is not None)
    asks = [(x, _height(row.ask_fen, top)) for x, row in zip(xs, steps, strict=True) if row.ask_fen is not None]
    offers = [(x, _height(row.offer_fen, top)) for x, row in zip(xs, steps, strict=True) if row.offer_fen is not None]
    end = float(RIGHT)
    if agreed is not None:
        offers.append((end, _height(agreed.total_fen, top)))
    return Ladder(
        drawn=True,
        rows=rows,
        ask_path=_path(asks, end),
        offer_path=_path(offers, end),
        gap_path=_gap(asks, offers, end),
        points=_apart(_points(steps, xs, top, "ask"), _points(steps, xs, top, "offer"), agreed),
        ticks=_ticks(steps, xs, agreed),
        agreed=agreed,
        agreed_point=_agreed_point(agreed, top),
    )


def _total(agreed: Agreed | None) -> int:
    return agreed.total_fen if agreed else 0


def _rows(rungs: Sequence[Rung], agreed: Agreed | None, today: date) -> list[Row]:
    rows: list[Row] = []
    ask: int | None = None
    offer: int | None = None
    lapses: date | None = None
    for rung in rungs:
        asks = [mark.worth_fen for mark in rung.asks if mark.counts and mark.worth_fen is not None]
        offers = [mark for mark in rung.offers if mark.counts]
        if asks:
            ask = min(asks)
        if offers:
            best = max(offers, key=lambda mark: mark.worth_fen or 0)
            offer, lapses = best.worth_fen, best.expires_on
        expired = agreed is None and lapses is not None and lapses < today
        rows.append(Row(local_day(rung.at), rung.stance, rung.asks, rung.offers, ask, offer, expired))
    return rows


def _steps(rows: list[Row]) -> list[Row]:
    """The rounds that are drawn: of a long row those where a sum changed, and of too many an even choice."""
    if len(rows) <= MOST_STEPS:
        return rows
    changed = [
        row
        for place, row in enumerate(rows)
        if place in (0, len(rows) - 1)
        or (row.ask_fen, row.offer_fen) != (rows[place - 1].ask_fen, rows[place - 1].offer_fen)
    ]
    if len(changed) <= MOST_STEPS:
        return changed
    step = (len(changed) - 1) / (MOST_STEPS - 1)
    return [changed[round(place * step)] for place in range(MOST_STEPS)]


def _places(count: int, agreed: bool) -> list[float]:
    """Where the rounds stand from left to right; an agreement takes the last place."""
    gaps = count if agreed else max(count - 1, 1)
    width = RIGHT - LEFT if agreed or count > 1 else 0
    return [round(LEFT + place * width / gaps, 1) for place in range(count)]


def _height(fen: int | None, top: int) -> float:
    return round(BASE - (fen or 0) * (BASE - TOP) / top, 1)


def _path(points: Sequence[tuple[float, float]], end: float) -> str:
    """A line of steps: level to the next point, then up or down to it; level to the end."""
    if not points:
        return ""
    (x, y), *rest = points
    drawn = [f"M{x:g} {y:g}"]
    for x, y in rest:
        drawn.append(f"H{x:g}V{y:g}")
    return "".join(drawn) + (f"H{end:g}" if points[-1][0] < end else "")


def _gap(asks: Sequence[tuple[float, float]], offers: Sequence[tuple[float, float]], end: float) -> str:
    """The area between the lines, from where both have spoken; nothing where the offer has passed the ask."""
    if not asks or not offers:
        return ""
    start = max(asks[0][0], offers[0][0])
    if start >= end:  # the first offer is the agreement itself
        return ""
    stops = sorted({start, end, *(x for x, _ in (*asks, *offers) if x > start)})
    upper = [_at(asks, x) for x in stops[:-1]]
    lower = [max(_at(offers, x), _at(asks, x)) for x in stops[:-1]]
    there = [f"V{y:g}H{x:g}" for x, y in zip(stops[1:], upper, strict=True)]
    back = [f"V{y:g}H{x:g}" for x, y in zip(reversed(stops[:-1]), reversed(lower), strict=True)]
    return f"M{start:g} {upper[0]:g}" + "".join(there) + "".join(back) + "Z"


def _at(points: Sequence[tuple[float, float]], x: float) -> float:
    """The height of a step line at a place."""
    return next(y for place, y in reversed(points) if place <= x)


def _points(steps: Sequence[Row], xs: Sequence[float], top: int, kind: str) -> list[Point]:
    """A dot where a sum changed; words at the first and last and where there is room between."""
    changed: list[tuple[float, int, bool]] = []
    before: int | None = None
    for x, row in zip(xs, steps, strict=True):
        fen = row.ask_fen if kind == "ask" else row.offer_fen
        if fen is not None and (fen != before or not changed):
            changed.append((x, fen, kind == "offer" and row.expired))
            before = fen
    labels = _labelled([x for x, _, _ in changed])
    last = len(changed) - 1
    return [
        # only the offer that stands now can have expired
        Point(x, y, kind, fen, label, x + 8, max(y - 7, 12), expired and place == last)
        for place, ((x, fen, expired), label) in enumerate(zip(changed, labels, strict=True))
        for y in (_height(fen, top),)
    ]


def _apart(asks: list[Point], offers: list[Point], agreed: Agreed | None) -> list[Point]:
    """Both lines' dots; an offer's words go below it where an ask's are, and away where the agreement says the same."""
    placed = []
    spoken = [ask for ask in asks if ask.label]
    for point in offers:
        if not point.label:
            placed.append(point)
            continue
        near = any(abs(ask.x - point.x) < ROOM and abs(ask.label_y - point.label_y) < APART for ask in spoken)
        below = point.y + APART + 2
        says = not (agreed and point.fen == agreed.total_fen) and not (near and below > BASE - 4)
        placed.append(replace(point, label=says, label_y=below if near else point.label_y))
    return [*asks, *placed]


def _labelled(xs: Sequence[float]) -> list[bool]:
    """Which dots have room for words: the first, the last unless it stands too near, a few between."""
    shown: list[float] = []
    labels = []
    for place, x in enumerate(xs):
        fits = not shown or x - shown[-1] >= ROOM
        ends = place in (0, len(xs) - 1)
        show = fits and (ends or len(xs) <= MOST_LABELS + 2)
        if show:
            shown.append(x)
        labels.append(show)
    return labels


def _ticks(steps: Sequence[Row], xs: Sequence[float], agreed: Agreed | None) -> list[Tick]:
    ticks: list[Tick] = []
    for x, row in zip(xs, steps, strict=True):
        far = not ticks or x - ticks[-1].x >= 106
        if far and x <= RIGHT - (90 if agreed else 0):
            ticks.append(Tick(max(x - 6, 2), row.day, row.stance, "end" if x > RIGHT - 60 else "start"))
    if agreed is not None:
        ticks.append(Tick(WIDTH - 6, agreed.on, "", "end"))
    return [replace(tick, x=WIDTH - 6) if tick.anchor == "end" else tick for tick in ticks]


def _agreed_point(agreed: Agreed | None, top: int) -> Point | None:
    if agreed is None:
        return None
    y = _height(agreed.total_fen, top)
    below = y + 24 if y < BASE - 50 else y - 34
    return Point(RIGHT, y, "agreed", agreed.total_fen, True, WIDTH - 6, below)
