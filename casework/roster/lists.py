"""The roster as a list: filters from the address bar, paged by key, with what a page shows of each person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Area
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.forms import row_id
from casework.kernel.named import called
from casework.kernel.permissions import Actor, Role
from casework.roster.models import Absence, Posting, Unit
from casework.roster.queries import people_visible_to, valid_on, visible_units

SIZE = 50
ENDS = ("7", "30", "90")
BODIES = 60


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address bar asks for; what is not understood is left out."""

    q: str = ""
    unit: int | None = None
    role: str = ""
    area: int | None = None
    sent: str = ""
    ends: str = ""
    away: str = ""

    def as_query(self, **changes: Any) -> dict[str, str]:
        """The filters as address parameters, with changes; empty ones left out."""
        return {name: str(value) for name, value in {**asdict(self), **changes}.items() if value not in (None, "")}


def read_filters(args: Mapping[str, str]) -> Filters:
    """Filters from the address bar."""
    return Filters(
        q=args.get("q", "").replace("\0", "").strip()[:60],
        unit=row_id(args.get("unit", "")),
        role=args.get("role", "") if args.get("role", "") in set(Role) else "",
        area=row_id(args.get("area", "")),
        sent=args.get("sent", "").replace("\0", "").strip()[:80],
        ends=args.get("ends", "") if args.get("ends", "") in ENDS else "",
        away="1" if args.get("away") == "1" else "",
    )


@dataclass(frozen=True, slots=True)
class Duty:
    """What somebody does today, as the list says it."""

    role: str
    unit_id: int
    unit: str
    sent_by: str
    to_on: date | None


def filtered(actor: Actor, filters: Filters, day: date) -> sa.Select[User]:
    """The people one may see that fit, not yet sorted."""
    query = people_visible_to(actor)
    if filters.q:
        query = query.where(_named(filters.q))
    if conditions := _posted(filters, day):
        query = query.where(User.id.in_(sa.select(Posting.user_id).where(valid_on(day), *conditions)))
    if filters.away:
        away = sa.select(Absence.user_id).where(Absence.to_on >= day, Absence.from_on <= day)
        query = query.where(User.id.in_(away))
    return query


def _named(text: str) -> sa.ColumnElement[bool]:
    """Part of a name, its pinyin or initials, a user name, or the end of a phone number, which every page shows."""
    ways = [*called(User, text), User.username.startswith(text.lower(), autoescape=True)]
    if len(text) == 4 and text.isascii() and text.isdigit():
        ways.append(User.phone_tail == text)
    return sa.or_(*ways)


def _posted(filters: Filters, day: date) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.unit is not None:
        conditions.append(Posting.unit_id == filters.unit)
    if filters.role:
        conditions.append(Posting.role == filters.role)
    if filters.sent:
        conditions.append(Posting.sent_by == filters.sent)
    if filters.ends:
        conditions.append(Posting.to_on.between(day, day + timedelta(days=int(filters.ends))))
    if filters.area is not None:
        place = areas.area(filters.area)
        there = areas.within(place.id, place.level) if place else sa.false()
        conditions.append(Posting.area_id.in_(sa.select(Area.id).where(there)))
    return conditions


def people(actor: Actor, filters: Filters, day: date, at: paging.At) -> paging.Page[User]:
    """A page of the roster, by name."""
    keys = (paging.Key(User.name, str), paging.Key(User.id, int))
    query = filtered(actor, filters, day)
    return paging.page_of(query, keys, at, SIZE, values=lambda row: [row.name, row.id], whole=True)


def duties(user_ids: Iterable[int], day: date) -> dict[int, list[Duty]]:
    """What the people of a page do today, by person."""
    query = (
        sa.select(Posting.user_id, Posting.role, Unit.id, Unit.name, Posting.sent_by, Posting.to_on)
        .join(Unit, Unit.id == Posting.unit_id)
        .where(Posting.user_id.in_(list(user_ids)), valid_on(day))
        .order_by(Posting.id)
    )
    found: dict[int, list[Duty]] = {}
    for row in db.session.execute(query).all():
        found.setdefault(row[0], []).append(Duty(*row[1:]))
    return found


def bodies(actor: Actor, day: date, *, unit_id: int | None = None) -> list[tuple[str, int]]:
    """The sending bodies of those one may see, with how many people each has posted today, most first."""
    count = sa.func.count(Posting.user_id.distinct())
    query = sa.select(Posting.sent_by, count).where(Posting.sent_by != "", valid_on(day))
    if unit_id is not None:
        query = query.where(Posting.unit_id == unit_id)
    else:
        query = query.where(Posting.user_id.in_(people_visible_to(actor).with_only_columns(User.id)))
    query = query.group_by(Posting.sent_by).order_by(count.desc(), Posting.sent_by).limit(BODIES)
    return [(name, number) for name, number in db.session.execute(query)]


def units(actor: Actor, text: str, at: paging.At) -> paging.Page[Any]:
    """A page of the units of one's districts with the path of their area, by code; found by name, code or body."""
    query = visible_units(actor)
    if text:
        ways = (Unit.name, Unit.sent_by)
        found = [column.contains(text, autoescape=True) for column in ways]
        query = query.where(sa.or_(*found, Unit.code.startswith(text, autoescape=True)))
    query = query.join(Area, Area.id == Unit.area_id).add_columns(Area.path)
    return paging.page_of(query, (paging.Key(Unit.code, str),), at, SIZE, values=lambda row: [row[0].code])


def strength(unit_ids: Iterable[int], day: date) -> dict[int, int]:
    """How many people serve in each unit today."""
    query = (
        sa.select(Posting.unit_id, sa.func.count(Posting.user_id.distinct()))
        .where(Posting.unit_id.in_(list(unit_ids)), valid_on(day))
        .group_by(Posting.unit_id)
    )
    return {unit_id: number for unit_id, number in db.session.execute(query)}  # noqa: C416 - rows are no pairs to mypy
