"""Reads the sheet: the rows that go home as values, what is merged, how wide the columns are."""

from __future__ import annotations

import posixpath
import re
import zipfile
from typing import Any

from .shape import BLANK, Cell, Plan, Row, Sheet, Stop, elements, kept, letters, local, place_of, tree

MOST_ROWS = 30_000
MOST_SHEET = 40 * 1024 * 1024
MOST_MERGES = 60_000
VALUES = {
    "n": re.compile(r"^[+-]?[\d.]+(?:[eE][+-]?\d+)?$"),
    "b": re.compile(r"^[01]$"),
    "e": re.compile(r"^#[A-Z0-9/!?_]{2,20}$"),
    "d": re.compile(r"^[\dT:.Z-]{8,30}$"),
}


def parts_of(archive: zipfile.ZipFile, wanted: str) -> tuple[str, bool]:
    """Where the sheet lies in the package, and whether its days count from 1904."""
    book = tree(archive, "xl/workbook.xml")
    relations = tree(archive, "xl/_rels/workbook.xml.rels")
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    since_1904 = any(one.get("date1904") in ("1", "true") for one in book.iter("{*}workbookPr"))
    for sheet in book.iter("{*}sheet"):
        if sheet.get("name") == wanted:
            key = next((value for name, value in sheet.items() if name.endswith("}id")), "")
            target = targets.get(key, "")
            return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}"), since_1904
    raise Stop("sheet")


def merges_of(archive: zipfile.ZipFile, name: str) -> list[tuple[int, int, int, int]]:
    """Top, left, bottom and right of each merged range."""
    found = []
    for element in elements(archive, name, "row", "mergeCell"):
        if local(element) == "mergeCell":
            first, _, last = element.get("ref", "").partition(":")
            found.append((*place_of(first), *place_of(last or first)))
            if len(found) > MOST_MERGES:
                raise Stop("merges")
    return found


def read(archive: zipfile.ZipFile, name: str, plan: Plan) -> Sheet:
    """The rows that go home, and what else the sheet looks like."""
    if archive.getinfo(name).file_size > MOST_SHEET:
        raise Stop("large")  # a million blank rows with borders: they would take half a minute
    sheet = Sheet(merges=merges_of(archive, name))
    tops = {(top, left) for top, left, bottom, right in sheet.merges if bottom > top and left == right}
    number = 0
    tags = ("row", "cols", "sheetFormatPr", "pane", "pageMargins", "pageSetup", "printOptions", "pageSetUpPr")
    for element in elements(archive, name, *tags):
        if local(element) == "row":
            number = int(element.get("r") or number + 1)
            take_row(sheet, plan, number, element, tops)
        elif local(element) == "cols":
            sheet.columns = [dict(one.items()) for one in element]
        elif local(element) == "pane":
            sheet.parts["pane"] = pane(element, plan)
        elif local(element) == "pageSetUpPr":
            sheet.parts["fit"] = "1" if element.get("fitToPage") in ("1", "true") else ""
        else:
            sheet.parts[local(element)] = kept(element, local(element))
    return sheet


def pane(element: Any, plan: Plan) -> str:
    """The frozen rows and columns, where they end above the data."""
    x, y = (int(float(element.get(name) or 0)) for name in ("xSplit", "ySplit"))
    if element.get("state") != "frozen" or y >= plan.data[0] or not x + y:
        return ""
    split = (f' xSplit="{x}"' if x else "") + (f' ySplit="{y}"' if y else "")
    active = "bottomRight" if x and y else "topRight" if x else "bottomLeft"
    return f'<pane{split} topLeftCell="{letters(x + 1)}{y + 1}" activePane="{active}" state="frozen"/>'


def take_row(sheet: Sheet, plan: Plan, number: int, element: Any, tops: set[tuple[int, int]]) -> None:
    """Look at a row; it is kept when it goes home."""
    first, last = plan.data
    place, cells, at = plan.place(number), dict[int, Cell](), 0
    for one in element:
        if local(one) != "c":
            continue
        at = place_of(one.get("r"))[1] if one.get("r") else at + 1
        cell = cell_of(one)
        if cell.kind:
            sheet.left, sheet.right = min(sheet.left, at), max(sheet.right, at)
            if first <= number <= last:
                sheet.with_data.add(at)
            if (number, at) in tops:
                sheet.tall[number, at] = cell
        cells[at] = cell
    if place is not None:
        sheet.rows[place] = Row(kept(element, "row"), cells)
        if len(sheet.rows) > MOST_ROWS:
            raise Stop("rows")


def cell_of(element: Any) -> Cell:
    """The value of a cell without its formula."""
    style, kind = int(element.get("s") or 0), element.get("t") or "n"
    if kind == "inlineStr":
        return text_cell(style, text_in(next(element.iter("{*}is"), None)))
    value = next((one.text or "" for one in element if local(one) == "v"), "").strip()
    if kind == "str":
        raw = next((one.text or "" for one in element if local(one) == "v"), "")
        return text_cell(style, raw)
    if not value:
        return Cell(style)
    if kind == "s":
        return Cell(style, "shared", str(int(value)))
    if kind not in VALUES or not VALUES[kind].match(value):
        return text_cell(style, value)
    return Cell(style, kind, value)


def text_cell(style: int, text: str) -> Cell:
    """A text; a blank one is none."""
    return Cell(style, "text", text) if text.strip(BLANK) else Cell(style)


def text_in(element: Any) -> str:
    """The text of a string with all its runs, without how it is read aloud."""
    if element is None:
        return ""
    return "".join(one.text or "" for one in element.iter("{*}t") if local(one.getparent()) != "rPh")


def share(archive: zipfile.ZipFile, cells: list[Cell]) -> None:
    """Put the shared texts in their cells."""
    wanted: dict[int, list[Cell]] = {}
    for cell in cells:
        if cell.kind == "shared":
            wanted.setdefault(int(cell.value), []).append(cell)
    if not wanted:
        return
    for at, element in enumerate(elements(archive, "xl/sharedStrings.xml", "si")):
        for cell in wanted.pop(at, ()):
            made = text_cell(cell.style, text_in(element))
            cell.kind, cell.value = made.kind, made.value
        if not wanted:
            return
    raise Stop("shared")
