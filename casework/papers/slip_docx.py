"""An issued document as .docx from a layout. A layout is data: it may name placeholders, and nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from casework.files import zips
from casework.files.rules import has_macros
from casework.kernel.errors import N_, Reason, Refused, because
from casework.papers import slip as slips
from casework.papers.slip import PLACEHOLDERS, Slip

LAYOUT = Path(__file__).with_name("layouts") / "slip.docx"
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
QR_MM = 32
MOST_BYTES = 2 * 1024 * 1024
NEEDED = ("number", "qr")
_LOOP = {"fact": frozenset({"label", "value"})}


def write(slip: Slip, layout: bytes | None = None) -> bytes:
    """Fill a layout, the standard one where none is given. The layout has passed ``layout_faults``."""
    from docx.shared import Mm
    from docxtpl import DocxTemplate, InlineImage
    from jinja2.sandbox import SandboxedEnvironment

    document = DocxTemplate(io.BytesIO(layout) if layout is not None else LAYOUT)
    document.init_docx()
    picture = InlineImage(document, io.BytesIO(qr_png(slip.url)), width=Mm(QR_MM))
    facts = {**slips.texts(slip), "facts": slips.rows(slip), "qr": picture}
    document.render(facts, jinja_env=SandboxedEnvironment(autoescape=True), autoescape=True)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def qr_png(text: str) -> bytes:
    """A QR code that a phone reads from creased paper (level M)."""
    import segno

    stream = io.BytesIO()
    segno.make(text, error="m", micro=False).save(stream, kind="png", scale=8, border=2)
    return stream.getvalue()


def layout_faults(layout: bytes) -> list[Reason]:
    """Why an uploaded layout is not taken: no plain .docx, code in it, or placeholders missing or unknown."""
    if len(layout) > MOST_BYTES:
        return [Reason(N_("Layout: larger than 2 MB; take pictures out of it."))]
    try:
        archive = zips.check_zip(io.BytesIO(layout))
        if has_macros(zips.content_types(archive), archive.namelist()):
            return [Reason(N_("Layout: it holds macros; save it as a plain .docx."))]
        return _in_words(_sources(layout))
    except Refused as refusal:
        return list(refusal.reasons)
    except (ValueError, KeyError, zipfile.BadZipFile, SyntaxError):
        return [Reason(N_("Layout: this is no .docx that can be read; save it again as .docx."))]


def _sources(layout: bytes) -> list[str]:
    """The templates in a layout as they would be rendered: body, headers, footers, with split runs joined."""
    from docxtpl import DocxTemplate

    document = DocxTemplate(io.BytesIO(layout))
    document.init_docx()
    sources = [document.patch_xml(document.get_xml())]
    for uri in (document.HEADER_URI, document.FOOTER_URI):
        sources += [document.patch_xml(document.get_part_xml(part)) for _, part in document.get_headers_footers(uri)]
    return sources


def _in_words(sources: list[str]) -> list[Reason]:
    from jinja2 import Environment, TemplateSyntaxError

    named: set[str] = set()
    faults: list[Reason] = []
    for source in sources:
        try:
            tree = Environment(autoescape=True).parse(source)
        except TemplateSyntaxError as error:
            return [because(N_("Layout: a placeholder cannot be read: %(what)s."), what=str(error.message)[:80])]
        names, wrong = _walked(tree)
        named |= names
        faults += wrong
    unknown = sorted(named - PLACEHOLDERS - _LOOP.keys())
    faults += [because(N_("Layout: there is no placeholder “%(name)s”."), name=name) for name in unknown]
    faults += [
        because(N_("Layout: the placeholder “%(name)s” is missing."), name=name) for name in NEEDED if name not in named
    ]
    return faults


def _walked(tree: Any) -> tuple[set[str], list[Reason]]:
    """The names that a template asks for, and everything in it that is more than asking for a name."""
    names: set[str] = set()
    faults: list[Reason] = []
    for node in _nodes(tree):
        kind = type(node).__name__
        if kind == "Name":
            names.add(node.name)
        elif kind == "Getattr":
            faults += _attribute(node)
        elif kind == "For":
            faults += _loop(node)
        elif kind not in ("Template", "Output", "TemplateData"):
            faults.append(because(CODE, what=kind))
    return names, faults


CODE = N_("Layout: it holds code (%(what)s); only placeholders and the table of facts are taken.")


def _nodes(tree: Any) -> Iterator[Any]:
    yield tree
    for child in tree.iter_child_nodes():
        yield from _nodes(child)


def _attribute(node: Any) -> list[Reason]:
    known = _LOOP.get(getattr(node.node, "name", ""), frozenset())
    return [] if node.attr in known else [because(CODE, what=f".{node.attr}"[:40])]


def _loop(node: Any) -> list[Reason]:
    plain = (
        getattr(node.iter, "name", "") == "facts"
        and getattr(node.target, "name", "") == "fact"
        and not node.else_
        and node.test is None
        and not node.recursive
    )
    return [] if plain else [because(CODE, what="for")]
