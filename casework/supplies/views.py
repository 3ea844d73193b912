"""Stocks on pages: the district at a glance, the rows behind each number, the ledger of a unit, the catalogue."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas.models import Area
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.supplies import catalogue, demand, ledger, queries
from casework.supplies.edge import asked, district, district_of, districts
from casework.supplies.forms import ItemForm, number_of
from casework.supplies.models import SupplyItem
from casework.supplies.policy import EDIT, KEEP, READ
from casework.supplies.words import CATEGORIES, KINDS, SOON_DAYS, TRANSFERS, Kind

blueprint = Blueprint("supplies", __name__, url_prefix="/supplies")


@blueprint.get("")
@needs(READ)
def index() -> ResponseReturnValue:
    """Stock, what is asked for and what is short, item by item; each number leads to its rows."""
    actor, place = current_actor(), district()
    units = queries.units_of(actor, place.id)
    return page(
        "supplies/index.html",
        district=place,
        districts=districts(),
        seen=demand.overview(actor, place.id, local_day(utcnow())),
        units=units,
        kept=[unit for unit in units if can(actor, KEEP, unit)],
        soon_days=SOON_DAYS,
        categories=CATEGORIES,
    )


@blueprint.get("/stock")
@needs(READ)
def stock() -> ResponseReturnValue:
    """What is in stock, batch by batch, the first to expire first."""
    actor, place, today = current_actor(), district(), local_day(utcnow())
    show = request.args.get("show", "all")
    show = show if show in queries.SHOWS else "all"
    item_id, unit_id = asked("item"), asked("unit")
    found = queries.batches(
        actor,
        paging.asked(request.args),
        today=today,
        district_id=place.id,
        unit_id=unit_id,
        item_id=item_id,
        show=show,
    )
    units = queries.units_of(actor, place.id)
    return page(
        "supplies/stock.html",
        district=place,
        rows=found.rows,
        items=queries.items_of(place.id, active=False),
        units=units,
        kept={unit.id for unit in units if can(actor, KEEP, unit)},
        item_id=item_id,
        unit_id=unit_id,
        show=show,
        today=today,
        soon_days=SOON_DAYS,
        ways=found.ways(partial(url_for, ".stock", district=place.id, item=item_id, unit=unit_id, show=show)),
    )


@blueprint.get("/<int:unit_id>")
@needs(READ)
def unit(unit_id: int) -> ResponseReturnValue:
    """A unit's stock and its ledger, newest first."""
    actor, today = current_actor(), local_day(utcnow())
    found_unit = queries.visible_unit(unit_id, to=actor)
    item_id = asked("item")
    kind = request.args.get("kind") if request.args.get("kind") in tuple(Kind) else None
    found = ledger.entries(actor, paging.asked(request.args), unit_id, item_id=item_id, kind=kind)
    stocks = queries.batches(actor, paging.FIRST, today=today, unit_id=unit_id, item_id=item_id)
    return page(
        "supplies/unit.html",
        unit=found_unit,
        district_id=district_of(found_unit),
        stocks=stocks.rows,
        more=stocks.after is not None,
        entries=found.rows,
        items=queries.items_of(district_of(found_unit), active=False),
        item_id=item_id,
        kind=kind,
        kinds=KINDS,
        today=today,
        keeps=can(actor, KEEP, found_unit),
        ways=found.ways(partial(url_for, ".unit", unit_id=unit_id, item=item_id, kind=kind)),
    )


@blueprint.get("/transfers")
@needs(READ)
def transfers() -> ResponseReturnValue:
    """What is under way between units; earlier ones where asked."""
    actor, place = current_actor(), district()
    item_id, all_ = asked("item"), request.args.get("show") == "all"
    found = queries.transfers(actor, paging.asked(request.args), district_id=place.id, item_id=item_id, all_=all_)
    return page(
        "supplies/transfers.html",
        district=place,
        rows=found.rows,
        item_id=item_id,
        all_=all_,
        states=TRANSFERS,
        ways=found.ways(partial(url_for, ".transfers", district=place.id, item=item_id, show="all" if all_ else None)),
    )


@blueprint.get("/items")
@needs(READ)
def items() -> ResponseReturnValue:
    """The catalogue of a district."""
    place = district()
    return page(
        "supplies/items.html",
        district=place,
        districts=districts(),
        items=queries.items_of(place.id, active=False),
        categories=CATEGORIES,
        may_edit=can(current_actor(), EDIT, place),
    )


@blueprint.route("/items/new", methods=["GET", "POST"])
@needs(EDIT)
def new_item() -> ResponseReturnValue:
    """Enter an item in the catalogue."""
    return _edit(district(), None)


@blueprint.route("/items/<int:item_id>", methods=["GET", "POST"])
@needs(EDIT)
def edit_item(item_id: int) -> ResponseReturnValue:
    """Change an item."""
    place = district()
    return _edit(place, queries.item_in(place.id, item_id))


def _edit(place: Area, item: SupplyItem | None) -> ResponseReturnValue:
    form = ItemForm()
    if request.method == "GET":
        if item is not None:
            form.process(obj=item)
            form.carry(item)
            form.least.data = str(item.least or "")
    elif location := carry_out(form, lambda: _save(place, item, form), principal=principal(), row=item):
        flash(gettext("The catalogue has it."))
        return redirect(location, 303)
    return page("supplies/item.html", form=form, district=place, item=item, status=form.http_status)


def _save(place: Area, item: SupplyItem | None, form: ItemForm) -> str:
    least = number_of(form.least.data)
    if form.least.data and not least:
        raise Refused(because(N_("At least: write a whole number, or leave it empty."), "least"))
    draft = catalogue.ItemDraft(
        name=form.name.data or "",
        measure=form.measure.data or "",
        category=form.category.data or "",
        least=least,
        active=form.active.data,
    )
    catalogue.save_item(place, item, draft, actor=current_actor(), now=utcnow())
    return url_for(".items", district=place.id)
