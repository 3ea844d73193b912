"""The deadlines of the cases that people work on, in their days. They follow from rules and stay where they are."""

from __future__ import annotations

import sqlalchemy as sa

from casework.agenda.entries import Ask, Entry, Kind
from casework.cases.models import Assignment, Case
from casework.cases.queries import visible_to
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason
from casework.kernel.permissions import Known

DUE = {
    Clock.ACKNOWLEDGE: N_("Acknowledge by"),
    Clock.FIRST_CONTACT: N_("First contact by"),
    Clock.PLAN: N_("Plan by"),
    Clock.RESOLVE: N_("Resolve by"),
    Clock.REVIEW: N_("Review by"),
    Clock.CALLBACK: N_("Call back by"),
    Clock.PARKED: N_("Parked until"),
    Clock.ANSWER: N_("Waiting until"),
    Clock.REWORK: N_("Rework by"),
}
"""What each clock of a case is called in a calendar. Steps, promises and orders are told by those who keep them."""

THEIRS = frozenset(DUE) - {Clock.REVIEW, Clock.CALLBACK}
"""What whoever holds a case is to do: reviews and call-backs are never theirs, and stand with those who take them."""

SAID = (Case.number, Case.title, Case.requester, Enterprise.name)
"""The columns that say which case it is: a week has too many entries to load each case whole."""


def said(number: str, title: str, requester: str, firm: str | None) -> Known:
    """What a calendar says of a case, from its columns."""
    return Known(number, firm or requester, title)


def deadlines(ask: Ask) -> list[Entry]:
    """What is due on the open cases that people hold."""
    query = (
        sa.select(Deadline.id, Deadline.clock, Deadline.due_at, Assignment.user_id, *SAID)
        .join(Case, Case.id == Deadline.case_id)
        .join(Assignment, Assignment.case_id == Case.id)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .where(
            Assignment.user_id.in_(ask.people),
            Assignment.to_at.is_(None),
            visible_to(ask.viewer),
            Case.is_open.is_(True),
            Deadline.done_at.is_(None),
            Deadline.clock.in_(THEIRS),
            Deadline.due_at.between(ask.since, ask.until),
        )
        .order_by(Deadline.due_at, Deadline.id)
        .limit(ask.most)
    )
    return [
        Entry(
            kind=Kind.DEADLINE,
            uid=f"deadline-{key}",
            user_id=user_id,
            begins=due_at,
            what=Reason(DUE[Clock(clock)]),
            known=said(*case),
            path=f"/cases/{case[0]}",
            late=due_at < ask.now,
        )
        for key, clock, due_at, user_id, *case in db.session.execute(query)
        if due_at is not None
    ]
