"""What of the negotiation log falls due on somebody's desk: promises, and visits that were set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from casework.cases.models import Assignment, Case
from casework.kernel.db import db
from casework.kernel.permissions import Actor
from casework.negotiations.models import (
    Commitment,
    Counterparty,
    Negotiation,
    NegotiationCase,
)
from casework.negotiations.words import UNSETTLED


@dataclass(frozen=True, slots=True)
class DueItem:
    """Something of the negotiation log that is due on somebody's desk: a promise, or the next visit."""

    number: str
    title: str
    what: str
    who: str
    on: date
    href: str


def promises_due(actor: Actor, until: date, *, limit: int) -> list[DueItem]:
    """Unsettled promises on the open cases that a person holds, due by a day, the most pressing first."""
    query = (
        sa.select(Case.number, Case.title, Commitment.id, Commitment.what, Commitment.who, Commitment.due_on)
        .join(Case, Case.id == Commitment.case_id)
        .join(Assignment, Assignment.case_id == Case.id)
        .where(
            Assignment.user_id == actor.user_id,
            Assignment.to_at.is_(None),
            Case.is_open.is_(True),
            Commitment.state.in_(UNSETTLED),
            Commitment.due_on <= until,
        )
        .order_by(Commitment.due_on, Commitment.id)
        .limit(limit)
    )
    return [
        DueItem(row.number, row.title, row.what, row.who, row.due_on, f"/cases/{row.number}/commitments/{row.id}")
        for row in db.session.execute(query)
    ]


def visits_due(actor: Actor, until: date, *, limit: int) -> list[DueItem]:
    """The next rounds that were set for the open cases that a person holds, by a day, the earliest first."""
    query = (
        sa.select(Case.number, Case.title, Negotiation.next_step, Counterparty.name, Negotiation.next_on)
        .join(NegotiationCase, NegotiationCase.negotiation_id == Negotiation.id)
        .join(Case, Case.id == NegotiationCase.case_id)
        .join(Counterparty, Counterparty.id == Negotiation.counterparty_id)
        .join(Assignment, Assignment.case_id == Case.id)
        .where(
            Assignment.user_id == actor.user_id,
            Assignment.to_at.is_(None),
            Case.is_open.is_(True),
            Negotiation.next_on <= until,
        )
        .order_by(Negotiation.next_on, Negotiation.id)
        .limit(limit)
    )
    return [
        DueItem(row.number, row.title, row.next_step, row.name, row.next_on, f"/cases/{row.number}/rounds/new")
        for row in db.session.execute(query)
    ]
