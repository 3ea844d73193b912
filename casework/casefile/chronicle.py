"""The chapter that tells the chain: every entry in its order, with who, when, what was said, and its hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from casework.audit.queries import Linked
from casework.casefile import blocks
from casework.casefile.blocks import Block
from casework.casefile.words import moment
from casework.cases import story
from casework.cases.story import Told
from casework.kernel.errors import N_
from casework.kernel.i18n import translate as _

MARKS: Mapping[str, str] = {"yes": N_("Met"), "no": N_("Not met")}
SHOWN_OF_HASH = 16


def told(chain: Sequence[Linked], checklist: Mapping[str, str]) -> list[Block]:
    """Every entry as a sentence; none is left out and none is folded into another."""
    sentences = story.tell([link.entry for link in chain], checklist)
    return [_entry(one, link) for one, link in zip(sentences, chain, strict=True)]


def _entry(one: Told, link: Linked) -> Block:
    said = blocks.said
    return {
        "kind": "entry",
        "left": f"{one.seq}",
        "at": moment(one.at),
        "what": said(f"{one.who} {one.what}".strip()),
        "lines": [[said(label), said(value)] for label, value in _lines(one)],
        "quote": said(one.quote),
        "foot": link.hash[:SHOWN_OF_HASH],
        "struck": False,
    }


def _lines(one: Told) -> list[tuple[Any, Any]]:
    lines: list[tuple[Any, Any]] = list(one.details)
    lines += [(label, f"{old or '—'} → {new or '—'}") for label, old, new in one.changes]
    lines += [(label, f"{_(MARKS.get(mark, N_('Unclear')))} {note}".strip()) for label, mark, note in one.marks]
    if one.files:
        lines.append((_("Files"), "、".join(str(file.get("name", "")) for file in one.files)))
    if one.written_at:
        lines.append((_("Written"), one.written_at))
    return lines
