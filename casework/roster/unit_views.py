"""The pages of units, on the roster's blueprint."""

from __future__ import annotations

from functools import partial

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Level
from casework.kernel import once, paging
from casework.kernel.db import db, transaction
from casework.kernel.errors import Conflict, Refused
from casework.kernel.forms import STALE
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, go, needs, page
from casework.roster import duty, lists, queries, service
from casework.roster.forms import UnitForm
from casework.roster.models import Unit
from casework.roster.staff_views import blueprint as blueprint
from casework.roster.words import KINDS, ROLES


@blueprint.get("/units")
@needs("roster.read")
def units() -> ResponseReturnValue:
    """The units of one's districts, by code, found by name, code or sending body."""
    actor, text = current_actor(), request.args.get("q", "").replace("\0", "").strip()[:60]
    found = lists.units(actor, text, paging.asked(request.args))
    return page(
        "roster/units.html",
        rows=found.rows,
        text=text,
        kinds=KINDS,
        strength=lists.strength([unit.id for unit, _area in found.rows], local_day(utcnow())),
        ways=found.ways(partial(url_for, "roster.units", q=text or None)),
    )


@blueprint.get("/units/new")
@needs("unit.edit")
def new_unit() -> ResponseReturnValue:
    """The form of a new unit."""
    return page("roster/new_unit.html", form=_form(None))


@blueprint.post("/units/new")
@needs("unit.edit")
def make_unit() -> ResponseReturnValue:
    """Set up a unit."""
    actor, form, now = current_actor(), _form(request.form), utcnow()
    principal = f"user:{actor.user_id}"
    if earlier := once.earlier_answer(principal, form.op.data):
        return redirect(earlier, 303)
    if not form.validate():
        return page("roster/new_unit.html", form=form, status=422)
    try:
        with transaction():
            unit = service.add_unit(
                code=form.code.data or "",
                name=str(form.name.data),
                kind=form.kind.data,
                area=areas.visible_area(form.area_id.data, to=actor),
                domains=_domains(form),
                phone=form.phone.data or "",
                sent_by=form.sent_by.data or "",
                actor=actor,
                now=now,
            )
            target = url_for("roster.unit", unit_id=unit.id)
            once.remember(principal, form.op.data, target, now=now)
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return page("roster/new_unit.html", form=form, status=422)
    flash(_("The unit is made."))
    return redirect(target, 303)


@blueprint.get("/units/<int:unit_id>")
@needs("roster.read")
def unit(unit_id: int) -> ResponseReturnValue:
    """A unit with its people."""
    return _unit_page(queries.visible_unit(unit_id, to=current_actor()))


def _unit_page(unit: Unit, *, form: UnitForm | None = None, status: int = 200) -> Response:
    actor, today = current_actor(), local_day(utcnow())
    may_edit = can(actor, "unit.edit", unit)
    people = [row for row in queries.postings_in(unit.id) if row.to_on is None or row.to_on >= today]
    seen = {
        row.id
        for row in db.session.scalars(
            queries.people_visible_to(actor).where(User.id.in_([row.user_id for row in people]))
        )
    }
    return page(
        "roster/unit.html",
        status=status,
        unit=unit,
        kinds=KINDS,
        roles=ROLES,
        people=people,
        seen=seen,
        away=duty.away((row.user_id for row in people), today),
        names=queries.names(row.partner_id for row in people if row.partner_id),
        bodies=lists.bodies(actor, today, unit_id=unit.id),
        may_hand_out=can(actor, "person.first_password", unit),
        today=today,
        form=(form or _form(None, unit)) if may_edit else None,
    )


def _form(formdata: object | None, unit: Unit | None = None) -> UnitForm:
    if formdata is not None:
        form = UnitForm()
    elif unit:
        form = UnitForm(
            formdata=None,
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            area_id=unit.area_id,
            domains=" ".join(unit.domains),
            phone=unit.phone,
            sent_by=unit.sent_by,
            version=unit.version,
        )
    else:
        form = UnitForm(formdata=None)
    form.kind.choices = [SelectChoice(kind.value, _(label)) for kind, label in KINDS.items()]
    levels = (Level.CITY, Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY)
    form.area_id.choices = [SelectChoice(*pair) for pair in areas.choices(current_actor(), levels=levels)]
    return form


def _domains(form: UnitForm) -> list[str]:
    return (form.domains.data or "").replace(",", " ").replace("，", " ").replace("、", " ").split()


@blueprint.post("/units/<int:unit_id>")
@needs("unit.edit")
def edit_unit(unit_id: int) -> ResponseReturnValue:
    """Change a unit."""
    actor, form = current_actor(), _form(request.form)
    unit = queries.visible_unit(unit_id, to=actor)
    if not form.validate():
        return _unit_page(unit, form=form, status=422)
    try:
        with transaction():
            if form.is_stale(unit):
                raise Conflict
            service.edit_unit(
                unit,
                name=str(form.name.data),
                kind=form.kind.data,
                area=areas.visible_area(form.area_id.data, to=actor),
                domains=_domains(form),
                phone=form.phone.data or "",
                sent_by=form.sent_by.data or "",
                actor=actor,
                now=utcnow(),
            )
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return _unit_page(unit, form=form, status=422)
    except Conflict:
        form.version.data = str(unit.version)
        form.refuse([STALE])
        return _unit_page(unit, form=form, status=409)
    flash(_("The changes are kept."))
    return go("roster.unit", unit_id=unit_id)
