"""The rows behind the figures of a brief, as the data stand now: by the same conditions that they were counted by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from casework.board.queries import SOON
from casework.briefs.counting import BELOW, orders_of
from casework.briefs.figures import Figures
from casework.briefs.scopes import Counted, inside
from casework.cases.models import Case, CaseType
from casework.cases.moments import held_since
from casework.cases.queries import visible_to
from casework.enterprises.models import Enterprise
from casework.kernel import paging
from casework.kernel.errors import N_, NotFound
from casework.kernel.permissions import Actor
from casework.kernel.time import at_local
from casework.orders.models import SupervisionOrder
from casework.orders.queries import visible_to as visible_orders
from casework.roster.models import Unit

SIZE = 50
HELD = timedelta(days=7)
LABELS: Mapping[str, str] = {
    "came": N_("Came in"),
    "came_before": N_("Came in, the time before"),
    "came_slot": N_("Came in"),
    "ended": N_("Cases ended"),
    "ended_before": N_("Cases ended, the time before"),
    "ended_slot": N_("Cases ended"),
    "open": N_("Open at the end"),
    "open_before": N_("Open at the end of the time before"),
    "lying": N_("Open"),
    "late": N_("Late"),
    "soon": N_("Due within a day"),
    "held": N_("There for more than 7 days"),
}
ORDERS: Mapping[str, str] = {
    "issued": N_("Newly issued"),
    "issued_before": N_("Newly issued, the time before"),
    "open": N_("Open"),
    "late": N_("Late"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows: ``of`` what, and of which type, area, unit or slice alone (``key`` 0: of those that have none)."""

    of: str
    by: str = ""
    key: int = 0


def read(args: Mapping[str, str]) -> Asked:
    """What an address asks for.

    Raises:
        NotFound: nothing of the kind is counted.
    """
    of, by, key = args.get("of", ""), args.get("by", ""), args.get("key", "0")
    is_number = key.isascii() and key.isdigit() and len(key) <= 15
    if of not in LABELS or by not in ("", "types", "areas", "units", "slot") or not is_number:
        raise NotFound("rows")
    if of.endswith("_slot") != (by == "slot"):
        raise NotFound("rows")
    return Asked(of, by, int(key))


def cases(figures: Figures, counted: Counted, asked: Asked, at: paging.At, actor: Actor) -> paging.Page[Any]:
    """The cases behind a count, newest first."""
    query = (
        sa.select(
            Case.id,
            Case.number,
            Case.title,
            Case.state,
            Case.submitted_at,
            Case.closed_at,
            Case.next_due_at,
            Case.is_open,
            Enterprise.name.label("firm"),
            Unit.name.label("unit"),
            CaseType.zh,
            CaseType.en,
        )
        .join(CaseType, CaseType.id == Case.type_id)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .outerjoin(Unit, Unit.id == Case.unit_id)
        .where(_condition(figures, counted, asked), visible_to(actor))
    )
    return paging.page_of(query, (paging.Key(Case.id, int, down=True),), at, SIZE, values=lambda row: [row.id])


def count(figures: Figures, counted: Counted, asked: Asked, actor: Actor) -> int:
    """How many there are now; no further than 1,001."""
    return paging.capped_count(sa.select(Case.id).where(_condition(figures, counted, asked), visible_to(actor)))


def archived(figures: Figures, asked: Asked) -> int | None:
    """What the brief says; None where it has no such part."""
    if asked.by == "slot":
        slots = figures.slots
        one = slots[asked.key - 1] if 0 < asked.key <= len(slots) else None
        return None if one is None else one.came if asked.of == "came_slot" else one.ended
    if asked.of in ("lying", "late", "soon", "held"):
        wanted = asked.key or None
        piles = [figures.lying] if not asked.by else [one for one in figures.holders if one.key == wanted]
        return next((_pile(one, asked.of) for one in piles), None)
    measure, _, then = asked.of.partition("_")
    parts = {"types": figures.types, "areas": figures.areas, "units": figures.units}
    pairs = [figures.pair(measure)] if not asked.by else [
        one.pair(measure) for one in parts[asked.by] if one.key == (asked.key or None)
    ]  # fmt: skip
    return next((pair.before if then else pair.now for pair in pairs), None)


def _pile(one: Any, of: str) -> int:
    numbers = {"lying": one.open, "late": one.late, "soon": one.soon, "held": one.held.get("7", 0)}
    return int(numbers[of])


def _condition(figures: Figures, counted: Counted, asked: Asked) -> sa.ColumnElement[bool]:
    parts = [inside(counted), _when(figures, asked)]
    columns = {"types": Case.type_id, "areas": BELOW[counted.area.level], "units": Case.unit_id}
    if asked.by in columns:
        column: Any = columns[asked.by]
        parts.append(column == asked.key if asked.key else column.is_(None))
    return sa.and_(*parts)


def _when(figures: Figures, asked: Asked) -> sa.ColumnElement[bool]:
    came, ended, now = Case.submitted_at, Case.closed_at, figures.counted_at
    if asked.by == "slot":
        if not 0 < asked.key <= len(figures.slots):
            raise NotFound("slice")
        slot = figures.slots[asked.key - 1]
        over = min(at_local(slot.last + timedelta(days=1)), figures.end)
        column = came if asked.of == "came_slot" else ended
        return sa.and_(column >= at_local(slot.first), column < over)
    then = asked.of.endswith("_before")
    start, end = (figures.start_before, figures.end_before) if then else (figures.start, figures.end)
    of = asked.of.removesuffix("_before")
    open_, due = Case.is_open.is_(True), Case.next_due_at
    conditions: dict[str, sa.ColumnElement[bool]] = {
        "came": sa.and_(came >= start, came < end),
        "ended": sa.and_(ended >= start, ended < end),
        "open": sa.and_(came < end, sa.or_(open_, ended >= end)),
        "lying": open_,
        "late": sa.and_(open_, due < now),
        "soon": sa.and_(open_, due >= now, due < now + SOON),
        "held": sa.and_(open_, held_since() < now - HELD),
    }
    return conditions[of]


def orders(figures: Figures, counted: Counted, of: str, at: paging.At, actor: Actor) -> paging.Page[Any]:
    """The supervision orders behind a count, newest first.

    Raises:
        NotFound: nothing of the kind is counted.
    """
    if of not in ORDERS:
        raise NotFound("rows")
    order = SupervisionOrder
    then = of == "issued_before"
    start, end = (figures.start_before, figures.end_before) if then else (figures.start, figures.end)
    condition = {
        "issued": sa.and_(order.issued_at >= start, order.issued_at < end),
        "open": order.is_open.is_(True),
        "late": sa.and_(order.is_open.is_(True), order.due_at < figures.counted_at),
    }[of.removesuffix("_before")]
    query = (
        sa.select(
            order.id, order.number, order.title, order.state, order.issued_at, order.due_at, Unit.name.label("unit")
        )
        .join(Unit, Unit.id == order.unit_id)
        .where(orders_of(counted), condition, visible_orders(actor))
    )
    return paging.page_of(query, (paging.Key(order.id, int, down=True),), at, SIZE, values=lambda row: [row.id])
