"""Up to which entry the log is settled: no entry up to there can still come, however many write at once.

Ids of entries rise, but on PostgreSQL they are given before they are committed: 8 may be seen while 7 is still under
way, and who goes on from 8 would miss 7. So the column's default takes a shared advisory lock first that carries the
last id given (migration 0023), once a transaction. Whoever reads asks, in this order: the last id given; the lowest
id that a lock carries. A transaction that takes its lock after that gets ids above the first. SQLite has one writer.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from casework.audit.models import Event
from casework.kernel.db import db

_GIVEN = sa.text("SELECT last_value - (NOT is_called)::int FROM events_id_seq")
_UNDER_WAY = sa.text(
    "SELECT min(((classid::bigint << 32) | objid::bigint) & ((1::bigint << 48) - 1)) FROM pg_locks"
    " WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = 4201"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass(frozen=True, slots=True)
class Horizon:
    """``given`` is the last id; up to ``settled`` every entry that will ever be there is read by the next statement.

    ``settled`` may fall back a little while somebody begins to write; what was read before stays whole.
    """

    settled: int
    given: int


def horizon() -> Horizon:
    """How far the log goes now."""
    if db.engine.dialect.name == "sqlite":
        newest = int(db.session.scalar(sa.select(sa.func.max(Event.id))) or 0)
        return Horizon(newest, newest)
    given = int(db.session.scalar(_GIVEN) or 0)
    lowest = db.session.scalar(_UNDER_WAY)
    return Horizon(given if lowest is None else min(given, int(lowest)), given)
