"""The charts of a brief as geometry, and as SVG for paper. Pure; the table beside each says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from casework.board import rules as board
from casework.board.rules import Day
from casework.briefs.figures import Slot
from casework.casefile.blocks import said

ACCENT, QUIET, INK, LINE = "#0f5b63", "#9fc3c6", "#3a4149", "#d5d9dd"
WIDTH, LABEL, ROW, THICK, TOP, EDGE = 420, 112, 34, 11, 6, 44
MOST = 8
"""So many lines a chart of lines has; the table has all."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the chart: a name with two bars, the time of the brief above the time before."""

    name: str
    y: float
    now: int
    before: int | None
    width: float
    width_before: float


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines with two bars each."""

    width: int
    height: int
    left: int
    rows: tuple[Line, ...]


def flow(slots: Sequence[Slot]) -> board.Chart:
    """What came in and what ended, as the board draws it."""
    return board.chart([Day(one.first, one.came, one.ended) for one in slots])


def lines(named: Sequence[tuple[str, int, int | None]]) -> Lines:
    """The largest of some names with their counts now and before."""
    shown = sorted(named, key=lambda one: -max(one[1], one[2] or 0))[:MOST]
    shown = [one for one in shown if one[1] or one[2]]
    most = max((max(now, before or 0) for _, now, before in shown), default=0) or 1
    scale = (WIDTH - LABEL - EDGE) / most
    rows = tuple(
        Line(name, TOP + ROW * at, now, before, round(now * scale, 1), round((before or 0) * scale, 1))
        for at, (name, now, before) in enumerate(shown)
    )
    return Lines(WIDTH, TOP + ROW * len(rows) + 4, LABEL, rows)


def flow_svg(chart: board.Chart, slots: Sequence[Slot], words: tuple[str, str]) -> str:
    """The flow on paper; ``words`` are its legend."""
    wide, high = board.WIDTH, board.HEIGHT
    parts = []
    for y, n in chart.lines:
        parts.append(f'<path d="M{board.LEFT} {y}H{wide}" stroke="{LINE}" fill="none"/>')
        parts.append(_text(board.LEFT - 8, y + 4, str(n), "end"))
    for bar in chart.bars:
        parts += [_bar(bar.x, bar.y, board.WIDE, bar.height, ACCENT if bar.kind == "in" else QUIET)]
    for x, day in chart.words:
        parts += [_text(x, board.BASE + 18, f"{day.month}/{day.day}", "middle")]
    sums = sum(one.came for one in slots), sum(one.ended for one in slots)
    for at, (word, n, colour) in enumerate(zip(words, sums, (ACCENT, QUIET), strict=True)):
        x = board.LEFT + 150 * at
        parts.append(_bar(x, high - 12, 11, 11, colour))
        parts.append(_text(x + 17, high - 2, f"{word} {n:,}"))
    return _svg(wide, high + 4, parts)


def lines_svg(chart: Lines) -> str:
    """The lines on paper."""
    parts = []
    for line in chart.rows:
        name = line.name if len(line.name) <= 9 else f"{line.name[:8]}…"
        parts.append(_text(chart.left - 8, line.y + 15, name, "end"))
        parts.append(_bar(chart.left, line.y, line.width, THICK, ACCENT))
        parts.append(_text(chart.left + line.width + 5, line.y + 10, f"{line.now:,}"))
        if line.before is not None:
            parts.append(_bar(chart.left, line.y + THICK + 2, line.width_before, THICK, QUIET))
            parts.append(_text(chart.left + line.width_before + 5, line.y + THICK + 12, f"{line.before:,}"))
    return _svg(chart.width, chart.height, parts)


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{colour}"/>'


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    shown = escape(said(text))
    return (
        f'<text x="{round(x, 1)}" y="{round(y, 1)}" font-family="Noto Sans SC" font-size="11" fill="{INK}"'
        f' text-anchor="{anchor}">{shown}</text>'
    )


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'
