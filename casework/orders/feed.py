"""Reports that are due and interviews that are set, for the private calendar of those who answer for them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.permissions import Actor, Known, Role
from casework.notifications.feed import MOST, Appointment
from casework.orders.models import Interview, InterviewState
from casework.orders.models import SupervisionOrder as Order
from casework.orders.queries import SUPERVISING, visible_to
from casework.roster.models import Unit

REPORT, INTERVIEW = N_("Report on the supervision order by"), N_("Interview")


def due(actor: Actor, since: datetime, until: datetime) -> list[Appointment]:
    """The reports that are due of the units that a person answers for, and the interviews of both sides."""
    ordered = sorted({duty.unit_id for duty in actor.duties if duty.role in (Role.LEAD, Role.DESK)})
    own = sorted({duty.unit_id for duty in actor.duties if duty.role in SUPERVISING})
    if not ordered and not own:
        return []
    return _reports(actor, ordered, since, until) + _interviews(actor, ordered, own, since, until)


def _reports(actor: Actor, units: list[int], since: datetime, until: datetime) -> list[Appointment]:
    query = (
        sa.select(Order, Unit.name)
        .join(Unit, Unit.id == Order.unit_id)
        .where(Order.unit_id.in_(units), Order.is_open.is_(True), Order.due_at.between(since, until))
        .order_by(Order.due_at)
        .limit(MOST)
    )
    return [
        Appointment(f"order-{order.id}-{order.round}", REPORT, order.due_at, None, _known(order, unit), _path(order))
        for order, unit in db.session.execute(query)
        if order.due_at is not None
    ]


def _interviews(
    actor: Actor, ordered: list[int], own: list[int], since: datetime, until: datetime
) -> list[Appointment]:
    query = (
        sa.select(Interview, Order, Unit.name)
        .join(Order, Order.id == Interview.order_id)
        .join(Unit, Unit.id == Order.unit_id)
        .where(
            visible_to(actor),
            sa.or_(Order.unit_id.in_(ordered), Interview.issuer_unit_id.in_(own)),
            Interview.state == InterviewState.CALLED,
            Interview.at.between(since, until),
        )
        .order_by(Interview.at)
        .limit(MOST)
    )
    return [
        Appointment(f"interview-{one.id}", INTERVIEW, one.at, None, _known(order, unit), _path(order))
        for one, order, unit in db.session.execute(query)
    ]


def _known(order: Order, unit: str) -> Known:
    return Known(order.number, unit, order.title, order.unit_ids, order.area_ids)


def _path(order: Order) -> str:
    return f"/orders/{order.id}"
