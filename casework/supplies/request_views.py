"""What cases ask for, on pages: asking, the list of what waits, and delivering a line in parts."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.cases import queries as case_queries
from casework.cases.filters import short_day
from casework.cases.forms import options
from casework.cases.models import Case
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, NotPermitted, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.supplies import demand, queries, requests
from casework.supplies.demand import NO_UNIT, Wanted
from casework.supplies.edge import asked, district, districts
from casework.supplies.forms import ROWS, DeliverForm, ReasonForm, RequestForm, number_of
from casework.supplies.models import SupplyItem
from casework.supplies.policy import KEEP, READ, REQUEST
from casework.supplies.queries import Batch
from casework.supplies.words import STANDINGS

blueprint = Blueprint("supply_requests", __name__)
SOON = timedelta(days=2)


@blueprint.get("/supplies/requests")
@needs(READ)
def index() -> ResponseReturnValue:
    """The lines that wait, the first to be needed first."""
    actor, place = current_actor(), district()
    item_id, unit_id = asked("item"), asked("unit")
    found = demand.open_lines(actor, paging.asked(request.args), district_id=place.id, item_id=item_id, unit_id=unit_id)
    return page(
        "supplies/requests.html",
        district=place,
        districts=districts(),
        rows=found.rows,
        items=queries.items_of(place.id, active=False),
        units=queries.units_of(actor, place.id),
        item_id=item_id,
        unit_id=unit_id,
        no_unit=NO_UNIT,
        today=local_day(utcnow()),
        standings=STANDINGS,
        ways=found.ways(partial(url_for, ".index", district=place.id, item=item_id, unit=unit_id)),
    )


@blueprint.route("/supplies/requests/<int:line_id>", methods=["GET", "POST"])
@needs(READ)
def line(line_id: int) -> ResponseReturnValue:
    """A line: what was delivered, and the form that delivers more."""
    return _line(demand.visible_line(line_id, to=current_actor()), DeliverForm(), ReasonForm(formdata=None))


def _line(wanted: Wanted, form: DeliverForm, cancel_form: ReasonForm) -> ResponseReturnValue:
    actor, today = current_actor(), local_day(utcnow())
    keeps, open_ = bool(queries.units_of(actor, kept=True)), wanted.line.is_open and wanted.case.is_open
    batches = queries.batches_to_give(actor, wanted.item.id, today, first=wanted.case.unit_id) if open_ else []
    form.stock.choices = options((str(one.stock.id), _said(one)) for one in batches)
    if request.method == "GET" or cancel_form.http_status != 200:
        _suggest(form, wanted, batches)
    elif not keeps:
        raise NotPermitted(KEEP)
    elif location := carry_out(form, lambda: _deliver(wanted, batches, form), principal=principal()):
        flash(gettext("Delivered: the case and the ledger have it."))
        return redirect(location, 303)
    return page(
        "supplies/line.html",
        wanted=wanted,
        form=form,
        cancel_form=cancel_form,
        batches=batches,
        handed=demand.deliveries_of([wanted.line.id]).get(wanted.line.id, []),
        may_cancel=open_ and can(actor, REQUEST, wanted.case),
        keeps=keeps,
        standings=STANDINGS,
        today=today,
        status=max(form.http_status, cancel_form.http_status),
    )


def _said(batch: Batch) -> str:
    """A batch as a choice: whose, which, until when, how many."""
    expiry = batch.stock.expiry
    told = [
        batch.unit_name,
        gettext("batch %(batch)s", batch=batch.stock.batch) if batch.stock.batch else "",
        gettext("until %(day)s", day=expiry.isoformat()) if expiry else "",
        f"{batch.stock.quantity:,} {batch.item.measure}",
    ]
    return " · ".join(part for part in told if part)


def _suggest(form: DeliverForm, wanted: Wanted, batches: list[Batch]) -> None:
    """The first to expire of the unit's own stock, as much of it as is needed."""
    if batches:
        form.stock.data = str(batches[0].stock.id)
        form.quantity.data = str(min(wanted.line.left, batches[0].stock.quantity))
    form.receiver.data = wanted.case.contact_name


def _deliver(wanted: Wanted, batches: list[Batch], form: DeliverForm) -> str:
    actor = current_actor()
    chosen = next((one for one in batches if str(one.stock.id) == form.stock.data), None)
    if chosen is None:
        raise Refused(because(N_("From which batch: pick one."), "stock"))
    stock, _, unit = queries.visible_stock(chosen.stock.id, to=actor)
    requests.deliver(
        wanted.line,
        unit,
        stock,
        number_of(form.quantity.data),
        form.receiver.data or "",
        form.note.data or "",
        actor=actor,
        now=utcnow(),
    )
    return url_for(".line", line_id=wanted.line.id)


@blueprint.post("/supplies/requests/<int:line_id>/cancel")
@needs(REQUEST)
def cancel(line_id: int) -> ResponseReturnValue:
    """What is not delivered yet is not needed any more."""
    wanted, form = demand.visible_line(line_id, to=current_actor()), ReasonForm()
    if not can(current_actor(), REQUEST, wanted.case):
        raise NotPermitted(REQUEST)

    def work() -> str:
        requests.cancel(wanted.line, form.reason.data or "", actor=current_actor(), now=utcnow())
        return url_for("cases.show", number=wanted.case.number, _anchor="supplies")

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("Cancelled: it no longer blocks closing."))
        return redirect(location, 303)
    return _line(wanted, DeliverForm(formdata=None), form)


@blueprint.route("/cases/<number>/supplies/new", methods=["GET", "POST"])
@needs(REQUEST)
def new(number: str) -> ResponseReturnValue:
    """Ask for supplies on a case."""
    actor = current_actor()
    case = case_queries.visible_case(number, to=actor)
    if not can(actor, REQUEST, case):
        raise NotPermitted(REQUEST)
    form: Any = RequestForm()
    items = queries.items_of(case.district_id or 0)
    for row in range(ROWS):
        choices = [("", "—"), *((str(item.id), f"{item.name}（{item.measure}）") for item in items)]
        form[f"item_{row}"].choices = options(choices)
    if request.method == "GET":
        form.needed_on_0.data = local_day(utcnow()) + SOON
    elif location := carry_out(form, lambda: _ask(case, items, form), principal=principal()):
        flash(gettext("Asked for: it waits on the list of requests and blocks closing until it is delivered."))
        return redirect(location, 303)
    return page(
        "supplies/new.html",
        case=case,
        form=form,
        items=items,
        rows=range(ROWS),
        soon=short_day(local_day(utcnow()) + SOON),
        status=form.http_status,
    )


def _ask(case: Case, items: list[SupplyItem], form: Any) -> str:
    drafts = [draft for row in range(ROWS) if (draft := _draft(row, items, form))]
    requests.request(case, drafts, actor=current_actor(), now=utcnow())
    return url_for("cases.show", number=case.number, _anchor="supplies")


def _draft(row: int, items: list[SupplyItem], form: Any) -> requests.LineDraft | None:
    """A row of the form; None where nothing is written in it. Without a day it is needed as soon as the first."""
    item_id, quantity = row_id(form[f"item_{row}"].data or ""), form[f"quantity_{row}"].data or ""
    note = form[f"note_{row}"].data or ""
    if item_id is None and not quantity and not note:
        return None
    return requests.LineDraft(
        item=next((item for item in items if item.id == item_id), None),
        quantity=number_of(quantity),
        needed_on=form[f"needed_on_{row}"].data or (form.needed_on_0.data if row else None),
        note=note,
        place=row,
    )
