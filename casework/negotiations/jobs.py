"""What the negotiation log reminds of by itself: promises that fall due."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
import structlog

from casework.cases.models import Case
from casework.cases.notices import Told, tell_of
from casework.kernel.db import db, transaction
from casework.kernel.errors import CaseworkError
from casework.kernel.time import local_day
from casework.negotiations.models import Commitment
from casework.negotiations.words import UNSETTLED

log = structlog.get_logger()
AHEAD = timedelta(days=1)
BEHIND = timedelta(days=7)
BATCH = 500


def remind(now: datetime) -> int:
    """Tell whoever works on a case that a promise is due tomorrow, once; returns how many people were told."""
    told, after = 0, (local_day(now) - BEHIND, 0)
    while due := _due(after, local_day(now) + AHEAD):
        after = due[-1]
        db.session.rollback()
        told += sum(_one(commitment_id, now) for _, commitment_id in due)
    return told


def _due(after: tuple[date, int], until: date) -> list[tuple[date, int]]:
    """The next promises by day and id: those that were told of already are asked again and told to nobody."""
    query = (
        sa.select(Commitment.due_on, Commitment.id)
        .where(
            Commitment.state.in_(UNSETTLED),
            Commitment.due_on <= until,
            sa.tuple_(Commitment.due_on, Commitment.id) > sa.tuple_(*after),
        )
        .order_by(Commitment.due_on, Commitment.id)
        .limit(BATCH)
    )
    return [(on, key) for on, key in db.session.execute(query)]


def _one(commitment_id: int, now: datetime) -> int:
    try:
        with transaction():
            promise = db.session.get_one(Commitment, commitment_id)
            case = db.session.get_one(Case, promise.case_id)
            if promise.state not in UNSETTLED or not case.is_open:
                return 0
            told = Told("promise_due", list(case.handler_ids or ()))
            key, path = f"promise{promise.id}:{promise.due_on}", f"/cases/{case.number}/commitments/{promise.id}"
            return tell_of(case, told, key=key, path=path, by=None, now=now)
    except CaseworkError as error:
        log.warning("nobody was reminded of a promise", commitment=commitment_id, error=str(error))
        return 0
