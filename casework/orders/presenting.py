"""What the page of an order shows, worked out once for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from casework.cases.models import Case
from casework.files.models import Attachment
from casework.kernel.permissions import Actor, can
from casework.orders import queries, service, timing
from casework.orders.models import Interview, OrderRound, SupervisionOrder
from casework.orders.policy import INTERVIEW
from casework.orders.timing import OrderClock
from casework.orders.workflow import Action, State
from casework.roster.queries import names


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """Everything beside the order itself."""

    unit: str
    issuer: str
    delister: str
    cases: Sequence[Case]
    rounds: Sequence[tuple[OrderRound, OrderClock, Sequence[Attachment]]]
    interviews: Sequence[Interview]
    actions: Sequence[Action]
    main: Action | None
    may_call: bool
    names: Mapping[int, str]


def view_of(order: SupervisionOrder, actor: Actor, *, now: datetime) -> OrderView:
    """Read what the page needs: a dozen queries, however many cases it has."""
    rounds = queries.rounds_of(order.id)
    files = queries.files_of([one.id for one in rounds])
    interviews = queries.interviews_of(order.id)
    units = queries.unit_names([order.unit_id, order.issuer_unit_id, order.delister_unit_id])
    offered = service.offered(order, actor)
    people = {order.issued_by_id, order.received_by_id, order.ended_by_id, order.listed_by_id, order.delisted_by_id}
    people |= {key for one in rounds for key in (one.replied_by_id, one.verdict_by_id)}
    people |= {key for one in interviews for key in (one.called_by_id, one.closed_by_id)}
    label = gettext("Report by")
    return OrderView(
        unit=units.get(order.unit_id, ""),
        issuer=units.get(order.issuer_unit_id, ""),
        delister=units.get(order.delister_unit_id or 0, ""),
        cases=queries.cases_of(order.id, actor),
        rounds=[(one, timing.clock_of(one, label, now=now, whole=True), files.get(one.id, ())) for one in rounds],
        interviews=interviews,
        actions=offered,
        main=next((action for name in _first(order) for action in offered if action.name == name), None),
        may_call=order.is_open and order.state != State.VERIFIED and can(actor, INTERVIEW, order),
        names=names({key for key in people if key}),
    )


def _first(order: SupervisionOrder) -> tuple[str, ...]:
    """The act that is next, first: a listed order is taken off the list before it is written off."""
    return (
        ("receive", "report", "verify", "delist") if order.is_listed else ("receive", "report", "verify", "write_off")
    )
