"""The pages of units, on the roster's blueprint."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Level
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
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
    form = _form(request.form)

    def work() -> str:
        made = service.add_unit(code=form.code.data or "", **_draft(form))
        return url_for("roster.unit", unit_id=made.id)

    if location := carry_out(form, work, principal=principal()):
        flash(_("The unit is made."))
        return redirect(location, 303)
    return page("roster/new_unit.html", form=form, status=form.http_status)


def _draft(form: UnitForm) -> dict[str, Any]:
    actor = current_actor()
    return {
        "name": str(form.name.data),
        "kind": form.kind.data,
        "area": areas.visible_area(form.area_id.data, to=actor),
        "domains": _domains(form),
        "phone": form.phone.data or "",
        "sent_by": form.sent_by.data or "",
        "actor": actor,
        "now": utcnow(),
    }


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

    def work() -> str:
        service.edit_unit(unit, **_draft(form))
        return url_for("roster.unit", unit_id=unit_id)

    if location := carry_out(form, work, principal=principal(), row=unit):
        flash(_("The changes are kept."))
        return redirect(location, 303)
    return _unit_page(unit, form=form, status=form.http_status)
