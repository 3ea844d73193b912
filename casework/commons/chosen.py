"""Every read of cases that somebody chose from the list, and of the moves that were made for them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.commons.models import CommonMove, CommonStep, StepState
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor


def cases_of(case_ids: Sequence[int], actor: Actor) -> list[Case]:
    """Those of the cases that one may see, in the order given."""
    found = {
        case.id: case for case in db.session.scalars(sa.select(Case).where(Case.id.in_(case_ids), visible_to(actor)))
    }
    return [found[key] for key in dict.fromkeys(case_ids) if key in found]


def own_move(move_id: int, actor: Actor) -> CommonMove:
    """A move of cases that one chose from the list oneself.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    move = db.session.get(CommonMove, move_id)
    if move is None or move.issue_id is not None or move.by_id != actor.user_id:
        raise NotFound("move")
    return move


def undone_by(move: CommonMove) -> int | None:
    """The move that took this one back."""
    return db.session.scalar(sa.select(CommonMove.id).where(CommonMove.undoes_id == move.id).limit(1))


def done_steps(move: CommonMove) -> list[CommonStep]:
    """The cases of a move that went through."""
    query = sa.select(CommonStep).where(CommonStep.move_id == move.id, CommonStep.status == StepState.DONE)
    return list(db.session.scalars(query.order_by(CommonStep.case_id)))
