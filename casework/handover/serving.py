"""Where somebody serves on a day, and who acts: read from postings and absences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa

from casework.accounts.models import User
from casework.kernel.db import db
from casework.kernel.permissions import Role
from casework.roster import duty
from casework.roster.models import Posting
from casework.roster.queries import valid_on


def serves(user_id: int, day: date, roles: Sequence[Role]) -> tuple[set[int], set[int]]:
    """Units and areas in which a person with an open account has one of the roles on a day."""
    query = (
        sa.select(Posting.unit_id, Posting.area_id)
        .join(User, User.id == Posting.user_id)
        .where(Posting.user_id == user_id, Posting.role.in_(roles), valid_on(day), User.disabled_at.is_(None))
    )
    rows = db.session.execute(query).all()
    return {row[0] for row in rows}, {row[1] for row in rows}


def acting(user_ids: Iterable[int], day: date) -> frozenset[int]:
    """Those of the people who serve on a day and are not away."""
    wanted = sorted(set(user_ids))
    query = (
        sa.select(Posting.user_id)
        .join(User, User.id == Posting.user_id)
        .where(Posting.user_id.in_(wanted), valid_on(day), User.disabled_at.is_(None))
    )
    return frozenset(db.session.scalars(query.distinct())) - duty.away(wanted, day).keys()


def leads_of(unit_id: int, day: date) -> list[tuple[int, str]]:
    """The leads of a unit on a day, by seniority of the posting: (id, name)."""
    query = (
        sa.select(User.id, User.name)
        .join(Posting, Posting.user_id == User.id)
        .where(Posting.unit_id == unit_id, Posting.role == Role.LEAD, valid_on(day), User.disabled_at.is_(None))
        .order_by(Posting.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]
