"""A QR code as inline SVG: black on white in every theme and on paper, no style attribute."""

from __future__ import annotations

from flask_babel import gettext
from markupsafe import Markup, escape

QUIET = 4  # modules of white round it, as the standard asks


def qr_svg(text: str) -> Markup:
    """The text as a QR code with error correction M."""
    import segno  # 2 MB that few processes ever need

    code = segno.make(text, error="m", micro=False)
    rows = [bytes(row) for row in code.matrix_iter(border=QUIET)]
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    size, label = len(rows), escape(gettext("QR code of the link"))
    return Markup(  # noqa: S704 - numbers and an escaped label
        f'<svg class="cw-qrcode" viewBox="0 0 {size} {size}" role="img" aria-label="{label}"'
        ' shape-rendering="crispEdges">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )
