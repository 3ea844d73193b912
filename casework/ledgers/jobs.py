"""What this package does by itself."""

from __future__ import annotations

from datetime import datetime

from casework.kernel.waiting import each
from casework.ledgers import returns


def take_back_ledgers(now: datetime) -> int:
    """Carry on the edited ledgers that wait or were left half-way; returns how many came to their end."""
    return each(returns.due(now), lambda key: returns.carry_on(key, now=now), "an edited ledger was put off")
