"""What this package does by itself: asks for the planned briefs, and writes those that wait."""

from __future__ import annotations

from datetime import datetime

import structlog

from casework.briefs import making, plans, queries
from casework.briefs.models import Brief
from casework.kernel import waiting
from casework.kernel.db import db, transaction
from casework.kernel.errors import CaseworkError

log = structlog.get_logger()
AT_ONCE = 10
"""So many missed occasions of one plan are made up for in a round."""


def write(now: datetime) -> int:
    """Ask for what is planned by now, then write what waits or was left half-way; returns how many were written."""
    plan(now)
    return waiting.each(waiting.due(Brief, now), lambda key: making.execute(key, now=now), "a brief was put off")


def plan(now: datetime) -> int:
    """Ask for the briefs whose occasion has come; returns how many. Doubled or killed, an occasion has one brief."""
    asked = 0
    keys = queries.occasions(now)
    db.session.rollback()
    for key in keys:
        for _ in range(AT_ONCE):
            try:
                with transaction():
                    made = plans.occasion(key, now=now)
            except CaseworkError as error:
                log.warning("a planned brief was put off", plan=key, error=str(error)[:200])
                break
            if made is None:
                break
            asked += 1
    return asked
