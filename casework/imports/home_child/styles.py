"""The styles and the theme of the original, copied element by element, with what the remarks need."""

from __future__ import annotations

import re
import zipfile
from typing import Any

from lxml import etree

from .shape import MAIN, Cell, Stop, local, tree

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
STYLE_PARTS = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "colors")
_STYLE_WORDS = (
    "numFmt font b i strike u vertAlign sz color name family charset scheme outline shadow fill patternFill fgColor "
    "bgColor gradientFill stop border left right top bottom diagonal start end vertical horizontal xf alignment "
    "protection cellStyle indexedColors rgbColor mruColors"
)
_THEME_WORDS = (
    "clrScheme dk1 lt1 dk2 lt2 accent1 accent2 accent3 accent4 accent5 accent6 hlink folHlink sysClr srgbClr "
    "fontScheme majorFont minorFont latin ea cs font"
)
STYLE_TAGS = frozenset((*STYLE_PARTS, *_STYLE_WORDS.split()))
THEME_TAGS = frozenset(_THEME_WORDS.split())
LEAST_STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts><font><sz val="11"/><name val="Calibri"/></font></fonts><fills><fill>'
    '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders><border>'
    "<left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf/>"
    "</cellXfs></styleSheet>"
)


class Styles:
    """The styles of the original with two more, and on demand one that keeps text from being read as a formula."""

    def __init__(self, archive: zipfile.ZipFile, formula: str):
        self.formula = re.compile(formula)
        there = "xl/styles.xml" in archive.namelist()
        self.tree = clean(tree(archive, "xl/styles.xml") if there else etree.fromstring(LEAST_STYLES), STYLE_TAGS)
        self.formats = self._part("cellXfs")
        fill = self._added(
            "fills", '<fill><patternFill patternType="solid"><fgColor rgb="FFE4ECF7"/></patternFill></fill>'
        )
        bold = self._added("fonts", '<font><b/><sz val="11"/><name val="Calibri"/></font>')
        plain = self._added("fonts", '<font><sz val="11"/><name val="Calibri"/></font>')
        line = '<{0} style="thin"><color rgb="FF7A8CA8"/></{0}>'
        lines = "".join(line.format(name) for name in ("left", "right", "top", "bottom"))
        border = self._added("borders", f"<border>{lines}<diagonal/></border>")
        self.head, self.said = (self._format(font, fill, border) for font in (bold, plain))
        self.quoted: dict[int, int] = {}

    def _part(self, name: str) -> Any:
        found = self.tree.find(f"{{{MAIN}}}{name}")
        if found is None or not len(found):
            raise Stop("styles")
        return found

    def _added(self, part: str, xml: str) -> int:
        self._part(part).append(etree.fromstring(f'<x xmlns="{MAIN}">{xml}</x>')[0])
        return len(self._part(part)) - 1

    def _format(self, font: int, fill: int, border: int) -> int:
        return self._added(
            "cellXfs",
            f'<xf numFmtId="0" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0" quotePrefix="1" '
            'applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">'
            '<alignment vertical="top" wrapText="1"/></xf>',
        )

    def of(self, cell: Cell) -> int:
        """The number of the style of a cell."""
        style = cell.style if 0 <= cell.style < len(self.formats) else 0
        if cell.kind != "text" or not self.formula.match(cell.value):
            return style
        if style not in self.quoted:
            made = etree.fromstring(etree.tostring(self.formats[style]))
            made.set("quotePrefix", "1")
            self.formats.append(made)
            self.quoted[style] = len(self.formats) - 1
        return self.quoted[style]

    def xml(self) -> bytes:
        """As a part of the package."""
        for part in self.tree:
            if part.get("count"):
                part.set("count", str(len(part)))
        return bytes(etree.tostring(self.tree, xml_declaration=True, encoding="UTF-8", standalone=True))


def clean(element: Any, tags: frozenset[str], namespace: str = MAIN) -> Any:
    """A copy that holds only elements of these names, with attributes that refer to nothing outside."""
    made = etree.Element(f"{{{namespace}}}{local(element)}", nsmap={None if namespace == MAIN else "a": namespace})
    copy(element, made, tags, namespace)
    return made


def copy(source: Any, target: Any, tags: frozenset[str], namespace: str) -> None:
    """Copy what is allowed, whole or not at all."""
    for key, value in source.items():
        if not key.startswith("{"):
            target.set(key, value)
    for one in source:
        if local(one) in tags:
            copy(one, etree.SubElement(target, f"{{{namespace}}}{local(one)}"), tags, namespace)


def theme_xml(archive: zipfile.ZipFile) -> str:
    """The colours and fonts that styles name by number; nothing else of a theme is taken."""
    name = "xl/theme/theme1.xml"
    if name not in archive.namelist():
        return ""
    theme = tree(archive, name)
    found = [next(theme.iter(f"{{*}}{part}"), None) for part in ("clrScheme", "fontScheme")]
    if any(part is None for part in found):
        return ""
    said = "".join(etree.tostring(clean(part, THEME_TAGS, DRAWING), encoding="unicode") for part in found)
    flat = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    line, effect = f'<a:ln w="6350">{flat}</a:ln>', "<a:effectStyle><a:effectLst/></a:effectStyle>"
    formats = f"<a:fillStyleLst>{flat * 3}</a:fillStyleLst><a:lnStyleLst>{line * 3}</a:lnStyleLst>"
    formats += f"<a:effectStyleLst>{effect * 3}</a:effectStyleLst><a:bgFillStyleLst>{flat * 3}</a:bgFillStyleLst>"
    whole = f'<a:themeElements>{said}<a:fmtScheme name="Office">{formats}</a:fmtScheme></a:themeElements>'
    return f'<a:theme xmlns:a="{DRAWING}" name="Office">{whole}</a:theme>'
