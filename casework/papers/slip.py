"""An issued document as a value: what both its files show. The documents are Chinese whatever the reader's language."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from casework.kernel.time import local

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
LONGEST = 2000
PLACEHOLDERS = frozenset({
    "number", "title", "issuer", "issued_on", "valid_from", "valid_until", "code", "url", "qr", "issued_by", "basis",
    "facts",
})  # fmt: skip
"""Everything that a layout may ask for; ``facts`` is a loop over ``fact.label`` and ``fact.value``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A numbered document. Times are aware UTC; ``facts`` are (label, value); ``url`` is where anyone verifies it."""

    number: str
    title: str
    issuer: str
    facts: tuple[tuple[str, str], ...]
    issued_at: datetime
    valid_until: datetime
    url: str
    code: str
    issued_by: str
    basis: str = ""


def texts(slip: Slip) -> dict[str, str]:
    """Every single text of a slip under its placeholder, as it is printed."""
    said = {
        "number": slip.number,
        "title": slip.title,
        "issuer": slip.issuer,
        "issued_on": day(slip.issued_at),
        "valid_from": moment(slip.issued_at),
        "valid_until": moment(slip.valid_until),
        "code": grouped(slip.code),
        "url": slip.url,
        "issued_by": slip.issued_by,
        "basis": slip.basis or "——",
    }
    return {name: clean(value) for name, value in said.items()}


def rows(slip: Slip) -> list[dict[str, str]]:
    """The facts as the layout's table takes them."""
    return [{"label": clean(label), "value": clean(value)} for label, value in slip.facts]


def clean(text: str, longest: int = LONGEST) -> str:
    """A text without what no document may hold: controls, invisible marks that turn or hide letters."""
    return _CONTROLS.sub("", unicodedata.normalize("NFC", text))[:longest]


def day(when: datetime) -> str:
    """A day in Asia/Shanghai as documents write it: 2020年2月12日."""
    wall = local(when)
    return f"{wall.year}年{wall.month}月{wall.day}日"


def moment(when: datetime) -> str:
    """A moment in Asia/Shanghai: 2020年2月12日 17:00."""
    return f"{day(when)} {local(when):%H:%M}"


def grouped(code: str) -> str:
    """A code in groups of four, to be compared and typed."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))
