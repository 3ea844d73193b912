"""Reads the text of one file in a process of its own, under limits of time and memory, and prints it.

It is run by its path, not as a module of the package, so that it imports nothing but the one reader it needs:
``text_child.py PATH KIND MEMORY_MB MOST``. The first line is a word, ``read`` or why there is no text; what follows is
the text, at most MOST characters.
"""

from __future__ import annotations

import logging
import resource
import sys
import zipfile
from collections.abc import Iterator

CPU_SECONDS = 30
PART_BYTES = 60 * 2**20
"""Of one part of a docx, unpacked: more is not read."""
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PARTS = ("word/document.xml", "word/footnotes.xml", "word/comments.xml")


class Stop(Exception):
    """There is no text; the word says why."""


def of_pdf(path: str) -> Iterator[str]:
    """The text of each page."""
    import pypdf
    from pypdf.errors import PyPdfError

    logging.disable(logging.CRITICAL)
    try:
        document = pypdf.PdfReader(path)
        if document.is_encrypted:
            raise Stop("encrypted")
        for page in document.pages:
            yield page.extract_text()
            yield "\n"
    except PyPdfError as error:
        raise Stop("damaged") from error


def of_docx(path: str) -> Iterator[str]:
    """The words of paragraphs and tables, then of notes and comments; no entity is resolved, nothing is fetched."""
    from lxml import etree

    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        for part in PARTS:
            if part not in names:
                continue
            if archive.getinfo(part).file_size > PART_BYTES:
                raise Stop("too_large")
            safe = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
            with archive.open(part) as stream:
                wanted = (f"{WORD}t", f"{WORD}p", f"{WORD}tab", f"{WORD}br")
                for _, node in etree.iterparse(stream, events=("end",), tag=wanted, **safe):
                    yield (node.text or "") if node.tag == f"{WORD}t" else "\n" if node.tag == f"{WORD}p" else " "
                    node.clear(keep_tail=True)


def said(cell: object) -> str:
    """A cell as a reader sees it: whole numbers without a point."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e20 else str(cell)


def of_xlsx(path: str) -> Iterator[str]:
    """The cells of the visible sheets, row by row."""
    import python_calamine

    try:
        book = python_calamine.load_workbook(path)
        for meta in book.sheets_metadata:
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            if meta.visible != python_calamine.SheetVisibleEnum.Visible:
                continue
            yield f"{meta.name}\n"
            for row in book.get_sheet_by_name(meta.name).iter_rows():
                yield " ".join(said(cell) for cell in row if cell != "") + "\n"
    except python_calamine.CalamineError as error:
        raise Stop("encrypted" if "assword" in str(error) else "damaged") from error


READERS = {"pdf": of_pdf, "docx": of_docx, "xlsx": of_xlsx}


def read(path: str, kind: str, most: int) -> str:
    """The beginning of the text, without what no database takes."""
    found: list[str] = []
    length = 0
    for piece in READERS[kind](path):
        found.append(piece)
        length += len(piece)
        if length >= most:
            break
    return "".join(found)[:most].replace("\0", " ")


def main() -> int:
    """Set the limits, then read."""
    path, kind, megabytes, most = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        text = read(path, kind, most)
        word = "read" if text.strip() else "empty"
    except Stop as stop:
        word, text = str(stop), ""
    except (MemoryError, RecursionError):
        word, text = "too_large", ""
    except Exception:  # whatever a reader stumbles over, the file is what is wrong
        word, text = "damaged", ""
    sys.stdout.write(f"{word}\n{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
