"""What this package does by itself: files of large cases."""

from __future__ import annotations

from datetime import datetime

import structlog

from casework.casefile import making, queries
from casework.kernel.db import db
from casework.kernel.errors import CaseworkError

log = structlog.get_logger()


def make(now: datetime) -> int:
    """Make the files that wait or were left half-way; returns how many."""
    made = 0
    keys = queries.due(now)
    db.session.rollback()
    for key in keys:
        try:
            made += making.execute(key, now=now)
        except CaseworkError as error:
            log.warning("a case file was put off", file=key, error=str(error)[:200])
    return made
