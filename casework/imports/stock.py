"""Supplies in stock: what a unit has of each batch. What is not on the books comes in, the same number is no news;
another number is a count, entered only where the officer chose that the file is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm

from casework.imports.importing import Made, RowRefused, Said, Setting, Step
from casework.imports.report import Differs, Outcome
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Reason, Refused, because
from casework.kernel.permissions import can
from casework.kernel.time import local_day
from casework.roster.models import Unit
from casework.sheets.cells import parse_moment
from casework.supplies import queries, stock
from casework.supplies.models import SupplyItem, SupplyStock
from casework.supplies.policy import KEEP

NO_KEEPER = N_("Stock is imported by a person: name one with --as.")
NO_ITEM = N_("“%(name)s” is not in the catalogue of the district.")
ADD_ITEM = N_("Add the item to the catalogue first, or write the name as it stands there.")
NO_UNIT = N_("No team that you keep the stock of is called “%(name)s”.")
WRITE_UNIT = N_("Write the name or code of the team, or give one for all rows.")
NO_NUMBER = N_("“%(text)s” is no whole number.")
WRITE_NUMBER = N_("Write a whole number in the measure of the catalogue, such as 200.")
TWICE = N_("The batch stands in row %(first)s already.")
ADD_UP = N_("Add the two rows up, or tell the batches apart.")
COUNTED = N_("Counted as an imported list says")
FROM_LIST = N_("Taken over from a list")
_NUMBER = re.compile(r"^([\d,，]+)(?:\.0+)?\s*\D{0,4}$")
_NEVER = frozenset(("长期", "长期有效", "无限期", "永久", "never"))


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of a unit, as the file says it."""

    unit: Unit
    item: SupplyItem
    batch: str
    expires_on: date | None
    quantity: int

    @property
    def place(self) -> tuple[int, int, str, date]:
        """What tells it from others."""
        return self.unit.id, self.item.id, self.batch, queries.expiry_of(self.expires_on)


class StockImporter:
    """Takes in batches that are not on the books."""

    target = "stock"
    whole = False
    needs = ("item",)
    stored = frozenset(("item", "unit", "batch", "expires_on", "quantity", "source", "note"))

    def __init__(self, setting: Setting):
        if setting.actor is None:
            raise Refused(because(NO_KEEPER, "unit"))
        self.setting, self.actor = setting, setting.actor
        self.units: dict[str, list[Unit]] = {}
        self.items: dict[tuple[int, str], SupplyItem] = {}
        self.seen: dict[tuple[int, int, str, date], int] = {}
        self.books: dict[tuple[int, int, str], list[SupplyStock]] = {}
        self.made: list[Made] = []

    def look_up(self, rows: Sequence[Said]) -> None:
        """The teams whose stock the actor keeps and the catalogues, which are short, and the batches of these rows."""
        self.units, self.items = {}, {}
        query = sa.select(Unit).options(orm.joinedload(Unit.area)).where(queries.kept_by(self.actor))
        for unit in db.session.scalars(query.where(Unit.closed_on.is_(None))):
            for word in {unit.name, unit.code}:
                self.units.setdefault(word, []).append(unit)
        for item in db.session.scalars(sa.select(SupplyItem).where(SupplyItem.active.is_(True))):
            self.items[item.district_id, item.name] = item
        self._look_up_books(rows)

    def _look_up_books(self, rows: Sequence[Said]) -> None:
        units = {unit.id for row in rows for unit in self.units.get(row["unit"], [])}
        names = {row["item"] for row in rows}
        items = {item.id for (_, name), item in self.items.items() if name in names}
        batches = {row["batch"][:40] for row in rows}
        query = sa.select(SupplyStock).where(
            SupplyStock.unit_id.in_(units), SupplyStock.item_id.in_(items), SupplyStock.batch.in_(batches)
        )
        self.books = {}
        for here in db.session.scalars(query.order_by(SupplyStock.id)):
            self.books.setdefault((here.unit_id, here.item_id, here.batch), []).append(here)

    def plan(self, row: Said) -> Step:
        """A batch that comes in, one that is counted anew, or nothing."""
        said = self._batch(row)
        name = f"{said.item.name} {said.batch}".strip()
        if not can(self.actor, KEEP, said.unit):
            raise NotPermitted(KEEP)
        if first := self.seen.get(said.place):
            raise RowRefused("batch", because(TWICE, first=first), Reason(ADD_UP))
        here = self._here(said)
        if here is None or not here.quantity:
            self._refuse_faults(said, row)
            self.seen[said.place] = row.number
            return Step(Outcome.CREATED, lambda: self._take_in(said, row), name=name)
        self.seen[said.place] = row.number
        if here.quantity == said.quantity:
            return Step(Outcome.EXISTING, name=name)
        take = self.setting.take_over
        differs = (Differs("quantity", str(here.quantity), str(said.quantity), take),)
        if not take:
            return Step(Outcome.EXISTING, name=name, differs=differs)
        seen = here.quantity
        return Step(Outcome.CHANGED, lambda: self._count(said, row, seen), name=name, differs=differs)

    def _batch(self, row: Said) -> Batch:
        units = self.units.get(row["unit"], [])
        if len(units) != 1:
            raise RowRefused("unit", because(NO_UNIT, name=row["unit"] or "—"), Reason(WRITE_UNIT))
        district = units[0].area.own_district_id
        item = self.items.get((district, row["item"]))
        if item is None:
            raise RowRefused("item", because(NO_ITEM, name=row["item"] or "—"), Reason(ADD_ITEM))
        number = _NUMBER.match(row["quantity"])
        if number is None:
            raise RowRefused("quantity", because(NO_NUMBER, text=row["quantity"][:20]), Reason(WRITE_NUMBER))
        quantity = int(re.sub(r"[,，]", "", number.group(1)))
        return Batch(units[0], item, row["batch"][:40], self._expiry(row), quantity)

    @staticmethod
    def _expiry(row: Said) -> date | None:
        if not row["expires_on"] or row["expires_on"].casefold() in _NEVER:
            return None
        return local_day(parse_moment(row["expires_on"], "expires_on"))

    def _here(self, said: Batch) -> SupplyStock | None:
        expires_on = said.place[3]
        found = self.books.get(said.place[:3], [])
        return next((here for here in found if here.expires_on == expires_on), None)

    def _delivery(self, said: Batch, row: Said) -> stock.Delivery:
        source = row["source"] or str(Reason(FROM_LIST))
        return stock.Delivery(
            quantity=said.quantity, batch=said.batch, expires_on=said.expires_on, source=source, note=row["note"]
        )

    def _refuse_faults(self, said: Batch, row: Said) -> None:
        beside = self.books.get(said.place[:3], []) if said.batch else []
        what = self._delivery(said, row)
        faults = stock.faults_beside(said.unit, said.item, what, beside[0] if beside else None, now=self.setting.now)
        if faults:
            raise Refused(faults)

    def _take_in(self, said: Batch, row: Said) -> None:
        what = self._delivery(said, row)
        entry = stock.take_in(said.unit, said.item, what, actor=self.actor, now=self.setting.now)
        self.made.append(Made("stock", entry.id, row.number, f"{said.item.name} {said.batch}".strip()))

    def _count(self, said: Batch, row: Said, seen: int) -> None:
        here = self._here(said)
        if here is None:
            raise AssertionError("a batch never leaves the books")
        reason = str(Reason(COUNTED))
        entry = stock.count(said.unit, here, said.quantity, reason, seen=seen, actor=self.actor, now=self.setting.now)
        self.made.append(Made("stock", entry.id, row.number, f"{said.item.name} {said.batch}".strip()))
