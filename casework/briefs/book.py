"""A brief as a workbook: each table a real Excel table with filter and frozen head, charts that Excel draws itself."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from casework.briefs.cells import bare
from casework.briefs.tables import Table
from casework.sheets.workbook import formats_of, sheet_name, write_row

FONT = "宋体"
STYLE = "Table Style Light 9"
TOP = 2
"""Two lines of title stand above each table."""
COLOURS = ("#0F5B63", "#9FC3C6")


def write(
    title: str, meta: str, sections: Sequence[tuple[str, Sequence[str]]], tables: Sequence[Table], first: str
) -> bytes:
    """The workbook: the sentences on the first sheet, called ``first``, then one sheet a table."""
    import xlsxwriter

    stream = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(stream, options)
    book.set_properties({"title": title})
    formats, quoted = formats_of(book, FONT)
    bold = book.add_format({"bold": True, "font_name": FONT, "font_size": 14})
    quiet = book.add_format({"font_name": FONT, "font_color": "#5D656E"})
    _sentences(book, first, (title, meta), sections, formats, (bold, quiet))
    names: set[str] = {first}
    for at, table in enumerate(tables, start=1):
        sheet = book.add_worksheet(_own_name(table.title, names))
        sheet.write_string(0, 0, table.title, bold)
        sheet.write_string(1, 0, meta, quiet)
        _table(book, sheet, at, table, formats, quoted)
    book.close()
    return stream.getvalue()


def _sentences(
    book: Any,
    name: str,
    above: tuple[str, str],
    sections: Sequence[tuple[str, Sequence[str]]],
    formats: Any,
    heads: tuple[Any, Any],
) -> None:
    sheet = book.add_worksheet(sheet_name(name))
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, above[0], heads[0])
    sheet.write_string(1, 0, above[1], heads[1])
    row = TOP
    for title, lines in sections:
        row += 1
        sheet.write_string(row, 0, title, heads[0])
        for line in lines:
            row += 1
            sheet.write_string(row, 0, line, formats["text"])
        row += 1


def _own_name(title: str, taken: set[str]) -> str:
    name, no = sheet_name(title), 1
    while name in taken:
        no += 1
        name = sheet_name(f"{title[:27]} {no}")
    taken.add(name)
    return name


def _table(book: Any, sheet: Any, at: int, table: Table, formats: Any, quoted: Any) -> None:
    last = TOP + len(table.rows)
    heads = _unlike([column.title for column in table.columns])
    columns = [
        {"header": head, "format": formats[column.kind]} for head, column in zip(heads, table.columns, strict=True)
    ]
    given = {"name": f"T{at}_{re.sub('[^a-z]', '', table.key)}", "style": STYLE, "columns": columns}
    sheet.add_table(TOP, 0, last, len(columns) - 1, given)
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, column.width)
    for number, row in enumerate(table.rows, start=TOP + 1):
        write_row(sheet, number, table.columns, [bare(cell) for cell in row], formats, quoted)
    sheet.freeze_panes(TOP + 1, 1)
    if table.plot:
        sheet.insert_chart(TOP, len(columns) + 1, _chart(book, sheet.get_name(), table, heads, last))


def _unlike(titles: Sequence[str]) -> list[str]:
    """Names that differ from each other, as a table of Excel needs them."""
    found: list[str] = []
    for title in titles:
        again = sum(one.split(" (")[0] == title for one in found)
        found.append(f"{title} ({again + 1})" if again else title)
    return found


def _chart(book: Any, sheet: str, table: Table, heads: Sequence[str], last: int) -> Any:
    chart = book.add_chart({"type": "column"})
    for place, colour in zip(table.plot, COLOURS, strict=False):
        chart.add_series(
            {
                "name": heads[place],
                "categories": [sheet, TOP + 1, 0, last, 0],
                "values": [sheet, TOP + 1, place, last, place],
                "fill": {"color": colour},
            }
        )
    chart.set_title({"name": table.title, "name_font": {"name": FONT, "size": 12}})
    chart.set_legend({"position": "bottom", "font": {"name": FONT}})
    chart.set_size({"width": 620, "height": 320})
    return chart
