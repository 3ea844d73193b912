"""Tables out: a workbook or a CSV in which text stays text, money is a number and a date is a date."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Literal

from casework.kernel.time import local
from casework.sheets.text import guarded, is_formula_like, plain

__all__ = [
    "XLSX_TYPE",
    "Column",
    "Kind",
    "Sheet",
    "formats_of",
    "plain",
    "sheet_name",
    "write_csv",
    "write_row",
    "write_sheets",
    "write_workbook",
]

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL_LIMIT = 32_767
"""Characters that Excel keeps in a cell; a longer text ends in an ellipsis."""

Kind = Literal["text", "number", "exact", "money", "percent", "change", "date", "datetime"]
NUMBERS = frozenset({"number", "exact", "money", "percent", "change"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title in the reader's language, what its values are, and its width in characters.

    Values of ``money`` are fen; of ``percent`` shares of one; of ``change`` differences; of ``date`` days or moments;
    of ``datetime`` aware moments; None is a blank. A hidden column is in the file but not on the screen.
    """

    title: str
    kind: Kind = "text"
    width: int = 16
    hidden: bool = False


_FORMATS: dict[Kind, dict[str, Any]] = {
    "text": {"text_wrap": True, "valign": "top"},
    "number": {"valign": "top"},
    "exact": {"num_format": "#,##0.0000", "valign": "top"},
    "money": {"num_format": "#,##0.00", "valign": "top"},
    "percent": {"num_format": "0.0%", "valign": "top"},
    "change": {"num_format": "+#,##0;-#,##0;0", "valign": "top"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"},
    "datetime": {"num_format": "yyyy-mm-dd hh:mm", "align": "left", "valign": "top"},
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook: its name, its columns and rows, lines of title above them, totals that stay below, and
    what every printed page says at its foot.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]
    above: Sequence[str] = ()
    below: Sequence[Sequence[object]] = ()
    foot: str = ""


def write_workbook(stream: IO[bytes], title: str, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> int:
    """Write an xlsx row by row in constant memory: header frozen, with a filter. How many rows it wrote."""
    return write_sheets(stream, [Sheet(title, columns, rows)])


def write_sheets(stream: IO[bytes], sheets: Sequence[Sheet]) -> int:
    """Write an xlsx of several sheets, each row by row in constant memory. How many rows the last one has."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(stream, options)
    formats, quoted = formats_of(book)
    heads = (book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}), book.add_format({}))
    count = 0
    for sheet in sheets:
        count = _write_sheet(book.add_worksheet(sheet_name(sheet.title)), sheet, formats, quoted, heads)
    book.close()
    return count


def formats_of(book: Any, font: str = "") -> tuple[dict[Kind, Any], Any]:
    """The formats of a workbook by kind, and that of text which looks like a formula."""
    more = {"font_name": font} if font else {}
    formats = {kind: book.add_format({**made, **more}) for kind, made in _FORMATS.items()}
    return formats, book.add_format({**_FORMATS["text"], **more, "quote_prefix": True})


def _write_sheet(made: Any, sheet: Sheet, formats: dict[Kind, Any], quoted: Any, heads: tuple[Any, Any]) -> int:
    head, plain_format = heads
    for index, column in enumerate(sheet.columns):
        made.set_column(index, index, column.width, None, {"hidden": True} if column.hidden else None)
    if sheet.foot:
        made.set_footer(f"&L{sheet.foot.replace('&', '&&')[:200]}&R&P/&N")
    for number, line in enumerate(sheet.above):
        made.write_string(number, 0, _fitting(line), quoted if is_formula_like(line) else plain_format)
    top = len(sheet.above)
    for index, column in enumerate(sheet.columns):
        made.write_string(top, index, column.title, head)
    count = 0
    for count, row in enumerate(sheet.rows, start=1):
        write_row(made, top + count, sheet.columns, row, formats, quoted)
    for number, row in enumerate(sheet.below, start=top + count + 1):
        write_row(made, number, sheet.columns, row, formats, quoted)
    made.freeze_panes(top + 1, 0)
    made.autofilter(top, 0, top + count, max(len(sheet.columns) - 1, 0))
    return count


def write_row(
    sheet: Any, number: int, columns: Sequence[Column], row: Sequence[object], formats: dict[Kind, Any], quoted: Any
) -> None:
    """Write one row of typed values."""
    for index, (column, value) in enumerate(zip(columns, row, strict=True)):
        _write_cell(sheet, number, index, column.kind, value, formats, quoted)


def _write_cell(
    sheet: Any, row: int, column: int, kind: Kind, value: object, formats: dict[Kind, Any], quoted: Any
) -> None:
    if value is None or value == "":
        return
    if isinstance(value, (int, Decimal, float)) and kind in NUMBERS:
        sheet.write_number(row, column, _number(kind, value), formats[kind])
    elif isinstance(value, date) and kind in {"date", "datetime"}:
        sheet.write_datetime(row, column, _on_the_wall(kind, value), formats[kind])
    else:
        text = _fitting(str(value))
        sheet.write_string(row, column, text, quoted if is_formula_like(text) else formats["text"])


def _number(kind: Kind, value: int | float | Decimal) -> float:
    return float(value) / 100 if kind == "money" else float(value)


def _on_the_wall(kind: Kind, value: date) -> date:
    """A moment as the clock in Shanghai shows it, without its zone: Excel knows none."""
    if not isinstance(value, datetime):
        return value
    wall = local(value).replace(tzinfo=None)
    return wall.date() if kind == "date" else wall


def _fitting(text: str) -> str:
    return text if len(text) <= CELL_LIMIT else f"{text[: CELL_LIMIT - 1]}…"


def sheet_name(title: str) -> str:
    """At most 31 characters, none of those Excel forbids."""
    return re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip(" '")[:31].strip(" '") or "Sheet1"


def write_csv(stream: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> int:
    """Write UTF-8 CSV with a byte-order mark, so that Excel reads it right. Returns the number of rows."""
    out = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guarded(column.title) for column in columns])
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - the count is the answer
        writer.writerow([_csv_cell(column.kind, value) for column, value in zip(columns, row, strict=True)])
    out.flush()
    out.detach()
    return count


def _csv_cell(kind: Kind, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (int, Decimal, float)) and kind in NUMBERS:
        return f"{Decimal(str(value)) / 100:.2f}" if kind == "money" else str(value)
    if isinstance(value, date) and kind in {"date", "datetime"}:
        wall = _on_the_wall(kind, value)
        return wall.isoformat(sep=" ", timespec="minutes") if isinstance(wall, datetime) else wall.isoformat()
    return guarded(str(value))
