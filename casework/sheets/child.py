"""Reads one workbook in a process of its own, under limits of time and memory, and prints lines of JSON.

It is run by its path, not as a module of the package, so that it imports nothing but calamine (16 MB, 60 ms):
``child.py PATH SHEET MEMORY_MB``. First the sheet and its merges; then ``[row, cells]`` for every
row that holds something; last ``{"end": true}``. A refusal is ``{"refused": word}``.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

CPU_SECONDS = 60
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_TEXT = 60_000_000
"""Characters in all: a short file can name one long shared text many times."""
BLANK = " \t\r\n\x0b\x0c\xa0\u3000\u200b\ufeff"


class Stop(Exception):
    """The workbook is refused; the word says why."""


def text_of(value: Any) -> str:
    """A cell as a person would type it: whole numbers without a point, dates in ISO."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e20:
        return str(int(value))
    if isinstance(value, datetime):
        plain = value.replace(microsecond=0)
        return plain.date().isoformat() if plain.time() == time() else plain.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.replace(microsecond=0).isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value).replace("_x000D_", "")


def say(line: Any) -> None:
    """One line of JSON to the parent."""
    sys.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
    sys.stdout.write("\n")


def read(path: str, wanted: str) -> None:
    """Print the wanted sheet, or the first visible one that holds a table, else the first that holds something."""
    import python_calamine

    try:
        book = python_calamine.load_workbook(path)
        sheet, about = choose(book, wanted, python_calamine)
        about["merged"] = [[*start, *end] for start, end in sheet.merged_cell_ranges or []]
        say(about)
        print_rows(sheet)
    except python_calamine.PasswordError as error:
        raise Stop("encrypted") from error
    except python_calamine.CalamineError as error:
        raise Stop("encrypted" if "assword" in str(error) else "damaged") from error
    say({"end": True})


def choose(book: Any, wanted: str, calamine: Any) -> tuple[Any, dict[str, Any]]:
    """The sheet to read, with the names of those left aside."""
    visible: list[str] = []
    hidden: list[str] = []
    for meta in book.sheets_metadata:
        if meta.typ == calamine.SheetTypeEnum.WorkSheet:
            shown = meta.visible == calamine.SheetVisibleEnum.Visible
            (visible if shown else hidden).append(meta.name)
    if wanted and wanted not in visible + hidden:
        raise Stop("no_sheet:" + "、".join(visible))
    sheets = [book.get_sheet_by_name(name) for name in ([wanted] if wanted else visible)]
    chosen = next(filter(is_table, sheets), None) or next(filter(holds_something, sheets), None)
    if chosen is None:
        raise Stop("empty")
    others = [sheet.name for sheet in sheets if sheet is not chosen and sheet.start is not None]
    return chosen, {"sheet": chosen.name, "hidden": hidden, "others": others, "sheets": visible + hidden}


def filled(row: list[Any]) -> int:
    """How many cells of a row hold something."""
    return sum(1 for cell in row if text_of(cell).strip(BLANK))


def is_table(sheet: Any) -> bool:
    """Whether two rows hold several cells: a cover, and a page of instructions, hold one beside the other."""
    wide = (True for row in sheet.iter_rows() if filled(row) > 1)
    return next(wide, False) and next(wide, False)


def holds_something(sheet: Any) -> bool:
    """Whether a cell of it holds something."""
    return any(filled(row) for row in sheet.iter_rows())


def print_rows(sheet: Any) -> None:
    """The rows that hold something, numbered as the reader sees them, beginning at column A."""
    left = [""] * sheet.start[1]
    rows = width = total = 0
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = [text_of(value) for value in values]
        while cells and not cells[-1].strip(BLANK):
            cells.pop()
        if not cells:
            continue
        rows, total = rows + 1, total + sum(map(len, cells))
        first = next(at for at, cell in enumerate(cells) if cell.strip(BLANK))
        width = max(width, len(cells) - (0 if left else first))
        if rows > MAX_ROWS:
            raise Stop("rows")
        if width > MAX_COLUMNS:
            raise Stop("columns")
        if total > MAX_TEXT:
            raise Stop("large")
        say([number, left + cells])


def main() -> int:
    """Set the limits, then read."""
    path, wanted, megabytes = sys.argv[1], sys.argv[2], int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        read(path, wanted)
    except Stop as stop:
        say({"refused": str(stop)})
    except MemoryError:
        say({"refused": "large"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
