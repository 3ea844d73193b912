"""Writes the package: one sheet of values, its styles and theme, and nothing else."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from .shape import KEPT, MAIN, Cell, Plan, Sheet, kept, letters
from .styles import Styles

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "application/vnd.openxmlformats-officedocument"
MOST_CHARACTERS = 32_767
"""Of a cell, as Excel has it."""
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def column_xml(sheet: Sheet, at: int) -> str:
    """The widths; where the column of remarks stands it is wide."""
    spans = []
    for one in sheet.columns:
        first, last = int(one.get("min", 1)), min(int(one.get("max", 1)), 16_384)
        element = etree.Element("col", {key: value for key, value in one.items() if not key.startswith("{")})
        for low, high in ((first, min(last, at - 1)), (max(first, at + 1), last)):
            if low <= high:
                spans.append((low, high, kept(element, "col")))
    spans.append((at, at, ' width="60" customWidth="1"'))
    return "".join(f'<col min="{low}" max="{high}"{more}/>' for low, high, more in sorted(spans))


def cell_xml(row: int, at: int, cell: Cell, styles: Styles) -> str:
    """A cell as a value; text is typed as text."""
    head = f'<c r="{letters(at)}{row}" s="{styles.of(cell)}"'
    if not cell.kind:
        return f"{head}/>"
    if cell.kind == "text":
        text = escape(CONTROLS.sub("", cell.value)[:MOST_CHARACTERS])
        return f'{head} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    kind = "" if cell.kind == "n" else f' t="{cell.kind}"'
    return f"{head}{kind}><v>{cell.value}</v></c>"


def sheet_xml(sheet: Sheet, merges: list[tuple[int, int, int, int]], at: int, styles: Styles) -> Iterator[str]:
    """The sheet, a row at a time, as far as something stands in it."""
    last = max(
        (number for number, row in sheet.rows.items() if any(cell.kind for cell in row.cells.values())), default=0
    )
    parts = sheet.parts
    yield f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="{MAIN}">'
    if parts.get("fit"):
        yield '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    yield f'<sheetViews><sheetView workbookViewId="0">{parts.get("pane", "")}</sheetView></sheetViews>'
    if "defaultRowHeight" in parts.get("sheetFormatPr", ""):
        yield f"<sheetFormatPr{parts['sheetFormatPr']}/>"
    yield f"<cols>{column_xml(sheet, at)}</cols><sheetData>"
    for number in sorted(sheet.rows):
        if number > last:
            break
        row = sheet.rows[number]
        cells = (cell_xml(number, col, row.cells[col], styles) for col in sorted(row.cells) if col <= at)
        yield f'<row r="{number}"{row.attributes}>{"".join(cells)}</row>'
    yield "</sheetData>"
    ranges = [f'<mergeCell ref="{letters(b)}{a}:{letters(d)}{c}"/>' for a, b, c, d in merges if c <= last]
    if ranges:
        yield f'<mergeCells count="{len(ranges)}">{"".join(ranges)}</mergeCells>'
    for name in ("printOptions", "pageMargins", "pageSetup"):
        whole = name != "pageMargins" or parts.get(name, "").count("=") == len(KEPT[name])
        yield f"<{name}{parts[name]}/>" if parts.get(name) and whole else ""
    yield "</worksheet>"


def write(path: str, plan: Plan, xml: Iterator[str], styles: Styles, theme: str, *, since_1904: bool) -> None:
    """The package: one sheet, its styles, its theme."""
    sheet = f"{OFFICE}.spreadsheetml"
    kinds = {"workbook": f"{sheet}.sheet.main", "worksheets/sheet1": f"{sheet}.worksheet", "styles": f"{sheet}.styles"}
    kinds |= {"theme/theme1": f"{OFFICE}.theme"} if theme else {}
    overrides = "".join(f'<Override PartName="/xl/{key}.xml" ContentType="{kind}+xml"/>' for key, kind in kinds.items())
    names = {"worksheet": "worksheets/sheet1", "styles": "styles"} | ({"theme": "theme/theme1"} if theme else {})
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{RELATIONS}/{key}" Target="{name}.xml"/>'
        for at, (key, name) in enumerate(names.items(), start=1)
    )
    days = ' date1904="1"' if since_1904 else ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        with made.open("xl/worksheets/sheet1.xml", "w") as stream:
            for part in xml:
                stream.write(part.encode("utf-8", "replace"))
        made.writestr("xl/styles.xml", styles.xml())
        if theme:
            made.writestr("xl/theme/theme1.xml", theme)
        made.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        )
        made.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        made.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'
        )
        made.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr{days}/>'
            "<bookViews><workbookView/></bookViews>"
            f'<sheets><sheet name={quoteattr(plan.sheet)} sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
