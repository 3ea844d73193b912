"""What this package does by itself: files of large cases."""

from __future__ import annotations

from datetime import datetime

from casework.casefile import making
from casework.casefile.models import CaseFile
from casework.kernel import waiting


def make(now: datetime) -> int:
    """Make the files that wait or were left half-way; returns how many."""
    return waiting.each(waiting.due(CaseFile, now), lambda key: making.execute(key, now=now), "a case file was put off")
