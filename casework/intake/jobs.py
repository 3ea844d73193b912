"""What the portal forgets by itself."""

from __future__ import annotations

from datetime import datetime

from casework.intake import service
from casework.kernel.db import transaction


def tidy(now: datetime) -> int:
    """Drop what nobody went on with for a week."""
    with transaction():
        return service.forget_old(now)
