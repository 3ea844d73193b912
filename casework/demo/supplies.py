"""Supplies of the demo: two teams with stock, a batch near its expiry, a transfer under way, masks partly delivered."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from casework.cases.models import Case
from casework.demo.office import Office
from casework.kernel.db import db, transaction
from casework.kernel.time import local_day
from casework.supplies import catalogue, requests, stock, transfers
from casework.supplies.catalogue import ItemDraft
from casework.supplies.models import SupplyItem, SupplyStock
from casework.supplies.requests import LineDraft
from casework.supplies.stock import Delivery

# Name, counted in, category, what each unit should have.
ITEMS = (
    ("医用口罩", "只", "protection", 1000),
    ("75% 酒精 500ml", "瓶", "disinfection", 50),
    ("额温枪", "把", "measuring", 5),
)
# Unit, item, quantity, batch, days until it expires (None: it does not), from whom, days ago.
TAKEN_IN = (
    ("team-17", 0, 1200, "KZ-2301", 400, "区防疫物资组下拨", 9),
    ("team-17", 1, 80, "JJ-0117", 12, "区防疫物资组下拨", 9),
    ("team-17", 2, 3, "", None, "南贤商会捐赠", 8),
    ("team-21", 0, 6000, "KZ-2302", 420, "市物资保障组下拨", 7),
    ("team-21", 1, 240, "JJ-0125", 300, "市物资保障组下拨", 7),
    ("team-21", 2, 12, "", None, "市物资保障组下拨", 7),
)
MASKS = 0
WANTED = "口罩 2,000 只未到货"


def plant(office: Office, *, now: datetime) -> None:
    """The catalogue, the stocks, what the case of the masks asked for, and a transfer on its way to it."""
    with transaction():
        items = _items(office, now=now)
    with transaction():
        stocks = [_taken_in(office, items, row, now=now) for row in TAKEN_IN]
    with transaction():
        _asked(office, [db.session.get_one(SupplyItem, key) for key in items], stocks[0], now=now)
    with transaction():
        sent = db.session.get_one(SupplyStock, stocks[3])
        transfers.send(
            office.units["team-21"],
            sent,
            office.units["team-17"],
            500,
            "支援恒通数码维修店，下午送到",
            actor=office.actors["lead2"],
            now=now - timedelta(hours=2),
        )
        alcohol = db.session.get_one(SupplyStock, stocks[4])
        note, lead = "清点时发现破损 2 瓶", office.actors["lead2"]
        stock.count(office.units["team-21"], alcohol, 238, note, seen=240, actor=lead, now=now - timedelta(hours=3))


def _items(office: Office, *, now: datetime) -> list[int]:
    district, admin = office.areas["990104"], office.actors["district"]
    drafts = [ItemDraft(name=name, measure=unit, category=kind, least=least) for name, unit, kind, least in ITEMS]
    return [catalogue.save_item(district, None, draft, actor=admin, now=now).id for draft in drafts]


def _taken_in(
    office: Office,
    items: list[int],
    row: tuple[str, int, int, str, int | None, str, int],
    *,
    now: datetime,
) -> int:
    unit, item, quantity, batch, days, source, ago = row
    at = now - timedelta(days=ago)
    expires_on = local_day(now) + timedelta(days=days) if days else None
    what = Delivery(quantity=quantity, batch=batch, expires_on=expires_on, source=source)
    kept = db.session.get_one(SupplyItem, items[item])
    return stock.take_in(office.units[unit], kept, what, actor=office.actors["desk"], now=at).stock_id


def _asked(office: Office, items: list[SupplyItem], stock_id: int, *, now: datetime) -> None:
    """Two thousand masks, the half of which was handed over yesterday."""
    case = db.session.scalars(sa.select(Case).where(Case.title == WANTED)).one()
    at, team = now - timedelta(days=2), office.units["team-17"]
    draft = LineDraft(
        item=items[MASKS], quantity=2000, needed_on=local_day(now) + timedelta(days=1), note="先保一线维修工上岗"
    )
    [line] = requests.request(case, [draft], actor=office.actors["officer"], now=at)
    requests.deliver(
        line,
        team,
        db.session.get_one(SupplyStock, stock_id),
        1000,
        "店长 周启明",
        "厂家到货前先垫一半",
        actor=office.actors["lead"],
        now=now - timedelta(days=1),
    )
