"""Who issues, receives, answers and judges supervision orders. Nobody judges what they did themselves."""

from __future__ import annotations

from typing import Any

from casework.kernel.permissions import Actor, Role, grant
from casework.orders.workflow import DELIST, LIST, RECEIVE, REPLY, VERIFY, WITHDRAW

R = Role
READ, ISSUE, INTERVIEW, EXPORT = "order.read", "order.issue", "order.interview", "order.export"
READERS = {
    R.OFFICER: "T",
    R.DESK: "T",
    R.LEAD: "T",
    R.AREA_LEADER: "R",
    R.REGULATOR: "Q",
    R.DISTRICT_ADMIN: "D",
}
_SUPERVISORS = {R.REGULATOR: "Q", R.DISTRICT_ADMIN: "D"}
_ORDERED = {R.LEAD: "T", R.DESK: "T"}


def is_own_unit(actor: Actor, order: Any) -> bool:
    """Nobody supervises the unit they serve in."""
    return any(duty.unit_id in order.unit_ids for duty in actor.duties)


def is_own_work(actor: Actor, order: Any) -> bool:
    """Nobody supervises what they handled: the cases, or the report itself."""
    handled = order.handed_by if hasattr(order, "handed_by") else order.handled_by
    return actor.user_id in (handled or ())


def is_own_order(actor: Actor, order: Any) -> bool:
    """Nobody answers an order of their own."""
    return bool(order.issued_by_id == actor.user_id)


def is_not_who_takes_it_off(actor: Actor, order: Any) -> bool:
    """Only the unit named for it takes an order off the list."""
    return all(duty.unit_id != order.delister_unit_id for duty in actor.duties)


_NEVER = (is_own_unit, is_own_work)
grant(READ, READERS)
grant(EXPORT, READERS)
grant(ISSUE, _SUPERVISORS, never=_NEVER)
grant(RECEIVE, _ORDERED, never=[is_own_order])
grant(REPLY, _ORDERED, never=[is_own_order])
grant(VERIFY, _SUPERVISORS, never=_NEVER)
grant(WITHDRAW, _SUPERVISORS, never=_NEVER)
grant(LIST, _SUPERVISORS, never=_NEVER)
grant(DELIST, _SUPERVISORS, never=(*_NEVER, is_not_who_takes_it_off))
grant(INTERVIEW, _SUPERVISORS, never=_NEVER)
