"""Reads of what cases ask for, and of what is short: open requests beside the stock of the unit that has the case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor
from casework.roster.models import Unit
from casework.supplies import ledger, queries, rules
from casework.supplies.models import SupplyItem, SupplyLine, SupplyMovement
from casework.supplies.queries import PAGE, Counts
from casework.supplies.rules import Place, Short
from casework.supplies.words import Kind

NO_UNIT = 0
"""What an address names the cases with that no unit has yet."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A requested line with its item, its case, and the unit that has the case."""

    line: SupplyLine
    item: SupplyItem
    case: Case
    unit_name: str | None


def _wanted(actor: Actor) -> Any:
    return (
        sa.select(SupplyLine, SupplyItem, Case, Unit.name)
        .join(SupplyItem, SupplyItem.id == SupplyLine.item_id)
        .join(Case, Case.id == SupplyLine.case_id)
        .outerjoin(Unit, Unit.id == Case.unit_id)
        .where(visible_to(actor))
    )


def _open(actor: Actor, district_id: int) -> Any:
    """The lines that still wait, on cases that are open: what a withdrawn case asked for is no demand."""
    return _wanted(actor).where(
        SupplyLine.is_open.is_(True), Case.is_open.is_(True), SupplyItem.district_id == district_id
    )


def open_lines(
    actor: Actor, at: paging.At, *, district_id: int, item_id: int | None = None, unit_id: int | None = None
) -> paging.Page[Any]:
    """The lines that still wait, the first to be needed first; a page of ``Wanted``."""
    query = _open(actor, district_id)
    if item_id is not None:
        query = query.where(SupplyLine.item_id == item_id)
    if unit_id is not None:
        query = query.where(Case.unit_id.is_(None) if unit_id == NO_UNIT else Case.unit_id == unit_id)
    keys = (paging.Key(SupplyLine.needed_on, date), paging.Key(SupplyLine.id, int))
    found = paging.page_of(query, keys, at, PAGE, values=lambda row: (row[0].needed_on, row[0].id))
    return paging.Page([Wanted(*row) for row in found.rows], found.after, found.before, found.first)


def visible_line(line_id: int, *, to: Actor) -> Wanted:
    """A line of a case that one may see.

    Raises:
        NotFound: there is none, or its case is out of scope.
    """
    found = db.session.execute(_wanted(to).where(SupplyLine.id == line_id)).first()
    if found is None:
        raise NotFound("line")
    return Wanted(*found)


def lines_of(case_id: int) -> list[tuple[SupplyLine, SupplyItem]]:
    """Everything that a case ever asked for, oldest first."""
    query = sa.select(SupplyLine, SupplyItem).join(SupplyItem, SupplyItem.id == SupplyLine.item_id)
    query = query.where(SupplyLine.case_id == case_id).order_by(SupplyLine.id)
    return [(line, item) for line, item in db.session.execute(query)]


@dataclass(frozen=True, slots=True)
class Handed:
    """A delivery on a line: the entry, from whose stock and which batch, who entered it; ``reversed`` if taken back."""

    movement: SupplyMovement
    unit_name: str
    batch: str
    by: str
    reversed: bool


def deliveries_of(line_ids: Iterable[int]) -> dict[int, list[Handed]]:
    """What was delivered on lines, oldest first, by line."""
    wanted = sorted(set(line_ids))
    if not wanted:
        return {}
    query = (
        ledger.named_entries()
        .where(SupplyMovement.line_id.in_(wanted), SupplyMovement.kind == Kind.OUT)
        .order_by(SupplyMovement.id)
    )
    found: dict[int, list[Handed]] = {}
    for row in db.session.execute(query):
        handed = Handed(row[0], row.unit_name, row[2].batch, row.by_name, row.reversal_id is not None)
        found.setdefault(row[0].line_id, []).append(handed)
    return found


def needed(actor: Actor, district_id: int) -> dict[Place, int]:
    """What open cases still wait for, by item and the unit that has the case."""
    query = (
        _open(actor, district_id)
        .with_only_columns(SupplyLine.item_id, Case.unit_id, sa.func.sum(SupplyLine.quantity - SupplyLine.delivered))
        .group_by(SupplyLine.item_id, Case.unit_id)
    )
    return {(item, unit): int(count) for item, unit, count in db.session.execute(query)}


@dataclass(frozen=True, slots=True)
class Overview:
    """The stocks and requests of a district that one may see, counted."""

    items: dict[int, SupplyItem]
    stock: dict[int, Counts]
    needed: dict[int, int]
    coming: dict[int, int]
    shortages: list[Short]
    low: list[tuple[Place, int]]
    unit_names: dict[int, str] = field(default_factory=dict)

    def short(self, item_id: int) -> int:
        """What an item is short of, where it is needed: what lies in another unit has to be sent first."""
        return sum(one.short for one in self.shortages if one.item_id == item_id)


def overview(actor: Actor, district_id: int, today: date) -> Overview:
    """Stock, requests and shortages of a district, in five queries whatever its size."""
    items = {item.id: item for item in queries.items_of(district_id, active=False)}
    counts = queries.counts(actor, district_id, today)
    asked, coming = needed(actor, district_id), queries.coming(actor, district_id)
    usable = {place: one.usable for place, one in counts.items()}
    stock: dict[int, Counts] = {}
    for (item_id, _), one in counts.items():
        stock[item_id] = stock.get(item_id, Counts()) + one
    shortages = rules.shortages(asked, usable, coming)
    low = rules.below_least(usable, {item.id: item.least for item in items.values() if item.least and item.active})
    units = {one.unit_id for one in shortages} | {unit for (_, unit), _ in low}
    return Overview(
        items,
        stock,
        rules.total_by_item(asked),
        rules.total_by_item(coming),
        shortages,
        low,
        unit_names({unit for unit in units if unit}),
    )


def unit_names(unit_ids: Iterable[int]) -> dict[int, str]:
    """Names by id."""
    query = sa.select(Unit.id, Unit.name).where(Unit.id.in_(sorted(set(unit_ids))))
    return {key: name for key, name in db.session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def open_of(case_id: int) -> list[tuple[SupplyLine, SupplyItem]]:
    """What a case still waits for."""
    return [(line, item) for line, item in lines_of(case_id) if line.is_open]
