"""From data to PDF: the layout, the house fonts, and how many pages a PDF has.

The library keeps threads of its own: a process that has set a page must not fork and set another in its child.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from casework.papers.slip_pdf import FONTS, Unprintable

LAYOUT = Path(__file__).parent / "layouts" / "casefile.typ"
_LAST = re.compile(r"only has (\d+) page")
BEYOND = 99_999_999


def write(data: Mapping[str, Any], folder: Path, *, fonts: str = "", layout: Path = LAYOUT) -> bytes:
    """The file as PDF by a layout; pictures and PDFs that ``data`` names lie in ``folder``.

    Raises:
        Unprintable: it could not be set.
    """
    import typst

    (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    shutil.copyfile(layout, folder / "main.typ")
    try:
        pdf = typst.compile(
            str(folder / "main.typ"),
            root=str(folder),
            font_paths=[str(FONTS), *([fonts] if fonts else [])],
            ignore_system_fonts=True,
        )
    except typst.TypstError as error:
        raise Unprintable(str(error)[:300]) from error
    if not isinstance(pdf, bytes):
        raise Unprintable("no single file")
    return pdf


def picture(svg: str, *, fonts: str = "", dots: int = 200) -> bytes:
    """A drawing of our own as PNG, for papers that take no SVG; ``dots`` an inch.

    Raises:
        Unprintable: it could not be set.
    """
    import typst

    said = json.dumps(svg, ensure_ascii=False)  # of JSON's escapes for letters nothing is known there
    source = f'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes({said}), format: "svg")'
    try:
        png = typst.compile(  # type: ignore[call-overload]  # bytes beside folders
            source.encode(),
            format="png",
            ppi=dots,
            font_paths=[str(FONTS), *([fonts] if fonts else [])],
            ignore_system_fonts=True,
        )
    except typst.TypstError as error:
        raise Unprintable(str(error)[:300]) from error
    if not isinstance(png, bytes):
        raise Unprintable("no single picture")
    return png


def pages_in(path: Path) -> int | None:
    """How many pages a PDF has; None when it cannot be read. The library says so when asked for one too many."""
    import typst

    asked = f'#image("{path.name}", page: {BEYOND})'.encode()
    try:
        typst.compile(asked, root=str(path.parent), ignore_system_fonts=True)  # type: ignore[type-var]  # bytes beside a folder
    except typst.TypstError as error:
        for hint in (*error.hints, str(error)):
            if found := _LAST.search(str(hint)):
                return int(found.group(1))
    return None
