"""An office with a case whose clock runs, and a sweep that says who was told of what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
import sqlalchemy as sa

from casework.cases.models import Case
from casework.clocks import service as clocks
from casework.clocks.kinds import WORKING, Clock, Limit
from casework.clocks.models import Deadline
from casework.kernel.db import db
from casework.notifications.models import Notice
from casework.supervision import jobs
from casework.supervision.models import Escalation
from tests.factories import Office


def only_clock(case: Case, *, start: datetime, minutes: int = 420, clock: Clock = Clock.RESOLVE) -> Deadline:
    """The one clock of a case from now on, so that nothing else is told."""
    clocks.cancel(case_id=case.id, now=start)
    [made] = clocks.start(case_id=case.id, clock=clock, limit=Limit(minutes, WORKING), areas=case.area_ids, now=start)
    db.session.commit()
    return made


def levels(deadline: Deadline) -> list[str]:
    db.session.rollback()
    query = sa.select(Escalation.level).where(Escalation.deadline_id == deadline.id).order_by(Escalation.id)
    return list(db.session.scalars(query))


@pytest.fixture
def swept(office: Office) -> Callable[[datetime], set[tuple[str, str]]]:
    """Sweep once: who was newly told of what."""
    names = {user.id: name for name, user in office.people.items()}

    def told() -> set[tuple[str, str, int]]:
        return {(names[row.user_id], row.kind, row.id) for row in db.session.scalars(sa.select(Notice))}

    def sweep(now: datetime) -> set[tuple[str, str]]:
        before = told()
        db.session.rollback()
        jobs.sweep(now)
        db.session.rollback()
        return {(name, kind) for name, kind, _ in told() - before}

    return sweep
