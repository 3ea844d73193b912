"""The two queues, each a narrowed case list: results to review, and approved ones to call back about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.audit import queries as audit_queries
from casework.audit.queries import Entry
from casework.cases import lists, queries
from casework.cases.lines import CaseRow
from casework.cases.lists import Filters
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.permissions import Actor
from casework.review import weighing

STAGES: Mapping[str, str] = {
    "first": N_("To review"),
    "second": N_("To countersign"),
    "proof": N_("A proof is asked for"),
}
_STAGE: Mapping[str, Callable[[], sa.ColumnElement[bool]]] = {
    "first": lambda: sa.and_(Case.signed_by_id.is_(None), Case.proof_asked.is_(None)),
    "second": lambda: Case.signed_by_id.is_not(None),
    "proof": lambda: Case.proof_asked.is_not(None),
}
SIZE, MOVES_READ, COUNTED = 30, 40, 200


@dataclass(frozen=True, slots=True)
class Beside:
    """What a queue shows of a case beside its line: type, sum, who signed, which proof is out, calls so far."""

    type_id: int
    amount_fen: int
    signed_by: str
    proof: str
    tries: int
    joint: bool


def mine_to_review(actor: Actor, stage: str = "") -> sa.ColumnElement[bool]:
    """The results that a person may review, at one stage or any."""
    mine = queries.reviewable_by(actor)
    return sa.and_(mine, _STAGE[stage]()) if stage in _STAGE else mine


def waiting(
    actor: Actor, filters: Filters, mine: sa.ColumnElement[bool], at: paging.At, *, now: datetime
) -> paging.Page[CaseRow]:
    """A page of a queue, oldest due first; ``mine`` says whose it is."""
    return lists.cases(actor, filters, at.after, before=at.before, now=now, size=SIZE, only=mine)


def total(
    actor: Actor, filters: Filters, mine: sa.ColumnElement[bool], found: paging.Page[CaseRow], *, now: datetime
) -> str:
    """How many a queue holds, as the page says it: who works it from the top need not know more than “200+”."""
    if found.first and not found.after:
        return str(len(found.rows))
    inner = lists.filtered(actor, filters, now).where(mine).with_only_columns(sa.literal(1)).limit(COUNTED + 1)
    count = int(db.session.scalar(sa.select(sa.func.count()).select_from(inner.subquery())) or 0)
    return f"{COUNTED}+" if count > COUNTED else str(count)


def beside(case_ids: Collection[int]) -> dict[int, Beside]:
    """What a page of a queue shows beside its lines: two queries, whatever its length."""
    if not case_ids:
        return {}
    columns = (
        Case.id,
        Case.type_id,
        Case.joint,
        Case.negotiated,
        Case.signature,
        Case.proof_asked,
        Case.callback_tries,
    )
    rows = db.session.execute(sa.select(*columns).where(Case.id.in_(sorted(case_ids)))).all()
    amounts = weighing.amounts_of([row.id for row in rows if row.negotiated])
    return {row.id: _beside(row, amounts.get(row.id, 0)) for row in rows}


def _beside(row: Any, amount: int) -> Beside:
    signed, proof = row.signature or {}, row.proof_asked or {}
    return Beside(
        row.type_id,
        amount,
        str(signed.get("name", "")),
        str(proof.get("reason", "")),
        row.callback_tries,
        row.joint,
    )


def next_to_review(case: Case, actor: Actor, filters: Filters, stage: str, *, now: datetime) -> str | None:
    """The number of the result that follows in the queue; behind the last comes the first."""
    return _next(case, lambda at: lists.cases(actor, filters, at, now=now, size=2, only=mine_to_review(actor, stage)))


def next_to_call(case: Case, actor: Actor, filters: Filters, *, now: datetime) -> str | None:
    """The number of the case that follows in the queue of call-backs."""
    return _next(case, lambda at: lists.cases(actor, filters, at, now=now, size=2, only=queries.callable_by(actor)))


def _next(case: Case, read: Callable[[str | None], paging.Page[CaseRow]]) -> str | None:
    behind = read(paging.encode([case.next_due_at, case.id]))
    rows = behind.rows or read(None).rows
    return next((row.number for row in rows if row.id != case.id), None)


def moves_of(case_id: int) -> list[Entry]:
    """The newest steps of a case, for what was returned, asked and called before."""
    return audit_queries.timeline(case_id, kind="move", limit=MOVES_READ)


def who_reviewed(case_id: int) -> set[int]:
    """Who ever approved or countersigned a case."""
    found = audit_queries.timeline(case_id, kind="move", limit=200)
    return {
        entry.actor_id
        for entry in found
        if entry.actor_id and entry.data.get("action") in ("approve", "countersign", "return")
    }


def closed_numbers(
    actor: Actor, area: Any, domains: Collection[str], from_at: datetime, to_at: datetime, type_id: int | None
) -> sa.Select[Any]:
    """The closed cases of a period inside an area that somebody may see."""
    query = sa.select(Case.number).where(
        lists.in_area(area.id),
        Case.state == State.CLOSED,
        Case.closed_at >= from_at,
        Case.closed_at < to_at,
        Case.domain.in_(sorted(domains)),
        queries.visible_to(actor),
    )
    return query if type_id is None else query.where(Case.type_id == type_id)
