"""Whose cases a brief counts, and who may have it so: an area, an authority's domains in one, or a team.

A scope travels as a short name: ``a12`` the area 12, ``q3-12`` the authority 3 in the area 12, ``u7`` the team 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.briefs.models import Brief, BriefSchedule
from casework.briefs.policy import READERS
from casework.briefs.words import Reach
from casework.cases.models import Case, CaseType
from casework.cases.queries import AREA_COLUMNS
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import TABLE, Actor, Duty, Scope
from casework.kpis.periods import Period
from casework.kpis.selecting import OFFERED, Selection
from casework.roster.models import Unit

_NAME = re.compile(r"(a|u)(\d{1,15})|q(\d{1,15})-(\d{1,15})", re.ASCII)
WHOLE = (Level.CITY, Level.DISTRICT)


@dataclass(frozen=True, slots=True)
class Counted:
    """Whose cases are counted. ``unit`` is the team, or the authority whose domains they are of."""

    reach: Reach
    area: Area
    unit: Unit | None = None
    type_id: int | None = None

    @property
    def name(self) -> str:
        """The scope as it travels."""
        if self.unit is None:
            return f"a{self.area.id}"
        return f"u{self.unit.id}" if self.reach == Reach.TEAM else f"q{self.unit.id}-{self.area.id}"

    @property
    def of_all(self) -> bool:
        """Whether every case of the place is counted."""
        return self.reach == Reach.AREA and self.type_id is None

    def selection(self, first: date, last: date) -> Selection:
        """The same as a question to the board of figures."""
        of_team, of_some = self.reach == Reach.TEAM, self.reach == Reach.AUTHORITY
        return Selection(
            Period("days", first, last),
            self.area,
            self.unit if of_team else None,
            type_id=self.type_id,
            domains=frozenset(self.unit.domains or ()) if self.unit and of_some else None,
            whole_unit=of_team,
        )

    def columns(self) -> dict[str, Any]:
        """What a row of this scope holds."""
        unit_id = self.unit.id if self.unit else None
        placed = areas.placed(self.area)
        return {"reach": self.reach, "area_id": self.area.id, **placed, "unit_id": unit_id, "type_id": self.type_id}


def of_row(row: Brief | BriefSchedule) -> Counted:
    """The scope of a brief or a plan."""
    unit = db.session.get(Unit, row.unit_id) if row.unit_id else None
    return Counted(Reach(row.reach), db.session.get_one(Area, row.area_id), unit, row.type_id)


def inside(counted: Counted) -> sa.ColumnElement[bool]:
    """The condition that a case is counted; the indexes of cases begin with the district."""
    area, found = counted.area, list[Any]()
    if counted.reach == Reach.TEAM and counted.unit is not None:
        found.append(Case.unit_id == counted.unit.id)
    elif area.level == Level.CITY:
        found.append(
            Case.district_id.in_(sa.select(Area.id).where(Area.city_id == area.id, Area.level == Level.DISTRICT))
        )
    else:
        found.append(AREA_COLUMNS[area.level] == area.id)
    if area.district_id and area.level != Level.DISTRICT:
        found.append(Case.district_id == area.district_id)
    if counted.reach == Reach.AUTHORITY and counted.unit is not None:
        found.append(Case.domain.in_(sorted(counted.unit.domains or ())))
    if counted.type_id is not None:
        found.append(Case.type_id == counted.type_id)
    return sa.and_(*found)


def read(name: str, type_id: int | None, actor: Actor, permission: str) -> Counted:
    """The scope of this name.

    Raises:
        NotFound: there is none, or none of the actor's duties reaches there.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise NotFound("scope")
    kind, key, authority, place = match.groups()
    unit = db.session.get(Unit, int(authority or key)) if kind != "a" else None
    area = areas.area(int(place or key) if kind != "u" else unit.area_id if unit else 0)
    if area is None or area.level not in OFFERED or (kind != "a" and unit is None):
        raise NotFound("scope")
    if type_id is not None and db.session.get(CaseType, type_id) is None:
        raise NotFound("type")
    reach = Reach.AREA if kind == "a" else Reach.TEAM if kind == "u" else Reach.AUTHORITY
    counted = Counted(reach, area, unit, type_id)
    if not allowed(counted, actor, permission):
        raise NotFound("scope")
    return counted


def allowed(counted: Counted, actor: Actor, permission: str) -> bool:
    """Whether one of today's duties reaches all that is counted."""
    return any(_reaches(counted, duty, permission) for duty in actor.duties)


def _reaches(counted: Counted, duty: Duty, permission: str) -> bool:
    scopes = TABLE[permission].grants.get(duty.role, ())
    within = duty.area_id in counted.area.area_ids
    own = counted.unit is not None and counted.unit.id == duty.unit_id
    if counted.reach == Reach.TEAM and Scope.TEAM in scopes and own:
        return True
    if counted.reach == Reach.AUTHORITY and Scope.AUTHORITY in scopes and own and within:
        return True
    # A team's cases may lie outside of its own area: who answers for the whole district sees them all.
    wide = counted.reach != Reach.TEAM or duty.area_level in WHOLE
    return within and wide and (Scope.AREA in scopes or Scope.DISTRICT in scopes)


def visible_to(actor: Actor, table: type[Brief] | type[BriefSchedule] = Brief) -> sa.ColumnElement[bool]:
    """The briefs, or plans, that exist for a person: ``allowed`` as SQL, for ``brief.read``."""
    conditions = [one for duty in actor.duties if duty.role in READERS for one in _seen(duty, table)]
    return sa.or_(sa.false(), *conditions)


def _seen(duty: Duty, table: Any) -> Iterator[sa.ColumnElement[bool]]:
    columns = {
        Level.CITY: table.city_id,
        Level.DISTRICT: table.district_id,
        Level.SUBDISTRICT: table.subdistrict_id,
        Level.COMMUNITY: table.community_id,
    }
    within: sa.ColumnElement[bool] = columns.get(Level(duty.area_level), table.area_id) == duty.area_id
    for letter in READERS[duty.role]:
        if letter == Scope.TEAM:
            yield sa.and_(table.reach == Reach.TEAM, table.unit_id == duty.unit_id)
        elif letter == Scope.AUTHORITY:
            yield sa.and_(table.reach == Reach.AUTHORITY, table.unit_id == duty.unit_id, within)
        else:
            yield within if duty.area_level in WHOLE else sa.and_(within, table.reach != Reach.TEAM)


def choices(actor: Actor) -> list[tuple[str, str]]:
    """The scopes that a person may have a brief of: their areas with those below, their authority's, their teams."""
    found: dict[str, str] = {}
    for duty in actor.duties:
        for letter in READERS.get(duty.role, ""):
            if letter == Scope.TEAM:
                found[f"u{duty.unit_id}"] = duty.unit_name
            else:
                mine = letter == Scope.AUTHORITY
                for key, path in areas.choices_in([duty.area_id], levels=OFFERED):
                    found[f"q{duty.unit_id}-{key}" if mine else f"a{key}"] = (
                        f"{path} · {duty.unit_name}" if mine else path
                    )
    return list(found.items())
