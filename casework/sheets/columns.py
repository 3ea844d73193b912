"""Which column feeds which field: by the mapping file, by known headers, else by content."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casework.kernel.errors import N_, Reason, Refused
from casework.sheets.cells import parse_moment, split_contact, split_contacts
from casework.sheets.header_words import TARGETS
from casework.sheets.headers import header_key, in_ten_thousands, is_known_header, plain_header, spellings

__all__ = [
    "TARGETS",
    "Mapping",
    "check_mapping",
    "column_letter",
    "fields_of",
    "header_key",
    "in_ten_thousands",
    "is_known_header",
    "map_columns",
    "parse_moment",
    "plain_header",
    "read_mapping",
    "spellings",
    "split_contact",
    "split_contacts",
]

UNKNOWN_KIND = N_("“%(kind)s” is no kind of import. Choose one of: %(known)s.")
UNKNOWN_FIELD = N_("The mapping sends “%(key)s” to “%(field)s”, which is unknown. Use one of: %(known)s.")
UNKNOWN_PART = N_("The mapping has a part “%(key)s”. It may hold “columns”, “defaults” and “dates” only.")
NOT_A_MAPPING = N_('The mapping cannot be read. Write JSON like {"columns": {"留言主题": "title"}}.')
UNKNOWN_DEFAULT = N_("The mapping gives a default for “%(key)s”, which is unknown. Use one of: %(known)s.")
NOT_A_YEAR = N_('The mapping gives a year of dates that is none. Write {"dates": {"year": 2020}}.')
PARTS = frozenset(("columns", "defaults", "places", "dates"))
NOT_A_TEXT = N_("The mapping gives “%(key)s” something that is no text. Put it in quotation marks.")


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column feeds which field, and what was left over; every column is named in one of the lists."""

    fields: dict[str, int]
    unmapped: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    """Columns that the mapping file sends nowhere on purpose (``null``)."""
    missing: list[str] = field(default_factory=list)
    """Columns that the mapping file names and the table lacks."""
    defaults: dict[str, str] = field(default_factory=dict)
    guessed: bool = False
    """There was no header: the fields were guessed by content."""

    def get(self, cells: Sequence[str], name: str) -> str:
        """The cell for a field, else its default, else an empty text."""
        at = self.fields.get(name)
        value = cells[at] if at is not None and at < len(cells) else ""
        return value or self.defaults.get(name, "")


def column_letter(index: int) -> str:
    """The letter of a column, counted from 0: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def fields_of(target: str) -> dict[str, tuple[str, ...]]:
    """The fields of a kind of import with the headers they are known by.

    Raises:
        Refused: no such kind.
    """
    if target not in TARGETS:
        raise Refused(Reason(UNKNOWN_KIND, {"kind": target, "known": ", ".join(TARGETS)}, "target"))
    return TARGETS[target]


def read_mapping(path: Path, target: str) -> dict[str, Any]:
    """The mapping file: ``{"columns": {header: field | [fields] | null}, "defaults": {field: text}}``.

    ``"places": {field: column from 0}``, as the page of columns writes it, says it all: no other column is read.
    ``"dates": {"year": 2020}`` is the year of dates that say none.

    Raises:
        Refused: it is no such JSON, or names what is unknown.
    """
    try:
        mapping = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise Refused(Reason(NOT_A_MAPPING, {}, "map")) from error
    return check_mapping(mapping, target)


def check_mapping(mapping: Any, target: str) -> dict[str, Any]:
    """The mapping, when everything in it is known.

    Raises:
        Refused: every unknown name at once.
    """
    known = fields_of(target)
    if not isinstance(mapping, dict) or not all(isinstance(part, dict) for part in mapping.values()):
        raise Refused(Reason(NOT_A_MAPPING, {}, "map"))
    names = ", ".join(known)
    reasons = [Reason(UNKNOWN_PART, {"key": key}, "map") for key in mapping if key not in PARTS]
    reasons += [
        Reason(UNKNOWN_FIELD, {"key": str(at), "field": name, "known": names}, "map")
        for name, at in mapping.get("places", {}).items()
        if name not in known or not isinstance(at, int)
    ]
    reasons += [
        Reason(UNKNOWN_FIELD, {"key": header, "field": name, "known": names}, "map")
        for header, value in mapping.get("columns", {}).items()
        for name in _fields_named(value)
        if not isinstance(name, str) or name not in known
    ]
    defaults = mapping.get("defaults", {})
    reasons += [Reason(UNKNOWN_DEFAULT, {"key": key, "known": names}, "map") for key in defaults if key not in known]
    reasons += [
        Reason(NOT_A_TEXT, {"key": key}, "map") for key, value in defaults.items() if not isinstance(value, str)
    ]
    dates = mapping.get("dates", {})
    if dates and not (dates.keys() == {"year"} and is_year(dates["year"])):
        reasons.append(Reason(NOT_A_YEAR, {}, "map"))
    if reasons:
        raise Refused(reasons)
    return mapping


def is_year(value: Any) -> bool:
    """Whether it is a year that dates may be of."""
    return type(value) is int and 1990 <= value <= 2099


def _fields_named(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def map_columns(
    headers: Sequence[str],
    target: str,
    mapping: Map[str, Any] | None = None,
    rows: Sequence[Sequence[str]] = (),
) -> Mapping:
    """Which column feeds which field: what the mapping file says, then the known headers.

    Without headers the columns are guessed by the content of ``rows``.

    Raises:
        Refused: the mapping file names what is unknown.
    """
    known = fields_of(target)
    said = check_mapping(dict(mapping), target) if mapping else {}
    defaults = dict(said.get("defaults", {}))
    if "places" in said:
        return _placed(headers, said["places"], max([len(headers), *map(len, rows[:200])]), defaults)
    if not headers:
        return _guessed(rows, target, defaults)
    wanted = {header_key(header): (header, value) for header, value in said.get("columns", {}).items()}
    places = {header_key(header): index for index, header in reversed(list(enumerate(headers)))}
    fields: dict[str, int] = {}
    used: set[int] = set()
    ignored: list[str] = []
    for key, (_, value) in wanted.items():
        if key in places:
            used.add(places[key])
            fields |= dict.fromkeys(_fields_named(value), places[key])
            ignored += [headers[places[key]]] if value is None else []
    # In the order of the synonyms: 详细地址 must not take the place of 注册地址 only because it stands first.
    for name, words in known.items():
        at = _first_place(words, headers, used)
        if name not in fields and at is not None:
            fields[name] = at
            used.add(at)
    return Mapping(
        fields=fields,
        unmapped=[header for index, header in enumerate(headers) if index not in used],
        ignored=ignored,
        missing=[header for key, (header, _) in wanted.items() if key not in places],
        defaults=defaults,
    )


def _placed(headers: Sequence[str], places: Map[str, int], width: int, defaults: dict[str, str]) -> Mapping:
    """What somebody chose column by column; the columns that they chose nothing for are left out on purpose."""
    fields = {name: at for name, at in places.items() if 0 <= at < width}
    named = [headers[at] if at < len(headers) else column_letter(at) for at in range(width)]
    left = [name for at, name in enumerate(named) if at not in fields.values()]
    return Mapping(fields=fields, ignored=left, defaults=defaults)


def _first_place(words: Sequence[str], headers: Sequence[str], used: set[int]) -> int | None:
    for word in words:
        for index, header in enumerate(headers):
            if index not in used and header_key(word) in spellings(header):
                return index
    return None


# --- guessing by content, when there is no header ---

ORGANISATION = re.compile(
    r"(公司|厂|店|行|部|社|中心|所|院|馆|场|坊|铺|超市|酒楼|餐厅|合伙|集团|工作室|企业|有限合伙)([(（].*[)）])?$"
    r"|\b(ltd|inc|llc|co)\b\.?$",
    re.IGNORECASE,
)
CONTENT: dict[str, re.Pattern[str]] = {
    "uscc": re.compile(r"^[0-9A-HJ-NPQRTUWXY]{18}$|^\d{15}$"),
    "contact_phone": re.compile(r"^(\+?86)?1[3-9][\d*]{9}$|^0\d{2,3}-?[\d*]{7,8}(-\d+)?$"),
    "district": re.compile(r"^\S{1,8}(区|县)$"),
    "subdistrict": re.compile(r"^\S{1,8}(街道|街道办|镇)$"),
    "community": re.compile(r"^\S{1,12}(社区|居委会|村委会)$"),
    "address": re.compile(r"^.*(路|街|道|大厦|号|栋|楼|园).{0,40}\d"),
    "name": ORGANISATION,
    "contact_name": re.compile(r"^[\u4e00-\u9fff·]{2,4}$"),
}
VAGUE = frozenset(("address", "name", "contact_name"))
"""Fields whose cells look like those of others: only where there is no header at all are they told by their cells."""
_SHARE = 0.5


def _guessed(rows: Sequence[Sequence[str]], target: str, defaults: dict[str, str]) -> Mapping:
    """Give each field the column that most looks like it, best fit first, none below half of its cells."""
    sample = list(rows[:200])
    width = max(map(len, sample), default=0)
    shares = []
    for rank, (name, pattern) in enumerate(CONTENT.items()):
        if name not in TARGETS[target]:
            continue
        for index in range(width):
            cells = [row[index] for row in sample if index < len(row) and row[index]]
            fitting = sum(1 for cell in cells if pattern.search(cell.strip()))
            if cells and fitting / len(cells) >= _SHARE:
                shares.append((-fitting / len(cells), rank, index, name))
    fields: dict[str, int] = {}
    for _, _, index, name in sorted(shares):
        if name not in fields and index not in fields.values():
            fields[name] = index
    left = [column_letter(index) for index in range(width) if index not in fields.values()]
    return Mapping(fields=fields, unmapped=left, defaults=defaults, guessed=True)
