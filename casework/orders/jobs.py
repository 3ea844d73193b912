"""What this package does by itself."""

from __future__ import annotations

from datetime import datetime

import structlog

from casework.kernel.db import transaction
from casework.kernel.errors import CaseworkError
from casework.orders import timing

BATCH = 100
log = structlog.get_logger()


def follow_calendars(now: datetime) -> int:
    """Let the running rounds follow a changed calendar; returns how many due times moved."""
    moved = 0
    for order_id in timing.stale(BATCH):
        try:
            with transaction():
                moved += timing.follow(order_id)
        except CaseworkError as error:
            log.warning("an order was put off", order=order_id, error=str(error)[:200])
    return moved
