"""The deadlines of the cases that a person works on, for the private calendar."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from casework.cases.models import Assignment, Case
from casework.cases.notices import known
from casework.cases.queries import visible_to
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.permissions import Actor
from casework.notifications.feed import MOST, Appointment

DUE = {
    Clock.ACKNOWLEDGE: N_("Acknowledge by"),
    Clock.FIRST_CONTACT: N_("First contact by"),
    Clock.PLAN: N_("Plan by"),
    Clock.RESOLVE: N_("Resolve by"),
    Clock.STEP: N_("Step of a process by"),
    Clock.REVIEW: N_("Review by"),
    Clock.CALLBACK: N_("Call back by"),
    Clock.PARKED: N_("Parked until"),
    Clock.ANSWER: N_("Waiting until"),
    Clock.REWORK: N_("Rework by"),
}
"""Promises and orders have feeds of their own."""


def deadlines(actor: Actor, since: datetime, until: datetime) -> list[Appointment]:
    """What is due on the open cases that a person holds; promises stand in a calendar as whole days."""
    query = (
        sa.select(Deadline, Case, Enterprise.name)
        .join(Case, Case.id == Deadline.case_id)
        .join(Assignment, Assignment.case_id == Case.id)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .where(
            Assignment.user_id == actor.user_id,
            Assignment.to_at.is_(None),
            visible_to(actor),
            Case.is_open.is_(True),
            Deadline.done_at.is_(None),
            Deadline.clock.in_(DUE),
            Deadline.due_at.between(since, until),
        )
        .order_by(Deadline.due_at)
        .limit(MOST)
    )
    return [
        Appointment(
            f"deadline-{deadline.id}",
            DUE[Clock(deadline.clock)],
            deadline.due_at,
            None,
            known(case, firm),
            f"/cases/{case.number}",
        )
        for deadline, case, firm in db.session.execute(query)
        if deadline.due_at is not None
    ]
