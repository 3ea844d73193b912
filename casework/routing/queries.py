"""Rules in their order, and who might take a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm

from casework.accounts.models import User
from casework.cases.models import Case
from casework.enterprises.models import Liaison
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, Role, can
from casework.roster.models import Posting
from casework.roster.queries import valid_on
from casework.routing.models import RoutingRule
from casework.routing.policy import READ

LEADING = (Role.OFFICER, Role.LEAD)
TRIED = 200


def rules_of(district_id: int, *, live: bool | None = None) -> list[RoutingRule]:
    """The rules of a district in the order in which they are asked."""
    query = sa.select(RoutingRule).options(orm.joinedload(RoutingRule.unit), orm.joinedload(RoutingRule.district))
    query = query.where(RoutingRule.district_id == district_id)
    if live is not None:
        query = query.where(RoutingRule.live == live)
    return list(db.session.scalars(query.order_by(RoutingRule.position, RoutingRule.id)))


def visible_rule(rule_id: int, *, to: Actor) -> RoutingRule:
    """A rule of one's district.

    Raises:
        NotFound: there is none, or it is another district's.
    """
    rule = db.session.get(RoutingRule, rule_id)
    if rule is None or not can(to, READ, rule):
        raise NotFound("rule")
    return rule


def liaison_on(enterprise_id: int, day: date) -> tuple[int, int | None] | None:
    """Officer and deputy of a firm on a day."""
    row = db.session.execute(
        sa.select(Liaison.officer_id, Liaison.deputy_id)
        .where(
            Liaison.enterprise_id == enterprise_id,
            Liaison.from_on <= day,
            sa.or_(Liaison.to_on.is_(None), Liaison.to_on >= day),
        )
        .order_by(Liaison.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def people(user_ids: Iterable[int], unit_id: int, day: date) -> list[tuple[int, str, int | None]]:
    """Id, name and the unit in which they can lead a case today: ``unit_id`` where they serve there."""
    wanted = sorted(set(user_ids))
    rows = db.session.execute(
        sa.select(User.id, User.name, Posting.unit_id)
        .outerjoin(Posting, sa.and_(Posting.user_id == User.id, Posting.role.in_(LEADING), valid_on(day)))
        .where(User.id.in_(wanted), User.disabled_at.is_(None))
        .order_by(User.id, (Posting.unit_id == unit_id).desc(), Posting.id)
    ).all()
    found: dict[int, tuple[int, str, int | None]] = {}
    for user_id, name, unit in rows:
        found.setdefault(user_id, (user_id, name, unit))
    return list(found.values())


def team_of(unit_id: int, day: date) -> list[int]:
    """Those who can lead a case in a unit today."""
    query = (
        sa.select(Posting.user_id)
        .join(User, User.id == Posting.user_id)
        .where(Posting.unit_id == unit_id, Posting.role.in_(LEADING), valid_on(day), User.disabled_at.is_(None))
        .distinct()
    )
    return list(db.session.scalars(query))


def loads(user_ids: Iterable[int]) -> dict[int, int]:
    """How many open cases each of the people leads."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return {}
    rows = db.session.execute(
        sa.select(Case.lead_id, sa.func.count())
        .where(Case.lead_id.in_(wanted), Case.is_open.is_(True))
        .group_by(Case.lead_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def recent_cases(district_id: int) -> Sequence[Case]:
    """The newest cases of a district, to try a rule on."""
    query = sa.select(Case).where(Case.district_id == district_id).order_by(Case.id.desc()).limit(TRIED)
    return db.session.scalars(query).all()
