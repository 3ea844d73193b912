"""Who serves where: the actor of a day, units, and the people one may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm

from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Area
from casework.kernel.db import db, one
from casework.kernel.errors import N_, NotFound, because
from casework.kernel.i18n import translate
from casework.kernel.permissions import Actor, Duty, Role
from casework.roster.models import Posting, Unit
from casework.roster.policy import EVERYWHERE
from casework.roster.words import ROLES

HANDLERS = (Role.OFFICER, Role.LEAD, Role.HELPER)
UNKNOWN = N_("person no. %(id)s")


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person in a unit today, with the role of the posting."""

    user_id: int
    name: str
    role: str


def valid_on(day: date | sa.BindParameter[date]) -> sa.ColumnElement[bool]:
    """The condition that a posting counts on this day."""
    return sa.and_(Posting.from_on <= day, sa.or_(Posting.to_on.is_(None), Posting.to_on >= day))


# Put together once: every request asks it.
_ACTOR = (
    sa.select(User.id, User.name, User.locale, Posting.role, Unit.id, Unit.name, Area.id, Area.level, Unit.domains)
    .outerjoin(Posting, sa.and_(Posting.user_id == User.id, valid_on(sa.bindparam("day", type_=sa.Date()))))
    .outerjoin(Unit, Unit.id == Posting.unit_id)
    .outerjoin(Area, Area.id == Posting.area_id)
    .where(User.id == sa.bindparam("user_id"), User.disabled_at.is_(None))
    .order_by(Posting.id)
)


def actor_for(user_id: int, day: date) -> Actor | None:
    """The person with the duties of the day, in one query; None if there is no such account or it is disabled."""
    rows = db.session.execute(_ACTOR, {"user_id": user_id, "day": day}).all()
    if not rows:
        return None
    duties = tuple(
        Duty(Role(role), unit_id, unit_name, area_id, level, frozenset(domains or ()))
        for *_, role, unit_id, unit_name, area_id, level, domains in rows
        if role is not None
    )
    return Actor(rows[0][0], rows[0][1], duties, rows[0][2])


def officers_of(unit_id: int, day: date) -> list[Colleague]:
    """Who can be given a case in a unit: its officers, leads and helpers of the day, by name."""
    query = (
        sa.select(User.id, User.name, sa.func.min(Posting.role))
        .join(Posting, Posting.user_id == User.id)
        .where(Posting.unit_id == unit_id, Posting.role.in_(HANDLERS), valid_on(day), User.disabled_at.is_(None))
        .group_by(User.id, User.name)
        .order_by(User.name, User.id)
    )
    return [Colleague(*row) for row in db.session.execute(query)]


def colleagues(unit_ids: Iterable[int], day: date) -> dict[int, list[Colleague]]:
    """The officers, leads and helpers of some units on a day, by name, by unit."""
    query = (
        sa.select(Posting.unit_id, User.id, User.name, Posting.role)
        .join(User, User.id == Posting.user_id)
        .where(Posting.unit_id.in_(set(unit_ids)), Posting.role.in_(HANDLERS), valid_on(day))
        .where(User.disabled_at.is_(None))
        .order_by(User.name, User.id)
        .limit(2000)
    )
    found: dict[int, list[Colleague]] = {}
    for unit_id, user_id, name, role in db.session.execute(query):
        found.setdefault(unit_id, []).append(Colleague(user_id, name, role))
    return found


def units_in(area_ids: Iterable[int], *, kind: str | None = None) -> list[Unit]:
    """The open units of these areas, by name. With the ``area_ids`` of a case: the units that reach it."""
    query = sa.select(Unit).where(Unit.area_id.in_(list(area_ids)), Unit.closed_on.is_(None)).order_by(Unit.name)
    return list(db.session.scalars(query.where(Unit.kind == kind) if kind else query))


def visible_units(actor: Actor) -> sa.Select[Unit]:
    """The units of the person's districts, with those above them."""
    query = sa.select(Unit)
    if actor.has(*EVERYWHERE):
        return query
    return query.where(Unit.area_id.in_(areas.visible_to(actor).with_only_columns(Area.id)))


def visible_unit(unit_id: int, *, to: Actor) -> Unit:
    """A unit the person may know of.

    Raises:
        NotFound: it does not exist or lies outside their districts.
    """
    return one(visible_units(to).where(Unit.id == unit_id))


def unit_choices(actor: Actor, *, kind: str | None = None) -> list[tuple[int, str]]:
    """Id and name of the open units a person may choose from, by name."""
    query = visible_units(actor).where(Unit.closed_on.is_(None)).order_by(Unit.name)
    query = query.where(Unit.kind == kind) if kind else query
    return [(unit_id, name) for unit_id, name in db.session.execute(query.with_only_columns(Unit.id, Unit.name))]


def people_visible_to(actor: Actor) -> sa.Select[User]:
    """The people a person may see in the roster: all, those of their district with the unposted, or their team."""
    query = sa.select(User)
    if actor.has(*EVERYWHERE):
        return query
    posted = sa.select(Posting.user_id)
    conditions: list[sa.ColumnElement[bool]] = []
    for duty in actor.duties:
        if duty.role is Role.DISTRICT_ADMIN:
            there = sa.select(Area.id).where(areas.within(duty.area_id, duty.area_level))
            conditions += [User.id.in_(posted.where(Posting.area_id.in_(there))), User.id.not_in(posted)]
        elif duty.role is Role.LEAD:
            conditions.append(User.id.in_(posted.where(Posting.unit_id == duty.unit_id)))
    return query.where(sa.or_(sa.false(), *conditions))


def visible_person(user_id: int, *, to: Actor) -> User:
    """A person the actor may see.

    Raises:
        NotFound: no such person, or none of theirs.
    """
    return one(people_visible_to(to).where(User.id == user_id))


def names(user_ids: Iterable[int]) -> dict[int, str]:
    """Names by id, for timelines and lists; of anybody."""
    wanted = set(user_ids)
    if not wanted:
        return {}
    return {row[0]: row[1] for row in db.session.execute(sa.select(User.id, User.name).where(User.id.in_(wanted)))}


def names_for(actor: Actor, user_ids: Iterable[int]) -> dict[int, str]:
    """The names that the actor may know; of others only which number they have.

    For what an address names, such as a filter: anybody can write any number there.
    """
    wanted = set(user_ids)
    found = known_names(actor, wanted)
    return {key: found.get(key) or translate(UNKNOWN) % {"id": key} for key in wanted}


def known_names(actor: Actor, user_ids: Iterable[int]) -> dict[int, str]:
    """Names of those among these who serve or served where the actor may look, the others are missing."""
    wanted = set(user_ids)
    known = sa.select(User.id, User.name).where(User.id.in_(wanted))
    if not actor.has(*EVERYWHERE):
        here = areas.visible_to(actor).with_only_columns(Area.id)
        near = sa.select(Posting.user_id).where(Posting.user_id.in_(wanted), Posting.area_id.in_(here))
        known = known.where(sa.or_(User.id == actor.user_id, User.id.in_(near)))
    return {row[0]: row[1] for row in db.session.execute(known)} if wanted else {}


def postings_of(user_id: int) -> list[Posting]:
    """A person's postings with unit and area, newest first."""
    query = (
        sa.select(Posting)
        .options(orm.joinedload(Posting.unit), orm.joinedload(Posting.area))
        .where(Posting.user_id == user_id)
        .order_by(Posting.from_on.desc(), Posting.id.desc())
    )
    return list(db.session.scalars(query))


def postings_in(unit_id: int) -> list[Posting]:
    """Everybody who is or was posted in a unit, newest first, so many that one page holds them."""
    query = (
        sa.select(Posting)
        .options(orm.joinedload(Posting.user), orm.joinedload(Posting.area))
        .where(Posting.unit_id == unit_id)
        .order_by(Posting.from_on.desc(), Posting.id.desc())
        .limit(200)
    )
    return list(db.session.scalars(query))


def roles_held(user_id: int, day: date) -> set[Role]:
    """The roles a person has today or is to have."""
    query = sa.select(Posting.role).where(
        Posting.user_id == user_id, sa.or_(Posting.to_on.is_(None), Posting.to_on >= day)
    )
    return {Role(role) for role in db.session.scalars(query)}


def demo_users() -> list[tuple[str, str]]:
    """User name and role of the accounts that a demo invites to try: one for each role, in the order of the roles."""
    query = (
        sa.select(Posting.role, sa.func.min(User.id))
        .join(User, User.id == Posting.user_id)
        .where(User.disabled_at.is_(None))
        .group_by(Posting.role)
    )
    firsts = {user_id: role for role, user_id in db.session.execute(query)}
    rows = db.session.execute(sa.select(User.id, User.username).where(User.id.in_(firsts)))
    order = list(Role)
    named = sorted(
        ((username, firsts[user_id]) for user_id, username in rows), key=lambda pair: order.index(Role(pair[1]))
    )
    return [(username, str(because(ROLES[Role(role)]))) for username, role in named]


def unit_by_code(code: str) -> Unit | None:
    """The unit with this code."""
    return db.session.scalar(sa.select(Unit).where(Unit.code == code))


def posting(posting_id: int, *, of: int) -> Posting:
    """A posting of a person, with unit, area and person.

    Raises:
        NotFound: it is not one of theirs.
    """
    found = db.session.get(Posting, posting_id)
    if found is None or found.user_id != of:
        raise NotFound
    return found
