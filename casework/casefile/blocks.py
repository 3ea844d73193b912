"""What stands on the pages, as plain values: the layout knows nothing of cases, the chapters nothing of paper.

Each block is a dictionary with its ``kind``; every text in it is data, never markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from casework.papers.slip import clean

Block = dict[str, Any]
BREAK = "\u200b"
PIECE = 12
_UNBROKEN = re.compile(r"[!-~]{24,}")
"""A run of letters that a narrow column may not hold: it may be broken after each twelve."""


def chapter(title: str, blocks: Iterable[Block]) -> list[Block]:
    """A chapter with its heading; nothing at all when it holds nothing."""
    held = list(blocks)
    return [{"kind": "chapter", "text": said(title)}, *held] if held else []


def heading(text: str, beside: str = "") -> Block:
    """A heading within a chapter, with a remark behind it."""
    return {"kind": "heading", "text": said(text), "beside": said(beside)}


def facts(rows: Iterable[tuple[str, Any]]) -> list[Block]:
    """Labels with what is known; those of which nothing is known are left out."""
    known = [[said(label), said(value)] for label, value in rows if said(value)]
    return [{"kind": "facts", "rows": known}] if known else []


def words(text: str, *, quiet: bool = False) -> list[Block]:
    """What somebody wrote, or a remark of ours (``quiet``)."""
    return [{"kind": "words", "text": said(text), "quiet": quiet}] if said(text) else []


def table(head: Sequence[str], widths: Sequence[str], rows: Iterable[Sequence[Any]], numbers: str = "") -> Block:
    """A table: ``widths`` are millimetres or ``fr``; ``numbers`` are the columns set to the right, as in ``"34"``."""
    return {
        "kind": "table",
        "head": [said(cell) for cell in head],
        "widths": list(widths),
        "rows": [[said(cell) for cell in row] for row in rows],
        "right": [int(place) for place in numbers],
    }


def drawing(svg: str) -> Block:
    """A drawing that we made ourselves."""
    return {"kind": "drawing", "svg": svg}


def said(value: Any) -> str:
    """A value as text that a document may hold, whole however long it is."""
    text = "" if value is None else str(value)
    whole = "".join(clean(text[start : start + 1500]) for start in range(0, len(text), 1500))
    return _UNBROKEN.sub(lambda run: BREAK.join(_pieces(run[0])), whole)


def _pieces(run: str) -> Iterator[str]:
    yield from (run[start : start + PIECE] for start in range(0, len(run), PIECE))
