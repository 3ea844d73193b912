"""A second click creates nothing: a form that creates carries a key, kept with where the first one led."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.kernel.db import db
from casework.kernel.models import DoneOnce

KEPT = timedelta(days=60)
_EARLIER = sa.select(DoneOnce.location).where(
    DoneOnce.principal == sa.bindparam("principal"), DoneOnce.key == sa.bindparam("key")
)


def earlier_answer(principal: str, key: str | None) -> str | None:
    """Where the form with this key led the first time, or None."""
    if not key:
        return None
    return db.session.scalar(_EARLIER, {"principal": principal, "key": key[:64]})


def remember(principal: str, key: str | None, location: str, *, now: datetime) -> None:
    """Keep the answer, in the transaction of the effect: two at once cannot both commit."""
    if key:
        db.session.add(DoneOnce(principal=principal, key=key[:64], location=location, at=now))
        db.session.flush()  # the unique key refuses the second one here


def forget_old(now: datetime) -> int:
    """Drop what is older than sixty days; returns how many."""
    gone: Any = db.session.execute(sa.delete(DoneOnce).where(DoneOnce.at < now - KEPT))
    return int(gone.rowcount)
