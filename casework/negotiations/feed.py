"""Promises and the next rounds of talks, for the private calendar."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Assignment, Case
from casework.cases.notices import known
from casework.cases.queries import visible_to
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day
from casework.negotiations.models import Commitment, Negotiation, NegotiationCase
from casework.negotiations.words import UNSETTLED
from casework.notifications.feed import MOST, Appointment

PROMISE, ROUND = N_("A promise falls due"), N_("Next round of talks")


def promises(actor: Actor, since: datetime, until: datetime) -> list[Appointment]:
    """The unsettled promises on the open cases that a person holds."""
    query = sa.select(Commitment.id, Commitment.due_on, Case, Enterprise.name).join(Case, Case.id == Commitment.case_id)
    query = _mine(query, actor, Commitment.due_on, since, until).where(Commitment.state.in_(UNSETTLED))
    return [
        Appointment(f"promise-{key}", PROMISE, on, None, known(case, firm), f"/cases/{case.number}/commitments/{key}")
        for key, on, case, firm in db.session.execute(query)
    ]


def rounds(actor: Actor, since: datetime, until: datetime) -> list[Appointment]:
    """The next rounds that were set for the open cases that a person holds."""
    query = (
        sa.select(Negotiation.id, Negotiation.next_on, Case, Enterprise.name)
        .join(NegotiationCase, NegotiationCase.negotiation_id == Negotiation.id)
        .join(Case, Case.id == NegotiationCase.case_id)
    )
    query = _mine(query, actor, Negotiation.next_on, since, until)
    return [
        Appointment(f"round-{key}-{case.id}", ROUND, on, None, known(case, firm), f"/cases/{case.number}/rounds/new")
        for key, on, case, firm in db.session.execute(query)
    ]


def _mine(query: Any, actor: Actor, on: Any, since: datetime, until: datetime) -> Any:
    first, last = _days(since, until)
    return (
        query.join(Assignment, Assignment.case_id == Case.id)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .where(
            Assignment.user_id == actor.user_id,
            Assignment.to_at.is_(None),
            visible_to(actor),
            Case.is_open.is_(True),
            on.between(first, last),
        )
        .order_by(on)
        .limit(MOST)
    )


def _days(since: datetime, until: datetime) -> tuple[date, date]:
    return local_day(since), local_day(until)
