"""What else leaves as a spreadsheet: supervision orders, supplies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from casework.kernel import paging
from casework.kernel.errors import N_
from casework.kernel.forms import row_id
from casework.ledgers import periods
from casework.ledgers.taking_out import Asked, ListOut, Rows, Title, counted, in_portions, understood
from casework.orders import queries as orders
from casework.orders.models import SupervisionOrder
from casework.orders.policy import EXPORT as ORDERS
from casework.orders.register import read_filters as order_filters
from casework.supplies import ledger as supplies
from casework.supplies import queries as stocks
from casework.supplies.models import SupplyMovement
from casework.supplies.policy import READ as SUPPLIES
from casework.supplies.words import KINDS, Kind

_AREA: Title = (N_("Area"), "text", 34)


# -- supervision orders


ORDER_TITLES: tuple[Title, ...] = (
    *((N_("Number"), "text", 20), (N_("Matter"), "text", 40), (N_("Unit ordered"), "text", 20)),
    *((N_("Issued by"), "text", 20), (N_("Issued"), "datetime", 17), (N_("State"), "text", 14)),
    *((N_("Round"), "number", 8), (N_("Report by"), "datetime", 17), (N_("Reported"), "datetime", 17)),
    *((N_("In time"), "text", 10), (N_("Cases"), "number", 8), (N_("Listed"), "datetime", 17)),
    *((N_("Taken off the list"), "datetime", 17), (N_("Ended"), "datetime", 17)),
)


def _orders(asked: Asked) -> sa.Select[Any]:
    found = orders.all_lines(asked.actor, order_filters(asked.args), now=asked.now)
    return found.where(*periods.moments(SupervisionOrder.issued_at, asked.args))


def _order_rows(asked: Asked) -> Rows:
    keys = (paging.Key(SupervisionOrder.id, int, down=True),)
    for portion in in_portions(_orders(asked), keys, lambda row: [row[0].id]):
        yield [_order_row(orders.Line(*row)) for row in portion]


def _order_row(line: orders.Line) -> Sequence[object]:
    order, present = line.order, line.round
    in_time = "" if present.met is None else gettext("yes") if present.met else gettext("no")
    return (
        *(order.number, order.title, line.unit, line.issuer, order.issued_at, gettext(order.state_label), order.round),
        *(present.due_at, present.replied_at, in_time, order.case_count),
        *(order.listed_at, order.delisted_at, order.ended_at),
    )


ORDER_LEDGER = ListOut(
    title=N_("Ledger of supervision orders"),
    permission=ORDERS,
    columns=ORDER_TITLES,
    rows=_order_rows,
    count=lambda asked, most: counted(_orders(asked), most),
    filters=lambda args: order_filters(args).as_query(),
    dated=N_("Issued"),
)


# -- supplies


SUPPLY_TITLES: tuple[Title, ...] = (
    *((N_("Entry"), "number", 8), (N_("When"), "datetime", 17)),
    *((N_("Kind of entry"), "text", 10), (N_("Item"), "text", 20), (N_("Batch number"), "text", 16)),
    *((N_("Expires on"), "date", 12), (N_("In or out"), "number", 10), (N_("Left of the batch"), "number", 12)),
    *((N_("Counted in"), "text", 8), (N_("From or to"), "text", 26), (N_("Reason"), "text", 40)),
    *((N_("Case number"), "text", 22), (N_("Takes back entry"), "number", 10), (N_("Entered by"), "text", 12)),
    (N_("Unit"), "text", 20),
)


def _supplies(asked: Asked) -> Any:
    """Of one unit, or of all whose stock one may see."""
    given = _supply_filters(asked.args)
    unit = row_id(given.get("unit", ""))
    if unit is not None:
        stocks.visible_unit(unit, to=asked.actor)
    found = supplies.entries_of(asked.actor, unit, row_id(given.get("item", "")), given.get("kind"))
    return found.where(*periods.moments(SupplyMovement.at, asked.args))


def _supply_filters(args: Mapping[str, str]) -> dict[str, str]:
    found = understood(args, "unit", "item", "kind")
    if found.get("kind") not in tuple(Kind):
        found.pop("kind", None)
    return {name: text for name, text in found.items() if name == "kind" or row_id(text) is not None}


def _supply_rows(asked: Asked) -> Rows:
    keys = (paging.Key(SupplyMovement.id, int, down=True),)
    for portion in in_portions(_supplies(asked), keys, lambda row: [row[0].id]):
        yield [_supply_row(row) for row in portion]


def _supply_row(row: Any) -> Sequence[object]:
    entry = supplies.entry_of(row)
    movement = entry.movement
    return (
        *(movement.id, movement.at, gettext(KINDS[movement.kind]), entry.item.name, entry.stock.batch),
        *(entry.stock.expiry, movement.quantity, movement.balance, entry.item.measure, movement.party),
        *(movement.reason, entry.case_number, movement.corrects_id, entry.by, row.unit_name),
    )


def _supply_unit(asked: Asked) -> str:
    unit = row_id(asked.args.get("unit", ""))
    return stocks.visible_unit(unit, to=asked.actor).name if unit is not None else ""


SUPPLY_LEDGER = ListOut(
    title=N_("Supplies ledger"),
    permission=SUPPLIES,
    columns=SUPPLY_TITLES,
    rows=_supply_rows,
    count=lambda asked, most: counted(_supplies(asked), most),
    filters=_supply_filters,
    dated=N_("When"),
    about=_supply_unit,
)
