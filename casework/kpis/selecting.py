"""What figures are asked of: an area or a team within the reader's reach, a type, a person, whose cases, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.cases.queries import type_choices
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.forms import row_id
from casework.kernel.i18n import language
from casework.kernel.permissions import TABLE, Actor, Scope
from casework.kpis.periods import Period, read_period
from casework.kpis.policy import READ
from casework.roster.models import Unit

SOURCES = ("", "ours", "log")
OFFERED = (Level.CITY, Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY)


@dataclass(frozen=True, slots=True)
class Selection:
    """One question to the figures. ``domains``: of these authorities alone; None: of all.

    ``whole_unit``: the team wherever its cases lie, as its lead sees it; otherwise only those in the area.
    """

    period: Period
    area: Area | None
    unit: Unit | None = None
    type_id: int | None = None
    officer_id: int | None = None
    source: str = ""
    domains: frozenset[str] | None = None
    whole_unit: bool = False

    def as_query(self, **changes: object) -> dict[str, str]:
        """As address parameters; changes come on top, empty ones leave a filter out."""
        values: dict[str, object] = {
            "area": self.area.id if self.area else None,
            "unit": self.unit.id if self.unit else None,
            "type": self.type_id,
            "officer": self.officer_id,
            "source": self.source,
            **self.period.as_query(),
            **changes,
        }
        return {name: str(value) for name, value in values.items() if value not in (None, "")}

    def during(self, period: Period) -> Selection:
        """The same question about another period."""
        return replace(self, period=period)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells one question from another."""
        places = (self.area.id if self.area else None, self.unit.id if self.unit else None, self.whole_unit)
        return (self.period, *places, self.type_id, self.officer_id, self.source, self.domains)

    @property
    def district_id(self) -> int | None:
        """Whose settings hold."""
        if self.area is None:
            return None
        return self.area.id if self.area.level == Level.DISTRICT else self.area.district_id


def read(args: Mapping[str, str], actor: Actor, today: date, permission: str = READ) -> Selection:
    """The question that an address asks; an area where it names none: the first within reach of the permission.

    Raises:
        NotFound: the area or the team does not exist, or lies out of reach.
    """
    period = read_period(args, today)
    unit = _unit(args, actor)
    area = _area(args, actor, unit)
    found = Selection(
        period,
        area,
        unit,
        type_id=row_id(args.get("type", "")),
        officer_id=row_id(args.get("officer", "")) if unit else None,
        source=args.get("source", "") if args.get("source", "") in SOURCES else "",
    )
    domains, whole = _reach(actor, area, unit, permission)
    return replace(found, domains=domains, whole_unit=whole)


def _own_team(args: Mapping[str, str], actor: Actor) -> str:
    """Who sees a team alone begins with it."""
    if args.get("area") or area_choices(actor):
        return ""
    return next((str(key) for key, _ in team_choices(actor)), "")


def _unit(args: Mapping[str, str], actor: Actor) -> Unit | None:
    wanted = args.get("unit") or _own_team(args, actor)
    if not wanted:
        return None
    unit = db.session.get(Unit, row_id(wanted) or 0)
    if unit is None:
        raise NotFound("unit")
    return unit


def _area(args: Mapping[str, str], actor: Actor, unit: Unit | None) -> Area | None:
    """A team is asked for with the area that the reader has in mind, or with its own."""
    if wanted := row_id(args.get("area", "")):
        area = areas.area(wanted)
        if area is None:
            raise NotFound("area")
        return area
    if unit is not None:
        return areas.area(unit.area_id)
    first = next((duty for duty in actor.duties if _scopes(duty.role)), None)
    return areas.area(first.area_id) if first else None


def _scopes(role: str, permission: str = READ) -> Sequence[Scope]:
    return TABLE[permission].grants.get(role, ())  # type: ignore[call-overload, no-any-return]


def _reach(actor: Actor, area: Area | None, unit: Unit | None, permission: str) -> tuple[frozenset[str] | None, bool]:
    """The domains that the reader may see there (None for all), and whether they see the team wherever it works.

    Raises:
        NotFound: none of the duties reaches there.
    """
    domains: frozenset[str] = frozenset()
    reached = False
    for duty in actor.duties:
        scopes = _scopes(duty.role, permission)
        inside = area is not None and duty.area_id in area.area_ids
        if Scope.TEAM in scopes and unit is not None and unit.id == duty.unit_id:
            return None, True
        if inside and (Scope.AREA in scopes or Scope.DISTRICT in scopes):
            return None, False
        if inside and Scope.AUTHORITY in scopes:
            reached, domains = True, domains | duty.domains
    if not reached:
        raise NotFound("area")
    return domains, False


def area_choices(actor: Actor) -> list[tuple[int, str]]:
    """The areas that the reader may ask about, by code."""
    own = {duty.area_id for duty in actor.duties if any(one is not Scope.TEAM for one in _scopes(duty.role))}
    return areas.choices_in(own, levels=OFFERED) if own else []


def team_choices(actor: Actor) -> list[tuple[int, str]]:
    """The reader's own teams, where that is what they may ask about."""
    teams = {duty.unit_id: duty.unit_name for duty in actor.duties if Scope.TEAM in _scopes(duty.role)}
    return sorted(teams.items(), key=lambda one: one[1])


def offered_types() -> list[tuple[int, str]]:
    """The case types by name."""
    return type_choices(language())
