"""Counts for the board, the rows behind them, and who may take what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.coverage import rules
from casework.coverage.models import Coverage
from casework.coverage.policy import READ, READERS
from casework.coverage.rules import Cell, Held
from casework.enterprises import history
from casework.enterprises.models import ContactDay, Enterprise, Liaison
from casework.enterprises.queries import COLUMNS
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, Role, can
from casework.kernel.time import at_local
from casework.roster.models import Posting
from casework.roster.queries import names, valid_on
from casework.roster.rules import Limits

ANSWERING = (Role.OFFICER, Role.LEAD)
SHOWS = ("uncovered", "ended", "no_deputy", "stale", "handing", "all")
PAGE = 50
# Which firms are being handed over: selects of their ids, from higher packages.
HANDING: list[Callable[[], sa.Select[int]]] = []


def _valid(table: Any, day: date, today: date) -> sa.ColumnElement[bool]:
    """That an entry counts on a day; for today by the open ones alone, which the index holds together."""
    if day == today:
        return sa.and_(table.to_on.is_(None), table.from_on <= day)
    return sa.and_(table.from_on <= day, sa.or_(table.to_on.is_(None), table.to_on >= day))


def firms_by_community(district_id: int, day: date, today: date) -> dict[int | None, int]:
    """Firms in business, by community. A past day counts those that were entered by then and closed later or never."""
    query = sa.select(Enterprise.community_id, sa.func.count()).where(
        Enterprise.district_id == district_id, _in_business(day, today)
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Enterprise.community_id))}


def _in_business(day: date, today: date) -> sa.ColumnElement[bool]:
    if day == today:
        return Enterprise.active.is_(True)
    return sa.and_(Enterprise.created_at < at_local(day + timedelta(days=1)), history.in_business(day))


def held_on(district_id: int, day: date, today: date) -> list[Held]:
    """Who answers for how many firms of each community on a day."""
    query = (
        sa.select(Liaison.community_id, Liaison.officer_id, sa.func.count(), sa.func.count(Liaison.deputy_id))
        .where(Liaison.district_id == district_id, _valid(Liaison, day, today))
        .group_by(Liaison.community_id, Liaison.officer_id)
    )
    return [Held(*row) for row in db.session.execute(query)]


def stale_by_community(
    district_id: int, firms: Mapping[int | None, int], day: date, today: date, days: int
) -> dict[int | None, int]:
    """Firms in business with whom nobody had spoken for so many days, by community: all less those that are fresh."""
    before = day - timedelta(days=days)
    if day == today:
        query = sa.select(Enterprise.community_id, sa.func.count()).where(
            Enterprise.district_id == district_id, Enterprise.active.is_(True), Enterprise.contacted_on >= before
        )
        found = db.session.execute(query.group_by(Enterprise.community_id))
    else:
        kept = sa.select(ContactDay.community_id, sa.func.count()).where(
            ContactDay.district_id == district_id, history.fresh(day, before)
        )
        found = db.session.execute(kept.group_by(ContactDay.community_id))
    fresh = {row[0]: row[1] for row in found}
    return {key: max(count - fresh.get(key, 0), 0) for key, count in firms.items()}


def _handed_over() -> sa.ColumnElement[bool]:
    """That a firm is going to another officer or deputy who has not accepted yet."""
    return sa.or_(sa.false(), *(Enterprise.id.in_(select()) for select in HANDING))


def handing_by_community(district_id: int) -> dict[int | None, int]:
    """Firms in business that are being handed over, by community."""
    query = sa.select(Enterprise.community_id, sa.func.count()).where(
        Enterprise.district_id == district_id, Enterprise.active.is_(True), _handed_over()
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Enterprise.community_id))}


def serving(user_ids: Iterable[int], day: date) -> frozenset[int]:
    """Those of the people who serve as officer or lead on a day."""
    wanted = sorted(set(user_ids))
    query = sa.select(Posting.user_id).where(Posting.role.in_(ANSWERING), valid_on(day))
    if len(wanted) < 500:
        query = query.where(Posting.user_id.in_(wanted))
    return frozenset(db.session.scalars(query.distinct())) & frozenset(wanted)


def leaders_on(district_id: int, day: date, today: date) -> dict[int, tuple[int, str]]:
    """Who answers for which place on a day: (id, name) by area."""
    query = (
        sa.select(Coverage.area_id, User.id, User.name)
        .join(User, User.id == Coverage.leader_id)
        .where(Coverage.district_id == district_id, _valid(Coverage, day, today))
    )
    return {area_id: (user_id, name) for area_id, user_id, name in db.session.execute(query)}


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the board."""

    id: int
    name: str
    level: str
    parent_id: int | None


def places_of(district_id: int) -> list[Place]:
    """Subdistricts, communities and sites of a district, by code."""
    query = sa.select(Area.id, Area.name, Area.level, Area.parent_id)
    return [Place(*row) for row in db.session.execute(query.where(Area.district_id == district_id).order_by(Area.code))]


@dataclass(frozen=True, slots=True)
class Board:
    """A district on a day: its places, the counts of each community, who leads where."""

    places: list[Place]
    cells: dict[int | None, Cell]
    leaders: dict[int, tuple[int, str]]
    names: dict[int, str]
    total: Cell

    def led(self, place: Place) -> str:
        """The leader of a place; empty when there is none."""
        return self.leaders.get(place.id, (0, ""))[1]


def seen(places: list[Place], actor: Actor, district: Area) -> list[Place] | None:
    """Those of a district's places whose coverage one may see; None: all of them, and what lies in none."""
    if can(actor, READ, district):
        return None
    own = {duty.area_id for duty in actor.duties if duty.role in READERS}
    above = {place.id: place.parent_id for place in places}

    def reached(key: int | None) -> bool:
        return key is not None and (key in own or reached(above.get(key)))

    return [place for place in places if reached(place.id)]


def board(district: Area, day: date, today: date, limits: Limits, actor: Actor | None = None) -> Board:
    """The board in seven queries; with an actor what they may see of it."""
    district_id, places = district.id, places_of(district.id)
    held = held_on(district_id, day, today)
    firms = firms_by_community(district_id, day, today)
    found = rules.cells(
        firms,
        held,
        stale_by_community(district_id, firms, day, today, limits.stale_days),
        serving=serving((row.officer_id for row in held), day),
        most=limits.most_firms,
    )
    for key, count in (handing_by_community(district_id) if day == today else {}).items():
        found.setdefault(key, Cell()).handing = count
    if actor and (own := seen(places, actor, district)) is not None:
        places, known = own, {place.id for place in own}
        found = {key: cell for key, cell in found.items() if key in known}
    whole = rules.total(found.values())
    return Board(places, found, leaders_on(district_id, day, today), names(whole.heavy), whole)


def visible_place(area_id: int, *, to: Actor) -> Area:
    """A place inside a district whose coverage one may see.

    Raises:
        NotFound: there is none, or it is another district's.
    """
    area = db.session.get(Area, area_id)
    if area is None or area.level == Level.CITY or not can(to, READ, area):
        raise NotFound("place")
    return area


def firms_in(
    area: Area, show: str, *, today: date, limits: Limits, day: date | None = None, officer_id: int | None = None
) -> sa.Select[Any]:
    """The firms behind a number of the board of a day, with officer and deputy: (firm, officer id, deputy id).

    With an officer: those that this person answered for.
    """
    day = day or today
    that_day = sa.and_(Liaison.enterprise_id == Enterprise.id, _valid(Liaison, day, today))
    found = sa.select(Enterprise, Liaison.officer_id, Liaison.deputy_id).outerjoin(Liaison, that_day)
    query: Any = found.where(COLUMNS[area.level] == area.id, _in_business(day, today))
    if officer_id is not None:
        query = query.where(Liaison.officer_id == officer_id)
    serves = sa.select(Posting.user_id).where(Posting.role.in_(ANSWERING), valid_on(day))
    held = sa.and_(Liaison.id.is_not(None), Liaison.officer_id.in_(serves))
    condition = {
        "uncovered": Liaison.id.is_(None),
        "ended": sa.and_(Liaison.id.is_not(None), Liaison.officer_id.not_in(serves)),
        "no_deputy": sa.and_(held, Liaison.deputy_id.is_(None)),
        "stale": _stale(day, today, limits.stale_days),
        "handing": _handed_over(),
    }.get(show)
    chosen: sa.Select[Any] = query if condition is None else query.where(condition)
    return chosen


def _stale(day: date, today: date, days: int) -> sa.ColumnElement[bool]:
    before = day - timedelta(days=days)
    if day == today:
        return sa.or_(Enterprise.contacted_on.is_(None), Enterprise.contacted_on < before)
    one = sa.exists().where(ContactDay.enterprise_id == Enterprise.id, history.fresh(day, before))
    return ~one


def contacted_by(firm_ids: Sequence[int], day: date) -> dict[int, date]:
    """When somebody last spoke with each of the firms, as of a day."""
    query = sa.select(ContactDay.enterprise_id, sa.func.max(ContactDay.day)).where(
        ContactDay.enterprise_id.in_(list(firm_ids)), ContactDay.day <= day
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(ContactDay.enterprise_id))}


@dataclass(frozen=True, slots=True)
class Led:
    """A place with what it lies in and who led it on a day; no name where nobody did."""

    id: int
    name: str
    path: str
    leader: str


LED_SHOWS = ("without", "with", "all")


def led_places(area: Area, level: str, show: str, day: date, today: date, at: paging.At) -> paging.Page[Any]:
    """The communities or sites inside a place, with or without a leader on a day, fifty a page."""
    led = sa.and_(Coverage.area_id == Area.id, _valid(Coverage, day, today))
    query = sa.select(Area.id, Area.name, Area.path, User.name.label("leader")).where(
        areas.within(area.id, area.level), Area.level == level
    )
    query = query.outerjoin(Coverage, led).outerjoin(User, User.id == Coverage.leader_id)
    condition = {"without": Coverage.id.is_(None), "with": Coverage.id.is_not(None)}.get(show)
    query = query if condition is None else query.where(condition)
    found = paging.page_of(query, (paging.Key(Area.id, int),), at, PAGE, values=lambda row: [row.id])
    return replace(found, rows=[Led(row.id, row.name, row.path, row.leader or "") for row in found.rows])


def page_of(query: sa.Select[Any], at: paging.At) -> paging.Page[Any]:
    """Fifty of them by key."""
    return paging.page_of(query, (paging.Key(Enterprise.id, int),), at, PAGE, values=lambda row: [row[0].id])
