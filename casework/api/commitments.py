"""What was promised on a case, from the promise to its end."""

from __future__ import annotations

from typing import Any

from casework.api.answering import Answer
from casework.api.asking import Asked
from casework.api.fields import Day, OneOf, RowId, Shape, Text, Whole
from casework.api.operations import operation
from casework.api.talks import GROUP
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor
from casework.negotiations import promises, queries
from casework.negotiations.edge import case_for
from casework.negotiations.models import Commitment
from casework.negotiations.rules import PromiseDraft
from casework.negotiations.words import DEBTORS, PROMISES, UNSETTLED, Debtor, Promise

ENDS = tuple(one for one in Promise if one not in UNSETTLED)


class PromiseNew(Shape):
    """What somebody promised."""

    debtor = OneOf(DEBTORS, required=True)
    who = Text(metadata={"description": N_("Who promised; the other side where left out")})
    what = Text(required=True, least=1, most=300, metadata={"example": "退还三月租金"})
    condition = Text(most=300)
    promised_on = Day(metadata={"description": N_("Today where left out")})
    due_on = Day(required=True, metadata={"example": "2026-12-31"})
    talks = RowId(metadata={"description": N_("Id of the talks it was made in")})


class PromiseLine(Shape):
    """A promise as it stands."""

    id = RowId(required=True)
    debtor = OneOf(DEBTORS, required=True)
    who = Text(required=True)
    what = Text(required=True, most=300)
    condition = Text(required=True, most=300)
    promised_on = Day(required=True)
    due_on = Day(required=True)
    state = OneOf(PROMISES, required=True)
    proof = Text(required=True, most=500)
    version = Whole(required=True)


class Settlement(Shape):
    """How a promise ended."""

    state = OneOf(ENDS, required=True)
    proof = Text(most=500, load_default="", metadata={"description": N_("What shows that it was kept")})
    reason = Text(most=300, load_default="")


def _promise(made: Commitment) -> dict[str, Any]:
    return {
        **{
            name: getattr(made, name)
            for name in ("id", "debtor", "who", "what", "condition", "state", "proof", "version")
        },
        "promised_on": made.promised_on.isoformat(),
        "due_on": made.due_on.isoformat(),
    }


@operation(
    name="listCommitments",
    method="GET",
    path="/cases/{number}/commitments",
    permission="negotiation.read",
    group=GROUP,
    summary=N_("What was promised on a case, unsettled first"),
    answer=PromiseLine,
    paged=True,
)
def list_commitments(asked: Asked, number: str) -> Answer:
    """All promises; a case has few, so that they stand on one page."""
    case = case_for(number, "negotiation.read")
    return Answer(body={"items": [_promise(one) for one in queries.commitments_of(case.id)], "next": None})


@operation(
    name="addCommitment",
    method="POST",
    path="/cases/{number}/commitments",
    permission="negotiation.log",
    group=GROUP,
    summary=N_("Enter what was promised"),
    body=PromiseNew,
    takes={"debtor": "them", "what": "退还三月租金", "due_on": "2026-12-31"},
    answer=PromiseLine,
    status=201,
    keyed=True,
    tagged=True,
)
def add_commitment(asked: Asked, number: str) -> Answer:
    """A promise; it conflicts with nobody."""
    case, body, now = case_for(number, "negotiation.log"), asked.body, utcnow()
    known = queries.negotiations_of(case.id)
    who, negotiation = body.get("who", ""), None
    if body["debtor"] == Debtor.THEM and known:
        negotiation, party = queries.negotiation_of(case.id, body.get("talks") or known[0][0].id)
        who = who or party.contact or party.name
    draft = PromiseDraft(
        debtor=Debtor(body["debtor"]),
        who=who,
        what=body["what"],
        condition=body.get("condition", ""),
        promised_on=body.get("promised_on") or local_day(now),
        due_on=body["due_on"],
    )
    made = promises.promise(case, draft, actor=current_actor(), now=now, negotiation=negotiation)
    return Answer(body=_promise(made), status=201, version=made.version)


@operation(
    name="readCommitment",
    method="GET",
    path="/cases/{number}/commitments/{id}",
    permission="negotiation.read",
    group=GROUP,
    summary=N_("One promise"),
    answer=PromiseLine,
    tagged=True,
)
def read_commitment(asked: Asked, number: str, id: int) -> Answer:  # noqa: A002 - named as in the address
    """One promise, with its ETag."""
    made = queries.commitment_in(case_for(number, "negotiation.read").id, id)
    return Answer(body=_promise(made), version=made.version)


@operation(
    name="settleCommitment",
    method="POST",
    path="/cases/{number}/commitments/{id}/settle",
    permission="negotiation.log",
    group=GROUP,
    summary=N_("Say how a promise ended"),
    text=N_("Never by who promised it. “kept” needs proof."),
    body=Settlement,
    takes={"state": "kept", "proof": "银行回单"},
    answer=PromiseLine,
    keyed=True,
    versioned=True,
    tagged=True,
)
def settle_commitment(asked: Asked, number: str, id: int) -> Answer:  # noqa: A002 - named as in the address
    """Hand in proof where there is some, and settle: both, or neither."""
    case, now = case_for(number, "negotiation.log"), utcnow()
    made = queries.commitment_in(case.id, id)
    asked.meets(made.version)
    if asked.body["proof"]:
        promises.prove(case, made, asked.body["proof"], actor=current_actor(), now=now)
    promises.settle(case, made, Promise(asked.body["state"]), asked.body["reason"], actor=current_actor(), now=now)
    db.session.flush()  # the version that it has from now on
    return Answer(body=_promise(made), version=made.version)
