"""Pages of supervision orders: the register, a new one for ticked cases or a unit, one with its rounds."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.cases import lists
from casework.cases import queries as case_queries
from casework.cases.listing import list_labels
from casework.cases.models import Case
from casework.files.upload import MAX_UPLOAD, Upload
from casework.files.views import serve
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, NotPermitted, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.permissions import can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal, takes_files
from casework.orders import forms, presenting, queries, rules, service, timing
from casework.orders.models import SupervisionOrder
from casework.orders.policy import ISSUE, READ
from casework.orders.register import DUES, Filters, read_filters
from casework.orders.workflow import RINGS, STATE_LABELS, WITH_UNIT, action_named
from casework.roster import queries as roster
from casework.roster.models import Unit

blueprint = Blueprint("orders", __name__, url_prefix="/orders")
LEVELS = (Level.DISTRICT, Level.SUBDISTRICT)


@blueprint.get("")
@needs(READ)
def index() -> ResponseReturnValue:
    """The register, with how many stand where."""
    actor, now = current_actor(), utcnow()
    filters = read_filters(request.args)
    found = queries.register(actor, filters, paging.asked(request.args), now=now)
    label = gettext("Report by")
    rows = [
        (line, timing.clock_of(line.round, label, now=now) if line.order.state in WITH_UNIT else None)
        for line in found.rows
    ]
    options = {
        "state": [(state, gettext(text)) for state, text in STATE_LABELS.items()],
        "unit": roster.unit_choices(actor),
        "area": areas.choices(actor, levels=LEVELS, full=False),
        "due": [(due, gettext(text)) for due, text in DUES.items()],
    }
    return page(
        "orders/index.html",
        rows=rows,
        filters=filters,
        counts=queries.counts(actor, filters, now=now),
        options=options,
        labels=STATE_LABELS,
        rings=RINGS,
        plain=filters == Filters(),
        ways=found.ways(partial(_here, filters)),
    )


def _here(filters: Filters, **more: Any) -> str:
    return url_for(".index", **{**filters.as_query(), **more})


# -- a new one


@blueprint.route("/new", methods=["GET", "POST"])
@needs(ISSUE)
def new() -> ResponseReturnValue:
    """An order on the cases that are ticked, one to each of their units; or on a unit itself."""
    actor = current_actor()
    posted = request.method == "POST"
    form = forms.NewForm() if posted else forms.NewForm(formdata=None)
    ticked = _ids("cases")
    rows = queries.cases_to_order([*ticked, *_ids("shown")] if posted else _offered(ticked), actor)
    if not posted:
        chosen = ticked or ([case.id for case in rows] if request.args.get("case") else [])
        ticked = [case.id for case in rows if case.id in chosen and not _fault(case)]
        form.unit.data = request.args.get("unit", "")
    form.offer(*_choices(rows))

    def work() -> str:
        made = _issued(form, ticked if rows else None)
        flash(gettext("Issued: %(numbers)s", numbers="、".join(order.number for order in made)))
        return url_for(".show", order_id=made[0].id) if len(made) == 1 else url_for(".index")

    if posted and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    faults = {case.id: _fault(case) for case in rows}
    return page(
        "orders/new.html",
        form=form,
        rows=rows,
        ticked=ticked,
        faults=faults,
        units=queries.unit_names([case.unit_id for case in rows]),
        orders=len({(case.unit_id, case.domain) for case in rows if case.id in ticked}),
        labels=list_labels(),
        status=form.http_status,
    )


def _ids(name: str) -> list[int]:
    """The ids that a form or an address carries."""
    found = [key for one in request.values.getlist(name) if (key := row_id(one))]
    return list(dict.fromkeys(found))[: rules.MOST_CASES + 1]


def _offered(ticked: list[int]) -> list[int]:
    """What is offered to be ticked: one case, those that were chosen, or what the case list shows."""
    actor, now = current_actor(), utcnow()
    if number := request.args.get("case", ""):
        return [case_queries.visible_case(number[:30], to=actor).id]
    if ticked or "unit" in request.args:
        return ticked
    found = lists.cases(actor, lists.read_filters(request.args), None, now=now)
    return [row.id for row in found.rows]


def _fault(case: Case) -> str:
    """Why a case cannot be ticked; empty where it can."""
    if reason := service.case_fault(case):
        return str(reason)
    return "" if can(current_actor(), ISSUE, case) else gettext("It is not yours to supervise.")


def _choices(rows: list[Case]) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The units that may be ordered, and those that could take the order off the list."""
    actor, now = current_actor(), utcnow()
    own = {duty.unit_id for duty in actor.duties}
    units = [] if rows else [(key, name) for key, name in roster.unit_choices(actor) if key not in own]
    duties = [duty for duty in actor.duties if duty.role in queries.SUPERVISING]
    domains = sorted({case.domain for case in rows} or {domain for duty in duties for domain in duty.domains} or {""})
    place = db.session.get(Area, rows[0].area_id if rows else duties[0].area_id) if rows or duties else None
    if place is None:
        return units, []
    able = [dict(queries.who_may_delist(place.area_ids, domain, now)) for domain in domains]
    shared = [key for key in able[0] if all(key in one for one in able)]
    return units, [(key, able[0][key]) for key in shared]


def _issued(form: forms.NewForm, ticked: list[int] | None) -> list[SupervisionOrder]:
    """The orders on the ticked cases; None: the one on the unit that was picked."""
    actor, now = current_actor(), utcnow()
    if ticked is None:
        return [service.issue_for_unit(_unit(form), form.draft(), actor=actor, now=now)]
    return service.issue_for_cases(ticked, form.draft(), actor=actor, now=now)


def _unit(form: forms.NewForm) -> Unit:
    """The unit that was picked.

    Raises:
        Refused: none was.
    """
    key = row_id(form.unit.data or "")
    if key is None or key not in dict(roster.unit_choices(current_actor())):
        raise Refused(because(N_("To which unit: pick one."), "unit"))
    return db.session.get_one(Unit, key)


# -- one of them


@blueprint.get("/<int:order_id>")
@needs(READ)
def show(order_id: int) -> ResponseReturnValue:
    """What is demanded of whom by when, each round with its report and verdict, interviews and papers."""
    actor, now = current_actor(), utcnow()
    order = queries.visible_order(order_id, to=actor)
    return page(
        "orders/show.html",
        order=order,
        view=presenting.view_of(order, actor, now=now),
        rings=RINGS,
        labels=list_labels(),
        running=WITH_UNIT,
        now=now,
    )


@blueprint.route("/<int:order_id>/do/<name>", methods=["GET", "POST"])
@needs(READ)
@takes_files(MAX_UPLOAD)
def act(order_id: int, name: str) -> ResponseReturnValue:
    """Receive, report, verify, return, write off, withdraw, list, take off the list."""
    actor, now = current_actor(), utcnow()
    order, action = queries.visible_order(order_id, to=actor), action_named(name)
    if action is None:
        raise NotFound(name)
    if not can(actor, action.permission, order):
        raise NotPermitted(action.permission)
    form = forms.for_act(action, _delisters(order) if name == "list" else ())
    upload = Upload(request.files.getlist("files") if action.files else None)
    if request.method == "GET":
        form.carry(order)

    def work() -> str:
        files = upload.attach()
        service.act(order, name, form.answer(), actor=actor, now=utcnow(), files=files)
        flash(gettext("%(action)s: %(title)s", action=gettext(action.label), title=order.title))
        return url_for(".show", order_id=order.id)

    if request.method == "POST" and (
        location := carry_out(form, work, principal=principal(), prepare=upload.take_in, row=order)
    ):
        return redirect(location, 303)
    return page(
        "orders/act.html",
        order=order,
        action=action,
        form=form,
        view=presenting.view_of(order, actor, now=now),
        hindered=rules.hindrances(action, queries.facts(order)),
        status=form.http_status,
    )


def _delisters(order: SupervisionOrder) -> list[tuple[int, str]]:
    able = queries.who_may_delist(order.area_ids, order.domain, utcnow())
    return [(key, name) for key, name in able if key != order.unit_id]


@blueprint.get("/<int:order_id>/files/<token>")
@needs(READ)
def file(order_id: int, token: str) -> ResponseReturnValue:
    """A file that was handed in, for whoever sees the order."""
    order = queries.visible_order(order_id, to=current_actor())
    return serve(queries.file_of(order.id, token), thumbnail=request.args.get("small") == "1")
