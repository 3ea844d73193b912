"""What this package does by itself."""

from __future__ import annotations

from datetime import datetime

from casework.kernel.waiting import each
from casework.papers import slip_views
from casework.processes import issuing


def seal_documents(now: datetime) -> int:
    """Write the files of documents whose issuing was cut off before; returns how many."""

    def seal(document_id: int) -> int:
        slip_views.seal(document_id, now=now)
        return 1

    return each(issuing.unsealed(), seal, "a document waits for its files")
