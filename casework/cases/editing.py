"""From the forms to the case and back: a new case, and the correction of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from casework import audit
from casework.areas import queries as area_queries
from casework.areas.models import Area, Level
from casework.cases import queries
from casework.cases.events import FieldsCorrected
from casework.cases.forms import FIELD_SOURCES, CaseForm, EditCaseForm
from casework.cases.models import Case, CaseType
from casework.cases.service import CaseDraft, findable
from casework.cases.timing import limits_of, retime
from casework.cases.workflow import Source
from casework.enterprises import rules as enterprise_rules
from casework.enterprises.models import Contact, Enterprise
from casework.enterprises.queries import visible_to as enterprises_visible_to
from casework.kernel import search
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.i18n import language
from casework.kernel.keep import keep
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor, authorise

TEXTS = ("title", "text", "requester", "contact_name", "contact_phone", "place")
PLACES = (Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY, Level.SITE)


def new_form(actor: Actor, given: Mapping[str, str]) -> CaseForm:
    """The form of a new case; ``?enterprise=ID`` fills in what is known of a firm, ``area`` and ``source`` too."""
    form = CaseForm()
    _offer(form, actor)
    if given.get("source") in FIELD_SOURCES and not form.is_submitted():
        form.source.data = given["source"]
    if (area_id := row_id(given.get("area"))) and not form.is_submitted():
        form.area_id.data = str(area_id)
    if firm_id := row_id(given.get("enterprise")):
        _fill_from_enterprise(form, firm_id, actor)
    return form


def _offer(form: Any, actor: Actor) -> None:
    form.type_id.choices, form.area_id.choices = keep(lambda: _choices(actor), "new case", actor.duties, language())


def _choices(actor: Actor) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    chosen = language()
    types = [("", "—"), *((str(kind.id), kind.label(chosen)) for kind in queries.case_types())]
    areas = area_queries.choices(actor, levels=PLACES)
    return types, [("", "—"), *((str(area_id), name) for area_id, name in areas)]


def _fill_from_enterprise(form: CaseForm, enterprise_id: int, actor: Actor) -> None:
    firm = db.session.scalar(enterprises_visible_to(actor).where(Enterprise.id == enterprise_id))
    if firm is None or form.is_submitted():
        return
    form.requester.data, form.uscc.data, form.area_id.data = firm.name, firm.uscc or "", str(firm.area_id)
    form.place.data = firm.address
    contact = db.session.scalar(
        sa.select(Contact).where(Contact.enterprise_id == firm.id, Contact.left_at.is_(None)).order_by(Contact.id)
    )
    if contact:
        form.contact_name.data, form.contact_phone.data = contact.name, contact.phone


def draft_of(form: CaseForm, actor: Actor) -> CaseDraft:
    """What the form says, as the service takes it.

    Raises:
        Refused: the credit code is wrong, with what is wrong about it.
    """
    firm = firm_of(form.uscc.data or "", form.requester.data or "", actor)
    return CaseDraft(
        title=form.title.data or "",
        text=form.text.data or "",
        type_id=int(form.type_id.data),
        area_id=int(form.area_id.data),
        source=Source(form.source.data),
        requester=firm.name if firm else form.requester.data or "",
        enterprise_id=firm.id if firm else None,
        contact_name=form.contact_name.data or "",
        contact_phone=form.contact_phone.data or "",
        place=form.place.data or "",
        urgent=form.urgent.data,
        joint=form.joint.data,
    )


def firm_of(uscc: str, name: str, actor: Actor) -> Enterprise | None:
    """The firm by credit code, else by its name; None when it is not on file.

    Raises:
        Refused: the credit code is wrong, with what is wrong about it.
    """
    known = enterprises_visible_to(actor)
    if uscc:
        code = enterprise_rules.compact(uscc)
        if fault := enterprise_rules.uscc_fault(code):
            raise Refused(because(fault.text, "uscc", **dict(fault.values)))
        if firm := db.session.scalar(known.where(Enterprise.uscc == code)):
            return firm
    return enterprise_named(name, actor)


def enterprise_named(name: str, actor: Actor) -> Enterprise | None:
    """The firm of this name that the actor may know of, however it is spaced."""
    known = enterprises_visible_to(actor).where(Enterprise.name_key == enterprise_rules.name_key(name))
    return db.session.scalar(known.limit(1))


def edit_form(case: Case, actor: Actor) -> EditCaseForm:
    """The form that corrects a case, filled with what stands now."""
    form = EditCaseForm(obj=case)
    _offer(form, actor)
    if not form.is_submitted():
        chosen: Any = form  # the classes share their fields
        chosen.type_id.data, chosen.area_id.data = str(case.type_id), str(case.area_id)
        form.version.data = str(case.version)
    return form


def filled_form(case: Case, actor: Actor, values: Mapping[str, str]) -> EditCaseForm:
    """The same form with some fields filled in elsewhere, as in a spreadsheet; the others say what stands.

    Nobody sees it: what it refuses is said to whoever sent the values.
    """
    stands = {
        **{name: str(getattr(case, name) or "") for name in TEXTS},
        "type_id": str(case.type_id),
        "area_id": str(case.area_id),
        "urgent": "y" if case.urgent else "",
    }
    given = {name: text for name, text in {**stands, **values}.items() if name != "urgent" or text}
    form = EditCaseForm(formdata=MultiDict(given), meta={"csrf": False})
    _offer(form, actor)
    return form


def changes_of(form: EditCaseForm) -> dict[str, Any]:
    """The fields as the form has them."""
    bound: Any = form  # fields are reached by name
    plain = {name: getattr(form, name).data for name in (*TEXTS, "urgent")}
    return {**plain, "type_id": int(bound.type_id.data), "area_id": int(bound.area_id.data)}


def correct(case: Case, values: Mapping[str, Any], *, reason: str, actor: Actor, now: datetime) -> None:
    """Correct fields of an open case; the story gets old and new.

    Raises:
        NotPermitted: the actor may not edit it in this state.
        Refused: nothing differs, or the district would change (the number names it).
    """
    authorise(actor, "case.edit", case)
    changed = {name: value for name, value in values.items() if (getattr(case, name) or "") != (value or "")}
    if not changed:
        raise Refused(because(N_("Nothing differs from what stands: change a field or go back.")))
    said: dict[str, list[Any]] = {}
    before = limits_of(case)
    for name, value in changed.items():
        if name == "area_id":
            said["area"] = _move(case, value)
        elif name == "type_id":
            said["type"] = _retype(case, value)
        else:
            said[name] = _pair(name, getattr(case, name), value)
            setattr(case, name, value)
    case.last_verb, case.last_at = "edit", now
    if changed.keys() & {"urgent", "type_id"}:
        retime(case, before)
    db.session.flush()  # the version check before the entry
    audit.record(FieldsCorrected(changes=said, reason=reason), by=actor, at=now, case_id=case.id)
    search.put("case", case.id, 0, case.id, findable(case), place=case.district_id)


def _pair(name: str, old: Any, new: Any) -> list[Any]:
    """Old and new as the story shows them; a phone stays masked there."""
    return [masked(old or ""), masked(new or "")] if name == "contact_phone" else [old, new]


def place_in(case: Case, area: Area | None) -> Area:
    """The place that a case is corrected to.

    Raises:
        Refused: it lies in another district, which the number of the case names.
    """
    if area is None or area.own_district_id != case.district_id:
        raise Refused(because(N_("Area: stay inside the district, or transfer the case."), "area_id"))
    return area


def _move(case: Case, area_id: int) -> list[Any]:
    old, new = db.session.get(Area, case.area_id), place_in(case, db.session.get(Area, area_id))
    case.area_id = new.id
    for name, value in area_queries.placed(new).items():
        setattr(case, name, value)
    return [old.name if old else "", new.name]


def _retype(case: Case, type_id: int) -> list[Any]:
    old, new = queries.type_of(case), db.session.get(CaseType, type_id)
    if new is None:
        raise Refused(because(N_("Type: pick one of those offered."), "type_id"))
    case.type_id, case.domain, case.reviewer = new.id, new.domain, new.reviewer
    return [old.zh, new.zh]
