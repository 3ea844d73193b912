"""What waits for a reviewer or for who calls back, in their days: by when each is due."""

from __future__ import annotations

import sqlalchemy as sa

from casework.agenda.entries import Ask, Entry, Kind
from casework.cases.feed import DUE, SAID, said
from casework.cases.models import Case
from casework.cases.queries import callable_by, reviewable_by
from casework.clocks.kinds import Clock
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.errors import Reason
from casework.kernel.permissions import Role

MOST = 50
"""The most pressing of a queue: a calendar is no list."""


def due(ask: Ask) -> list[Entry]:
    """The reviews and call-backs that are due in these days and that the asker may take."""
    actor, found = ask.viewer, []
    if actor.user_id not in ask.people:
        return []
    if actor.has(Role.REGULATOR, Role.LEAD, Role.AREA_LEADER):
        found += _due(ask, reviewable_by(actor), Clock.REVIEW, "/reviews")
    if actor.has(Role.DESK, Role.LEAD):
        found += _due(ask, callable_by(actor), Clock.CALLBACK, "/call-backs")
    return found


def _due(ask: Ask, mine: sa.ColumnElement[bool], clock: Clock, path: str) -> list[Entry]:
    query = (
        sa.select(Case.id, Case.next_due_at, *SAID)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .where(mine, Case.next_clock == clock, Case.next_due_at.between(ask.since, ask.until))
        .order_by(Case.next_due_at, Case.id)
        .limit(MOST)
    )
    return [
        Entry(
            kind=Kind.DEADLINE,
            uid=f"{clock}-{key}",
            user_id=ask.viewer.user_id,
            begins=due_at,
            what=Reason(DUE[clock]),
            known=said(*case),
            path=f"{path}/{case[0]}",
            late=due_at < ask.now,
        )
        for key, due_at, *case in db.session.execute(query)
        if due_at is not None
    ]
