"""What cases refer to: kinds of difficulty, areas, units and the people who can be given a case, enterprises."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from casework.api.answering import Answer, Order, chosen
from casework.api.asking import Asked
from casework.api.fields import Day, Flag, RowId, Shape, Text, Whole
from casework.api.operations import address, operation
from casework.api.shapes import AreaLine, AreaQuery, Chosen, Paged, Person, TypeLine, UnitLine, UnitQuery
from casework.areas import queries as areas
from casework.areas.models import Area
from casework.cases import queries as cases
from casework.cases.models import CaseType
from casework.enterprises import queries as enterprises
from casework.enterprises import service
from casework.enterprises.models import Enterprise
from casework.kernel import paging
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.i18n import language
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor
from casework.roster import queries as roster
from casework.roster.models import Unit

GROUP = N_("Places and people")
FIRMS = N_("Enterprises")
_AREAS = Order("areas", (paging.Key(Area.code, str),))
_UNITS = Order("units", (paging.Key(Unit.id, int),))
_FIRMS = Order("enterprises", (paging.Key(Enterprise.id, int),))


@operation(
    name="listCaseTypes",
    method="GET",
    path="/case-types",
    permission="case.read",
    group=GROUP,
    summary=N_("The kinds of difficulty, with their evidence and checklists"),
    query=Chosen,
    answer=TypeLine,
    paged=True,
)
def list_case_types(asked: Asked) -> Answer:
    """All types in use."""
    keep = chosen(asked.query.get("fields_"), TypeLine)
    return Answer(body={"items": [keep(_type(kind)) for kind in cases.case_types()], "next": None})


def _type(kind: CaseType) -> dict[str, Any]:
    return {
        "code": kind.code,
        "name": kind.label(language()),
        "domain": kind.domain,
        "evidence": [item["key"] for item in kind.evidence],
        "checklist": [item["key"] for item in kind.checklist],
        "outcomes": list(kind.outcomes),
    }


@operation(
    name="listAreas",
    method="GET",
    path="/areas",
    permission="case.read",
    group=GROUP,
    summary=N_("The areas one may know of, by code"),
    query=AreaQuery,
    answer=AreaLine,
    paged=True,
)
def list_areas(asked: Asked) -> Answer:
    """One page of the areas."""
    keep, wanted = chosen(asked.query.get("fields_"), AreaLine), asked.query
    query = areas.visible_to(current_actor())
    if "parent" in wanted:
        query = query.where(Area.parent_id == wanted["parent"])
    if "level" in wanted:
        query = query.where(Area.level == wanted["level"])
    if wanted.get("name"):
        query = query.where(Area.name.startswith(wanted["name"], autoescape=True))
    at = _AREAS.at(wanted.get("cursor"))
    found = paging.page_of(query, _AREAS.keys, at, wanted["limit"], values=lambda row: [row.code], whole=True)
    return Answer(body=_AREAS.listed(found, (keep(_area(row)) for row in found.rows)))


def _area(row: Area) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "code", "name", "level", "parent_id")} | {
        "path": row.path or row.name
    }


@operation(
    name="readArea",
    method="GET",
    path="/areas/{id}",
    permission="case.read",
    group=GROUP,
    summary=N_("One area"),
    query=Chosen,
    answer=AreaLine,
)
def read_area(asked: Asked, id: int) -> Answer:  # noqa: A002 - named as in the address
    """One area."""
    return Answer(body=chosen(asked.query.get("fields_"), AreaLine)(_area(areas.visible_area(id, to=current_actor()))))


@operation(
    name="listUnits",
    method="GET",
    path="/units",
    permission="case.read",
    group=GROUP,
    summary=N_("The units one may know of"),
    query=UnitQuery,
    answer=UnitLine,
    paged=True,
)
def list_units(asked: Asked) -> Answer:
    """One page of the open units; with ``case`` those that reach it."""
    keep, actor = chosen(asked.query.get("fields_"), UnitLine), current_actor()
    query = roster.visible_units(actor).where(Unit.closed_on.is_(None))
    if asked.query.get("case"):
        query = query.where(Unit.area_id.in_(_places(asked.query["case"])))
    at = _UNITS.at(asked.query.get("cursor"))
    found = paging.page_of(query, _UNITS.keys, at, asked.query["limit"], values=lambda row: [row.id], whole=True)
    return Answer(body=_UNITS.listed(found, (keep(_unit(row)) for row in found.rows)))


def _places(number: str) -> list[int]:
    try:
        return sorted(cases.visible_case(number, to=current_actor()).area_ids)
    except NotFound:
        return []


def _unit(row: Unit) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "code", "name", "kind", "area_id")}


@operation(
    name="listOfficers",
    method="GET",
    path="/units/{id}/officers",
    permission="case.read",
    group=GROUP,
    summary=N_("Who of a unit can be given a case today"),
    answer=Person,
    paged=True,
)
def list_officers(asked: Asked, id: int) -> Answer:  # noqa: A002 - named as in the address
    """The officers, leads and helpers of the day, by name."""
    unit = roster.visible_unit(id, to=current_actor())
    people = roster.officers_of(unit.id, local_day(utcnow()))
    rows = [{"id": person.user_id, "name": person.name, "role": person.role} for person in people]
    return Answer(body={"items": rows, "next": None})


class FirmQuery(Paged):
    """Filters of the enterprises."""

    q = Text(least=1, most=60, metadata={"description": N_("A part of the name, pinyin, initials or a credit code")})
    area = RowId(metadata={"description": N_("Id of an area; those in it count")})


class FirmLine(Shape):
    """An enterprise."""

    id = RowId(required=True)
    name = Text(required=True)
    uscc = Text(required=True, allow_none=True)
    area_id = RowId(required=True)
    address = Text(required=True, most=300)
    size = Text(required=True)
    industry = Text(required=True)
    active = Flag(required=True)
    contacted_on = Day(required=True, allow_none=True)
    version = Whole(required=True)


class FirmNew(Shape):
    """An enterprise as it is entered."""

    name = Text(required=True, least=1, metadata={"example": "江城市阿芝热干面馆"})
    area = RowId(required=True, metadata={"description": N_("Id of the area where it lies")})
    uscc = Text(most=30)
    address = Text(most=300)
    size = Text(most=20)
    industry = Text(most=60)


def _firm(firm: Enterprise) -> dict[str, Any]:
    plain = ("id", "name", "uscc", "area_id", "address", "size", "industry", "active", "version")
    contacted = firm.contacted_on.isoformat() if firm.contacted_on else None
    return {name: getattr(firm, name) for name in plain} | {"contacted_on": contacted}


@operation(
    name="listEnterprises",
    method="GET",
    path="/enterprises",
    permission="enterprise.read",
    group=FIRMS,
    summary=N_("The enterprises one may know of"),
    query=FirmQuery,
    answer=FirmLine,
    paged=True,
)
def list_enterprises(asked: Asked) -> Answer:
    """One page of the firms."""
    keep, wanted = chosen(asked.query.get("fields_"), FirmLine), asked.query
    query = enterprises.visible_to(current_actor())
    query = enterprises.matching(query, wanted["q"]) if wanted.get("q") else query
    if "area" in wanted:
        query = (
            enterprises.within(query, areas.area(wanted["area"]))
            if areas.area(wanted["area"])
            else query.where(sa.false())
        )
    at = _FIRMS.at(wanted.get("cursor"))
    found = paging.page_of(query, _FIRMS.keys, at, wanted["limit"], values=lambda firm: [firm.id], whole=True)
    return Answer(body=_FIRMS.listed(found, (keep(_firm(firm)) for firm in found.rows)))


@operation(
    name="readEnterprise",
    method="GET",
    path="/enterprises/{id}",
    permission="enterprise.read",
    group=FIRMS,
    summary=N_("One enterprise"),
    query=Chosen,
    answer=FirmLine,
    tagged=True,
)
def read_enterprise(asked: Asked, id: int) -> Answer:  # noqa: A002 - named as in the address
    """One firm."""
    firm = enterprises.visible_enterprise(id, to=current_actor())
    return Answer(body=chosen(asked.query.get("fields_"), FirmLine)(_firm(firm)), version=firm.version)


@operation(
    name="createEnterprise",
    method="POST",
    path="/enterprises",
    permission="enterprise.edit",
    group=FIRMS,
    summary=N_("Enter an enterprise"),
    body=FirmNew,
    takes={"name": "江城市阿芝热干面馆", "area": 12},
    answer=FirmLine,
    status=201,
    keyed=True,
    tagged=True,
)
def create_enterprise(asked: Asked) -> Answer:
    """A new firm."""
    body, actor = asked.body, current_actor()
    try:
        area = areas.visible_area(body["area"], to=actor)
    except NotFound:
        raise Refused(because(N_("Area: pick where it happens."), "area")) from None
    plain = {name: body.get(name, "") for name in ("uscc", "address", "size", "industry")}
    draft = service.Draft(name=body["name"], area=area, **plain)
    firm = service.add_enterprise(draft, actor=actor, now=utcnow())
    return Answer(body=_firm(firm), status=201, version=firm.version, location=address(f"/enterprises/{firm.id}"))
