"""A store to test with: two items, and stocks brought to a state by the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import local_day
from casework.supplies import catalogue, requests, stock
from casework.supplies.catalogue import ItemDraft
from casework.supplies.models import SupplyItem, SupplyLine, SupplyMovement, SupplyStock
from casework.supplies.requests import LineDraft
from casework.supplies.stock import Delivery
from tests.factories import NOW, Office, a_case

TODAY = local_day(NOW)


@dataclass
class Store:
    """The office, and its items by name."""

    office: Office
    items: dict[str, SupplyItem] = field(default_factory=dict)


def a_store(office: Office) -> Store:
    """Masks, of which each unit should have 500, and alcohol."""
    store = Store(office)
    for name, measure, category, least in (
        ("口罩", "只", "protection", 500),
        ("酒精", "瓶", "disinfection", None),
    ):
        draft = ItemDraft(name=name, measure=measure, category=category, least=least)
        store.items[name] = catalogue.save_item(
            office.areas["8801"], None, draft, actor=office.actor("district_admin"), now=NOW
        )
    db.session.commit()
    return store


def a_stock(
    store: Store,
    quantity: int,
    *,
    unit: str = "team",
    item: str = "口罩",
    batch: str = "A1",
    expires_on: date | None = TODAY + timedelta(days=200),
    now: datetime = NOW,
) -> SupplyStock:
    """So much of a batch, taken in by the district."""
    what = Delivery(quantity=quantity, batch=batch, expires_on=expires_on, source="市物资组")
    movement = stock.take_in(
        store.office.units[unit], store.items[item], what, actor=store.office.actor("district_admin"), now=now
    )
    db.session.commit()
    return db.session.get_one(SupplyStock, movement.stock_id)


def a_line(
    store: Store,
    quantity: int,
    *,
    item: str = "口罩",
    case: Case | None = None,
    needed_on: date | None = None,
    now: datetime = NOW,
) -> SupplyLine:
    """So much asked for by the officer, on a case of the first team."""
    case = case or a_case(store.office, State.IN_PROGRESS, now=now)
    day = needed_on or local_day(now) + timedelta(days=2)
    draft = LineDraft(item=store.items[item], quantity=quantity, needed_on=day)
    [line] = requests.request(case, [draft], actor=store.office.actor("officer"), now=now)
    db.session.commit()
    return line


def give(store: Store, line: SupplyLine, from_: SupplyStock, quantity: int, **changes: Any) -> SupplyMovement:
    """Deliver out of the first team's stock, by its lead."""
    given: dict[str, Any] = {"actor": store.office.actor("lead"), "now": NOW, **changes}
    unit = next(unit for unit in store.office.units.values() if unit.id == from_.unit_id)
    return requests.deliver(line, unit, from_, quantity, "何秀芝", "", **given)


def entries(stock_id: int) -> list[SupplyMovement]:
    """The ledger of a batch, oldest first."""
    query = sa.select(SupplyMovement).where(SupplyMovement.stock_id == stock_id)
    return list(db.session.scalars(query.order_by(SupplyMovement.id)))


def adds_up(stock_id: int) -> bool:
    """Whether what the books say is the sum of the ledger, and each entry says what was left."""
    rows, left = entries(stock_id), 0
    for row in rows:
        left += row.quantity
        if row.balance != left:
            return False
    db.session.expire_all()
    return left == db.session.get_one(SupplyStock, stock_id).quantity
