"""Interview notices under an order: called with number, time and place; then held, not held or called off."""

from __future__ import annotations

from datetime import datetime

from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.orders import notices, queries, rules, service
from casework.orders.models import Interview, InterviewState, Series, SupervisionOrder
from casework.orders.policy import INTERVIEW
from casework.orders.workflow import State

ENDS = {InterviewState.HELD: "held", InterviewState.NOT_HELD: "not_held", InterviewState.CALLED_OFF: "call_off"}


def call(order: SupervisionOrder, draft: rules.InterviewDraft, *, actor: Actor, now: datetime) -> Interview:
    """Call the heads of the unit to an interview.

    Raises:
        NotPermitted: the order is not the actor's to supervise.
        Refused: the order is at its end, or a word is missing.
    """
    service.hold(order)
    authorise(actor, INTERVIEW, order)
    if not order.is_open or order.state == State.VERIFIED:
        raise Refused(because(N_("The order is settled: there is nothing to call an interview for.")))
    reasons = rules.interview_faults(draft, now)
    if reasons or draft.at is None:
        raise Refused(reasons)
    made = Interview(
        order_id=order.id,
        number=service.next_number(order, Series.INTERVIEW, now),
        who=draft.who,
        at=draft.at,
        place=draft.place,
        matter=draft.matter,
        called_at=now,
        called_by_id=actor.user_id,
        issuer_unit_id=service.speaks_for(actor, order),
        state=InterviewState.CALLED,
    )
    db.session.add(made)
    db.session.flush()  # those who are told are told of its id
    _record(order, made, "call", made.matter, actor, now)
    return made


def close(
    order: SupervisionOrder, interview: Interview, state: str, record: str, *, actor: Actor, now: datetime
) -> None:
    """Record what became of it.

    Raises:
        NotPermitted: the order is not the actor's to supervise.
        Refused: it is recorded already, has not begun yet, or nothing is written.
    """
    authorise(actor, INTERVIEW, order)
    db.session.refresh(interview, with_for_update=True)
    reasons = []
    if interview.state != InterviewState.CALLED:
        reasons.append(because(N_("What became of this interview is recorded already.")))
    if state not in set(ENDS):
        reasons.append(because(N_("What became of it: pick one."), "state"))
    elif state != InterviewState.CALLED_OFF and now < interview.at:
        reasons.append(because(N_("It has not begun yet: call it off, or record it afterwards."), "state"))
    if not record:
        reasons.append(because(N_("Record: write at least one sentence."), "record"))
    elif len(record) > rules.TEXT:
        reasons.append(because(N_("Too long: shorten it to %(most)s characters."), "record", most=rules.TEXT))
    if reasons:
        raise Refused(reasons)
    interview.state, interview.record = state, record
    interview.closed_at, interview.closed_by_id = now, actor.user_id
    db.session.flush()  # a stale row must refuse before the fact is written
    _record(order, interview, ENDS[InterviewState(state)], record, actor, now)


def _record(order: SupervisionOrder, interview: Interview, action: str, text: str, actor: Actor, now: datetime) -> None:
    said = f"{interview.number}：{text}"
    service.record(order, queries.all_cases_of(order.id), action, said, actor=actor, now=now)
    notices.tell(order, action, by=actor, now=now, part=str(interview.id))
