"""What goes home, and what of a package may be looked at: elements one by one, attributes from a list."""

from __future__ import annotations

import re
import zipfile
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

MOST_STYLES = 8 * 1024 * 1024
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
BLANK = " \t\r\n\x0b\x0c\xa0\u3000\u200b\ufeff"
PLAIN_ATTRIBUTE = re.compile(r"^[\w.+-]{0,40}$")
KEPT = {
    "row": ("ht", "customHeight", "s", "customFormat", "thickTop", "thickBot"),
    "col": ("width", "style", "customWidth", "hidden"),
    "sheetFormatPr": ("baseColWidth", "defaultColWidth", "defaultRowHeight", "customHeight"),
    "pageMargins": ("left", "right", "top", "bottom", "header", "footer"),
    "pageSetup": ("paperSize", "scale", "fitToWidth", "fitToHeight", "orientation"),
    "printOptions": ("horizontalCentered", "verticalCentered", "gridLines"),
}


class Stop(Exception):
    """The workbook cannot go home like this."""


@dataclass(slots=True)
class Cell:
    """A value as it is stored; ``kind`` is n, b, e, d, ``text``, or ``shared`` (a number among the shared texts)."""

    style: int
    kind: str = ""
    value: str = ""


@dataclass(slots=True)
class Row:
    """A row that goes home, by its number there."""

    attributes: str
    cells: dict[int, Cell]


@dataclass(slots=True)
class Plan:
    """Which rows go home: what is above the data, of the data the rows with a remark, and what is below but sums."""

    sheet: str
    header: tuple[int, int]
    data: tuple[int, int]
    remarks: dict[int, str]
    sums: list[int]
    title: str
    words: list[str]
    formula: str
    order: list[int] = field(default_factory=list)

    def place(self, number: int) -> int | None:
        """Where a row of the original stands now; None: it stays out."""
        first, last = self.data
        if number < first:
            return number
        if number <= last:
            at = bisect_left(self.order, number)
            return first + at if at < len(self.order) and self.order[at] == number else None
        if number in self.sums:
            return None
        return first + len(self.order) + number - last - 1 - sum(1 for one in self.sums if last < one < number)


@dataclass(slots=True)
class Sheet:
    """What is known of the sheet after reading it once."""

    rows: dict[int, Row] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    columns: list[dict[str, str]] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)
    left: int = 10**6
    right: int = 0
    with_data: set[int] = field(default_factory=set)
    tall: dict[tuple[int, int], Cell] = field(default_factory=dict)


def local(element: Any) -> str:
    """The name without its namespace."""
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def kept(element: Any, name: str) -> str:
    """The attributes that may stay, as they are written."""
    found = ((key, element.get(key)) for key in KEPT[name])
    return "".join(f" {key}={quoteattr(value)}" for key, value in found if value and PLAIN_ATTRIBUTE.match(value))


def letters(column: int) -> str:
    """The letters of a column, A for 1."""
    said = ""
    while column:
        column, rest = divmod(column - 1, 26)
        said = chr(65 + rest) + said
    return said


def place_of(reference: str) -> tuple[int, int]:
    """Row and column of a cell such as B7."""
    match = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d{1,7})", reference)
    if match is None:
        raise Stop("reference")
    column = 0
    for letter in match.group(1):
        column = column * 26 + ord(letter) - 64
    return int(match.group(2)), column


def elements(archive: zipfile.ZipFile, name: str, *tags: str) -> Iterator[Any]:
    """The elements of these names, one after the other, each forgotten after it was looked at."""
    with archive.open(name) as stream:
        for _, element in etree.iterparse(stream, tag=[f"{{*}}{tag}" for tag in tags], **SAFE):
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def tree(archive: zipfile.ZipFile, name: str) -> Any:
    """A small part of the package, whole."""
    if archive.getinfo(name).file_size > MOST_STYLES:
        raise Stop("large")
    return etree.fromstring(archive.read(name), etree.XMLParser(**SAFE))
