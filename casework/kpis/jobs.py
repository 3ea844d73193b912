"""Counts what changed, every quarter of a minute; goes on until nothing waits or its time is up."""

from __future__ import annotations

import time
from datetime import datetime

from casework.kernel.db import db, transaction
from casework.kpis import counting

SECONDS = 12.0


def count(now: datetime, *, seconds: float = SECONDS) -> int:
    """Count what waits, a batch a transaction; returns how many cases."""
    until, done = time.monotonic() + seconds, 0
    while True:
        db.session.rollback()
        with transaction():
            some = counting.count_some(now)
        done += some
        if not some or time.monotonic() > until:
            return done
