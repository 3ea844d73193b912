"""Finding the table in a sheet as officers lay it out: titles above, headers of several rows, notes below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from casework.kernel.errors import N_, Reason
from casework.sheets.columns import ORGANISATION, column_letter
from casework.sheets.headers import is_known_header, is_remark, plain_header

SEARCHED = 15
"""How many filled rows from the top may hold the header."""
MAX_HEADER_ROWS = 4
MAX_HEADER_LENGTH = 40

LEFT_ASIDE = N_("Row %(row)s is a title or a note and was left aside: %(text)s")
TOTAL_ROW = N_("Row %(row)s is a total and was left aside: %(text)s")
HEADER_AGAIN = N_("Row %(row)s repeats the header and was left aside.")
TAKEN_FOR_HEADER = N_("Row %(row)s was taken for the header: %(text)s")
NO_HEADER = N_("There is no header: the columns were told by their content.")

_TITLE = re.compile(r"(表|名单|清单|台账|明细|汇总|目录|一览|登记册|公示)\s*([(（].*[)）])?$")
_NOTE = re.compile(
    r"^(注|备注|说明|填写说明|填表说明|注意|注意事项|数据来源|资料来源|制表|填报|审核|引用)\S{0,6}\s*[:：]"
    r"|^填写说明|^示例|^※"
)
_STEP = re.compile(r"^\s*[1１一][.、．)）]")
_TOTAL = re.compile(r"^(合\s*计|总\s*计|小\s*计|共\s*计|totals?|subtotal|together)\s*[:：]?$", re.IGNORECASE)
_PLACE = re.compile(r"^\S{1,8}(区|县|街道|社区|镇)$")
_BRACKETS = re.compile(r"[(（].*?[)）]")


HeaderRows = tuple[int, int]
"""First and last row of a header, as they are numbered in the sheet; (0, 0): there is none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data; ``number`` is what stands at its left in the sheet, or the record of the file."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range: first and last row (as the reader counts) and column (from 0)."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def is_wide(self) -> bool:
        """Whether it spans columns."""
        return self.right > self.left


@dataclass(frozen=True, slots=True)
class Layout:
    """What was found: headers (none when there is none), the rows below, and what was left aside."""

    headers: list[str]
    rows: list[Row]
    notes: list[Reason] = field(default_factory=list)
    header_row: int | None = None
    totals: list[Row] = field(default_factory=list)
    header: HeaderRows | None = None


def find_table(rows: Sequence[Row], merges: Sequence[Merge] = (), header_rows: HeaderRows | None = None) -> Layout:
    """The table in the filled rows of a sheet, as narrow as its filled columns; every other row is named.

    ``header_rows`` are the first and last row of the header where somebody chose them.
    """
    left, width = _span(rows)
    rows = [Row(row.number, _fit(row.cells, left, width)) for row in rows]
    merges = [Merge(m.top, m.left - left, m.bottom, m.right - left) for m in merges if m.left >= left]
    start, depth, sure = _chosen(rows, header_rows) if header_rows else _find_header(rows, merges)
    header = rows[start : start + depth]
    notes = [_aside(row) for row in rows[:start]]
    if header and not sure:
        notes.append(Reason(TAKEN_FOR_HEADER, {"row": header[0].number, "text": _short(header[0])}))
    if not header:
        notes.append(Reason(NO_HEADER))
    data = _filled_down(rows[start + depth :], merges)
    kept, left_aside = _data_rows(data, header, merges, width)
    totals = [row for row in data if width >= 2 and _filled(row) and _TOTAL.match(_filled(row)[0])]
    headers = _joined(header, merges, width) if header else []
    row = header[-1].number if header else None
    where = (header[0].number, header[-1].number) if header else None
    found = _trimmed(Layout(headers, kept, notes + left_aside, row, totals, where))
    return _without_remarks(found)


def _chosen(rows: Sequence[Row], header_rows: HeaderRows) -> tuple[int, int, bool]:
    """Where the chosen header starts and of how many filled rows it is; what stands above it is left aside."""
    first, last = header_rows
    if not last:
        return 0, 0, True
    inside = [index for index, row in enumerate(rows) if first <= row.number <= last][:MAX_HEADER_ROWS]
    return (inside[0], len(inside), True) if inside else (0, 0, True)


def _without_remarks(layout: Layout) -> Layout:
    """Without the column that we ourselves wrote beside rows which stayed out."""
    drop = {index for index, name in enumerate(layout.headers) if is_remark(name)}
    if not drop:
        return layout

    def kept(cells: Sequence[str]) -> list[str]:
        return [cell for index, cell in enumerate(cells) if index not in drop]

    rows, totals = ([Row(row.number, kept(row.cells)) for row in some] for some in (layout.rows, layout.totals))
    return replace(layout, headers=kept(layout.headers), rows=rows, totals=totals)


def _span(rows: Sequence[Row]) -> tuple[int, int]:
    """The first filled column and how many there are to the last filled one."""
    filled = [index for row in rows for index, cell in enumerate(row.cells) if cell]
    return (min(filled), max(filled) - min(filled) + 1) if filled else (0, 0)


def _fit(cells: list[str], left: int, width: int) -> list[str]:
    if not left and len(cells) == width:
        return cells
    part = cells[left : left + width]
    return part + [""] * (width - len(part))


def _filled(row: Row) -> list[str]:
    return [cell for cell in row.cells if cell]


def _find_header(rows: Sequence[Row], merges: Sequence[Merge]) -> tuple[int, int, bool]:
    """Where the header starts, of how many rows it is (0: there is none), whether its words are known."""
    usual = max((len(_filled(row)) for row in rows[: SEARCHED * 2]), default=0)
    needed = 1 if usual <= 2 else 2
    for index, row in enumerate(rows[:SEARCHED]):
        if sum(1 for cell in row.cells if cell and is_known_header(cell)) >= needed and not _is_title(
            row, merges, usual
        ):
            return *_grown(rows, index, merges), True
    first = next((index for index, row in enumerate(rows[:SEARCHED]) if not _is_title(row, merges, usual)), 0)
    if rows and _may_be_header(rows[first], merges, usual) and len(rows) > first + 1:
        return *_grown(rows, first, merges), False
    return first, 0, False


def _is_title(row: Row, merges: Sequence[Merge], usual: int) -> bool:
    """A row of one cell above a wider table: merged, named like a list, or a hint to the filler."""
    cells = _filled(row)
    if len(cells) != 1 or usual < 2:
        return False
    merged = any(m.top <= row.number <= m.bottom and m.is_wide for m in merges)
    return merged or bool(_TITLE.search(cells[0]) or _NOTE.match(cells[0]) or _STEP.match(cells[0]))


def _may_be_header(row: Row, merges: Sequence[Merge], usual: int) -> bool:
    """Short distinct words without digits, organisations or places."""
    cells = _filled(row)
    words = [_BRACKETS.sub("", cell) for cell in cells]
    covered = len(cells) + sum(m.right - m.left for m in merges if m.top == row.number)
    return (
        covered >= max(1, usual - 1)
        and len(set(cells)) == len(cells)
        and all(
            len(word) <= MAX_HEADER_LENGTH
            and not re.search(r"\d|[。？！?!]", word)
            and not ORGANISATION.search(word)
            and not _PLACE.match(word)
            for word in words
        )
    )


def _grown(rows: Sequence[Row], index: int, merges: Sequence[Merge]) -> tuple[int, int]:
    """The header with the group row above it and the rows below that its merged cells reach."""
    start = index
    if (
        index
        and len(_filled(rows[index - 1])) >= 2
        and any(m.top == rows[index - 1].number and m.is_wide for m in merges)
    ):
        start = index - 1
    depth = index - start + 1
    while depth < MAX_HEADER_ROWS and start + depth < len(rows):
        reaches = rows[start + depth].number
        inside = [m for m in merges if rows[start].number <= m.top < reaches]
        under_group = any(
            m.is_wide
            and m.bottom == reaches - 1
            and m.top == rows[start + depth - 1].number
            and any(rows[start + depth].cells[m.left : m.right + 1])
            for m in inside
        )
        blank_elsewhere = not all(rows[start + depth].cells)
        if not (any(m.bottom >= reaches for m in inside) or (under_group and blank_elsewhere)):
            break
        depth += 1
    return start, depth


def _joined(header: Sequence[Row], merges: Sequence[Merge], width: int) -> list[str]:
    """One name a column: the group and its parts, joined by a slash; a nameless column has its letter."""
    names = []
    for column in range(width):
        parts: list[str] = []
        for row in header:
            part = plain_header(row.cells[column] or _from_merge(header, merges, row.number, column))
            if part and part not in parts:
                parts.append(part)
        names.append(" / ".join(parts))
    return names


def _from_merge(header: Sequence[Row], merges: Sequence[Merge], number: int, column: int) -> str:
    for m in merges:
        if m.top <= number <= m.bottom and m.left <= column <= m.right:
            return next((row.cells[m.left] for row in header if row.number == m.top), "")
    return ""


def _filled_down(rows: Sequence[Row], merges: Sequence[Merge]) -> list[Row]:
    """A district written once and merged over its rows belongs to each of them."""
    tall = [m for m in merges if m.bottom > m.top and not m.is_wide]
    if not tall:
        return list(rows)
    by_number = {row.number: row for row in rows}
    for m in tall:
        if m.top in by_number and m.left < len(by_number[m.top].cells):
            value = by_number[m.top].cells[m.left]
            for number in range(m.top + 1, m.bottom + 1):
                if number in by_number and not by_number[number].cells[m.left]:
                    by_number[number].cells[m.left] = value
    return list(rows)


def _data_rows(
    rows: Sequence[Row], header: Sequence[Row], merges: Sequence[Merge], width: int
) -> tuple[list[Row], list[Reason]]:
    """The rows that are data, and a note for each that is not."""
    kept: list[Row] = []
    notes: list[Reason] = []
    wide = {number for m in merges if m.is_wide for number in range(m.top, min(m.bottom, m.top + 200) + 1)}
    for index, row in enumerate(rows):
        cells = _filled(row)
        lonely = len(cells) == 1 and width >= 2
        if any(row.cells == head.cells for head in header):
            notes.append(Reason(HEADER_AGAIN, {"row": row.number}))
        elif _TOTAL.match(cells[0]) and width >= 2:
            notes.append(Reason(TOTAL_ROW, {"row": row.number, "text": _short(row)}))
        elif (lonely and (row.number in wide or _NOTE.match(cells[0]))) or (
            index == 0 and header and (_NOTE.match(cells[0]) or (lonely and _STEP.match(cells[0])))
        ):
            notes.append(_aside(row))
        else:
            kept.append(row)
    return kept, notes


def _aside(row: Row) -> Reason:
    return Reason(LEFT_ASIDE, {"row": row.number, "text": _short(row)})


def _short(row: Row) -> str:
    text = re.sub(r"\s+", " ", "、".join(_filled(row)))
    return text if len(text) <= 60 else f"{text[:60]}…"


def _trimmed(layout: Layout) -> Layout:
    """Without columns that have neither name nor data; nameless ones with data are called by their letter."""
    if not layout.headers:
        return layout
    keep = [index for index, name in enumerate(layout.headers) if name or any(row.cells[index] for row in layout.rows)]
    headers = [layout.headers[index] or column_letter(index) for index in keep]
    if len(keep) == len(layout.headers):
        return replace(layout, headers=headers)
    rows, totals = (
        [Row(row.number, [row.cells[index] for index in keep]) for row in listed]
        for listed in (layout.rows, layout.totals)
    )
    return replace(layout, headers=headers, rows=rows, totals=totals)
