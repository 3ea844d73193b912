"""Every read of firms; lists and look-ups start from ``visible_to(actor)``."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area, Level
from casework.areas.places import stem
from casework.enterprises.models import Contact, ContactEntry, Enterprise, Liaison
from casework.enterprises.policy import READERS
from casework.enterprises.rules import compact, name_key
from casework.kernel import paging, pinyin
from casework.kernel.db import db, one
from casework.kernel.errors import NotFound
from casework.kernel.named import begins
from casework.kernel.permissions import Actor, Role
from casework.kernel.pinyin import SHORTEST
from casework.roster.models import Posting

PAGE = 50
BY_LETTERS: tuple[Any, ...] = (
    Enterprise.brand_initials,
    Enterprise.initials,
    Enterprise.brand_pinyin,
    Enterprise.pinyin,
)
COLUMNS: dict[str, Any] = {
    Level.CITY: Enterprise.city_id,
    Level.DISTRICT: Enterprise.district_id,
    Level.SUBDISTRICT: Enterprise.subdistrict_id,
    Level.COMMUNITY: Enterprise.community_id,
    Level.SITE: Enterprise.area_id,
}
_AREA_COLUMNS: dict[str, Any] = {
    Level.CITY: Area.city_id,
    Level.DISTRICT: Area.district_id,
    Level.SUBDISTRICT: Area.subdistrict_id,
    Level.COMMUNITY: Area.community_id,
    Level.SITE: Area.id,
}


def visible_to(actor: Actor) -> sa.Select[Enterprise]:
    """The firms that the actor may know of."""
    return sa.select(Enterprise).where(reach_of(actor))


def reach_of(actor: Actor, roles: Container[Role] = READERS) -> sa.ColumnElement[bool]:
    """The condition under which a firm exists for the actor: one equality for each of today's duties, or of those."""
    reach = [COLUMNS[duty.area_level] == duty.area_id for duty in actor.duties if duty.role in roles]
    return sa.or_(*reach) if reach else sa.false()


def matching(query: sa.Select[Enterprise], text: str) -> sa.Select[Enterprise]:
    """Those whose name holds the text, or begins so in pinyin; or whose credit code is or begins with it."""
    key = name_key(text)
    if not key:
        return query
    found = [Enterprise.name_key.contains(key, autoescape=True)]
    code = compact(text)
    if len(code) >= 4 and code.isascii() and code.isalnum():
        found.append(begins(Enterprise.uscc, code))
    if pinyin.is_typed(text) and len(letters := pinyin.typed(text)) >= SHORTEST:
        found.extend(begins(column, letters) for column in BY_LETTERS)
    return query.where(sa.or_(*found))


def within(query: sa.Select[Enterprise], area: Area | None) -> sa.Select[Enterprise]:
    """Those that lie in an area of any level."""
    return query if area is None else query.where(COLUMNS[area.level] == area.id)


def held_by(
    query: sa.Select[Enterprise], day: date, *, officer: int | None, deputy: int | None
) -> sa.Select[Enterprise]:
    """Those that a person answers for on a day, as officer or as deputy."""
    for column, user_id in ((Liaison.officer_id, officer), (Liaison.deputy_id, deputy)):
        if user_id is not None:
            ended = sa.or_(Liaison.to_on.is_(None), Liaison.to_on >= day)
            held = sa.select(Liaison.enterprise_id).where(column == user_id, Liaison.from_on <= day, ended)
            query = query.where(Enterprise.id.in_(held))
    return query


def page_of(query: sa.Select[Enterprise], at: paging.At) -> paging.Page[Enterprise]:
    """Fifty firms by key, and the cursors of the pages beside."""
    keys = (paging.Key(Enterprise.id, int),)
    return paging.page_of(query, keys, at, PAGE, values=lambda firm: [firm.id], whole=True)


def visible_enterprise(key: int, *, to: Actor) -> Enterprise:
    """One firm.

    Raises:
        NotFound: there is none, or it lies outside the actor's areas.
    """
    return one(visible_to(to).where(Enterprise.id == key), "enterprise")


def contact_of(enterprise: Enterprise, key: int) -> Contact:
    """A contact of the firm who still works there.

    Raises:
        NotFound: there is none.
    """
    return contact_at(enterprise.id, key)


def contact_at(enterprise_id: int, key: int) -> Contact:
    """A contact of the firm with this id who still works there.

    Raises:
        NotFound: there is none.
    """
    contact = db.session.get(Contact, key)
    if contact is None or contact.enterprise_id != enterprise_id or contact.left_at is not None:
        raise NotFound("contact")
    return contact


def contacts_of(enterprise: Enterprise) -> Sequence[Contact]:
    """Those who still work there, oldest entry first."""
    return contacts_of_id(enterprise.id)


def contacts_of_id(enterprise_id: int) -> Sequence[Contact]:
    """Those who still work at the firm with this id, oldest entry first."""
    return db.session.scalars(
        sa.select(Contact).where(Contact.enterprise_id == enterprise_id, Contact.left_at.is_(None)).order_by(Contact.id)
    ).all()


def liaison_of(enterprise: Enterprise) -> Liaison | None:
    """Who answers for the firm now."""
    return db.session.scalar(sa.select(Liaison).where(Liaison.enterprise_id == enterprise.id, Liaison.to_on.is_(None)))


def officers_by_enterprise(keys: Sequence[int]) -> dict[int, str]:
    """The officer's name for each firm of a list."""
    rows = db.session.execute(
        sa.select(Liaison.enterprise_id, User.name)
        .join(User, User.id == Liaison.officer_id)
        .where(Liaison.enterprise_id.in_(keys), Liaison.to_on.is_(None))
    )
    return {row[0]: row[1] for row in rows}


def areas_by_id(keys: set[int | None]) -> dict[int, Area]:
    """Areas by id, for a list of firms."""
    wanted = [key for key in keys if key]
    rows = db.session.scalars(sa.select(Area).where(Area.id.in_(wanted))) if wanted else ()
    return {area.id: area for area in rows}


def areas_for(actor: Actor, *, roles: frozenset[Role] | None = None) -> Sequence[Area]:
    """The areas in which the actor may enter a firm, by code; the areas of the duties included."""
    reach = [
        sa.or_(Area.id == duty.area_id, _AREA_COLUMNS[duty.area_level] == duty.area_id)
        for duty in actor.duties
        if roles is None or duty.role in roles
    ]
    if not reach:
        return []
    return db.session.scalars(sa.select(Area).where(sa.or_(*reach)).order_by(Area.code)).all()


def officers_for(enterprise: Enterprise, today: date) -> list[tuple[int, str]]:
    """People with a posting of today over the firm's areas who may answer for it: (id, name)."""
    rows = db.session.execute(
        sa.select(User.id, User.name)
        .join(Posting, Posting.user_id == User.id)
        .where(
            Posting.role.in_([Role.OFFICER, Role.LEAD]),
            Posting.area_id.in_(sorted(enterprise.area_ids)),
            Posting.from_on <= today,
            sa.or_(Posting.to_on.is_(None), Posting.to_on >= today),
            User.disabled_at.is_(None),
        )
        .distinct()
        .order_by(User.name, User.id)
    )
    return [(row[0], row[1]) for row in rows]


def before_brands(area: Area) -> list[str]:
    """What names of firms of an area begin with before what people call them: 江城市, 江城, 临江区, 临江."""
    above = [db.session.get(Area, key) for key in area.area_ids]
    named = [one for one in above if one is not None and one.level in (Level.CITY, Level.DISTRICT)]
    return [name for one in named for name in (one.name, stem(one.name, one.level))]


def beginning_with(text: str, *conditions: Any, most: int, least: int = SHORTEST) -> list[int]:
    """Ids of firms whose name begins so, with or without the city before it, in characters, pinyin or initials.

    The nearest first: by name, by brand, by initials, by full pinyin. ``conditions`` narrow whom it may name;
    fewer Chinese characters than ``least`` name nobody, nor does a single letter.
    """
    ranges = [
        _first_of(rank, column, start, conditions, most)
        for rank, (column, start) in enumerate(_starts(text))
        if len(start) >= (SHORTEST if start.isascii() else least)
    ]
    rows = db.session.execute(sa.union_all(*ranges)).all() if ranges else ()
    return list(dict.fromkeys(key for _, _, key in sorted(rows)))[:most]


def _starts(text: str) -> list[tuple[Any, str]]:
    """The columns that may begin with a text, and how it would stand there."""
    key = name_key(text)
    starts: list[tuple[Any, str]] = [(Enterprise.name_key, key), (Enterprise.brand_key, key)]
    if pinyin.is_typed(text):
        starts += [(column, pinyin.typed(text)) for column in BY_LETTERS]
    return starts


def _first_of(rank: int, column: Any, start: str, conditions: Sequence[Any], most: int) -> sa.Select[Any]:
    """The first firms of a range of an index: however many begin so, no more are read."""
    query = sa.select(Enterprise.id, column.label("found")).where(begins(column, start), *conditions)
    found = query.order_by(column).limit(most).subquery()
    return sa.select(sa.literal(rank), found.c.found, found.c.id)


def with_code(uscc: str) -> Enterprise | None:
    """The firm with this credit code."""
    return db.session.scalar(sa.select(Enterprise).where(Enterprise.uscc == uscc))


def with_name(name: str, district_id: int | None) -> Enterprise | None:
    """The firm with this name in the district, however its brackets and blanks are typed."""
    here = Enterprise.district_id == district_id
    return db.session.scalar(sa.select(Enterprise).where(Enterprise.name_key == name_key(name), here))


def last_entries(keys: Sequence[int]) -> dict[int, ContactEntry]:
    """What was written down last of each of the firms, whether somebody was met or not."""
    newest = (
        sa.select(ContactEntry.enterprise_id, sa.func.max(ContactEntry.at).label("at"))
        .where(ContactEntry.enterprise_id.in_(keys))
        .group_by(ContactEntry.enterprise_id)
        .subquery()
    )
    same = sa.and_(newest.c.enterprise_id == ContactEntry.enterprise_id, newest.c.at == ContactEntry.at)
    query = sa.select(ContactEntry).join(newest, same).order_by(ContactEntry.id)
    return {row.enterprise_id: row for row in db.session.scalars(query)} if keys else {}


def entries_of(enterprise_id: int, limit: int = 10) -> Sequence[ContactEntry]:
    """The newest contacts with a firm, newest first."""
    mine = sa.select(ContactEntry).where(ContactEntry.enterprise_id == enterprise_id)
    return db.session.scalars(mine.order_by(ContactEntry.at.desc(), ContactEntry.id.desc()).limit(limit)).all()


def first_contacts(keys: Sequence[int]) -> dict[int, Contact]:
    """Whom to call first at each of the firms: who was entered first and works there still."""
    first = (
        sa.select(sa.func.min(Contact.id))
        .where(Contact.enterprise_id.in_(keys), Contact.left_at.is_(None))
        .group_by(Contact.enterprise_id)
    )
    rows = db.session.scalars(sa.select(Contact).where(Contact.id.in_(first))) if keys else ()
    return {row.enterprise_id: row for row in rows}
