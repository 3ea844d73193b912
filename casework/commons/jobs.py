"""What this package does by itself."""

from __future__ import annotations

from datetime import datetime

from casework.commons import moving
from casework.commons.models import CommonMove
from casework.kernel import waiting


def carry_on_moves(now: datetime) -> int:
    """Carry on the moves of many cases that wait or were cut off; returns how many came to their end."""
    found = waiting.due(CommonMove, now)
    return waiting.each(found, lambda key: moving.carry_on(key, now=now), "a common move was put off")
