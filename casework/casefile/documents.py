"""The documents of a case for paper: pictures as upright copies without metadata, PDFs by page, the rest listed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from casework.casefile import rules, typeset
from casework.files import images
from casework.files import service as files
from casework.files.models import Attachment
from casework.kernel.errors import N_, Reason, Refused, because

HANDS = 2
"""Threads that make copies: decoding leaves Python's lock alone."""


@dataclass(slots=True)
class Printed:
    """A file with what stands of it on paper: a picture, so many pages of a PDF, or a remark why not."""

    file: Attachment
    picture: str = ""
    pdf: str = ""
    pages: int = 0
    remark: Reason | None = None

    @property
    def on_paper(self) -> bool:
        """Whether it is printed itself."""
        return bool(self.picture or self.pages)


def prepare(listed: Sequence[Attachment], folder: Path, progress: Callable[[int], None]) -> list[Printed]:
    """Lay what can be printed into ``folder``; ``progress`` is told how many of them are through."""
    found: list[Printed] = []
    copies: list[tuple[Printed, Future[bytes | None]]] = []
    budget = rules.MOST_PAGES
    with ThreadPoolExecutor(HANDS) as hands:
        for file in listed:
            one = Printed(file)
            found.append(one)
            if not rules.is_printed(file.content_type):
                one.remark = Reason(N_("not printable: listed with its hash"))
            elif (content := _bytes(one)) is not None:
                if file.is_image:
                    copies.append((one, hands.submit(images.print_copy, io.BytesIO(content), file.name)))
                else:
                    budget -= _pdf(one, content, folder, budget)
            _thin_out(copies, folder, keep=HANDS * 2)
            progress(sum(1 for done in found if done.on_paper or done.remark))
        _thin_out(copies, folder, keep=0)
    progress(len(found))
    return found


def _bytes(one: Printed) -> bytes | None:
    """The sealed bytes, hashed again; where they are gone or altered the paper says so."""
    try:
        return files.open_bytes(one.file)
    except files.NoLongerWhole:
        one.remark = Reason(N_("its bytes are no longer those that were sealed"))
        return None


def _thin_out(copies: list[tuple[Printed, Future[bytes | None]]], folder: Path, *, keep: int) -> None:
    """Put finished copies down, so that only a few pictures are in memory at once."""
    while len(copies) > keep:
        one, copy = copies.pop(0)
        try:
            content = copy.result()
        except Refused:
            content = None
        if content is None:
            one.remark = Reason(N_("the picture cannot be printed: listed with its hash"))
            continue
        one.picture = f"{one.file.id}.jpg"
        (folder / one.picture).write_bytes(content)


def _pdf(one: Printed, content: bytes, folder: Path, budget: int) -> int:
    """Lay a PDF down if its pages can be printed; how many that are."""
    name = f"{one.file.id}.pdf"
    (folder / name).write_bytes(content)
    pages = typeset.pages_in(folder / name)
    if pages is None:
        one.remark = Reason(N_("the PDF cannot be printed: listed with its hash"))
        return 0
    if pages > min(rules.MOST_PAGES_EACH, budget):
        one.remark = because(N_("too long to be printed (%(n)s pages): listed with its hash"), n=pages)
        return 0
    one.pdf, one.pages = name, pages
    return pages


def without_pdfs(found: Sequence[Printed]) -> Iterator[Printed]:
    """The same with no PDF on paper, for when one of them breaks the setting."""
    for one in found:
        if one.pages:
            remark = Reason(N_("the PDF cannot be printed: listed with its hash"))
            yield Printed(one.file, remark=remark)
        else:
            yield one
