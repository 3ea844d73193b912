"""An issued document as PDF: data in, one page out. What a text says is never read as markup.

The library keeps threads of its own: a process that has set a page must not fork and set another in its child.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

from casework.kernel.errors import CaseworkError
from casework.papers import slip as slips
from casework.papers.slip import Slip

HERE = Path(__file__).parent
LAYOUTS, FONTS = HERE / "layouts", HERE / "fonts"


class Unprintable(CaseworkError):
    """The PDF could not be set, as when a font lacks a letter: it says which."""

    status = 500


def write(slip: Slip, *, fonts: str = "") -> bytes:
    """The page as PDF, the same bytes for the same slip. ``fonts`` is a folder of more fonts, as for rare letters.

    Raises:
        Unprintable: the page could not be set. A letter that is in none of the fonts is an empty box: see ``fonts``.
    """
    data = {**slips.texts(slip), "facts": slips.rows(slip)}
    inputs = {"slip": json.dumps(data, ensure_ascii=False), "qr": qr_svg(slip.url)}
    return printed("slip.typ", inputs, fonts=fonts)


def printed(layout: str, inputs: dict[str, str], *, fonts: str = "") -> bytes:
    """A layout of ours with what it is given, as PDF.

    Raises:
        Unprintable: the page could not be set.
    """
    import typst

    folders = [str(FONTS), *([fonts] if fonts else [])]
    try:
        pdf, warnings = typst.compile_with_warnings(
            str(LAYOUTS / layout),
            root=str(LAYOUTS),
            font_paths=folders,
            ignore_system_fonts=True,
            sys_inputs=inputs,
        )
    except typst.TypstError as error:
        raise Unprintable(str(error)[:300]) from error
    if warnings:
        raise Unprintable("; ".join(str(warning.message) for warning in warnings)[:300])
    return bytes(pdf)


def qr_svg(text: str) -> str:
    """The QR code as a drawing."""
    import segno

    stream = io.BytesIO()
    segno.make(text, error="m", micro=False).save(stream, kind="svg", scale=4, border=1, xmldecl=False)
    return stream.getvalue().decode()
