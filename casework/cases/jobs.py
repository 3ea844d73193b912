"""What falls due by itself: acknowledgement after the limit, and cases that come back on their day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from casework.cases import calendars, service
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.clocks.kinds import Clock
from casework.clocks.queries import overdue
from casework.kernel import waiting
from casework.kernel.db import db, transaction

BATCH = 200


def auto_acknowledge(now: datetime) -> int:
    """Acknowledge what was dispatched and not answered within the limit; returns how many."""
    return _each(Clock.ACKNOWLEDGE, now, lambda case: "acknowledge" if case.state == State.DISPATCHED else None)


def bring_back(now: datetime) -> int:
    """Bring back parked cases on their review date, and resume those whose wait is over; returns how many."""
    back = _each(Clock.PARKED, now, lambda case: "unpark" if case.state == State.PARKED else None)
    return back + _each(Clock.ANSWER, now, lambda case: "resume" if case.state == State.WAITING else None)


def follow_calendars(now: datetime) -> int:
    """Derive open deadlines anew that are older than their calendar; returns how many moved."""
    moved = 0
    while case_ids := calendars.stale():
        db.session.rollback()
        with transaction():
            moved += calendars.follow(case_ids, now=now)
    return moved


def _each(clock: Clock, now: datetime, choose: Callable[[Case], str | None]) -> int:
    """One transaction a case; the state is asked again inside it, so that running twice is harmless."""
    moved, after = 0, None
    while found := overdue(clock=clock, now=now, limit=BATCH, after=after):
        # What could not move stays overdue: go on behind it, so that it starves nobody.
        after = (found[-1].due_at or now, found[-1].id)
        case_ids = [deadline.case_id for deadline in found]
        moved += waiting.each(case_ids, lambda case_id: _one(case_id, now, choose), "a case did not move by itself")
    return moved


def _one(case_id: int, now: datetime, choose: Callable[[Case], str | None]) -> bool:
    with transaction():
        case = db.session.scalar(sa.select(Case).where(Case.id == case_id).with_for_update())
        name = choose(case) if case else None
        if case is None or name is None:
            return False
        service.take(case, name, {}, actor=None, now=now, automatic=True)
        return True
