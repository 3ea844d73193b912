"""Writes: the catalogue of a district."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from casework import audit
from casework.areas.models import Area
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.supplies import rules
from casework.supplies.item_events import SupplyItemSaved
from casework.supplies.models import SupplyItem, SupplyLine, SupplyStock
from casework.supplies.policy import EDIT
from casework.supplies.words import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDraft:
    """An item as it is filled in."""

    name: str
    measure: str
    category: str
    least: int | None = None
    active: bool = True


def save_item(district: Area, item: SupplyItem | None, draft: ItemDraft, *, actor: Actor, now: datetime) -> SupplyItem:
    """Enter an item in the catalogue, or change one. Its measure stays once anything was counted in it.

    Raises:
        NotPermitted: the catalogue is not the actor's.
        Refused: the draft's faults, all at once.
    """
    authorise(actor, EDIT, district)
    if faults := _faults(district, item, draft):
        raise Refused(faults)
    saved = item or SupplyItem(district_id=district.id)
    saved.name, saved.measure = draft.name.strip(), draft.measure.strip()
    saved.category, saved.least, saved.active = Category(draft.category), draft.least, draft.active
    db.session.add(saved)
    db.session.flush()  # the entry names the id
    fact = SupplyItemSaved(
        item=saved.id,
        name=saved.name,
        measure=saved.measure,
        category=saved.category,
        least=saved.least,
        active=saved.active,
    )
    audit.record(fact, by=actor, at=now)
    return saved


def _faults(district: Area, item: SupplyItem | None, draft: ItemDraft) -> list[Reason]:
    faults = [
        *rules.text_faults(draft.name, "name", 60, N_("Name: write it.")),
        *rules.text_faults(draft.measure, "measure", 12, N_("Counted in: write the unit, such as boxes.")),
    ]
    if draft.category not in tuple(Category):
        faults.append(because(N_("Category: pick one."), "category"))
    if draft.least is not None and not 1 <= draft.least <= rules.MOST:
        faults.append(because(N_("At least: write a whole number, or leave it empty."), "least"))
    same = sa.select(SupplyItem.id).where(SupplyItem.district_id == district.id, SupplyItem.name == draft.name.strip())
    if item is not None:
        same = same.where(SupplyItem.id != item.id)
    if db.session.scalar(same):
        faults.append(because(N_("Name: the catalogue has this item already."), "name"))
    if item is not None and draft.measure.strip() != item.measure and _is_used(item):
        told = N_("Counted in: stays %(measure)s, since the ledger counts in it; enter a new item instead.")
        faults.append(because(told, "measure", measure=item.measure))
    return faults


def _is_used(item: SupplyItem) -> bool:
    """Whether anything was ever taken in or asked for in its measure."""
    taken_in, asked = (sa.exists().where(table.item_id == item.id) for table in (SupplyStock, SupplyLine))
    return bool(db.session.scalar(sa.select(sa.or_(taken_in, asked))))
