"""Reads: the moves of many cases together, and what became of each case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.commons.models import CommonIssue, CommonMove, CommonStep, StepState
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import NotFound, Reason, reason_kept
from casework.kernel.permissions import Actor


def moves_of(issue: CommonIssue) -> list[tuple[CommonMove, str]]:
    """The last twenty moves with who made them, newest first."""
    query = sa.select(CommonMove, User.name).join(User, User.id == CommonMove.by_id)
    found = query.where(CommonMove.issue_id == issue.id).order_by(CommonMove.id.desc()).limit(20)
    return [(move, name) for move, name in db.session.execute(found)]


def move_of(issue: CommonIssue, move_id: int) -> CommonMove:
    """One move of the issue.

    Raises:
        NotFound: the issue has no such move.
    """
    move = db.session.get(CommonMove, move_id)
    if move is None or move.issue_id != issue.id:
        raise NotFound("move")
    return move


def tally(move_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """How many cases of each move are waiting, done or refused."""
    query = sa.select(CommonStep.move_id, CommonStep.status, sa.func.count())
    rows = db.session.execute(
        query.where(CommonStep.move_id.in_(list(move_ids))).group_by(CommonStep.move_id, CommonStep.status)
    )
    found: dict[int, dict[str, int]] = {}
    for move_id, status, count in rows:
        found.setdefault(move_id, {})[status] = count
    return found


def steps_of(move: CommonMove, actor: Actor, status: str, at: paging.At) -> paging.Page[Any]:
    """The cases of a move with one result that one may see, a hundred a page."""
    query = (
        sa.select(CommonStep, Case.number, Case.title, Case.requester, Case.id)
        .join(Case, Case.id == CommonStep.case_id)
        .where(CommonStep.move_id == move.id, CommonStep.status == status, case_queries.visible_to(actor))
    )
    return paging.page_of(query, (paging.Key(Case.id, int),), at, 100, values=lambda row: [row[4]])


def next_step(move_id: int, after: int) -> int | None:
    """The next case that a move has not tried."""
    query = sa.select(CommonStep.case_id).where(
        CommonStep.move_id == move_id, CommonStep.status == StepState.WAITING, CommonStep.case_id > after
    )
    return db.session.scalar(query.order_by(CommonStep.case_id).limit(1))


def said(reasons: Iterable[Mapping[str, Any]]) -> list[Reason]:
    """Reasons that were kept with a step, to be said in the reader's language."""
    return [reason_kept(one) for one in reasons]
