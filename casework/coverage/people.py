"""Who may take what of a place: its officers with what they carry, its leaders, and the firms that wait for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Area
from casework.coverage.queries import ANSWERING, firms_in
from casework.coverage.rules import Firm, Officer
from casework.enterprises.models import Enterprise, Liaison
from casework.kernel.db import db
from casework.kernel.permissions import Role
from casework.roster.models import Posting
from casework.roster.queries import valid_on
from casework.roster.rules import Limits


def officers_for(area: Area, today: date) -> list[tuple[int, str, int]]:
    """Who may answer for firms in a place today, least loaded first: (id, name, firms they have)."""
    reaching = sa.or_(Posting.area_id.in_(sorted(area.area_ids)), areas.within(area.id, area.level))
    rows = db.session.execute(
        sa.select(User.id, User.name)
        .join(Posting, Posting.user_id == User.id)
        .join(Area, Area.id == Posting.area_id)
        .where(Posting.role.in_(ANSWERING), valid_on(today), User.disabled_at.is_(None), reaching)
        .distinct()
    ).all()
    loads = firms_of([row[0] for row in rows])
    found = [(row[0], row[1], loads.get(row[0], 0)) for row in rows]
    return sorted(found, key=lambda one: (one[2], one[1], one[0]))


def firms_of(user_ids: Sequence[int]) -> dict[int, int]:
    """How many firms each of the people answers for today."""
    query = sa.select(Liaison.officer_id, sa.func.count()).where(
        Liaison.officer_id.in_(list(user_ids)), Liaison.to_on.is_(None)
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Liaison.officer_id))}


def reach_of(user_ids: Sequence[int], today: date) -> dict[int, frozenset[int]]:
    """The areas that each of the people serves today as officer or lead."""
    query = sa.select(Posting.user_id, Posting.area_id).where(
        Posting.user_id.in_(list(user_ids)), Posting.role.in_(ANSWERING), valid_on(today)
    )
    found: dict[int, frozenset[int]] = {}
    for user_id, area_id in db.session.execute(query):
        found[user_id] = found.get(user_id, frozenset()) | {area_id}
    return found


def leaders_for(area: Area, today: date) -> list[tuple[int, str]]:
    """Who may answer for a place: the area leaders whose posting reaches it."""
    rows = db.session.execute(
        sa.select(User.id, User.name)
        .join(Posting, Posting.user_id == User.id)
        .where(
            Posting.role == Role.AREA_LEADER,
            Posting.area_id.in_(sorted(area.area_ids)),
            valid_on(today),
            User.disabled_at.is_(None),
        )
        .distinct()
        .order_by(User.name, User.id)
    )
    return [(row[0], row[1]) for row in rows]


def to_share(area: Area, today: date, most: int) -> tuple[list[Firm], list[Officer]]:
    """The firms of a place for which nobody answers, and who may take them, with reach, load and trades."""
    limits = Limits()
    query = firms_in(area, "uncovered", today=today, limits=limits).order_by(Enterprise.id).limit(most)
    firms = [Firm(firm.id, firm.area_ids, firm.industry) for firm, *_ in db.session.execute(query)]
    listed = officers_for(area, today)
    ids = [one[0] for one in listed]
    reach = reach_of(ids, today)
    trades: dict[int, set[str]] = {}
    for user_id, trade in db.session.execute(
        sa.select(Liaison.officer_id, Enterprise.industry)
        .join(Enterprise, Enterprise.id == Liaison.enterprise_id)
        .where(Liaison.officer_id.in_(ids), Liaison.to_on.is_(None), Enterprise.industry != "")
        .distinct()
    ):
        trades.setdefault(user_id, set()).add(trade)
    officers = [
        Officer(key, reach.get(key, frozenset()), load, frozenset(trades.get(key, ()))) for key, _, load in listed
    ]
    return firms, officers
