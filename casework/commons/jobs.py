"""What this package does by itself."""

from __future__ import annotations

from datetime import datetime

import structlog

from casework.commons import moving
from casework.kernel.errors import CaseworkError

log = structlog.get_logger()


def carry_on_moves(now: datetime) -> int:
    """Carry on the moves of many cases that wait or were cut off; returns how many came to their end."""
    ended = 0
    for move_id in moving.due(now):
        try:
            ended += moving.carry_on(move_id, now=now)
        except CaseworkError as error:
            log.warning("a common move was put off", move=move_id, error=str(error)[:200])
    return ended
