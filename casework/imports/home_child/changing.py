"""What changes on the way home: ranges shrink to the rows that are left, and each row gets its remark."""

from __future__ import annotations

from bisect import bisect_left

from .reading import MOST_ROWS
from .shape import Cell, Plan, Row, Sheet, letters
from .styles import Styles


def settle(sheet: Sheet, plan: Plan) -> tuple[list[tuple[int, int, int, int]], int]:
    """The merged ranges as they are now, what was merged over several rows written in the first of them; and the column
    of remarks, behind everything else or where it stood before.
    """
    merges = []
    for top, left, bottom, right in sheet.merges:
        standing = [place for number in spanned(plan, top, bottom) if (place := plan.place(number)) is not None]
        if not standing or (left != right and plan.place(top) is None):
            continue
        if left == right and (top, left) in sheet.tall and (row := sheet.rows.get(standing[0])):
            said, here = sheet.tall[top, left], row.cells.get(left)
            row.cells[left] = Cell(here.style if here else said.style, said.kind, said.value)
        if (standing[0], left) != (standing[-1], right):
            merges.append((standing[0], left, standing[-1], right))
    again = [
        at
        for number in range(plan.header[0], plan.header[1] + 1)
        for at, cell in (sheet.rows[number].cells if number in sheet.rows else {}).items()
        if cell.kind == "text" and cell.value.strip() in plan.words
    ]
    return merges, again[0] if again else max([sheet.right, *(right for *_, right in merges)]) + 1


def spanned(plan: Plan, top: int, bottom: int) -> list[int]:
    """The rows of a range that may go home."""
    first, last = plan.data
    inside = plan.order[bisect_left(plan.order, top) : bisect_left(plan.order, bottom + 1)]
    above = range(top, min(bottom + 1, first))
    below = range(max(top, last + 1), min(bottom + 1, max(top, last + 1) + MOST_ROWS))
    return [*above, *inside, *below]


def name_the_nameless(sheet: Sheet, plan: Plan, merges: list[tuple[int, int, int, int]], most: int) -> None:
    """A column without a header that holds data is called by its letter, as it was when it was read."""
    header = range(plan.header[0], plan.header[1] + 1)
    named = {
        at for number in header if number in sheet.rows for at, cell in sheet.rows[number].cells.items() if cell.kind
    }
    for top, left, _, right in merges:
        if top in header and left in named:
            named |= set(range(left, right + 1))
    for at in sorted(sheet.with_data - named):
        if at < most:
            row = sheet.rows.setdefault(plan.header[1], Row("", {}))
            row.cells[at] = Cell(row.cells[at].style if at in row.cells else 0, "text", letters(at - sheet.left + 1))


def remark(sheet: Sheet, plan: Plan, merges: list[tuple[int, int, int, int]], at: int, styles: Styles) -> None:
    """The column of remarks: its name over the whole header, and why each row stayed out."""
    first, last = plan.header
    if not any(left <= at <= right for top, left, _, right in merges if top in range(first, last + 1)):
        for number in range(first, last + 1):
            sheet.rows.setdefault(number, Row("", {})).cells[at] = Cell(styles.head)
        sheet.rows[first].cells[at] = Cell(styles.head, "text", plan.title)
        if last > first:
            merges.append((first, at, last, at))
    for number, text in plan.remarks.items():
        sheet.rows.setdefault(plan.place(number) or 0, Row("", {})).cells[at] = Cell(styles.said, "text", text)
