"""The plans by which briefs are written by themselves: which run, a new one, and stopping one."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from casework.briefs import plans, queries, scopes
from casework.briefs.forms import PlanForm
from casework.briefs.models import BriefSchedule
from casework.briefs.policy import READ, WRITE
from casework.briefs.scopes import Counted
from casework.briefs.words import KINDS, Kind
from casework.clocks.explain import WHOLE_WEEKDAYS
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.errors import NotFound
from casework.kernel.forms import Form
from casework.kernel.i18n import language
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.kpis.selecting import offered_types
from casework.roster.queries import names

blueprint = Blueprint("brief_plans", __name__, url_prefix="/reports/plans")


@blueprint.get("")
@needs(READ)
def index() -> ResponseReturnValue:
    """The plans that run, the next occasion first."""
    actor = current_actor()
    found = queries.plans(actor, paging.asked(request.args))
    rows = found.rows
    return page(
        "briefs/plans.html",
        rows=rows,
        places=queries.places_of(rows),
        names=names({key for row in rows for key in (row.by_id, *row.tell)}),
        kinds=KINDS,
        weekdays=WHOLE_WEEKDAYS,
        locale=language(),
        may_stop=can(actor, WRITE),
        ways=found.ways(partial(url_for, ".index")),
    )


@blueprint.get("/new")
@needs(WRITE)
def new() -> ResponseReturnValue:
    """When, of what, and whom to tell; the people follow the area that is chosen."""
    form = PlanForm(formdata=None)
    form.scope.data, form.locale.data = request.args.get("scope", ""), language()
    return _asked(form)


def _asked(form: PlanForm) -> ResponseReturnValue:
    actor = current_actor()
    offered = scopes.choices(actor)
    form.offer(offered, offered_types())
    known = dict(offered)
    if form.scope.data not in known:
        form.scope.data = next(iter(known), "")
    counted = _counted(form)
    people = queries.readers_of(counted, local_day(utcnow())) if counted else []
    form.tell.choices = people
    if not form.is_submitted():
        form.tell.data = [key for key, _ in people if key == actor.user_id]
    return page("briefs/plan.html", form=form, status=form.http_status)


def _counted(form: PlanForm) -> Counted | None:
    try:
        return scopes.read(form.scope.data or "", form.type_id, current_actor(), WRITE)
    except NotFound:
        return None


@blueprint.post("/new")
@needs(WRITE)
def make() -> ResponseReturnValue:
    """Begin a plan. A second click begins nothing."""
    form, actor = PlanForm(), current_actor()
    form.offer(scopes.choices(actor), offered_types())
    form.tell.choices = []

    def work() -> str:
        plan = plans.Plan(
            kind=form.kind.data,
            counted=scopes.read(form.scope.data or "", form.type_id, actor, WRITE),
            minute=form.minute,
            weekday=int(form.weekday.data) if form.kind.data == Kind.WEEKLY else None,
            tell=form.tell.data or (),
            locale=form.locale.data,
            red_head=bool(form.red_head.data),
        )
        plans.make_plan(plan, actor=actor, now=utcnow())
        return url_for("brief_plans.index")

    location = carry_out(form, work, principal=principal())
    return _asked(form) if location is None else redirect(location, 303)


@blueprint.post("/<int:key>/stop")
@needs(WRITE)
def stop(key: int) -> ResponseReturnValue:
    """End a plan; the briefs that it wrote stay."""
    actor = current_actor()
    _plan(key)

    def work() -> str:
        plans.stop_plan(_plan(key), actor=actor, now=utcnow())
        return url_for("brief_plans.index")

    location = carry_out(Form(), work, principal=principal())
    return redirect(location or url_for("brief_plans.index"), 303)


def _plan(key: int) -> BriefSchedule:
    return queries.visible_plan(key, to=current_actor())
