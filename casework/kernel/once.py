"""A second click creates nothing: a form that creates carries a key, kept with what it said and where it led."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused
from casework.kernel.models import DoneOnce

KEPT = timedelta(days=60)
_EARLIER = sa.select(DoneOnce.location, DoneOnce.content, DoneOnce.answer).where(
    DoneOnce.principal == sa.bindparam("principal"), DoneOnce.key == sa.bindparam("key")
)
OTHER_CONTENT = Reason(
    N_("This was sent before with other words. Look at what is there; sent again, it becomes a new entry.")
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a key led to the first time: an address, and the whole answer where it is kept."""

    location: str
    answer: Mapping[str, Any] | None


def earlier(principal: str, key: str, content: str = "") -> Earlier | None:
    """What the request with this key led to the first time, or None. ``content`` is the digest of what is sent now.

    Raises:
        Refused: the same key came before with other content.
    """
    row = db.session.execute(_EARLIER, {"principal": principal, "key": key[:64]}).first()
    if row is None:
        return None
    if content and row.content and content != row.content:
        raise Refused(OTHER_CONTENT)
    return Earlier(str(row.location), row.answer)


def earlier_answer(principal: str, key: str | None, content: str = "") -> str | None:
    """Where the form with this key led the first time, or None.

    Raises:
        Refused: as ``earlier``.
    """
    found = earlier(principal, key, content) if key else None
    return found.location if found else None


def remember(
    principal: str,
    key: str | None,
    location: str,
    *,
    now: datetime,
    content: str = "",
    answer: Mapping[str, Any] | None = None,
) -> None:
    """Keep the answer, in the transaction of the effect: two at once cannot both commit."""
    if key:
        kept = {"location": location, "content": content, "answer": dict(answer) if answer else None}
        db.session.add(DoneOnce(principal=principal, key=key[:64], at=now, **kept))
        db.session.flush()  # the unique key refuses the second one here


def forget_old(now: datetime) -> int:
    """Drop what is older than sixty days; returns how many."""
    gone: Any = db.session.execute(sa.delete(DoneOnce).where(DoneOnce.at < now - KEPT))
    return int(gone.rowcount)
