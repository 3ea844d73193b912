"""Who is told of an order: those whose turn it is, in the transaction that makes it so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from casework.cases.notices import posted
from casework.kernel.db import db
from casework.kernel.permissions import Actor, Known, Role
from casework.notifications.service import News, notify
from casework.orders import queries
from casework.orders.models import SupervisionOrder
from casework.roster.models import Posting, Unit

KINDS: Mapping[str, str] = {
    "issue": "supervision",
    "report": "order_reported",
    "return": "order_returned",
    "verify": "order_judged",
    "write_off": "order_judged",
    "withdraw": "order_judged",
    "list": "supervision",
    "call": "interview",
    "call_off": "interview",
}
TO_ISSUER = frozenset({"report"})


def tell(order: SupervisionOrder, action: str, *, by: Actor, now: datetime, part: str = "") -> None:
    """Tell the other side of an act; ``part`` tells acts of one kind in one round apart."""
    kind = KINDS.get(action)
    if kind is None:
        return
    to = [order.issued_by_id] if action in TO_ISSUER else _answerable(order, now)
    unit = db.session.get_one(Unit, order.unit_id)
    news = News(
        kind=kind,
        subject="order",
        subject_id=order.id,
        to=to,
        key=f"order{order.id}-{order.round}-{action}{part}",
        path=f"/orders/{order.id}",
        due_at=order.due_at,
        by_id=by.user_id,
        known=Known(order.number, unit.name, order.title, order.unit_ids, order.area_ids),
    )
    notify(news, now=now)


def heads(order: SupervisionOrder, now: datetime) -> list[int]:
    """Who leads the unit that it is addressed to; of a desk all."""
    unit = Posting.unit_id == order.unit_id
    return posted(Role.LEAD, now, unit) or posted(Role.DESK, now, unit)


def _answerable(order: SupervisionOrder, now: datetime) -> list[int]:
    """Who leads the unit, a desk whole; and who leads the cases."""
    leads = {case.lead_id for case in queries.all_cases_of(order.id) if case.unit_id == order.unit_id}
    return sorted({*heads(order, now), *(user_id for user_id in leads if user_id)})


def known_orders(actor: Actor | None, ids: Collection[int]) -> Mapping[int, Known]:
    """The orders among the ids that exist for a person; stands in ``SUBJECTS``."""
    query = sa.select(SupervisionOrder, Unit.name).join(Unit, Unit.id == SupervisionOrder.unit_id)
    query = query.where(SupervisionOrder.id.in_(ids))
    if actor is not None:
        query = query.where(queries.visible_to(actor))
    return {
        order.id: Known(order.number, unit, order.title, order.unit_ids, order.area_ids)
        for order, unit in db.session.execute(query)
    }
