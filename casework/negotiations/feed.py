"""Promises and the next rounds of talks, in people's days."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from casework.agenda.entries import Ask, Entry, Kind
from casework.cases.feed import SAID, said
from casework.cases.models import Assignment, Case
from casework.cases.queries import visible_to
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason
from casework.negotiations.models import Commitment, Negotiation, NegotiationCase
from casework.negotiations.words import UNSETTLED

PROMISE, ROUND = N_("A promise falls due"), N_("Next round of talks")


def promises(ask: Ask) -> list[Entry]:
    """The unsettled promises on the open cases that people hold."""
    query = sa.select(Commitment.id, Commitment.due_on, Assignment.user_id, *SAID)
    query = query.join(Case, Case.id == Commitment.case_id)
    query = _theirs(query, ask, Commitment.due_on).where(Commitment.state.in_(UNSETTLED))
    return [
        Entry(
            kind=Kind.PROMISE,
            uid=f"promise-{key}",
            user_id=user_id,
            begins=on,
            what=Reason(PROMISE),
            known=said(*case),
            path=f"/cases/{case[0]}/commitments/{key}",
            late=on < ask.today,
        )
        for key, on, user_id, *case in db.session.execute(query)
    ]


def rounds(ask: Ask) -> list[Entry]:
    """The next rounds that were set for the open cases that people hold."""
    query = (
        sa.select(Negotiation.id, Negotiation.next_on, Case.id, Assignment.user_id, *SAID)
        .join(NegotiationCase, NegotiationCase.negotiation_id == Negotiation.id)
        .join(Case, Case.id == NegotiationCase.case_id)
    )
    query = _theirs(query, ask, Negotiation.next_on)
    return [
        Entry(
            kind=Kind.ROUND,
            uid=f"round-{key}-{case_id}",
            user_id=user_id,
            begins=on,
            what=Reason(ROUND),
            known=said(*case),
            path=f"/cases/{case[0]}/rounds/new",
            late=on < ask.today,
        )
        for key, on, case_id, user_id, *case in db.session.execute(query)
    ]


def _theirs(query: Any, ask: Ask, on: Any) -> Any:
    return (
        query.join(Assignment, Assignment.case_id == Case.id)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .where(
            Assignment.user_id.in_(ask.people),
            Assignment.to_at.is_(None),
            visible_to(ask.viewer),
            Case.is_open.is_(True),
            on.between(ask.first, ask.last),
        )
        .order_by(on)
        .limit(ask.most)
    )
