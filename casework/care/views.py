"""Care: those I look after, a team's residents with their names covered, numbers for leaders, a resident's page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.care import forms, policy, queries, rules, service
from casework.care.models import Resident
from casework.cases.forms import options
from casework.cases.workflow import WAYS
from casework.kernel.attempts import carry_out
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, Refused, because
from casework.kernel.forms import Form, row_id
from casework.kernel.masking import masked
from casework.kernel.paging import asked
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, go, needs, page, principal
from casework.roster.models import Unit
from casework.roster.queries import names

blueprint = Blueprint("care", __name__, url_prefix="/care")
REVEALED = "revealed_resident"
LIVED_IN = (Level.SUBDISTRICT, Level.COMMUNITY, Level.SITE)


def _words() -> dict[str, Any]:
    said = {"kinds": rules.KINDS, "conditions": rules.CONDITIONS, "ends": rules.ENDS, "ways": WAYS}
    return {**said, "masked": masked, "shy": rules.shy}


@blueprint.get("")
@needs(policy.LIST)
def index() -> ResponseReturnValue:
    """Whom I look after; of my team whom others do, names covered; for leaders numbers."""
    actor, today = current_actor(), local_day(utcnow())
    mine = queries.looked_after(queries.mine(actor), today)
    known = {row.resident.id for row in mine}
    team = queries.looked_after(queries.of_team(actor), today) if queries.led(actor) else []
    team = [row for row in team if row.resident.id not in known]
    return page(
        "care/list.html",
        mine=mine,
        team=team,
        counts=queries.counts(actor, today),
        counted=can(actor, policy.COUNT),
        names=queries.people_of([*mine, *team]),
        today=today,
        **_words(),
    )


@blueprint.get("/<int:resident_id>")
@needs(policy.READ)
def show(resident_id: int) -> ResponseReturnValue:
    """A resident: whom to ask for, what they need, what was found. A look by another than the two is logged."""
    actor, resident = current_actor(), _visible(resident_id)
    if actor.user_id not in resident.holder_ids:
        with transaction():
            service.note_opened(resident, actor=actor, now=utcnow())
    return _show(resident)


def _visible(resident_id: int) -> Resident:
    return queries.visible_resident(resident_id, to=current_actor())


def _show(
    resident: Resident,
    *,
    form: forms.LookForm | None = None,
    hand: forms.HandOverForm | None = None,
    end: forms.EndForm | None = None,
) -> ResponseReturnValue:
    actor, today = current_actor(), local_day(utcnow())
    entries = queries.entries_of(resident, asked(request.args))
    keepings = queries.keepings_of(resident)
    found = next(iter(queries.looked_after(Resident.id == resident.id, today)), None)
    people = {row[0].by_id for row in entries.rows}
    people |= {key for row in keepings for key in (row.keeper_id, row.deputy_id) if key}
    shown = [one for one in (form, hand, end) if one is not None]
    return page(
        "care/resident.html",
        resident=resident,
        found=found,
        place=db.session.get_one(Area, resident.area_id),
        entries=entries.rows,
        ways_on=entries.ways(lambda **at: url_for(".show", resident_id=resident.id, **at)),
        keepings=keepings,
        names=names(people),
        form=form or forms.LookForm(formdata=None),
        hand=hand or _hand_form(resident, posted=False),
        end=end or _end_form(resident),
        revealed=session.pop(REVEALED, None) if REVEALED in session else None,
        logs=can(actor, policy.LOG, resident),
        today=today,
        status=max([one.http_status for one in shown], default=200),
        **_words(),
    )


def _hand_form(resident: Resident, *, posted: bool) -> forms.HandOverForm:
    form = forms.HandOverForm() if posted else forms.HandOverForm(formdata=None)
    offered = queries.team_of(resident.unit_id, local_day(utcnow())) if _assigns(resident) else {}
    forms.offer_people(form, offered.items())
    if not posted:
        form.keeper_id.data, form.deputy_id.data = str(resident.keeper_id or ""), str(resident.deputy_id or "")
        form.version.data = str(resident.version)
    return form


def _end_form(resident: Resident) -> forms.EndForm:
    form = forms.EndForm(formdata=None)
    form.version.data = str(resident.version)
    return form


def _assigns(resident: Resident) -> bool:
    return can(current_actor(), policy.ASSIGN, resident)


@blueprint.post("/<int:resident_id>/log")
@needs(policy.LOG)
def log(resident_id: int) -> ResponseReturnValue:
    """Write down how the resident was found; where help is needed, on to a new case without a name in it."""
    resident, form = _visible(resident_id), forms.LookForm()

    def work() -> str:
        service.log(
            resident,
            way=form.way.data or "",
            condition=form.condition.data or "",
            text=form.text.data or "",
            actor=current_actor(),
            now=utcnow(),
        )
        return url_for(".show", resident_id=resident.id)

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("Logged."))
        return redirect(location, 303)
    return _show(resident, form=form)


@blueprint.post("/<int:resident_id>/reveal")
@needs(policy.REVEAL)
def reveal(resident_id: int) -> ResponseReturnValue:
    """Log the look at the full number, then show it once, to be dialled."""
    resident = _visible(resident_id)
    with transaction():
        service.reveal(resident, actor=current_actor(), now=utcnow())
    session[REVEALED] = resident_id
    return go(".show", resident_id=resident_id)


@blueprint.post("/<int:resident_id>/hand-over")
@needs(policy.ASSIGN)
def hand_over(resident_id: int) -> ResponseReturnValue:
    """Let others look after the resident from today."""
    resident = _visible(resident_id)
    form = _hand_form(resident, posted=True)

    def work() -> str:
        service.hand_over(
            resident,
            keeper_id=row_id(form.keeper_id.data) or 0,
            deputy_id=row_id(form.deputy_id.data),
            actor=current_actor(),
            now=utcnow(),
        )
        return url_for(".index")

    if location := carry_out(form, work, principal=principal(), row=resident):
        flash(gettext("The care is handed over."))
        return redirect(location, 303)
    return _show(resident, hand=form)


@blueprint.post("/<int:resident_id>/end")
@needs(policy.END)
def end(resident_id: int) -> ResponseReturnValue:
    """End the care, with the reason."""
    resident, form = _visible(resident_id), forms.EndForm()

    def work() -> str:
        why, note = form.why.data or "", form.note.data or ""
        service.end(resident, why=why, note=note, actor=current_actor(), now=utcnow())
        return url_for(".index")

    if location := carry_out(form, work, principal=principal(), row=resident):
        flash(gettext("The care has ended."))
        return redirect(location, 303)
    return _show(resident, end=form)


@blueprint.route("/<int:resident_id>/edit", methods=["GET", "POST"])
@needs(policy.EDIT)
def edit(resident_id: int) -> ResponseReturnValue:
    """Correct what is told of a resident; the number is shown masked and stays unless another is written."""
    resident = _visible(resident_id)
    form = forms.ResidentForm() if request.method == "POST" else forms.ResidentForm(formdata=None)
    form.offer(areas.choices(current_actor(), levels=LIVED_IN))
    if request.method == "GET":
        form.show(resident)

    def work() -> str:
        draft, area = form.draft(resident), _area(form)
        service.correct(resident, draft, area=area, actor=current_actor(), now=utcnow())
        return url_for(".show", resident_id=resident.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), row=resident)):
        flash(gettext("Saved."))
        return redirect(location, 303)
    return page("care/edit.html", form=form, resident=resident, status=form.http_status)


@blueprint.route("/new", methods=["GET", "POST"])
@needs(policy.ADD)
def new() -> ResponseReturnValue:
    """Look after a resident from now on."""
    actor, posted = current_actor(), request.method == "POST"
    form = forms.BeginForm() if posted else forms.BeginForm(formdata=None)
    _offer_teams(form)
    if not posted:
        form.since.data, form.keeper_id.data = local_day(utcnow()), str(actor.user_id)

    def work() -> str:
        return url_for(".show", resident_id=_begin(form).id)

    if posted and (location := carry_out(form, work, principal=principal())):
        flash(gettext("The care has begun."))
        return redirect(location, 303)
    return page("care/edit.html", form=form, resident=None, status=form.http_status)


def _offer_teams(form: forms.BeginForm) -> None:
    actor, today = current_actor(), local_day(utcnow())
    units = {duty.unit_id: duty.unit_name for duty in actor.duties if duty.role in ("officer", "lead")}
    people = {key: name for unit in units for key, name in queries.team_of(unit, today).items()}
    form.offer(areas.choices(actor, levels=LIVED_IN))
    form.unit_id.choices = options((str(key), name) for key, name in units.items())
    forms.offer_people(form, people.items())


def _area(form: Form) -> Area:
    """Where they live, among the areas that the person knows.

    Raises:
        Refused: it is none of them.
    """
    area = areas.area(row_id(form["area_id"].data) or 0)
    if area is None or area.level not in LIVED_IN:
        raise Refused(because(N_("Area: pick where they live."), "area_id"))
    return area


def _begin(form: forms.BeginForm) -> Resident:
    unit = db.session.get(Unit, row_id(form.unit_id.data) or 0)
    if unit is None:
        raise Refused(because(N_("Team: pick one."), "unit_id"))
    since = form.since.data
    assert since is not None  # noqa: S101 - the form asks for it
    return service.begin(
        form.draft(),
        area=_area(form),
        unit=unit,
        keeper_id=row_id(form.keeper_id.data) or 0,
        deputy_id=row_id(form.deputy_id.data),
        since=since,
        actor=current_actor(),
        now=utcnow(),
    )
