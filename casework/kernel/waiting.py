"""Work that waits as a row for its job: due, taken into one's hands, with a beat while it goes on.

The row has ``id``, ``beat_at`` and a ``status`` that knows ``waiting`` and ``running``. Who falls silent was killed:
the work is due again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog

from casework.kernel.db import db, transaction
from casework.kernel.errors import CaseworkError

Key = TypeVar("Key")
log = structlog.get_logger()
SILENCE = timedelta(minutes=2)
WAITING, RUNNING = "waiting", "running"
BEAT_SECONDS = 0.5


def due(work: Any, now: datetime) -> list[int]:
    """The ids of the rows that wait, and of those whose process has gone silent, the oldest first."""
    stuck = sa.and_(work.status == RUNNING, work.beat_at < now - SILENCE)
    query = sa.select(work.id).where(sa.or_(work.status == WAITING, stuck))
    return list(db.session.scalars(query.order_by(work.id)))


def idle(work: Any, status: str, now: datetime) -> list[int]:
    """The ids of the rows in a state of their own that no process is at, the oldest first."""
    at_rest = sa.or_(work.beat_at.is_(None), work.beat_at < now - SILENCE)
    return list(db.session.scalars(sa.select(work.id).where(work.status == status, at_rest).order_by(work.id)))


def take(work: Any, key: int, *, now: datetime) -> Any:
    """The row, locked and running from now on; None when there is none, it does not wait, or is in other hands."""
    row = db.session.get(work, key, with_for_update=True, populate_existing=True)
    if row is None or row.status not in (WAITING, RUNNING):
        return None
    if row.status == RUNNING and row.beat_at and row.beat_at > now - SILENCE:
        return None
    row.status, row.beat_at = RUNNING, now
    return row


class Beats:
    """Tells how far the work is, in short transactions of its own, not more often than somebody would look."""

    def __init__(self, say: Callable[[int], Any]) -> None:
        self.say, self.last = say, 0.0

    def tell(self, done: int) -> None:
        """So much is done."""
        moment = time.monotonic()
        if moment - self.last < BEAT_SECONDS:
            return
        self.last = moment
        with transaction():
            self.say(done)


def each(keys: Sequence[Key], carry_out: Callable[[Key], int], put_off: str) -> int:
    """Carry out one after the other, each in transactions of its own; returns how many were done.

    What cannot be done now is logged with the words ``put_off``, and keeps nothing behind it waiting.
    """
    db.session.rollback()  # the reading that found the keys ends here
    done = 0
    for key in keys:
        try:
            done += carry_out(key)
        except CaseworkError as error:
            log.warning(put_off, key=key, error=str(error)[:200])
    return done
