"""A paper of supervision as .docx, in the look of the office: red head, number, table, stamp, slip."""

from __future__ import annotations

import io
from typing import Any

from casework.papers.order_papers import Paper

RED = (0xC0, 0x1C, 0x1C)
HEADING, BODY = "方正小标宋简体", "仿宋"


def write(paper: Paper) -> bytes:
    """The paper, to be printed, stamped and signed."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

    data: dict[str, Any] = paper.as_data()
    document = Document()
    on_a4(document)
    document.core_properties.title = f"{data['number']} {data['title']}"
    document.core_properties.author = data["issuer"]
    add_line(document, data["heading"], size=26, font=HEADING, red=True, bold=True, align=ALIGN.CENTER)
    red_rule(add_line(document, data["number"], size=14, align=ALIGN.CENTER))
    add_line(document, data["title"], size=22, font=HEADING, bold=True, align=ALIGN.CENTER, before=12)
    add_line(document, f"{data['to']}：", size=15, before=6)
    add_line(document, data["opening"], size=15, indent=True)
    _table(document, data["rows"])
    add_line(document, data["closing"], size=15, indent=True, before=6)
    add_line(document, f"{data['issuer']}（印章）", size=15, align=ALIGN.RIGHT, before=18)
    add_line(document, data["issued_on"], size=15, align=ALIGN.RIGHT)
    add_line(document, data["slip_title"], size=15, bold=True, align=ALIGN.CENTER, before=14, keep=True)
    _table(document, data["slip"])
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def on_a4(document: Any) -> None:
    """The page of an official paper."""
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(30), Mm(25)
    section.left_margin = section.right_margin = Mm(27)


def add_line(
    place: Any,
    text: str,
    *,
    size: float,
    font: str = BODY,
    red: bool = False,
    bold: bool = False,
    align: Any = None,
    indent: bool = False,
    before: int = 0,
    keep: bool = False,
) -> Any:
    """A paragraph in a font and size (points); ``indent`` is two letters, as in Chinese papers."""
    from docx.shared import Pt, RGBColor

    line = place.add_paragraph()
    if align is not None:
        line.alignment = align
    shape = line.paragraph_format
    shape.space_before, shape.space_after, shape.keep_with_next = Pt(before), Pt(2), keep
    if indent:
        shape.first_line_indent = Pt(2 * size)
    run = in_font(line.add_run(text), font, size)
    run.bold = bold
    if red:
        run.font.color.rgb = RGBColor(*RED)
    return line


def in_font(run: Any, font: str, size: float) -> Any:
    """A run in a font, Chinese letters too."""
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run.font.name, run.font.size = font, Pt(size)
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    return run


def red_rule(line: Any) -> None:
    """The red rule under the head."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "4"), ("color", "C01C1C")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    line._p.get_or_add_pPr().append(borders)


def _table(document: Any, pairs: list[dict[str, Any]]) -> None:
    from docx.shared import Mm

    table = document.add_table(rows=0, cols=2)
    table.style, table.autofit = "Table Grid", False
    for pair in pairs:
        cells = table.add_row().cells
        for cell, width in zip(cells, (Mm(36), Mm(120)), strict=True):
            cell.width = width
        _fill(cells[0], [pair["label"]], bold=True)
        _fill(cells[1], pair["lines"])


def _fill(cell: Any, lines: list[str], *, bold: bool = False) -> None:
    for index, text in enumerate(lines):
        line = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
        in_font(line.add_run(text), BODY, 14).bold = bold
