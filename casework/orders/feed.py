"""Reports that are due and interviews that are set, in the days of those who answer for them."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from casework.agenda.entries import Ask, Entry, Kind
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason
from casework.kernel.permissions import Actor, Known, Role
from casework.orders.models import Interview, InterviewState
from casework.orders.models import SupervisionOrder as Order
from casework.orders.queries import SUPERVISING, visible_to
from casework.roster.models import Unit

REPORT, INTERVIEW = N_("Report on the supervision order by"), N_("Interview")


def due(ask: Ask) -> list[Entry]:
    """The reports that are due of the units that the asker answers for, and the interviews of both sides."""
    if ask.viewer.user_id not in ask.people:
        return []
    ordered, own = _units(ask.viewer, (Role.LEAD, Role.DESK)), _units(ask.viewer, SUPERVISING)
    return [*_reports(ask, ordered), *_interviews(ask, ordered, own)] if ordered or own else []


def _units(actor: Actor, roles: Collection[Role]) -> list[int]:
    return sorted({duty.unit_id for duty in actor.duties if duty.role in roles})


def _reports(ask: Ask, units: list[int]) -> list[Entry]:
    query = (
        sa.select(Order, Unit.name)
        .join(Unit, Unit.id == Order.unit_id)
        .where(Order.unit_id.in_(units), Order.is_open.is_(True), Order.due_at.between(ask.since, ask.until))
        .order_by(Order.due_at)
        .limit(ask.most)
    )
    return [
        Entry(
            kind=Kind.DEADLINE,
            uid=f"order-{order.id}-{order.round}",
            user_id=ask.viewer.user_id,
            begins=order.due_at,
            what=Reason(REPORT),
            known=_known(order, unit),
            path=_path(order),
            late=order.due_at < ask.now,
        )
        for order, unit in db.session.execute(query)
        if order.due_at is not None
    ]


def _interviews(ask: Ask, ordered: list[int], own: list[int]) -> list[Entry]:
    query = (
        sa.select(Interview.id, Interview.at, Order, Unit.name)
        .join(Order, Order.id == Interview.order_id)
        .join(Unit, Unit.id == Order.unit_id)
        .where(
            visible_to(ask.viewer),
            sa.or_(Order.unit_id.in_(ordered), Interview.issuer_unit_id.in_(own)),
            Interview.state == InterviewState.CALLED,
            Interview.at.between(ask.since, ask.until),
        )
        .order_by(Interview.at)
        .limit(ask.most)
    )
    return [
        Entry(
            kind=Kind.SESSION,
            uid=f"interview-{key}",
            user_id=ask.viewer.user_id,
            begins=at,
            what=Reason(INTERVIEW),
            known=_known(order, unit),
            path=_path(order),
        )
        for key, at, order, unit in db.session.execute(query)
    ]


def _known(order: Order, unit: str) -> Known:
    return Known(order.number, unit, order.title, order.unit_ids, order.area_ids)


def _path(order: Order) -> str:
    return f"/orders/{order.id}"
