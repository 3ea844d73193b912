"""What this package does by itself: reads are kept as long as the security log must be, and then forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from casework.kernel.db import db, transaction
from casework.registers.queries import old_reads
from casework.registers.rules import KEPT_DAYS


def tidy(now: datetime) -> int:
    """Forget reads of more than 400 days ago; how many."""
    with transaction():
        result: Any = db.session.execute(old_reads(now - timedelta(days=KEPT_DAYS)))
        return int(result.rowcount)
