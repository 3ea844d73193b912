"""The register's filters from the address bar, what they ask of the table, and its two orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.kernel import paging
from casework.kernel.errors import N_
from casework.kernel.forms import row_id
from casework.orders.models import SupervisionOrder as Order
from casework.orders.workflow import OPEN, State

DUES: Mapping[str, str] = {"late": N_("Late"), "today": N_("Due in a day"), "week": N_("Due in seven days")}
_DAYS = {"today": 1, "week": 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address bar asks for; unknown values are left out."""

    state: str = ""
    unit: int | None = None
    area: int | None = None
    due: str = ""
    listed: str = ""
    scope: str = "open"

    def as_query(self, **changes: Any) -> dict[str, str]:
        """The filters as address parameters, with changes; empty ones left out."""
        values = {**asdict(self), **changes}
        return {
            name: str(value)
            for name, value in values.items()
            if value not in (None, "") and (name, value) != ("scope", "open")
        }

    @property
    def by_due(self) -> bool:
        """Whether the most urgent come first: only where every row is open."""
        return self.scope == "open" and (not self.state or self.state in OPEN)


def read_filters(args: Mapping[str, str]) -> Filters:
    """Filters from the address bar; what is not understood is ignored, never an error."""
    given = {name: args.get(name, "") for name in ("state", "due", "listed", "scope")}
    state = given["state"] if given["state"] in set(State) else ""
    return Filters(
        state=state,
        unit=row_id(args.get("unit", "")),
        area=row_id(args.get("area", "")),
        due=given["due"] if given["due"] in DUES else "",
        listed="1" if given["listed"] else "",
        scope="all" if given["scope"] == "all" or (state and state not in OPEN) else "open",
    )


def narrowed(
    filters: Filters, now: datetime, in_area: Callable[[int], sa.ColumnElement[bool]]
) -> list[sa.ColumnElement[bool]]:
    """What the filters ask of the table."""
    found: list[sa.ColumnElement[bool]] = []
    if filters.scope == "open":
        found.append(Order.is_open.is_(True))
    if filters.state:
        found.append(Order.state == filters.state)
    if filters.unit is not None:
        found.append(Order.unit_id == filters.unit)
    if filters.area is not None:
        found.append(in_area(filters.area))
    if filters.listed:
        found += [Order.listed_at.is_not(None), Order.delisted_at.is_(None)]
    if filters.due == "late":
        found.append(Order.due_at < now)
    elif filters.due:
        found += [Order.due_at >= now, Order.due_at < now + timedelta(days=_DAYS[filters.due])]
    return found


def order_of(filters: Filters) -> tuple[Sequence[paging.Key], Callable[[Order], list[Any]]]:
    """The keys that the register is sorted by, and their values of a row."""
    if filters.by_due:
        keys = (paging.Key(Order.due_at, datetime, empty=True), paging.Key(Order.id, int))
        return keys, lambda order: [order.due_at, order.id]
    return (paging.Key(Order.id, int, down=True),), lambda order: [order.id]
