"""What this package does by itself."""

from __future__ import annotations

from datetime import datetime

from casework.imports import checking, runs, undoing
from casework.kernel.waiting import each


def run_imports(now: datetime) -> int:
    """Carry on the checks, imports and takings back that wait or were left half-way; returns how many ended."""
    ended = each(checking.due(now), lambda key: checking.execute(key, now=now), "the check of an import was put off")
    ended += each(runs.due(now), lambda key: runs.execute(key, now=now), "an import was put off")
    told = "the taking back of an import was put off"
    return ended + each(runs.undoing(now), lambda key: undoing.execute(key, now=now), told)
