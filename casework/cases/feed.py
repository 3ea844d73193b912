"""The deadlines of the cases that people work on, in their days. They follow from rules and stay where they are."""

from __future__ import annotations

import sqlalchemy as sa

from casework.agenda.entries import Ask, Entry, Kind
from casework.cases.models import Assignment, Case
from casework.cases.notices import known
from casework.cases.queries import visible_to
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason

DUE = {
    Clock.ACKNOWLEDGE: N_("Acknowledge by"),
    Clock.FIRST_CONTACT: N_("First contact by"),
    Clock.PLAN: N_("Plan by"),
    Clock.RESOLVE: N_("Resolve by"),
    Clock.REVIEW: N_("Review by"),
    Clock.CALLBACK: N_("Call back by"),
    Clock.PARKED: N_("Parked until"),
    Clock.ANSWER: N_("Waiting until"),
}
"""What each clock of a case is called in a calendar. Steps, promises and orders are told by those who keep them."""


def deadlines(ask: Ask) -> list[Entry]:
    """What is due on the open cases that people hold."""
    query = (
        sa.select(Deadline, Case, Enterprise.name, Assignment.user_id)
        .join(Case, Case.id == Deadline.case_id)
        .join(Assignment, Assignment.case_id == Case.id)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .where(
            Assignment.user_id.in_(ask.people),
            Assignment.to_at.is_(None),
            visible_to(ask.viewer),
            Case.is_open.is_(True),
            Deadline.done_at.is_(None),
            Deadline.clock.in_(DUE),
            Deadline.due_at.between(ask.since, ask.until),
        )
        .order_by(Deadline.due_at, Deadline.id)
        .limit(ask.most)
    )
    return [
        Entry(
            kind=Kind.DEADLINE,
            uid=f"deadline-{deadline.id}",
            user_id=user_id,
            begins=deadline.due_at,
            what=Reason(DUE[Clock(deadline.clock)]),
            known=known(case, firm),
            path=f"/cases/{case.number}",
            late=deadline.due_at < ask.now,
        )
        for deadline, case, firm, user_id in db.session.execute(query)
        if deadline.due_at is not None
    ]
