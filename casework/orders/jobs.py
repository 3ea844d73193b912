"""What this package does by itself."""

from __future__ import annotations

from datetime import datetime

from casework.kernel import waiting
from casework.kernel.db import transaction
from casework.orders import timing

BATCH = 100


def follow_calendars(now: datetime) -> int:
    """Let the running rounds follow a changed calendar; returns how many due times moved."""
    return waiting.each(timing.stale(BATCH), _follow, "an order was put off")


def _follow(order_id: int) -> int:
    with transaction():
        return timing.follow(order_id)
