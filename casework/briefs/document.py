"""A brief as .docx in the look of Chinese offices: red head where wanted, 小标宋 title, 仿宋 body, signature line."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from casework.papers.order_docx import BODY, HEADING, add_line, in_font, on_a4, red_rule

SECTION = "黑体"
CELL = 10.5
WIDTH_MM = 156


def write(data: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    """The document; ``pictures`` are the drawings as PNG, by their SVG."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

    document = Document()
    on_a4(document)
    document.core_properties.title = f"{data['title']} {data['number']}"
    document.core_properties.author = data["head"]
    _head(document, data, ALIGN)
    add_line(document, data["title"], size=22, font=HEADING, align=ALIGN.CENTER, before=14)
    add_line(document, data["days"], size=15, align=ALIGN.CENTER)
    add_line(document, "　".join(data["meta"]), size=12, align=ALIGN.CENTER)
    for section in data["sections"]:
        add_line(document, section["title"], size=16, font=SECTION, indent=True, before=10, keep=True)
        for line in section["lines"]:
            add_line(document, line, size=16, indent=True)
        _drawings(document, section, pictures, ALIGN)
        for table in section["tables"]:
            add_line(document, table["caption"], size=12, font=SECTION, align=ALIGN.CENTER, before=8, keep=True)
            _table(document, table, ALIGN)
    add_line(document, data["note_title"], size=12, font=SECTION, before=12, keep=True)
    for note in data["notes"]:
        add_line(document, note, size=10.5)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _head(document: Any, data: Mapping[str, Any], align: Any) -> None:
    """The head with the number and the signature line; the red rule below it."""
    red = data["red_head"]
    add_line(document, data["head"], size=26, font=HEADING, red=red, bold=red, align=align.CENTER)
    add_line(document, data["number"], size=15, align=align.CENTER)
    signed = f"{data['written']}　　{data['signed']}＿＿＿＿＿＿　　{data['date']}"
    line = add_line(document, signed, size=12, align=align.CENTER)
    if red:
        red_rule(line)


def _drawings(document: Any, section: Mapping[str, Any], pictures: Mapping[str, bytes], align: Any) -> None:
    from docx.shared import Mm

    for drawing in section["drawings"]:
        line = document.add_paragraph()
        line.alignment, line.paragraph_format.keep_with_next = align.CENTER, True
        shape = line.add_run().add_picture(io.BytesIO(pictures[drawing["svg"]]), width=Mm(120))
        shape._inline.docPr.set("descr", drawing["caption"])
        add_line(document, drawing["caption"], size=10.5, align=align.CENTER)


def _table(document: Any, table: Mapping[str, Any], align: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm

    made = document.add_table(rows=1, cols=len(table["head"]))
    made.style, made.autofit = "Table Grid", False
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    made.rows[0]._tr.get_or_add_trPr().append(repeated)  # the head stands on every page
    whole = sum(table["widths"])
    widths = [Mm(WIDTH_MM * width / whole) for width in table["widths"]]
    for place, row in enumerate([table["head"], *table["rows"]]):
        cells = made.rows[0].cells if place == 0 else made.add_row().cells
        for at, (cell, text) in enumerate(zip(cells, row, strict=True)):
            cell.width = widths[at]
            line = cell.paragraphs[0]
            in_font(line.add_run(text), BODY, CELL).bold = place == 0
            if at in table["right"]:
                line.alignment = align.RIGHT
