"""The poster of a place: scanned at the door, it opens the portal and says where one is."""

from __future__ import annotations

import json

from casework.papers.slip_pdf import FONTS, LAYOUTS, Unprintable, qr_svg


def write(*, place: str, office: str, url: str, phone: str, fonts: str = "") -> bytes:
    """One A4 page as PDF. ``url`` is the whole address of the portal with the code of the place.

    Raises:
        Unprintable: the page could not be set.
    """
    import typst

    data = {"place": place, "office": office, "url": url, "phone": phone}
    try:
        pdf = typst.compile(
            str(LAYOUTS / "poster.typ"),
            root=str(LAYOUTS),
            font_paths=[str(FONTS), *([fonts] if fonts else [])],
            ignore_system_fonts=True,
            sys_inputs={"poster": json.dumps(data, ensure_ascii=False), "qr": qr_svg(url)},
        )
    except typst.TypstError as error:
        raise Unprintable(str(error)[:300]) from error
    return bytes(pdf)
