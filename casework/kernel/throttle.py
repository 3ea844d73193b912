"""Limits shared by all processes and nodes: counters in windows of time, in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.kernel.db import db, insert_into
from casework.kernel.models import Attempt


def count(bucket: str, *, window: timedelta, now: datetime, times: int = 1) -> int:
    """Count one attempt, or several at once, and return how many the window holds; needs a transaction."""
    fresh = Attempt.until <= now
    counted: Any = insert_into(Attempt).values(bucket=bucket[:120], count=times, until=now + window)
    counted = counted.on_conflict_do_update(
        index_elements=[Attempt.bucket],
        set_={
            "count": sa.case((fresh, times), else_=Attempt.count + times),
            "until": sa.case((fresh, now + window), else_=Attempt.until),
        },
    ).returning(Attempt.count)
    return int(db.session.scalar(counted) or 0)


def attempts(bucket: str, *, now: datetime) -> tuple[int, datetime | None]:
    """How many attempts the running window of a bucket holds, and when it ends."""
    row = db.session.execute(
        sa.select(Attempt.count, Attempt.until).where(Attempt.bucket == bucket[:120], Attempt.until > now)
    ).first()
    return (row[0], row[1]) if row else (0, None)


def clear(bucket: str) -> None:
    """Forget a bucket, as after a right password."""
    db.session.execute(sa.delete(Attempt).where(Attempt.bucket == bucket[:120]))


def forget_old(now: datetime) -> int:
    """Drop windows that ended; returns how many."""
    gone: Any = db.session.execute(sa.delete(Attempt).where(Attempt.until < now))
    return int(gone.rowcount)
