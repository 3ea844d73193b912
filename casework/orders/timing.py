"""The clock of an order: one a round, whatever the order covers; each of its open cases shows it among its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.areas.models import Area
from casework.cases.models import Case
from casework.clocks import queries as clocks
from casework.clocks import service as clock_service
from casework.clocks.drawing import Strip
from casework.clocks.explain import moment, remaining_text
from casework.clocks.kinds import Clock, Limit
from casework.clocks.models import Deadline
from casework.kernel.db import db
from casework.orders.models import OrderRound, SupervisionOrder
from casework.roster.models import Unit


def begin(order: SupervisionOrder, cases: Iterable[Case], *, days: int, now: datetime) -> OrderRound:
    """Start the next round, in working days of the calendar that holds where the unit is."""
    area = db.session.get_one(Area, db.session.get_one(Unit, order.unit_id).area_id)
    limit = Limit(days, in_days=True)
    clock = clock_service.draft(clock=Clock.ORDER, limit=limit, areas=area.area_ids, now=now, subject_id=order.id)
    made = OrderRound(
        order_id=order.id,
        no=order.round,
        started_at=now,
        limit_days=days,
        limit_minutes=clock.limit_minutes,
        calendar_id=clock.calendar_id,
        revision=clock.revision,
        due_at=clock.due_at,
    )
    db.session.add(made)
    order.due_at = made.due_at
    for case in cases:
        if case.is_open:
            clock_service.start(
                case_id=case.id, clock=Clock.ORDER, limit=limit, areas=area.area_ids, now=now, subject_id=order.id
            )
    return made


def end(order: SupervisionOrder, cases: Iterable[Case], present: OrderRound, *, judged: bool, now: datetime) -> None:
    """Stop the clock of the round and those of the cases; ``judged``: say whether the report came in time."""
    present.done_at = present.done_at or now
    if judged:
        present.met = present.due_at is None or now <= present.due_at
    order.due_at = None
    stop = clock_service.stop if judged else clock_service.cancel
    for case in cases:
        stop(case_id=case.id, clock=Clock.ORDER, now=now, subject_id=order.id)


def deadline_of(present: OrderRound) -> Deadline:
    """The clock of a round as the clocks see one; it is in no table."""
    return Deadline(
        clock=Clock.ORDER,
        subject_id=present.order_id,
        calendar_id=present.calendar_id,
        started_at=present.started_at,
        limit_minutes=present.limit_minutes,
        limit_days=present.limit_days,
        extension_minutes=0,
        due_at=present.due_at,
        done_at=present.done_at,
        met=present.met,
        cancelled=present.done_at is not None and present.met is None,
        pauses=[],
    )


@dataclass(frozen=True, slots=True)
class OrderClock:
    """The clock of an order as it is drawn. ``why`` and ``strip`` are empty in lists."""

    name: str
    tone: str
    remaining: Any
    used: int
    due: str = ""
    why: str = ""
    strip: Strip | None = None


def clock_of(present: OrderRound, name: str, *, now: datetime, whole: bool = False) -> OrderClock:
    """The clock of a round under a name; ``whole`` with its drawing and the reason for its due time."""
    deadline = deadline_of(present)
    standing = clocks.standing_of(deadline, now=now)
    shown = (name, standing.tone, remaining_text(standing), standing.bar_width)
    due = str(moment(deadline.due_at)) if deadline.due_at else ""
    if not whole:
        return OrderClock(*shown, due)
    why = "".join(str(reason) for reason in clocks.explanation_of(deadline, now=now))
    return OrderClock(*shown, due, why, clocks.strip_of(deadline, now=now))


def stale(limit: int) -> list[int]:
    """The orders whose running round is older than its calendar."""
    found: list[int] = []
    for known in clocks.known_calendars().values():
        query = sa.select(OrderRound.order_id).where(
            OrderRound.done_at.is_(None),
            OrderRound.calendar_id == known.id,
            OrderRound.revision < known.row.revision,
        )
        found += db.session.scalars(query.order_by(OrderRound.id).limit(limit - len(found)))
        if len(found) >= limit:
            break
    return found


def follow(order_id: int) -> bool:
    """Derive the running round of an order anew from the calendar as it is; whether its due time moved."""
    order = db.session.get_one(SupervisionOrder, order_id, with_for_update=True, populate_existing=True)
    present = db.session.scalar(
        sa.select(OrderRound).where(OrderRound.order_id == order_id, OrderRound.done_at.is_(None))
    )
    if present is None:
        return False
    deadline = deadline_of(present)
    moved = clock_service.derive(deadline)
    present.limit_minutes, present.revision = deadline.limit_minutes, deadline.revision
    present.due_at = order.due_at = deadline.due_at
    return moved
