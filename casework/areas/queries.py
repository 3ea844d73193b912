"""Every read of the area tree."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from casework.areas.models import Area, Level
from casework.areas.policy import EVERYWHERE
from casework.kernel.db import db, one
from casework.kernel.permissions import Actor, Duty

COLUMN = {
    Level.CITY: Area.city_id,
    Level.DISTRICT: Area.district_id,
    Level.SUBDISTRICT: Area.subdistrict_id,
    Level.COMMUNITY: Area.community_id,
    Level.SITE: Area.id,
}
LEVELS = tuple(Level)


def area(area_id: int) -> Area | None:
    """The area with this id."""
    return db.session.get(Area, area_id)


def by_code(code: str) -> Area | None:
    """The area with this code."""
    return db.session.scalar(sa.select(Area).where(Area.code == code))


def children(area_id: int | None) -> list[Area]:
    """What lies directly below, by code; the cities when ``area_id`` is None."""
    return list(db.session.scalars(sa.select(Area).where(Area.parent_id == area_id).order_by(Area.code)))


def within(area_id: int, level: str) -> sa.ColumnElement[bool]:
    """The condition that a row of ``areas`` is this area or lies in it."""
    return sa.or_(Area.id == area_id, COLUMN[Level(level)] == area_id)


def visible_to(actor: Actor) -> sa.Select[Area]:
    """The areas a person may know of: their districts whole, with what these lie in."""
    query = sa.select(Area)
    if actor.has(*EVERYWHERE):
        return query
    conditions = [condition for duty in actor.duties for condition in _district_of(duty)]
    return query.where(sa.or_(sa.false(), *conditions))


def _district_of(duty: Duty) -> Iterable[sa.ColumnElement[bool]]:
    if duty.area_level == Level.CITY:
        return (within(duty.area_id, Level.CITY),)
    place = sa.alias(Area.__table__, name=f"place_{duty.area_id}")
    own = sa.select(sa.func.coalesce(place.c.district_id, place.c.id)).where(place.c.id == duty.area_id)
    city = sa.select(place.c.city_id).where(place.c.id == duty.area_id)
    district = own.scalar_subquery()
    return (Area.id == district, Area.district_id == district, Area.id == city.scalar_subquery())


def visible_area(area_id: int, *, to: Actor) -> Area:
    """An area the person may know of.

    Raises:
        NotFound: it does not exist or lies outside their districts.
    """
    return one(visible_to(to).where(Area.id == area_id))


def districts_served(duties: Iterable[Duty]) -> set[int]:
    """The districts in which these duties lie, whatever the level of their places; of a city's duty the city itself."""
    found, below = set[int](), set[int]()
    for duty in duties:
        whole = duty.area_level in (Level.CITY, Level.DISTRICT)
        (found if whole else below).add(duty.area_id)
    if below:
        found |= {key for key in db.session.scalars(sa.select(Area.district_id).where(Area.id.in_(below))) if key}
    return found


def district_served(actor: Actor) -> int | None:
    """The district in which somebody serves first, of a city's duty the city itself; None without a duty."""
    return next(iter(districts_served(actor.duties[:1])), None)


def placed(area: Area) -> dict[str, int | None]:
    """The columns of a thing that lies in this area: ``area_id`` apart, one id for each level above or at it."""
    columns = {
        "city_id": area.city_id,
        "district_id": area.district_id,
        "subdistrict_id": area.subdistrict_id,
        "community_id": area.community_id,
    }
    if area.level != Level.SITE:
        columns[f"{area.level}_id"] = area.id
    return columns


def find(name: str, *, within_id: int | None = None, level: str | None = None, limit: int = 20) -> list[Area]:
    """The areas with exactly this name, or whose name begins with it; nearest first, for importers and pickers."""
    query = sa.select(Area).where(Area.name.startswith(name, autoescape=True))
    if level:
        query = query.where(Area.level == level)
    if within_id and (around := area(within_id)):
        query = query.where(within(around.id, around.level))
    return list(db.session.scalars(query.order_by(Area.name != name, Area.code).limit(limit)))


def ancestors(place: Area) -> list[Area]:
    """What it lies in, from the city down, without itself."""
    rows = {row.id: row for row in db.session.scalars(sa.select(Area).where(Area.id.in_(place.area_ids)))}
    return sorted((row for row in rows.values() if row.id != place.id), key=lambda row: LEVELS.index(Level(row.level)))


def child_counts(area_ids: Sequence[int]) -> dict[int, int]:
    """How many areas lie directly below each."""
    query = sa.select(Area.parent_id, sa.func.count()).where(Area.parent_id.in_(area_ids)).group_by(Area.parent_id)
    return {parent: count for parent, count in db.session.execute(query) if parent is not None}


def choices(actor: Actor, *, levels: Sequence[str], full: bool = True) -> list[tuple[int, str]]:
    """Id and path (or own name) of the visible areas of some levels, in the order of their codes."""
    name = Area.path if full else Area.name
    query = visible_to(actor).where(Area.level.in_(levels)).order_by(Area.code)
    return [(area_id, said) for area_id, said in db.session.execute(query.with_only_columns(Area.id, name))]


def choices_in(area_ids: Collection[int], *, levels: Sequence[str]) -> list[tuple[int, str]]:
    """Id and path of these areas and of all that lies in them, of some levels, in the order of their codes."""
    inside = sa.or_(*(column.in_(area_ids) for column in COLUMN.values()))
    query = sa.select(Area.id, Area.path).where(inside, Area.level.in_(levels)).order_by(Area.code)
    return [(area_id, path) for area_id, path in db.session.execute(query)]
