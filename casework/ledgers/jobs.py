"""What this package does by itself."""

from __future__ import annotations

from datetime import datetime

from casework.kernel.waiting import due, each
from casework.ledgers import exports, returns
from casework.ledgers.models import LedgerReturn, ListExport


def make_lists(now: datetime) -> int:
    """Make the lists that wait or were left half-way; returns how many."""
    return each(due(ListExport, now), lambda key: exports.execute(key, now=now), "a list was put off")


def take_back_ledgers(now: datetime) -> int:
    """Carry on the edited ledgers that wait or were left half-way; returns how many came to their end."""
    return each(due(LedgerReturn, now), lambda key: returns.carry_on(key, now=now), "an edited ledger was put off")
