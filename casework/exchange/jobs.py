"""What this package does by itself."""

from __future__ import annotations

from datetime import datetime

from casework.exchange import checking, returns, runs, slip_views, undoing
from casework.kernel.waiting import each
from casework.processes import issuing


def run_imports(now: datetime) -> int:
    """Carry on the checks, imports and takings back that wait or were left half-way; returns how many ended."""
    ended = each(checking.due(now), lambda key: checking.execute(key, now=now), "the check of an import was put off")
    ended += each(runs.due(now), lambda key: runs.execute(key, now=now), "an import was put off")
    told = "the taking back of an import was put off"
    return ended + each(runs.undoing(now), lambda key: undoing.execute(key, now=now), told)


def take_back_ledgers(now: datetime) -> int:
    """Carry on the edited ledgers that wait or were left half-way; returns how many came to their end."""
    return each(returns.due(now), lambda key: returns.carry_on(key, now=now), "an edited ledger was put off")


def seal_documents(now: datetime) -> int:
    """Write the files of documents whose issuing was cut off before; returns how many."""

    def seal(document_id: int) -> int:
        slip_views.seal(document_id, now=now)
        return 1

    return each(issuing.unsealed(), seal, "a document waits for its files")
