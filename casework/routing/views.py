"""The pages of routing rules, and the one button that follows them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.cases import queries as case_queries
from casework.cases.forms import options
from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, NotFound, Reason, Refused, because
from casework.kernel.forms import Form, row_id
from casework.kernel.i18n import language
from casework.kernel.permissions import TABLE, can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.roster.limits import limits_of, set_limits
from casework.roster.models import Unit
from casework.roster.queries import names, officers_of, unit_choices, visible_unit
from casework.roster.rules import Limits
from casework.routing import queries, rules, service
from casework.routing.forms import SIZES, RuleForm
from casework.routing.models import RoutingRule
from casework.routing.rules import Conditions

blueprint = Blueprint("routing", __name__)
PLACES = (Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY, Level.SITE)
SHOWN = 50


def _district() -> Area:
    """The district that the page is about: the one asked for, else the first of the actor's.

    Whoever leads a team of a part of it reads the rules of the whole: by them the team's cases come.
    """
    actor = current_actor()
    served = areas.districts_served(duty for duty in actor.duties if duty.role in TABLE["routing.read"].grants)
    offered = [area_id for area_id, _ in areas.choices(actor, levels=(Level.DISTRICT,))]
    wanted = row_id(request.values.get("district", "")) or next(iter([*offered, *sorted(served)]), None)
    if wanted is None:
        raise NotFound("district")
    found = areas.visible_area(wanted, to=actor) if wanted not in served else areas.area(wanted)
    if found is None or found.level != Level.DISTRICT or not (wanted in served or can(actor, "routing.read", found)):
        raise NotFound("district")
    return found


@blueprint.get("/settings/routing")
@needs("routing.read")
def index() -> ResponseReturnValue:
    """The rules of a district in their order, and what one person can carry."""
    return _index(_district(), Form(formdata=None))


def _index(district: Area, form: Form) -> ResponseReturnValue:
    actor = current_actor()
    found = queries.rules_of(district.id)
    said = {rule.id: _said(rule) for rule in found}
    people = names(rule.officer_id for rule in found if rule.officer_id)
    return page(
        "routing/rules.html",
        district=district,
        districts=areas.choices(actor, levels=(Level.DISTRICT,)),
        rules=found,
        said=said,
        people=people,
        has_fallback=any(rule.live and Conditions.read(rule.conditions).fit_all for rule in found),
        limits=limits_of(district.id),
        may_edit=can(actor, "routing.edit", district),
        form=form,
        status=form.http_status,
    )


def _said(rule: RoutingRule) -> list[tuple[str, str]]:
    """What a rule asks for, in the reader's words: (label, values)."""
    kept = Conditions.read(rule.conditions)
    types = {kind.code: kind.label(language()) for kind in case_queries.case_types()}
    told = [
        (gettext("Types"), "、".join(types.get(code, code) for code in sorted(kept.types))),
        (gettext("Areas"), "、".join(place.name for one in sorted(kept.areas) if (place := areas.area(one)))),
        (gettext("Words"), "、".join(kept.words)),
        (
            gettext("Size of the enterprise"),
            "、".join(gettext(SIZES[one]) for one in sorted(kept.sizes) if one in SIZES),
        ),
    ]
    if kept.begin is not None and kept.end is not None:
        told.append((gettext("Time of day"), f"{rules.clock(kept.begin)} – {rules.clock(kept.end)}"))
    return [(label, value) for label, value in told if value]


@blueprint.route("/settings/routing/new", methods=["GET", "POST"])
@needs("routing.edit")
def new() -> ResponseReturnValue:
    """Write a rule."""
    return _edit(_district(), None)


@blueprint.route("/settings/routing/<int:key>", methods=["GET", "POST"])
@needs("routing.edit")
def edit(key: int) -> ResponseReturnValue:
    """Change a rule."""
    rule = queries.visible_rule(key, to=current_actor())
    return _edit(rule.district, rule)


def _edit(district: Area, rule: RoutingRule | None) -> ResponseReturnValue:
    form = _offered(RuleForm(), district, rule)
    if request.method == "GET":
        if rule:
            form.carry_rule(rule)
    elif location := carry_out(form, lambda: _save(form, district, rule), principal=principal(), row=rule):
        flash(gettext("Saved. Look at what it would have done, then put it live."))
        return redirect(location, 303)
    return page("routing/rule.html", form=form, district=district, rule=rule, status=form.http_status)


def _offered(form: RuleForm, district: Area, rule: RoutingRule | None) -> RuleForm:
    actor, today = current_actor(), local_day(utcnow())
    units = unit_choices(actor)
    form.types.choices = options((kind.code, kind.label(language())) for kind in case_queries.case_types())
    form.areas.choices = options((str(key), name) for key, name in areas.choices(actor, levels=PLACES))
    form.sizes.choices = options((key, gettext(label)) for key, label in SIZES.items())
    form.unit_id.choices = options([("", "—"), *((str(key), name) for key, name in units)])
    form.co_units.choices = options((str(key), name) for key, name in units)
    unit_id = row_id(form.unit_id.data or "") or (rule.unit_id if rule else None)
    people = officers_of(unit_id, today) if unit_id else []
    form.officer_id.choices = options(
        [("", gettext("nobody in particular")), *((str(one.user_id), one.name) for one in people)]
    )
    return form


def _save(form: RuleForm, district: Area, rule: RoutingRule | None) -> str:
    actor = current_actor()
    conditions = form.conditions()
    draft = service.RuleDraft(
        name=form.name.data or "",
        conditions=conditions,
        unit=_unit(form.unit_id.data),
        officer_id=row_id(form.officer_id.data or ""),
        co_unit_ids=[_unit(one).id for one in form.co_units.data or ()],
        own_officer=form.own_officer.data,
        urgent=form.urgent.data,
        by_itself=form.by_itself.data,
    )
    saved = service.save_rule(district, rule, draft, actor=actor, now=utcnow())
    return url_for("routing.trial", key=saved.id)


def _unit(given: Any) -> Unit:
    unit_id = row_id(given or "")
    if unit_id is None:
        raise Refused(because(N_("Unit: pick one that exists."), "unit_id"))
    return visible_unit(unit_id, to=current_actor())


@blueprint.route("/settings/routing/<int:key>/try", methods=["GET", "POST"])
@needs("routing.edit")
def trial(key: int) -> ResponseReturnValue:
    """What the rule would have done to the newest cases; from here it goes live."""
    actor, form = current_actor(), Form()
    rule = queries.visible_rule(key, to=actor)

    def work() -> str:
        service.mark_tried(rule, actor=actor, now=utcnow())
        service.switch(rule, True, actor=actor, now=utcnow())
        return url_for("routing.index", district=rule.district_id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        flash(gettext("The rule is live."))
        return redirect(location, 303)
    found = service.tried(rule)
    units = {one: unit.name for one in {trial.went_to for trial in found if trial.went_to} if (unit := _known(one))}
    return page(
        "routing/try.html",
        form=form,
        rule=rule,
        said=_said(rule),
        trials=found[:SHOWN],
        count=len(found),
        same=sum(1 for trial in found if trial.went_to == rule.unit_id),
        looked_at=len(queries.recent_cases(rule.district_id)),
        units=units,
        status=form.http_status,
    )


def _known(unit_id: int) -> Unit | None:
    from casework.kernel.db import db

    return db.session.get(Unit, unit_id)


@blueprint.post("/settings/routing/<int:key>/do")
@needs("routing.edit")
def act(key: int) -> ResponseReturnValue:
    """Put a rule up or down, or let it rest."""
    actor, form = current_actor(), Form()
    rule = queries.visible_rule(key, to=actor)
    wanted = request.form.get("do", "")

    def work() -> str:
        if wanted in ("up", "down"):
            service.move(rule, -1 if wanted == "up" else 1, actor=actor, now=utcnow())
        elif wanted == "rest":
            service.switch(rule, False, actor=actor, now=utcnow())
        else:
            raise Refused(Reason(N_("Choose one of the buttons.")))
        return url_for("routing.index", district=rule.district_id)

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    return _index(rule.district, form)


@blueprint.post("/settings/routing/limits")
@needs("duty.limits")
def limits() -> ResponseReturnValue:
    """Set what one person can carry."""
    actor, form, district = current_actor(), Form(), _district()
    given = {
        name: row_id(request.form.get(name, "").strip()) or 0 for name in ("most_cases", "most_firms", "stale_days")
    }

    def work() -> str:
        set_limits(district, Limits(**given), actor=actor, now=utcnow())
        return url_for("routing.index", district=district.id)

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("The limits hold from now on."))
        return redirect(location, 303)
    return _index(district, form)


@blueprint.post("/cases/<number>/route")
@needs("case.dispatch")
def follow(number: str) -> ResponseReturnValue:
    """Accept and dispatch as the rules suggest."""
    actor, form = current_actor(), Form()
    case = case_queries.visible_case(number, to=actor)

    def work() -> str:
        decision = service.follow(case, actor=actor, now=utcnow())
        flash(gettext("Dispatched to %(unit)s.", unit=decision.unit.name))
        return url_for("cases.show", number=number)

    location = carry_out(form, work, principal=principal())
    if location is None:
        for reason in form.reasons:
            flash(str(reason))
    return redirect(location or url_for("cases.show", number=number), 303)
