"""Planning visits: one firm, all of mine or of an area, and the presets of a district."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.cases.forms import options
from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.forms import Form, row_id
from casework.kernel.permissions import Role, can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.roster.queries import names
from casework.visits import forms, planning, plans, policy, queries
from casework.visits.edge import planned_firm
from casework.visits.queries import Firm

blueprint = Blueprint("visit_plans", __name__, url_prefix="/visits")
MINE = "mine"


@blueprint.route("/<int:key>/plan", methods=["GET", "POST"])
@needs(policy.PLAN)
def plan(key: int) -> ResponseReturnValue:
    """How often a firm is visited."""
    firm = planned_firm(key)
    form = _plan_form(firm)

    def work() -> str:
        draft = form.draft()
        planning.save_plan(firm, draft, actor=current_actor(), now=utcnow())
        return _back(firm)

    if request.method == "POST" and (
        location := carry_out(form, work, principal=principal(), row=plans.plan_of(firm.id))
    ):
        flash(gettext("Visits are planned."))
        return redirect(location, 303)
    return page("visits/plan.html", firm=firm, form=form, drop=Form(formdata=None), status=form.http_status)


def _plan_form(firm: Firm) -> forms.PlanForm:
    form = forms.PlanForm() if request.method == "POST" else forms.PlanForm(formdata=None)
    form.offer(_people(firm))
    if request.method == "GET" and firm.plan is not None:
        form.show(firm.plan)
        form.version.data = str(firm.plan.version)
    return form


def _people(firm: Firm) -> list[tuple[int, str]]:
    """Who may be named: those who serve there, and whoever is named now."""
    found = queries.people_for(firm.area_ids, local_day(utcnow()))
    named = firm.plan.visitor_id if firm.plan else None
    if named and named not in dict(found):
        found.append((named, names([named]).get(named, "")))
    return found


@blueprint.post("/<int:key>/plan/drop")
@needs(policy.PLAN)
def drop(key: int) -> ResponseReturnValue:
    """No plan of its own any more: the preset of the district counts, or nothing."""
    firm, form = planned_firm(key), Form()

    def work() -> str:
        planning.drop_plan(firm, actor=current_actor(), now=utcnow())
        return _back(firm)

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("The plan is dropped."))
        return redirect(location, 303)
    shown = forms.PlanForm(formdata=None)
    shown.offer(_people(firm))
    shown.refuse(form.reasons)
    return page("visits/plan.html", firm=firm, form=shown, drop=Form(formdata=None), status=form.http_status)


def _back(firm: Firm) -> str:
    """Where one came from: the firm's page for those who have it, else the stop."""
    if can(current_actor(), "enterprise.read"):
        return url_for("enterprises.show", key=firm.id, _anchor="visits")
    return url_for("visits.stop", key=firm.id)


@blueprint.route("/plans", methods=["GET", "POST"])
@needs(policy.PLAN)
def bulk() -> ResponseReturnValue:
    """One plan for all firms of mine, or for those of an area."""
    form = forms.BulkForm() if request.method == "POST" else forms.BulkForm(formdata=None)
    _offer_bulk(form)

    def work() -> str:
        count = _plan_many(form)
        flash(gettext("Visits to %(n)s enterprises are planned.", n=count))
        return url_for(".bulk")

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    total, own = plans.planned_among(plans.held_by(current_actor().user_id))
    return page("visits/bulk.html", form=form, total=total, own=own, status=form.http_status)


def _offer_bulk(form: forms.BulkForm) -> None:
    actor, today = current_actor(), local_day(utcnow())
    places = plans.planned_places(actor)
    mine = [(MINE, gettext("Those I answer for"))] if actor.has(Role.OFFICER, Role.LEAD) else []
    form.area.choices = options([*mine, *((str(key), name) for key, name in places)])
    form.offer(queries.people_for(frozenset(duty.area_id for duty in actor.duties), today))
    people = queries.people_for(frozenset(key for key, _ in places), today) if places else []
    form.officer_id.choices = options([("", gettext("Everybody")), *((str(key), name) for key, name in people)])


def _plan_many(form: forms.BulkForm) -> int:
    actor, now, draft, again = current_actor(), utcnow(), form.draft(), bool(form.again.data)
    if form.area.data == MINE:
        return planning.plan_mine(draft, again=again, actor=actor, now=now)
    area = areas.area(row_id(form.area.data) or 0)
    if area is None or not can(actor, policy.PLAN, area):
        raise Refused(because(N_("Which enterprises: pick one of the list."), "area"))
    return planning.plan_area(area, draft, officer_id=row_id(form.officer_id.data), again=again, actor=actor, now=now)


@blueprint.route("/presets", methods=["GET", "POST"])
@needs(policy.PRESET)
def presets() -> ResponseReturnValue:
    """How often firms of each size are visited that have no plan of their own."""
    district, form = _district(), Form()
    sizes = _sizes(district)

    def work() -> str:
        planning.save_presets(district, _days(sizes), actor=current_actor(), now=utcnow())
        return url_for(".presets", district=district.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        flash(gettext("The presets count from now on."))
        return redirect(location, 303)
    known = plans.presets_of(district.id)
    given: dict[str, Any] = {size: known[size].every_days if size in known else "" for size in sizes}
    if request.method == "POST":
        given = {size: request.form.get(f"size_{size}", "")[:10] for size in sizes}
    return page("visits/presets.html", district=district, form=form, sizes=sizes, given=given, status=form.http_status)


def _sizes(district: Area) -> dict[str, int]:
    """Sizes with how many firms have them; the empty one last, which stands for all others."""
    found = dict(plans.sizes_in(district.id))
    known = {size: found.get(size, 0) for size in plans.presets_of(district.id)}
    sizes = {size: count for size, count in {**found, **known}.items() if size}
    return {**sizes, "": found.get("", 0)}


def _days(sizes: dict[str, int]) -> dict[str, int | None]:
    given = {size: request.form[f"size_{size}"].strip() for size in sizes if f"size_{size}" in request.form}
    return {size: (row_id(text) or 0) if text else None for size, text in given.items()}


def _district() -> Area:
    actor = current_actor()
    wanted = row_id(request.values.get("district", ""))
    for key, _ in areas.choices(actor, levels=(Level.DISTRICT,)):
        area = areas.area(key)
        if area is not None and can(actor, policy.PRESET, area) and wanted in (None, key):
            return area
    raise NotFound("district")
