"""What a row of cases says, how it is known again, and what is compared with what stands here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from casework.cases import bulk
from casework.cases.bulk import Dated
from casework.imports.importing import RowRefused, Said
from casework.imports.report import Differs
from casework.kernel.errors import N_, Reason
from casework.kernel.masking import masked
from casework.sheets.cells import split_contact
from casework.sheets.headers import header_key

TITLE = 120
TYPE_WORDS = {
    "rent": ("租金", "房租", "租赁", "rent"),
    "shipping": ("发货", "出库", "shipping"),
    "pass": ("出入证", "通行证", "pass"),
    "supplies": ("物资", "口罩", "supplies"),
    "labour": ("用工", "劳动", "社会保障", "返岗", "labour", "social_insurance"),
    "finance": ("融资", "贷款", "金融", "finance"),
    "tax": ("税", "费", "tax"),
    "logistics": ("物流", "运输", "交通", "logistics", "logistics_pass"),
    "filing": ("备案", "复工", "filing", "reopening"),
    "utilities": ("水电", "供电", "供水", "燃气", "utilities"),
    "policy": ("政策", "咨询", "policy"),
}
NO_TEXT = N_("The row says neither what it is about nor what happened.")
COMPARED = ("text", "requester", "contact_name", "contact_phone", "place")
LONGEST_SHOWN = 120
OUR_NUMBER = re.compile(r"^[0-9A-Za-z]+-\d{4}-\d{6}$")


SAYS_NOTHING: Mapping[str, str] = {}
"""One for all: of the cases that a file itself brings tens of thousands are known, and none is compared."""


@dataclass(slots=True)
class KnownCase:
    """A case that came in before: its id (none before it is written), its title, the notes it has, and what it says.

    ``values`` are kept of those that the actor may know of and that are open; ``number`` where it was named by that.
    """

    title: str
    id: int | None = None
    notes: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=lambda: SAYS_NOTHING)
    number: str = ""


@dataclass(slots=True)
class Work:
    """What a row will write: a new case, fields of one that is there, or notes that came later."""

    known: KnownCase
    row: int
    where: str
    new: bulk.NewCase | None = None
    values: dict[str, Any] = field(default_factory=dict)
    notes: Sequence[Dated] = ()


def known_case(row: Any) -> KnownCase:
    """A case as the query found it."""
    open_here = row.seen and row.is_open
    values = {name: getattr(row, name) or "" for name in COMPARED} | {"type": row.zh} if open_here else {}
    return KnownCase(row.title, row.id, values=values)


def said_of(row: Said, title: str) -> dict[str, str]:
    """What a row says of the fields that are compared, as long as they may be."""
    name, phone = contact(row)
    return {
        "text": text_of(row, title) if row["text"] else "",
        "requester": (row["requester"] or row["enterprise"])[:200],
        "contact_name": name[:60],
        "contact_phone": phone[:30],
        "place": row["place"][:200],
    }


def contact(row: Said) -> tuple[str, str]:
    """Whom to call: a name and a number that share a cell are told apart."""
    name, phone = row["contact_name"], row["contact_phone"]
    if name and phone and name != phone:
        return name, phone
    first, number = split_contact(name or phone)
    return (first, number) if number else (name, phone if phone != name else "")


def shown(part: Differs) -> Differs:
    """Old and new as the page may show them: short, telephones masked."""
    old, new = (masked(part.old), masked(part.new)) if part.field == "contact_phone" else (part.old, part.new)
    return Differs(part.field, _short(old), _short(new), part.taken)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def title_of(row: Said) -> str:
    """The title of a row, shortened to what a title may be.

    Raises:
        RowRefused: it says nothing.
    """
    whole = " ".join((row["title"] or row["text"]).split())
    if not whole:
        raise RowRefused("title", Reason(NO_TEXT))
    return whole if len(whole) <= TITLE else f"{whole[: TITLE - 1]}…"


def text_of(row: Said, title: str) -> str:
    """What happened, whole: a title that had to be shortened stands above it."""
    full, text = row["title"], row["text"] or row["title"]
    return f"{full}\n\n{text}" if title.endswith("…") and full and full != text else text


@lru_cache(maxsize=64)
def _origin(column: str) -> str:
    """Where references come from that stand in this column: made once, since every case that a file brings keeps it."""
    return "import:" + header_key(column)[:60]


def keys_of(row: Said) -> tuple[tuple[str, str], tuple[str, str]]:
    """Two keys: by reference alone, and by reference with what is said, for references that are used twice."""
    content = hashlib.sha256(f"{row['title']}\n{row['text']}\n{row['submitted_at']}".encode()).hexdigest()[:24]
    ref = row["external_ref"]
    if not ref:
        return ("import:content", content), ("import:content", content)
    where = _origin(row.column_of("external_ref"))
    short = ref if len(ref) <= 50 else hashlib.sha256(ref.encode()).hexdigest()[:40]
    return (where, short), (where, f"{short}~{content}")
