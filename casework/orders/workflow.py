"""The life of a supervision order as one table: states, and what leads from one to another. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from casework.kernel.errors import N_


class State(StrEnum):
    """Where an order stands. A returned one waits for another report in a new round."""

    ISSUED = "issued"
    RECEIVED = "received"
    REPORTED = "reported"
    RETURNED = "returned"
    VERIFIED = "verified"
    WRITTEN_OFF = "written_off"
    WITHDRAWN = "withdrawn"


S = State
OPEN = frozenset({S.ISSUED, S.RECEIVED, S.REPORTED, S.RETURNED, S.VERIFIED})
WITH_UNIT = frozenset({S.ISSUED, S.RECEIVED, S.RETURNED})
"""The unit has the next act, and the clock runs."""
WITH_ISSUER = frozenset({S.REPORTED, S.VERIFIED})
STATE_LABELS: Mapping[str, str] = {
    S.ISSUED: N_("To be received"),
    S.RECEIVED: N_("Received, report due"),
    S.REPORTED: N_("Reported, to be checked"),
    S.RETURNED: N_("Report returned"),
    S.VERIFIED: N_("Verified"),
    S.WRITTEN_OFF: N_("Order written off"),
    S.WITHDRAWN: N_("Order withdrawn"),
}
RINGS: Mapping[str, str] = {
    S.ISSUED: "submitted",
    S.RECEIVED: "in_progress",
    S.REPORTED: "under_review",
    S.RETURNED: "objected",
    S.VERIFIED: "callback",
    S.WRITTEN_OFF: "closed",
    S.WITHDRAWN: "withdrawn",
}
"""The ring of the case that stands for each state of an order: it fills alike."""


@dataclass(frozen=True, slots=True)
class Action:
    """What one may do with an order. ``done`` is how the story says it, ``says`` what the page says before."""

    name: str
    label: str
    sources: frozenset[State]
    target: State | None
    permission: str
    done: str
    text: str = ""
    says: str = ""
    days: bool = False
    files: bool = False


RECEIVE, REPLY, VERIFY, WITHDRAW = "order.receive", "order.reply", "order.verify", "order.withdraw"
LIST, DELIST = "order.list", "order.delist"
ACTIONS: tuple[Action, ...] = (
    Action(
        name="receive",
        label=N_("Receive the order"),
        sources=frozenset({S.ISSUED}),
        target=S.RECEIVED,
        permission=RECEIVE,
        done=N_("received the supervision order"),
        says=N_("Whoever receives it answers for the report. The deadline has run since it was issued."),
    ),
    Action(
        name="report",
        label=N_("Report on the order"),
        sources=frozenset({S.RECEIVED, S.RETURNED}),
        target=S.REPORTED,
        permission=REPLY,
        done=N_("reported on the supervision order"),
        text=N_("What was done, what came of it"),
        says=N_("Say it point by point as the order asks. It cannot be changed afterwards."),
        files=True,
    ),
    Action(
        name="verify",
        label=N_("Verify the report"),
        sources=frozenset({S.REPORTED}),
        target=S.VERIFIED,
        permission=VERIFY,
        done=N_("verified the report on the supervision order"),
        text=N_("What was checked and how"),
    ),
    Action(
        name="return",
        label=N_("Return the report"),
        sources=frozenset({S.REPORTED}),
        target=S.RETURNED,
        permission=VERIFY,
        done=N_("returned the report on the supervision order"),
        text=N_("What is missing"),
        says=N_("A new round begins with its own deadline; what was reported stays to be read."),
        days=True,
    ),
    Action(
        name="write_off",
        label=N_("Write the order off"),
        sources=frozenset({S.VERIFIED}),
        target=S.WRITTEN_OFF,
        permission=VERIFY,
        done=N_("wrote the supervision order off"),
        text=N_("Conclusion"),
    ),
    Action(
        name="withdraw",
        label=N_("Withdraw the order"),
        sources=frozenset({S.ISSUED, S.RECEIVED, S.REPORTED, S.RETURNED}),
        target=S.WITHDRAWN,
        permission=WITHDRAW,
        done=N_("withdrew the supervision order"),
        text=N_("Reason"),
        says=N_("Its number stays used, and the order stays to be read with the reason."),
    ),
    Action(
        name="list",
        label=N_("List it for supervision"),
        sources=frozenset({S.ISSUED, S.RECEIVED, S.REPORTED, S.RETURNED}),
        target=None,
        permission=LIST,
        done=N_("listed it for supervision"),
        text=N_("Why it is listed"),
        says=N_("A listed order is written off only after whoever takes it off the list has done so."),
    ),
    Action(
        name="delist",
        label=N_("Take the order off the list"),
        sources=frozenset({S.REPORTED, S.VERIFIED, S.WITHDRAWN}),
        target=None,
        permission=DELIST,
        done=N_("took it off the list"),
        text=N_("Why it is taken off"),
    ),
)
_BY_NAME: Mapping[str, Action] = {action.name: action for action in ACTIONS}
ISSUED = N_("issued the supervision order")
CALLED, HELD, NOT_HELD, CALLED_OFF = (
    N_("called the unit to an interview"),
    N_("held the interview"),
    N_("noted that the interview was not held"),
    N_("called the interview off"),
)
DONE: Mapping[str, str] = {
    "issue": ISSUED,
    "call": CALLED,
    "held": HELD,
    "not_held": NOT_HELD,
    "call_off": CALLED_OFF,
    **{action.name: action.done for action in ACTIONS},
}
"""Every act on an order as the story of a case says it."""


def action_named(name: str) -> Action | None:
    """The action of that name."""
    return _BY_NAME.get(name)


def _table_is_sound() -> None:
    """Each state is reached, and only the two ends lead nowhere."""
    reached = {S.ISSUED} | {action.target for action in ACTIONS if action.target}
    left = {source for action in ACTIONS if action.target for source in action.sources}
    if reached != set(S) or set(S) - left != {S.WRITTEN_OFF, S.WITHDRAWN}:
        raise AssertionError("the workflow of orders is broken")


_table_is_sound()
