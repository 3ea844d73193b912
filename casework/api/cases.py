"""Cases: the list, one of them, a new one, many at once, and a correction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.api.answering import Answer, Order, chosen
from casework.api.asking import Asked
from casework.api.operations import address, operation
from casework.api.shapes import CaseChange, CaseLine, CaseMade, CaseNew, CaseQuery, CaseWhole, Chosen
from casework.areas import queries as areas
from casework.areas.models import Area
from casework.cases import editing, lists, presenting, queries, rules, service, tags
from casework.cases.lists import Filters
from casework.cases.models import Case, CaseType
from casework.cases.workflow import Source
from casework.intake import repeats
from casework.intake.repeats import WHY, Repeat
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Reason, Refused, Unfit, because
from casework.kernel.masking import masked
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor
from casework.roster.models import Unit

GROUP = N_("Cases")
_COLUMNS = (
    *(Case.id, Case.number, Case.title, Case.state, Case.urgent, Case.joint, Case.source, Case.requester),
    *(Case.enterprise_id, Case.area_id, Case.unit_id, Case.lead_id, Case.submitted_at, Case.closed_at, Case.outcome),
    *(Case.next_clock, Case.next_due_at, Case.next_paused, Case.external_ref, Case.version),
    CaseType.code.label("type"),
    Area.path.label("area"),
    tags.joined().label("tags"),
    Unit.name.label("unit"),
    User.name.label("officer"),
)
EXAMPLE = {
    "title": "口罩没有到货",
    "text": "订的口罩一直没到，员工没法上岗。",
    "type": "supplies",
    "area": 12,
    "requester": "阿芝热干面馆",
    "contact_name": "何秀芝",
    "contact_phone": "13800001234",
    "external_ref": "A-2020-17",
}


def joined(query: sa.Select[Any]) -> Any:
    """A select of cases with what a line says, in one query however many."""
    return (
        query.with_only_columns(*_COLUMNS)
        .join(CaseType, CaseType.id == Case.type_id)
        .join(Area, Area.id == Case.area_id)
        .outerjoin(Unit, Unit.id == Case.unit_id)
        .outerjoin(User, User.id == Case.lead_id)
    )


def line(row: Any) -> dict[str, Any]:
    """A case of a list."""
    return {
        "number": row.number,
        "title": row.title,
        "state": row.state,
        "type": row.type,
        "urgent": row.urgent,
        "joint": row.joint,
        "source": row.source,
        "requester": row.requester,
        "enterprise_id": row.enterprise_id,
        "area": {"id": row.area_id, "name": row.area},
        "unit": {"id": row.unit_id, "name": row.unit} if row.unit_id else None,
        "officer": {"id": row.lead_id, "name": row.officer} if row.lead_id else None,
        "submitted_at": row.submitted_at.isoformat(),
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "outcome": row.outcome,
        "due_clock": row.next_clock,
        "due_at": row.next_due_at.isoformat() if row.next_due_at else None,
        "paused": row.next_paused,
        "external_ref": row.external_ref,
        "tags": list(tags.apart(row.tags)),
        "version": row.version,
    }


def whole(case: Case) -> dict[str, Any]:
    """A case with everything."""
    actor, now = current_actor(), utcnow()
    row = db.session.execute(joined(sa.select(Case.id).where(Case.id == case.id))).one()
    offered = presenting.offered_actions(case, actor, queries.facts(case, actor, now=now))
    return {
        **line(row),
        "text": case.text,
        "place": case.place,
        "contact_name": case.contact_name,
        "contact_phone": masked(case.contact_phone),
        "co_unit_ids": list(case.co_unit_ids or ()),
        "actions": [action.name for action in offered],
    }


def answer(case: Case, status: int = 200) -> Answer:
    """A case as it stands now, with its ETag."""
    db.session.flush()  # the version that it has from now on
    return Answer(body=whole(case), status=status, version=case.version, location=address(f"/cases/{case.number}"))


@operation(
    name="listCases",
    method="GET",
    path="/cases",
    permission="case.read",
    group=GROUP,
    summary=N_("The cases that the owner of the token may see"),
    query=CaseQuery,
    answer=CaseLine,
    paged=True,
)
def list_cases(asked: Asked) -> Answer:
    """One page of the list."""
    query, keep = dict(asked.query), chosen(asked.query.get("fields_"), CaseLine)
    filters = _filters(query)
    name = "cases-new" if lists.order_of(filters)[0].down else "cases-due"
    order = Order(name, lists.order_of(filters))
    select = joined(lists.filtered(current_actor(), filters, utcnow()))
    found = lists.page_of(select, filters, order.at(query.get("cursor")), query["limit"])
    return Answer(body=order.listed(found, (keep(line(row)) for row in found.rows)))


def _filters(query: Mapping[str, Any]) -> Filters:
    given = {name: value for name, value in query.items() if name not in ("fields_", "limit", "cursor", "type")}
    if "tag" in given:
        given["tag"] = tags.cleaned(given["tag"])
    kind = type_named(query["type"], "type").id if query.get("type") else None
    return Filters(type=kind, **given)


OUT_OF_USE = because(N_("Type: pick one of those offered."), "type")


def type_named(code: str, field: str) -> CaseType:
    """The case type with this code.

    Raises:
        Unfit: there is none (422).
    """
    found = db.session.scalar(sa.select(CaseType).where(CaseType.code == code))
    if found is None:
        raise Unfit(422, because(N_("There is no case type “%(code)s”: see /case-types."), field, code=code[:40]))
    return found


@operation(
    name="readCase",
    method="GET",
    path="/cases/{number}",
    permission="case.read",
    group=GROUP,
    summary=N_("One case"),
    query=Chosen,
    answer=CaseWhole,
    tagged=True,
)
def read_case(asked: Asked, number: str) -> Answer:
    """One case, with the ETag that actions ask for."""
    keep = chosen(asked.query.get("fields_"), CaseWhole)
    case = queries.visible_case(number, to=current_actor())
    return Answer(body=keep(whole(case)), version=case.version)


@operation(
    name="createCase",
    method="POST",
    path="/cases",
    permission="case.submit",
    group=GROUP,
    summary=N_("Report a difficulty"),
    text=N_(
        "Its source is “api”. An external_ref that the owner of the token sent before is refused with 409. "
        "Open cases that may be the same one stand in likely_repeats; nothing is refused for them."
    ),
    body=CaseNew,
    takes=EXAMPLE,
    answer=CaseMade,
    status=201,
    keyed=True,
    tagged=True,
)
def create_case(asked: Asked) -> Answer:
    """A new case, with what may be the same one, by the rule of the desk."""
    case = submitted(asked.body)
    made = answer(case, 201)
    return replace(made, body={**made.body, "likely_repeats": [_alike(one) for one in like_it(case)]})


def like_it(case: Case) -> list[Repeat]:
    """The likely repeats of a new case, among those that the owner of the token may see."""
    return repeats.of(case, current_actor(), utcnow())


def _alike(one: Repeat) -> dict[str, Any]:
    plain = {name: getattr(one.case, name) for name in ("number", "title", "requester", "state")}
    percent = min(100, round(100 * one.alike.score))
    at = one.case.submitted_at.isoformat()
    return {**plain, "submitted_at": at, "percent": percent, "why": [why for why in one.alike.why if why in WHY]}


def submitted(body: Mapping[str, Any]) -> Case:
    """Make a case of what was sent.

    Raises:
        Refused: what is wrong, each at its field.
        Unfit: it was sent before (409).
    """
    actor = current_actor()
    draft = _draft(body)
    origin = f"api:{actor.user_id}" if body.get("external_ref") else None
    if origin:
        _not_there_yet(origin, body["external_ref"])
    return service.submit(
        draft=draft, actor=actor, now=utcnow(), origin=origin, external_ref=body.get("external_ref") or None
    )


def _not_there_yet(origin: str, ref: str) -> None:
    chosen_one = sa.select(Case.number).where(Case.origin == origin, Case.external_ref == ref)
    if number := db.session.scalar(chosen_one):
        text = N_("This external_ref is case %(number)s already.")
        raise Unfit(409, because(text, "external_ref", number=number), kind="known")


def _draft(body: Mapping[str, Any]) -> service.CaseDraft:
    actor = current_actor()
    faults: list[Reason] = []
    kind = _type_in_use(body["type"], faults)
    try:
        area: Area | None = areas.visible_area(body["area"], to=actor)
    except NotFound:
        area = None
        faults.append(because(N_("Area: pick where it happens."), "area"))
    if fault := rules.phone_fault(body.get("contact_phone", "")):
        faults.append(fault)
    if faults or area is None or kind is None:
        raise Refused(faults)
    firm = editing.firm_of(body.get("uscc", ""), body["requester"], actor)
    return service.CaseDraft(
        title=body["title"],
        text=body["text"],
        type_id=kind.id,
        area_id=area.id,
        source=Source.API,
        requester=firm.name if firm else body["requester"],
        enterprise_id=firm.id if firm else None,
        **{name: body.get(name, "") for name in ("contact_name", "contact_phone", "place")},
        urgent=body["urgent"],
        joint=body["joint"],
    )


def _type_in_use(code: str, faults: list[Reason]) -> CaseType | None:
    try:
        kind = type_named(code, "type")
    except Unfit as unfit:
        faults += unfit.reasons
        return None
    if not kind.active:
        faults.append(OUT_OF_USE)
    return kind


@operation(
    name="correctCase",
    method="PATCH",
    path="/cases/{number}",
    permission="case.edit",
    group=GROUP,
    summary=N_("Correct what was written down"),
    text=N_("Old and new stay on the story."),
    body=CaseChange,
    takes={"title": "口罩和测温枪没有到货", "reason": "企业补充"},
    answer=CaseWhole,
    versioned=True,
    tagged=True,
)
def correct_case(asked: Asked, number: str) -> Answer:
    """A correction."""
    case = queries.visible_case(number, to=current_actor())
    asked.meets(case.version)
    values = {name: value for name, value in asked.body.items() if name not in ("reason", "type", "area")}
    if fault := rules.phone_fault(values.get("contact_phone", "")):
        raise Refused(fault)
    if "type" in asked.body:
        kind = type_named(asked.body["type"], "type")
        if not kind.active and kind.id != case.type_id:
            raise Refused(OUT_OF_USE)
        values["type_id"] = kind.id
    if "area" in asked.body:
        values["area_id"] = asked.body["area"]
    editing.correct(case, values, reason=asked.body["reason"], actor=current_actor(), now=utcnow())
    return answer(case)
