"""What an action changes beside the state: waiting, extension, result, call-back, the other case; and who works on it.

Each effect returns what the story will say of it: the answer with names beside ids, or a fact of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.cases import custody, signing
from casework.cases.clockwork import WORK
from casework.cases.events import CaseReceived, ContactLogged
from casework.cases.models import Case
from casework.cases.move import Answer, Move
from casework.cases.timing import refresh_due
from casework.cases.workflow import Action, Outcome, State
from casework.clocks import service as clocks
from casework.clocks.kinds import Clock
from casework.clocks.queries import calendar_of, open_deadlines
from casework.clocks.rules import minutes_of_days
from casework.enterprises.service import contacted
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor
from casework.kernel.time import SHANGHAI


def minutes_until(answer: Answer, now: datetime) -> int:
    """Minutes from now to the end of the day that an answer names; 0 when it names none."""
    day = answer.get("until")
    if not isinstance(day, date):
        return 0
    end = datetime.combine(day, time(18), tzinfo=SHANGHAI)
    return max(int((end - now) / timedelta(minutes=1)), 1)


def other_case(answer: Answer, actor: Actor | None) -> Case | None:
    """The case that an answer names by number, if the actor may know of it."""
    from casework.cases.queries import visible_to

    query = sa.select(Case).where(Case.number == str(answer.get("other", "")).strip())
    return db.session.scalar(query.where(visible_to(actor)) if actor else query)


def apply(
    case: Case,
    action: Action,
    answer: Answer,
    *,
    actor: Actor | None,
    now: datetime,
    source: State,
    target: State,
    other: Case | None,
) -> dict[str, Any] | audit.Fact:
    """Carry out what the action does beside moving the case; returns what the story says."""
    if source in (State.WAITING, State.PARKED) and target not in (State.WAITING, State.PARKED):
        case.waiting, case.left_state = None, None
    effect = _EFFECTS.get(action.name)
    said = _said(answer)
    extra = effect(Move(case, answer, actor, now, target, other)) if effect else None
    if source is State.UNDER_REVIEW and target is not State.UNDER_REVIEW:
        case.signed_by_id, case.signature, case.proof_asked = None, None, None
    if isinstance(extra, audit.Fact):
        return extra
    if target is State.CLOSED:
        _close(case, now)
    return said | (extra or {})


def _said(answer: Answer) -> dict[str, Any]:
    """The answer as JSON values, empty ones left out."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in answer.items()
        if value not in (None, "", [], {})
    }


def _contact(move: Move) -> audit.Fact:
    first = move.case.contacted_at is None
    if first:
        move.case.contacted_at = move.now
    if move.case.enterprise_id and move.actor:
        contacted(move.case.enterprise_id, move.answer["way"], case_id=move.case.id, actor=move.actor, now=move.now)
    return ContactLogged(way=move.answer["way"], person=move.answer["person"], text=move.answer["text"], first=first)


def _wait(move: Move) -> None:
    _hold(move, move.answer.get("code", "supplement"))


def _park(move: Move) -> None:
    _hold(move, "parked")


def _hold(move: Move, code: str) -> None:
    move.case.left_state = move.case.state
    move.case.waiting = {
        "code": code,
        "whom": move.answer.get("whom", ""),
        "until": move.answer["until"].isoformat(),
        "reason": move.answer.get("reason", ""),
    }


def _extend(move: Move) -> None:
    move.case.extension = {
        "days": move.answer["days"],
        "reason": move.answer["reason"],
        "by": move.actor.user_id if move.actor else None,
        "at": move.now.isoformat(),
    }


def _grant(move: Move) -> dict[str, Any]:
    asked = move.case.extension or {}
    days = int(asked.get("days", 0))
    deadline = next(iter(open_deadlines(move.case.id, WORK)), None)
    if deadline is None:
        raise Refused(because(N_("The case clock is not running: there is nothing to extend.")))
    minutes = minutes_of_days(days, calendar_of(deadline.calendar_id), move.now)
    clocks.extend(case_id=move.case.id, clock=Clock(deadline.clock), minutes=minutes, now=move.now)
    move.case.extension = None
    refresh_due(move.case)
    return {"days": days}


def _refuse(move: Move) -> dict[str, Any]:
    days = int((move.case.extension or {}).get("days", 0))
    move.case.extension = None
    return {"days": days}


def _result(move: Move) -> None:
    move.case.result_by_id = move.actor.user_id if move.actor else None
    move.case.result = {"outcome": move.answer["outcome"], "text": move.answer["text"], "at": move.now.isoformat()}


def _approve(move: Move) -> dict[str, Any] | None:
    """Sign a large sum: kept with what it stands on, until somebody else countersigns."""
    if move.target is not State.UNDER_REVIEW or move.actor is None:
        return None
    weight = signing.weigh(move.case)
    move.case.signed_by_id = move.actor.user_id
    move.case.signature = {
        "by": move.actor.user_id,
        "name": move.actor.name,
        "at": move.now.isoformat(),
        "amount_fen": weight.amount_fen,
        "limit_fen": weight.limit_fen,
        "prints": signing.prints(move.case, weight),
    }
    return {"amount_fen": weight.amount_fen, "first": True}


def _countersign(move: Move) -> dict[str, Any]:
    """What the story keeps: whose signature this one stands beside, and for how much."""
    first = move.case.signature or {}
    return {"beside": first.get("name", ""), "amount_fen": first.get("amount_fen", 0)}


def _ask_proof(move: Move) -> None:
    move.case.proof_asked = {
        "reason": move.answer["reason"],
        "until": move.answer["until"].isoformat(),
        "by": move.actor.user_id if move.actor else None,
        "name": move.actor.name if move.actor else "",
        "at": move.now.isoformat(),
    }


def _give_proof(move: Move) -> None:
    move.case.proof_asked = None


def _callback(move: Move) -> dict[str, Any]:
    move.case.callback_tries += 1
    move.case.callback_result = move.answer["result"]
    if move.answer["result"] == "reached" and move.answer.get("satisfied"):
        move.case.rating = int(move.answer["satisfied"])
    said = {"try": move.case.callback_tries}
    if move.target is State.IN_PROGRESS:
        move.case.callback_tries = 0  # the next result gets its three tries again
    return said


def _close(case: Case, now: datetime) -> None:
    case.outcome = (case.result or {}).get("outcome") or Outcome.EXPLAINED
    case.closed_at = now


def _reopen(move: Move) -> dict[str, Any]:
    before = {"outcome_before": move.case.outcome} if move.case.outcome else {}
    move.case.outcome, move.case.closed_at, move.case.result, move.case.callback_tries = None, None, None, 0
    return before


def _decline(move: Move) -> None:
    move.case.outcome, move.case.closed_at = Outcome.STATUTORY_ROUTE, move.now


def _end(move: Move) -> None:
    move.case.closed_at = move.now


def _merge(move: Move) -> dict[str, Any]:
    if move.other is None:  # the guard other_is_open has said so before
        return {}
    move.case.merged_into_id, move.case.closed_at = move.other.id, move.now
    from casework.cases.service import touch

    audit.record(
        CaseReceived(number=move.case.number, title=move.case.title), by=move.actor, at=move.now, case_id=move.other.id
    )
    touch(move.other, "merge", move.now)
    return {"other_title": move.other.title}


def _split(move: Move) -> dict[str, Any]:
    from casework.cases.service import CaseDraft, submit

    draft = CaseDraft(
        title=move.answer["title"][:120],
        text=move.answer["text"],
        type_id=move.case.type_id,
        area_id=move.case.area_id,
        source="split",  # type: ignore[arg-type]
        requester=move.case.requester,
        enterprise_id=move.case.enterprise_id,
        contact_name=move.case.contact_name,
        contact_phone=move.case.contact_phone,
        place=move.case.place,
        urgent=move.case.urgent,
    )
    made = submit(draft=draft, actor=None, now=move.now)
    made.split_from_id, made.created_by_id = move.case.id, move.actor.user_id if move.actor else None
    return {"new_number": made.number}


Effect = Callable[[Move], dict[str, Any] | audit.Fact | None]
_EFFECTS: Mapping[str, Effect] = {
    "dispatch": custody.dispatch,
    "transfer": custody.dispatch,
    "level_up": custody.dispatch,
    "rule": custody.rule,
    "acknowledge": custody.acknowledge,
    "assign": custody.assign,
    "join": custody.join,
    "contact": _contact,
    "wait": _wait,
    "supplement": _wait,
    "extend": _extend,
    "grant_extension": _grant,
    "refuse_extension": _refuse,
    "submit_result": _result,
    "approve": _approve,
    "countersign": _countersign,
    "ask_proof": _ask_proof,
    "give_proof": _give_proof,
    "callback": _callback,
    "reopen": _reopen,
    "decline": _decline,
    "withdraw": _end,
    "merge": _merge,
    "split": _split,
    "park": _park,
}
