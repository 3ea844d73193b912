"""What waits for a reviewer or for who calls back, in the private calendar: by when each is due."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.notices import known
from casework.cases.queries import callable_by, reviewable_by
from casework.clocks.kinds import Clock
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.permissions import Actor, Role
from casework.notifications.feed import Appointment

MOST = 50
"""The most pressing of a queue: a calendar is no list."""
REVIEW, CALL = N_("Review by"), N_("Call back by")


def due(actor: Actor, since: datetime, until: datetime) -> list[Appointment]:
    """The reviews and call-backs that are due in these days; stands in ``FEEDS``."""
    found = []
    if actor.has(Role.REGULATOR, Role.LEAD, Role.AREA_LEADER):
        found += _due(reviewable_by(actor), Clock.REVIEW, REVIEW, "/reviews", since, until)
    if actor.has(Role.DESK, Role.LEAD):
        found += _due(callable_by(actor), Clock.CALLBACK, CALL, "/call-backs", since, until)
    return found


def _due(
    mine: sa.ColumnElement[bool], clock: Clock, words: str, path: str, since: datetime, until: datetime
) -> list[Appointment]:
    query = (
        sa.select(Case, Enterprise.name)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .where(mine, Case.next_clock == clock, Case.next_due_at.between(since, until))
        .order_by(Case.next_due_at, Case.id)
        .limit(MOST)
    )
    return [
        Appointment(f"{clock}-{case.id}", words, case.next_due_at, None, known(case, firm), f"{path}/{case.number}")
        for case, firm in db.session.execute(query)
        if case.next_due_at is not None
    ]
