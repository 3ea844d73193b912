"""The rows behind the figures that no other list shows: agreements with their relief, and processes under way."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from casework.board.queries import IN_FORCE, STANDS
from casework.cases.models import Case
from casework.kernel import paging
from casework.negotiations.models import Agreement, Counterparty, Negotiation, Receipt
from casework.negotiations.words import Standing
from casework.processes.models import ProcessRun, ProcessTemplate
from casework.processes.words import RunState

PAGE = 50
SHOWS = ("promised", "agreed", "received")


def agreements(inside: sa.ColumnElement[bool], show: str, at: paging.At) -> paging.Page[Any]:
    """The agreements whose sums make one figure of relief, newest first, fifty a page."""
    arrived = (
        sa.select(sa.func.coalesce(sa.func.sum(Receipt.amount_fen), 0))
        .where(Receipt.agreement_id == Agreement.id, STANDS)
        .correlate(Agreement)
        .scalar_subquery()
    )
    some = sa.exists().where(Receipt.agreement_id == Agreement.id, STANDS, Receipt.amount_fen > 0)
    condition = {"promised": IN_FORCE, "agreed": Agreement.state == Standing.CONFIRMED, "received": some}[show]
    query = (
        sa.select(
            Agreement.id,
            Agreement.state,
            Agreement.total_fen,
            Agreement.agreed_on,
            Counterparty.name.label("party"),
            Case.number,
            Case.title,
            arrived.label("received_fen"),
        )
        .join(Case, Case.id == Agreement.case_id)
        .join(Negotiation, Negotiation.id == Agreement.negotiation_id)
        .join(Counterparty, Counterparty.id == Negotiation.counterparty_id)
        .where(inside, condition)
    )
    return paging.page_of(query, (paging.Key(Agreement.id, int, down=True),), at, PAGE, values=lambda row: [row.id])


def runs(inside: sa.ColumnElement[bool], template_id: int | None, at: paging.At) -> paging.Page[Any]:
    """The processes under way, of one template or all, newest first, fifty a page."""
    query = (
        sa.select(ProcessRun.id, ProcessRun.started_at, ProcessTemplate.zh, ProcessTemplate.en, Case.number, Case.title)
        .join(ProcessTemplate, ProcessTemplate.id == ProcessRun.template_id)
        .join(Case, Case.id == ProcessRun.case_id)
        .where(inside, ProcessRun.state == RunState.RUNNING.value)
    )
    if template_id is not None:
        query = query.where(ProcessRun.template_id == template_id)
    return paging.page_of(query, (paging.Key(ProcessRun.id, int, down=True),), at, PAGE, values=lambda row: [row.id])
