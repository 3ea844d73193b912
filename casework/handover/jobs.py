"""What happens by itself: a hand-over lets go what was settled otherwise meanwhile."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
import structlog

from casework.handover import answering
from casework.handover.models import Handover
from casework.handover.words import Stage
from casework.kernel.db import db, transaction
from casework.kernel.errors import CaseworkError

log = structlog.get_logger()


def sweep(now: datetime) -> int:
    """One transaction a hand-over; a bad one is logged and left for the next time."""
    keys = list(db.session.scalars(sa.select(Handover.id).where(Handover.stage == Stage.SENT).order_by(Handover.id)))
    count = 0
    for key in keys:
        try:
            with transaction():
                count += answering.sweep(db.session.get_one(Handover, key), now)
        except CaseworkError:
            log.exception("hand-over left for the next time", handover=key)
    return count
