"""What is made at once, what may be printed, and how long the bytes are kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

KEPT = timedelta(hours=24)
"""So long its maker may download a file; the sweep of files removes the bytes afterwards, as no row names them."""
ENTRIES_AT_ONCE, DOCUMENTS_AT_ONCE = 400, 12
"""Up to so much a page makes the file itself (some two seconds); beyond, the job does."""
MOST_PAGES, MOST_PAGES_EACH = 1500, 300
"""Of attached PDFs, printed in all and of each; what goes beyond is listed with its hash."""
PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a case has to print."""

    entries: int
    documents: int

    @property
    def at_once(self) -> bool:
        """Whether somebody may wait for it."""
        return self.entries <= ENTRIES_AT_ONCE and self.documents <= DOCUMENTS_AT_ONCE


def is_printed(content_type: str) -> bool:
    """Whether a file is printed itself: pictures and PDFs are; Word and Excel files are listed."""
    return content_type.startswith("image/") or content_type == PDF
