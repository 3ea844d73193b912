"""Acts on results: approve, return, ask, countersign through the life cycle; and several equal ones at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.cases import queries as case_queries
from casework.cases import service as cases
from casework.cases import signing
from casework.cases.models import Case
from casework.cases.story import SHORT
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise, can
from casework.review import queries, rules
from casework.review.events import ApprovedTogether
from casework.review.policy import TOGETHER
from casework.review.rules import Candidate
from casework.roster.queries import names


@dataclass(frozen=True, slots=True)
class Preview:
    """A case that somebody wants to approve with others, and why it does not go with them."""

    case: Case
    why: Sequence[Reason]


def candidates(numbers: Sequence[str], actor: Actor) -> list[Case]:
    """The cases of these numbers that exist for a person, in the order of their due times."""
    wanted = sa.select(Case).where(Case.number.in_(numbers[: rules.MOST_TOGETHER]), case_queries.visible_to(actor))
    return list(db.session.scalars(wanted.order_by(Case.next_due_at.asc().nulls_last(), Case.id)))


def common_type(found: Sequence[Case]) -> int:
    """The type that most of them have: those of another stay behind."""
    return Counter(case.type_id for case in found).most_common(1)[0][0] if found else 0


def preview(found: Sequence[Case], actor: Actor, *, now: datetime) -> list[Preview]:
    """Each case with the reasons for which it is looked at on its own."""
    type_id = common_type(found)
    return [Preview(case, rules.why_not_together(_candidate(case, actor, now), type_id)) for case in found]


def _candidate(case: Case, actor: Actor, now: datetime) -> Candidate:
    facts = case_queries.facts(case, actor, now=now)
    returned = any(entry.data.get("action") in ("return", "reopen") for entry in queries.moves_of(case.id))
    return Candidate(
        type_id=case.type_id,
        amount_fen=signing.weigh(case).amount_fen,
        has_talks=case.negotiated,
        joint=case.joint,
        signed=case.signed_by_id is not None,
        returned=returned or case.rating is not None,
        urgent=case.urgent,
        missing=facts.missing_evidence,
        blocking=[item.title for item in facts.blocking],
        may=can(actor, "case.approve", case),
    )


def approve_together(
    case: Case, type_id: int, answer: Mapping[str, Any], *, count: int, actor: Actor, now: datetime
) -> None:
    """Approve one of several equal cases; whatever makes it unlike them is asked again now.

    Raises:
        NotPermitted: many at once is not theirs.
        Refused: it is no simple case any more, or the rules of approving object.
    """
    authorise(actor, TOGETHER, case)
    if reasons := rules.why_not_together(_candidate(case, actor, now), type_id):
        raise Refused(reasons)
    cases.act(case, "approve", answer, actor=actor, now=now)
    audit.record(ApprovedTogether(count=count), by=actor, at=now, case_id=case.id)


def decided_meanwhile(case: Case) -> Reason:
    """What a reviewer is told whose case was changed while they read: by whom, and what they did."""
    last = next(iter(queries.moves_of(case.id)), None)
    name = _name(last.actor_id) if last and last.actor_id else ""
    if last is None or not name:
        return Reason(N_("Somebody changed this while you read. Look at it as it stands now."))
    action = SHORT.get(str(last.data.get("action", "")), "")
    said = N_("While you read, %(name)s did this: %(what)s. Nothing of yours was saved; look at it as it stands now.")
    return because(said, name=name, what=Reason(action or last.verb))


def _name(user_id: int) -> str:
    return names([user_id]).get(user_id, "")
