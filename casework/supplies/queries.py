"""Reads of the catalogue, of stocks and their ledger, and of transfers: those of the units that one may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from casework.areas import queries as areas
from casework.areas.models import Area
from casework.kernel import paging
from casework.kernel.db import db, one
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, Scope
from casework.roster.models import Unit
from casework.supplies import rules
from casework.supplies.models import SupplyItem, SupplyStock, SupplyTransfer
from casework.supplies.policy import KEEPERS, READERS
from casework.supplies.words import NEVER, Transfer

PAGE = 50
SHOWS = ("all", "expiring", "expired")


def _units(actor: Actor, grants: Any) -> sa.ColumnElement[bool]:
    """The condition on ``units`` that a row of the permission table makes."""
    conditions: list[sa.ColumnElement[bool]] = []
    for duty in actor.duties:
        for letter in grants.get(duty.role, ""):
            if Scope(letter) is Scope.TEAM:
                conditions.append(Unit.id == duty.unit_id)
            else:
                there = sa.select(Area.id).where(areas.within(duty.area_id, duty.area_level))
                conditions.append(Unit.area_id.in_(there))
    return sa.or_(sa.false(), *conditions)


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition under which a unit's stock exists for this person: the row ``supplies.read`` as SQL."""
    return _units(actor, READERS)


def kept_by(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition under which a unit's stock is this person's to keep."""
    return _units(actor, KEEPERS)


def visible_unit(unit_id: int, *, to: Actor) -> Unit:
    """A unit whose stock one may see.

    Raises:
        NotFound: there is none, or it is out of scope.
    """
    query = sa.select(Unit).options(orm.joinedload(Unit.area)).where(Unit.id == unit_id, visible_to(to))
    return one(query, "unit")


def units_of(actor: Actor, district_id: int | None = None, *, kept: bool = False) -> list[Unit]:
    """The open units whose stock one may see, or keeps, of one district or all; by name."""
    mine = kept_by(actor) if kept else visible_to(actor)
    query = sa.select(Unit).join(Area, Area.id == Unit.area_id).options(orm.contains_eager(Unit.area))
    query = query.where(mine, Unit.closed_on.is_(None)).order_by(Unit.name, Unit.id)
    if district_id is not None:
        query = query.where(in_district(district_id))
    return list(db.session.scalars(query))


def in_district(district_id: int) -> sa.ColumnElement[bool]:
    """That a row of ``areas`` lies in the district or is it."""
    return sa.or_(Area.id == district_id, Area.district_id == district_id)


def receivers(item: SupplyItem, unit: Unit) -> list[tuple[int, str]]:
    """Where a unit may send an item: the other open units of the district that keeps it, by name."""
    query = sa.select(Unit.id, Unit.name).join(Area, Area.id == Unit.area_id)
    query = query.where(in_district(item.district_id), Unit.closed_on.is_(None), Unit.id != unit.id)
    return [(key, name) for key, name in db.session.execute(query.order_by(Unit.name, Unit.id))]


def items_of(district_id: int, *, active: bool = True) -> list[SupplyItem]:
    """The catalogue of a district, by category and name; those out of use too where asked."""
    query = sa.select(SupplyItem).where(SupplyItem.district_id == district_id)
    query = query.where(SupplyItem.active.is_(True)) if active else query
    return list(db.session.scalars(query.order_by(SupplyItem.category, SupplyItem.name)))


def item_in(district_id: int, item_id: int) -> SupplyItem:
    """An item of a district.

    Raises:
        NotFound: this district has no such item.
    """
    found = db.session.get(SupplyItem, item_id)
    if found is None or found.district_id != district_id:
        raise NotFound("item")
    return found


@dataclass(frozen=True, slots=True)
class Batch:
    """A stock with what it is of, and where."""

    stock: SupplyStock
    item: SupplyItem
    unit_name: str

    def state(self, today: date) -> str:
        """``expired``, ``expiring`` or empty."""
        if rules.is_expired(self.stock.expires_on, today):
            return "expired"
        return "expiring" if rules.is_expiring(self.stock.expires_on, today) else ""


def _batches(actor: Actor) -> Any:
    return (
        sa.select(SupplyStock, SupplyItem, Unit.name)
        .join(SupplyItem, SupplyItem.id == SupplyStock.item_id)
        .join(Unit, Unit.id == SupplyStock.unit_id)
        .where(visible_to(actor))
    )


def batches(
    actor: Actor,
    at: paging.At,
    *,
    today: date,
    district_id: int | None = None,
    unit_id: int | None = None,
    item_id: int | None = None,
    show: str = "all",
) -> paging.Page[Any]:
    """What is in stock, batch by batch, the first to expire first; a page of ``Batch``."""
    query = _batches(actor).where(SupplyStock.quantity > 0)
    if district_id is not None:
        query = query.where(SupplyItem.district_id == district_id)
    if unit_id is not None:
        query = query.where(SupplyStock.unit_id == unit_id)
    if item_id is not None:
        query = query.where(SupplyStock.item_id == item_id)
    if show == "expired":
        query = query.where(SupplyStock.expires_on < today)
    elif show == "expiring":
        query = query.where(SupplyStock.expires_on.between(today, rules.soon(today)))
    keys = (paging.Key(SupplyStock.expires_on, date), paging.Key(SupplyStock.id, int))
    found = paging.page_of(query, keys, at, PAGE, values=lambda row: (row[0].expires_on, row[0].id))
    return paging.Page([Batch(*row) for row in found.rows], found.after, found.before, found.first)


def visible_stock(stock_id: int, *, to: Actor) -> tuple[SupplyStock, SupplyItem, Unit]:
    """A stock that one may see, with its item and unit.

    Raises:
        NotFound: there is none, or it is out of scope.
    """
    query = (
        sa.select(SupplyStock, SupplyItem, Unit)
        .join(SupplyItem, SupplyItem.id == SupplyStock.item_id)
        .join(Unit, Unit.id == SupplyStock.unit_id)
        .options(orm.joinedload(Unit.area))
        .where(SupplyStock.id == stock_id, visible_to(to))
    )
    found = db.session.execute(query).first()
    if found is None:
        raise NotFound("stock")
    return found[0], found[1], found[2]


def batches_to_give(actor: Actor, item_id: int, today: date, *, first: int | None = None) -> list[Batch]:
    """What the actor can give out of an item: that of the unit ``first`` before all, then the first to expire."""
    query = _batches(actor).where(
        kept_by(actor),
        SupplyStock.item_id == item_id,
        SupplyStock.quantity > 0,
        SupplyStock.expires_on >= today,
        Unit.closed_on.is_(None),
    )
    query = query.order_by(SupplyStock.unit_id != (first or 0), SupplyStock.expires_on, SupplyStock.id).limit(200)
    return [Batch(*row) for row in db.session.execute(query)]


@dataclass(frozen=True, slots=True)
class Counts:
    """What an item's stocks of a unit come to: usable (expiring included), expiring, expired."""

    usable: int = 0
    expiring: int = 0
    expired: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.usable + other.usable, self.expiring + other.expiring, self.expired + other.expired)


def counts(actor: Actor, district_id: int, today: date) -> dict[rules.Place, Counts]:
    """Stock by item and unit, of the units one may see; a unit that ran out keeps its row."""

    def total(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, SupplyStock.quantity), else_=0)), 0)

    query = (
        sa.select(
            SupplyStock.item_id,
            SupplyStock.unit_id,
            total(SupplyStock.expires_on >= today),
            total(SupplyStock.expires_on.between(today, rules.soon(today))),
            total(SupplyStock.expires_on < today),
        )
        .join(SupplyItem, SupplyItem.id == SupplyStock.item_id)
        .join(Unit, Unit.id == SupplyStock.unit_id)
        .where(SupplyItem.district_id == district_id, Unit.closed_on.is_(None), visible_to(actor))
        .group_by(SupplyStock.item_id, SupplyStock.unit_id)
    )
    return {(item, unit): Counts(*map(int, sums)) for item, unit, *sums in db.session.execute(query)}


def coming(actor: Actor, district_id: int) -> dict[rules.Place, int]:
    """What is under way by item and receiving unit, where one may see either end."""
    query = (
        _transfers(actor)
        .with_only_columns(SupplyTransfer.item_id, SupplyTransfer.to_unit_id, sa.func.sum(SupplyTransfer.quantity))
        .where(SupplyItem.district_id == district_id, SupplyTransfer.state == Transfer.SENT)
        .group_by(SupplyTransfer.item_id, SupplyTransfer.to_unit_id)
    )
    return {(item, unit): int(count) for item, unit, count in db.session.execute(query)}


_FROM, _TO = orm.aliased(Unit), orm.aliased(Unit)


def _transfers(actor: Actor) -> Any:
    mine = sa.select(Unit.id).where(visible_to(actor)).correlate(None)
    return (
        sa.select(SupplyTransfer, SupplyItem, _FROM, _TO, SupplyStock)
        .join(SupplyItem, SupplyItem.id == SupplyTransfer.item_id)
        .join(_FROM, _FROM.id == SupplyTransfer.from_unit_id)
        .join(_TO, _TO.id == SupplyTransfer.to_unit_id)
        .join(SupplyStock, SupplyStock.id == SupplyTransfer.from_stock_id)
        .where(sa.or_(SupplyTransfer.from_unit_id.in_(mine), SupplyTransfer.to_unit_id.in_(mine)))
    )


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """A transfer with its item, both ends, and the batch that it is of."""

    transfer: SupplyTransfer
    item: SupplyItem
    sender: Unit
    receiver: Unit
    stock: SupplyStock


def transfers(
    actor: Actor, at: paging.At, *, district_id: int, item_id: int | None = None, all_: bool = False
) -> paging.Page[Any]:
    """The transfers under way, or all, newest first; a page of ``OnTheWay``."""
    query = _transfers(actor).where(SupplyItem.district_id == district_id)
    if item_id is not None:
        query = query.where(SupplyTransfer.item_id == item_id)
    if not all_:
        query = query.where(SupplyTransfer.state == Transfer.SENT)
    keys = (paging.Key(SupplyTransfer.id, int, down=True),)
    found = paging.page_of(query, keys, at, PAGE, values=lambda row: (row[0].id,))
    return paging.Page([OnTheWay(*row) for row in found.rows], found.after, found.before, found.first)


def visible_transfer(transfer_id: int, *, to: Actor) -> OnTheWay:
    """A transfer one of whose ends one may see.

    Raises:
        NotFound: there is none, or both ends are out of scope.
    """
    found = db.session.execute(_transfers(to).where(SupplyTransfer.id == transfer_id)).first()
    if found is None:
        raise NotFound("transfer")
    return OnTheWay(*found)


def named_batch(unit_id: int, item_id: int, batch: str) -> SupplyStock | None:
    """The stock that a unit has of a batch that is printed on the goods."""
    if not batch:
        return None
    query = sa.select(SupplyStock).where(
        SupplyStock.unit_id == unit_id, SupplyStock.item_id == item_id, SupplyStock.batch == batch
    )
    return db.session.scalar(query.limit(1))


def expiry_of(day: date | None) -> date:
    """An expiry day as it is kept."""
    return day or NEVER
