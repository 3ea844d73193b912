"""Reads of the ledger: entries with what they are of, who made them, and whether a later one took them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from casework.accounts.models import User
from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor
from casework.roster.models import Unit
from casework.supplies.models import SupplyItem, SupplyLine, SupplyMovement, SupplyStock
from casework.supplies.queries import PAGE
from casework.supplies.queries import visible_to as stock_visible_to


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the ledger with what it is of, whose it is and which case it served.

    ``reversed`` when a later entry took it back; no ``case_number`` where there is none, or the reader may not see it.
    """

    movement: SupplyMovement
    item: SupplyItem
    stock: SupplyStock
    by: str
    case_number: str | None
    reversed: bool


_REVERSAL = orm.aliased(SupplyMovement)


def named_entries() -> Any:
    """Entries of the ledger: (movement, item, stock) with ``by_name``, ``unit_name`` and ``reversal_id``."""
    return (
        sa.select(
            SupplyMovement,
            SupplyItem,
            SupplyStock,
            User.name.label("by_name"),
            Unit.name.label("unit_name"),
            _REVERSAL.id.label("reversal_id"),
        )
        .join(SupplyItem, SupplyItem.id == SupplyMovement.item_id)
        .join(SupplyStock, SupplyStock.id == SupplyMovement.stock_id)
        .join(User, User.id == SupplyMovement.by_id)
        .join(Unit, Unit.id == SupplyMovement.unit_id)
        .outerjoin(_REVERSAL, _REVERSAL.corrects_id == SupplyMovement.id)
    )


def entries_of(actor: Actor, unit_id: int | None, item_id: int | None, kind: str | None) -> Any:
    """The entries of a unit with ``case_number``, not yet in order; the caller has looked up the unit.

    Without a unit those of all whose stock the actor may see.
    """
    query = (
        named_entries()
        .add_columns(Case.number.label("case_number"))
        .outerjoin(SupplyLine, SupplyLine.id == SupplyMovement.line_id)
        .outerjoin(Case, sa.and_(Case.id == SupplyLine.case_id, visible_to(actor)))
        .where(SupplyMovement.unit_id == unit_id if unit_id is not None else stock_visible_to(actor))
    )
    if item_id is not None:
        query = query.where(SupplyMovement.item_id == item_id)
    return query.where(SupplyMovement.kind == kind) if kind else query


def entry_of(row: Any) -> Entry:
    """A row of ``entries_of``."""
    return Entry(row[0], row[1], row[2], row.by_name, row.case_number, row.reversal_id is not None)


def entries(
    actor: Actor, at: paging.At, unit_id: int, *, item_id: int | None = None, kind: str | None = None
) -> paging.Page[Any]:
    """The ledger of a unit, newest first; a page of ``Entry``."""
    keys = (paging.Key(SupplyMovement.id, int, down=True),)
    query = entries_of(actor, unit_id, item_id, kind)
    found = paging.page_of(query, keys, at, PAGE, values=lambda row: (row[0].id,))
    return paging.Page([entry_of(row) for row in found.rows], found.after, found.before, found.first)


def movement_of(unit_id: int, movement_id: int) -> SupplyMovement:
    """An entry of a unit's ledger.

    Raises:
        NotFound: this unit's ledger has none such.
    """
    found = db.session.get(SupplyMovement, movement_id)
    if found is None or found.unit_id != unit_id:
        raise NotFound("entry")
    return found
