"""What the ladder does by itself: the sweep over the clocks that it has to look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from casework.clocks.queries import to_look_at
from casework.kernel.db import db, transaction
from casework.kernel.errors import Unavailable
from casework.supervision import service
from casework.supervision.people import People

log = structlog.get_logger()
BATCH, TOGETHER = 200, 50


def sweep(now: datetime) -> int:
    """Tell every level that is due, each once; returns how many.

    Some cases share a transaction, for a commit is dear; when one of them breaks they are done one by one, and the
    bad one is logged and left for the next time.
    """
    told, after, people = 0, None, People(now)
    while found := to_look_at(now=now, limit=BATCH, after=after):
        # What could not be done stays due: go on behind it, so that it starves nobody.
        look, key, _ = found[-1]
        after = (look, key)
        case_ids = sorted({case_id for _, _, case_id in found})
        db.session.rollback()
        told += sum(_some(case_ids[i : i + TOGETHER], people, now) for i in range(0, len(case_ids), TOGETHER))
    return told


def tidy(now: datetime) -> int:
    """Take off the desks what no longer stands, whether it was seen or not; returns how many lines."""
    gone = 0
    while True:
        with transaction():
            done = service.drop_settled(BATCH)
        gone += done
        if done < BATCH:
            return gone


def _some(case_ids: Sequence[int], people: People, now: datetime) -> int:
    try:
        with transaction():
            return service.look_at(case_ids, people, now=now)
    except Unavailable as error:
        log.warning("the database is busy: clocks are told by the next sweep", error=str(error)[:300])
        return 0
    except Exception as error:
        if len(case_ids) > 1:
            return sum(_some([case_id], people, now) for case_id in case_ids)
        log.error("nobody was told of a clock", case_id=case_ids[0], error=f"{type(error).__name__}: {error}"[:300])
        return 0
