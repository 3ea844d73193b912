"""What this package does by itself."""

from __future__ import annotations

from datetime import datetime

from casework.imports import checking, runs, undoing
from casework.imports.models import ImportRun, RunState
from casework.kernel.waiting import due, each, idle


def run_imports(now: datetime) -> int:
    """Carry on the checks, imports and takings back that wait or were left half-way; returns how many ended."""
    checks, takings_back = (idle(ImportRun, state, now) for state in (RunState.CHECKING, RunState.UNDOING))
    ended = each(checks, lambda key: checking.execute(key, now=now), "the check of an import was put off")
    ended += each(due(ImportRun, now), lambda key: runs.execute(key, now=now), "an import was put off")
    told = "the taking back of an import was put off"
    return ended + each(takings_back, lambda key: undoing.execute(key, now=now), told)
