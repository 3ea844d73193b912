"""The forms that change a stock: in, out, transfer, count, write-off, and an entry taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.cases.forms import options
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, NotPermitted, Refused, because
from casework.kernel.forms import Form, row_id
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.roster.models import Unit
from casework.supplies import ledger, queries, requests, transfers
from casework.supplies import stock as stocks
from casework.supplies.edge import district_of, kept_unit
from casework.supplies.forms import CountForm, InForm, OutForm, ReasonForm, SendForm, WriteOffForm, number_of
from casework.supplies.models import SupplyItem, SupplyStock
from casework.supplies.policy import KEEP, READ
from casework.supplies.words import KINDS, TRANSFERS

blueprint = Blueprint("supply_stock", __name__, url_prefix="/supplies")
# What can be done with a batch: its form, what its page is called and what is said afterwards.
ACTS: dict[str, tuple[type[Form], str, str]] = {
    "out": (OutForm, N_("Give out"), N_("Given out, and in the ledger.")),
    "send": (SendForm, N_("Send to another unit"), N_("On its way: it arrives when the receiver confirms it.")),
    "count": (CountForm, N_("Count"), N_("Counted, and in the ledger.")),
    "write-off": (WriteOffForm, N_("Write off"), N_("Written off, and in the ledger.")),
}


@blueprint.route("/<int:unit_id>/in", methods=["GET", "POST"])
@needs(KEEP)
def take_in(unit_id: int) -> ResponseReturnValue:
    """Enter what came in."""
    unit, form = kept_unit(unit_id), InForm()
    items = queries.items_of(district_of(unit))
    form.item_id.choices = options([("", "—"), *((str(item.id), f"{item.name}（{item.measure}）") for item in items)])
    if request.method == "GET":
        form.item_id.data = request.args.get("item", "")
    elif location := carry_out(form, lambda: _take_in(unit, items, form), principal=principal()):
        flash(gettext("Taken in, and in the ledger."))
        return redirect(location, 303)
    return page("supplies/in.html", unit=unit, form=form, items=items, status=form.http_status)


def _take_in(unit: Unit, items: list[SupplyItem], form: InForm) -> str:
    item = next((one for one in items if str(one.id) == form.item_id.data), None)
    if item is None:
        raise Refused(because(N_("Item: pick one of the catalogue."), "item_id"))
    what = stocks.Delivery(
        quantity=number_of(form.quantity.data),
        batch=form.batch.data or "",
        expires_on=form.expires_on.data,
        source=form.source.data or "",
        note=form.note.data or "",
    )
    stocks.take_in(unit, item, what, actor=current_actor(), now=utcnow())
    return url_for("supplies.unit", unit_id=unit.id)


@blueprint.route("/stock/<int:stock_id>/<act>", methods=["GET", "POST"])
@needs(KEEP)
def change(stock_id: int, act: str) -> ResponseReturnValue:
    """Give out of a batch, send it on, count it, or write it off."""
    if act not in ACTS:
        raise NotFound("act")
    stock, item, unit = queries.visible_stock(stock_id, to=current_actor())
    if not can(current_actor(), KEEP, unit):
        raise NotPermitted(KEEP)
    kind, title, said = ACTS[act]
    form = _offered(kind(), act, stock, item, unit)
    if request.method == "POST":
        work = lambda: _change(act, form, stock, unit)  # noqa: E731 - the one command of this form
        if location := carry_out(form, work, principal=principal()):
            flash(gettext(said))
            return redirect(location, 303)
        if form.http_status == 409 and isinstance(form, CountForm):  # what is sent next is sent in knowledge of it
            form.seen.data = str(stock.quantity)
    return page(
        "supplies/change.html",
        act=act,
        title=title,
        form=form,
        stock=stock,
        item=item,
        unit=unit,
        today=local_day(utcnow()),
        status=form.http_status,
    )


def _offered(form: Any, act: str, stock: SupplyStock, item: SupplyItem, unit: Unit) -> Any:
    if act == "send":
        form.to_unit.choices = options([("", "—"), *((str(key), name) for key, name in queries.receivers(item, unit))])
        if request.method == "GET":
            form.to_unit.data = request.args.get("to", "")
    elif act == "count" and request.method == "GET":
        form.seen.data = str(stock.quantity)
    elif act == "write-off" and request.method == "GET" and stock.expires_on < local_day(utcnow()):
        form.quantity.data, form.reason.data = str(stock.quantity), gettext("expired")
    return form


def _change(act: str, form: Any, stock: SupplyStock, unit: Unit) -> str:
    actor, now, quantity = current_actor(), utcnow(), number_of(form.quantity.data)
    reason = form.reason.data or ""
    if act == "out":
        stocks.give_out(unit, stock, quantity, form.party.data or "", reason, actor=actor, now=now)
    elif act == "send":
        to = _receiver(form, stock, unit)
        transfers.send(unit, stock, to, quantity, reason, actor=actor, now=now)
    elif act == "count":
        seen = row_id(form.seen.data) if form.seen.data else -1
        stocks.count(unit, stock, quantity, reason, seen=-1 if seen is None else seen, actor=actor, now=now)
    else:
        stocks.write_off(unit, stock, quantity, reason, actor=actor, now=now)
    return url_for("supplies.unit", unit_id=unit.id)


def _receiver(form: SendForm, stock: SupplyStock, unit: Unit) -> Unit:
    """The unit that is picked, of those that were offered."""
    item = db.session.get_one(SupplyItem, stock.item_id)
    offered = {key for key, _ in queries.receivers(item, unit)}
    wanted = row_id(form.to_unit.data or "")
    if wanted not in offered:
        raise Refused(because(N_("To which unit: pick another unit of the district."), "to_unit"))
    return db.session.get_one(Unit, wanted)


@blueprint.route("/<int:unit_id>/entries/<int:movement_id>/reverse", methods=["GET", "POST"])
@needs(KEEP)
def reverse(unit_id: int, movement_id: int) -> ResponseReturnValue:
    """Take a wrong entry back by a new one."""
    unit, form = kept_unit(unit_id), ReasonForm()
    movement = ledger.movement_of(unit.id, movement_id)
    stock, item, _ = queries.visible_stock(movement.stock_id, to=current_actor())

    def work() -> str:
        requests.reverse(unit, movement, form.reason.data or "", actor=current_actor(), now=utcnow())
        return url_for("supplies.unit", unit_id=unit.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        flash(gettext("Taken back by a new entry; the wrong one stays visible."))
        return redirect(location, 303)
    return page(
        "supplies/reverse.html",
        unit=unit,
        movement=movement,
        stock=stock,
        item=item,
        form=form,
        kinds=KINDS,
        status=form.http_status,
    )


@blueprint.route("/transfers/<int:transfer_id>", methods=["GET", "POST"])
@needs(READ)
def transfer(transfer_id: int) -> ResponseReturnValue:
    """A transfer: confirm its arrival, refuse it, or call it back."""
    actor, form = current_actor(), ReasonForm()
    found = queries.visible_transfer(transfer_id, to=actor)
    do = request.form.get("do", "")
    acts: dict[str, Callable[[], None]] = {
        "receive": lambda: transfers.receive(found.transfer, actor=actor, now=utcnow()),
        "refuse": lambda: transfers.refuse(found.transfer, form.reason.data or "", actor=actor, now=utcnow()),
        "recall": lambda: transfers.recall(found.transfer, form.reason.data or "", actor=actor, now=utcnow()),
    }

    def work() -> str:
        if do not in acts:
            raise Refused(because(N_("Choose one of the buttons.")))
        acts[do]()
        return url_for(".transfer", transfer_id=transfer_id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        flash(
            gettext("It is in the stock of %(unit)s.", unit=(found.receiver if do == "receive" else found.sender).name)
        )
        return redirect(location, 303)
    return page(
        "supplies/transfer.html",
        found=found,
        form=form,
        states=TRANSFERS,
        receives=can(actor, KEEP, found.receiver),
        sends=can(actor, KEEP, found.sender),
        status=form.http_status,
    )
