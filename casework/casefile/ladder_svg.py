"""The offer ladder for paper: the geometry of the page, its colours written into the drawing itself."""

from __future__ import annotations

from xml.sax.saxutils import escape

from casework.casefile.blocks import said
from casework.kernel.i18n import translate as _
from casework.kernel.money import yuan
from casework.negotiations.ladder import Ladder, Point
from casework.negotiations.panels import short_sum
from casework.negotiations.words import STANCES

ACCENT, INK, QUIET, LINE = "#0f5b63", "#1d2126", "#5d656e", "#c3c8ce"


def draw(ladder: Ladder) -> str:
    """The ladder as SVG; empty while there is nothing to draw."""
    if not ladder.drawn:
        return ""
    parts = [f'<path d="M0 188.5H{ladder.width}" stroke="{LINE}" fill="none"/>']
    if ladder.gap_path:
        parts.append(f'<path d="{ladder.gap_path}" fill="{ACCENT}" opacity=".08"/>')
    if ladder.ask_path:
        parts.append(_line(ladder.ask_path, INK, "2", "5 3"))
    if ladder.offer_path:
        parts.append(_line(ladder.offer_path, ACCENT, "2.5", ""))
    parts += [_dot(point, first=place == 0) for place, point in enumerate(ladder.points)]
    parts += _agreed(ladder)
    for tick in ladder.ticks:
        stance = f" {_(STANCES[tick.stance])}" if tick.stance else ""
        parts.append(_text(tick.x, 206, f"{tick.day:%m-%d}{stance}", QUIET, 10, tick.anchor))
    box = f"0 0 {ladder.width} {ladder.height}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{"".join(parts)}</svg>'


def _line(path: str, colour: str, width: str, dashes: str) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'


def _dot(point: Point, *, first: bool) -> str:
    ask = point.kind == "ask"
    hollow = f'fill="#fff" stroke="{INK if ask else ACCENT}" stroke-width="2"'
    filled = hollow if ask or point.expired else f'fill="{ACCENT}"'
    dot = f'<circle cx="{point.x}" cy="{point.y}" r="4" {filled}/>'
    if not point.label:
        return dot
    word = _("ask") if ask and first else _("expired") if point.expired else _("offer") if not point.fen else ""
    label = f"{word} {short_sum(point.fen)}".strip()
    return dot + _text(point.label_x, point.label_y, label, INK if ask else ACCENT, 12)


def _agreed(ladder: Ladder) -> list[str]:
    point = ladder.agreed_point
    if point is None:
        return []
    total = _("%(sum)s yuan") % {"sum": yuan(point.fen)}
    return [
        f'<circle cx="{point.x}" cy="{point.y}" r="6" fill="{ACCENT}"/>',
        _text(point.label_x, point.label_y, total, ACCENT, 12, "end"),
        _text(point.label_x, point.label_y + 15, _("agreed"), QUIET, 10, "end"),
    ]


def _text(x: float, y: float, text: str, colour: str, size: int, anchor: str = "start") -> str:
    return (
        f'<text x="{x}" y="{y}" font-family="Noto Sans SC" font-size="{size}" fill="{colour}"'
        f' text-anchor="{anchor}">{escape(said(text))}</text>'
    )
