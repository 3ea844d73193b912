"""What an action changes beside the state: assignments, waiting, extension, result, call-back, the other case.

Each effect returns what the story will say of it: the answer with names beside ids, or a fact of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.accounts.models import User
from casework.cases.events import CaseReceived, ContactLogged
from casework.cases.models import Assignment, Case
from casework.cases.workflow import Action, Outcome, State
from casework.clocks import service as clocks
from casework.clocks.kinds import Clock
from casework.clocks.queries import calendar_of, open_deadlines
from casework.clocks.rules import minutes_of_days
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, Role
from casework.kernel.time import SHANGHAI
from casework.roster.models import Posting, Unit
from casework.roster.queries import HANDLERS

Answer = Mapping[str, Any]
# Who may lead a case: helpers support only.
LEADING = (Role.OFFICER, Role.LEAD)


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
    extra = effect(case, answer, actor, now, target, other) if effect else None
    if isinstance(extra, audit.Fact):
        return extra
    if target is State.CLOSED:
        _close(case, answer, now)
    return said | (extra or {})


def _said(answer: Answer) -> dict[str, Any]:
    """The answer as JSON values, empty ones left out."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in answer.items()
        if value not in (None, "", [], {})
    }


def _unit(unit_id: int, field: str = "unit") -> Unit:
    unit = db.session.get(Unit, unit_id)
    if unit is None or unit.closed_on is not None:
        raise Refused(because(N_("Unit: pick one that exists."), field))
    return unit


def _officer(user_id: int, unit_id: int, now: datetime, field: str = "officer") -> User:
    """A person with a valid posting in the unit; nobody with an ended posting or a closed account is assigned."""
    today = now.astimezone(SHANGHAI).date()
    user = db.session.scalar(
        sa.select(User)
        .join(Posting, Posting.user_id == User.id)
        .where(
            User.id == user_id,
            User.disabled_at.is_(None),
            Posting.unit_id == unit_id,
            Posting.role.in_(LEADING if field == "officer" else HANDLERS),
            Posting.from_on <= today,
            sa.or_(Posting.to_on.is_(None), Posting.to_on >= today),
        )
        .limit(1)
    )
    if user is None:
        raise Refused(because(N_("Officer: pick someone who serves in that unit today."), field))
    return user


def hand_to(case: Case, unit: Unit, user: User, now: datetime, *, why: str, accepted: bool = False) -> None:
    """Make a person the lead officer: the present lead's assignment ends, custody goes over."""
    for held in _open_assignments(case.id):
        if held.part == "lead" or held.user_id == user.id:
            held.to_at, held.ended_by = now, why
    db.session.flush()  # the old lead must be ended before the partial unique index sees the new one
    db.session.add(
        Assignment(
            case_id=case.id,
            user_id=user.id,
            unit_id=unit.id,
            part="lead",
            from_at=now,
            accepted_at=now if accepted else None,
        )
    )
    case.unit_id, case.lead_id, case.held_since = unit.id, user.id, now
    db.session.flush()  # handlers are read from the rows
    _keep_handlers(case)


def _open_assignments(case_id: int) -> list[Assignment]:
    query = sa.select(Assignment).where(Assignment.case_id == case_id, Assignment.to_at.is_(None))
    return list(db.session.scalars(query))


def _keep_handlers(case: Case) -> None:
    present = sorted({held.user_id for held in _open_assignments(case.id)})
    case.handler_ids = present
    case.handled_by = sorted({*(case.handled_by or ()), *present})


def _dispatch(
    case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None
) -> dict[str, Any]:
    unit = _unit(answer["unit"])
    user = _officer(answer["officer"], unit.id, now)
    co_units = [_unit(unit_id, "co_units") for unit_id in answer.get("co_units") or [] if unit_id != unit.id]
    hand_to(case, unit, user, now, why="handed on")
    if "co_units" in answer:
        case.co_unit_ids = [co_unit.id for co_unit in co_units]
    said = {"unit_name": unit.name, "officer_name": user.name}
    return said | ({"co_unit_names": [co_unit.name for co_unit in co_units]} if co_units else {})


def _rule(
    case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None
) -> dict[str, Any]:
    if target is State.IN_PROGRESS:
        _accept_lead(case, now)
        return {}
    missing = [
        because(N_("%(field)s: fill this in, as the objection is upheld."), name, field=because(label))
        for name, label in (("unit", N_("Lead unit")), ("officer", N_("Lead officer")))
        if not answer.get(name)
    ]
    if missing:
        raise Refused(missing)
    if answer["unit"] == case.unit_id:
        raise Refused(because(N_("Lead unit: pick another unit, as the objection is upheld."), "unit"))
    return _dispatch(case, answer, actor, now, target, other)


def _accept_lead(case: Case, now: datetime) -> None:
    for held in _open_assignments(case.id):
        if held.part == "lead" and held.accepted_at is None:
            held.accepted_at = now


def _acknowledge(
    case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None
) -> None:
    _accept_lead(case, now)


def _assign(
    case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None
) -> dict[str, Any]:
    if case.unit_id is None:
        raise Refused(because(N_("Dispatch the case to a unit first.")))
    unit, said = _unit(case.unit_id), {}
    if answer.get("officer") and answer["officer"] != case.lead_id:
        user = _officer(answer["officer"], unit.id, now)
        hand_to(case, unit, user, now, why="reassigned", accepted=case.state != State.DISPATCHED)
        said["officer_name"] = user.name
    wanted = {user_id for user_id in answer.get("support") or [] if user_id != case.lead_id}
    people = {user_id: _officer(user_id, unit.id, now, "support") for user_id in wanted}
    _keep_support(case, set(people), unit.id, now)
    if not said and not people and "support" not in answer:
        raise Refused(because(N_("Assign: pick a lead officer or someone in support."), "officer"))
    return said | ({"support_names": [user.name for user in people.values()]} if people else {})


def _keep_support(case: Case, wanted: set[int], unit_id: int, now: datetime) -> None:
    supporting = {held.user_id: held for held in _open_assignments(case.id) if held.part == "support"}
    for user_id, held in supporting.items():
        if user_id not in wanted:
            held.to_at, held.ended_by = now, "released"
    for user_id in wanted - supporting.keys():
        db.session.add(Assignment(case_id=case.id, user_id=user_id, unit_id=unit_id, part="support", from_at=now))
    db.session.flush()  # handlers are read from the rows
    _keep_handlers(case)


def _join(case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None) -> None:
    for held in _open_assignments(case.id):
        if actor and held.user_id == actor.user_id and held.accepted_at is None:
            held.accepted_at = now


def _contact(
    case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None
) -> audit.Fact:
    first = case.contacted_at is None
    if first:
        case.contacted_at = now
    return ContactLogged(way=answer["way"], person=answer["person"], text=answer["text"], first=first)


def _wait(case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None) -> None:
    case.left_state = case.state
    case.waiting = {
        "code": answer.get("code", "supplement"),
        "whom": answer.get("whom", ""),
        "until": answer["until"].isoformat(),
        "reason": answer.get("reason", ""),
    }


def _extend(case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None) -> None:
    case.extension = {
        "days": answer["days"],
        "reason": answer["reason"],
        "by": actor.user_id if actor else None,
        "at": now.isoformat(),
    }


def _grant(
    case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None
) -> dict[str, Any]:
    asked = case.extension or {}
    days = int(asked.get("days", 0))
    deadline = next(iter(open_deadlines(case.id, [Clock.RESOLVE])), None)
    if deadline is None:
        raise Refused(because(N_("The case clock is not running: there is nothing to extend.")))
    minutes = minutes_of_days(days, calendar_of("working"))
    if deadline.calendar == "always":
        minutes = days * 24 * 60
    clocks.extend(case_id=case.id, clock=Clock.RESOLVE, minutes=minutes, now=now)
    case.extension = None
    from casework.cases.service import refresh_due

    refresh_due(case)
    return {"days": days}


def _refuse(
    case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None
) -> dict[str, Any]:
    days = int((case.extension or {}).get("days", 0))
    case.extension = None
    return {"days": days}


def _result(case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None) -> None:
    case.result_by_id = actor.user_id if actor else None
    case.result = {"outcome": answer["outcome"], "text": answer["text"], "at": now.isoformat()}


def _callback(
    case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None
) -> dict[str, Any]:
    case.callback_tries += 1
    if answer["result"] == "reached" and answer.get("satisfied"):
        case.rating = int(answer["satisfied"])
    said = {"try": case.callback_tries}
    if target is State.IN_PROGRESS:
        case.callback_tries = 0  # the next result gets its three tries again
    return said


def _close(case: Case, answer: Answer, now: datetime) -> None:
    case.outcome = (case.result or {}).get("outcome") or Outcome.EXPLAINED
    case.closed_at = now


def _reopen(
    case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None
) -> dict[str, Any]:
    before = {"outcome_before": case.outcome} if case.outcome else {}
    case.outcome, case.closed_at, case.result, case.callback_tries = None, None, None, 0
    return before


def _decline(case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None) -> None:
    case.outcome, case.closed_at = Outcome.STATUTORY_ROUTE, now


def _end(case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None) -> None:
    case.closed_at = now


def _merge(
    case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None
) -> dict[str, Any]:
    if other is None:  # the guard other_is_open has said so before
        return {}
    case.merged_into_id, case.closed_at = other.id, now
    from casework.cases.service import touch

    audit.record(CaseReceived(number=case.number, title=case.title), by=actor, at=now, case_id=other.id)
    touch(other, "merge", now)
    return {"other_title": other.title}


def _split(
    case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None
) -> dict[str, Any]:
    from casework.cases.service import CaseDraft, submit

    draft = CaseDraft(
        title=answer["title"][:120],
        text=answer["text"],
        type_id=case.type_id,
        area_id=case.area_id,
        source="split",  # type: ignore[arg-type]
        requester=case.requester,
        enterprise_id=case.enterprise_id,
        contact_name=case.contact_name,
        contact_phone=case.contact_phone,
        place=case.place,
        urgent=case.urgent,
    )
    made = submit(draft=draft, actor=None, now=now)
    made.split_from_id, made.created_by_id = case.id, actor.user_id if actor else None
    return {"new_number": made.number}


def _park(case: Case, answer: Answer, actor: Actor | None, now: datetime, target: State, other: Case | None) -> None:
    case.left_state = case.state
    case.waiting = {
        "code": "parked",
        "until": answer["until"].isoformat(),
        "reason": answer["reason"],
        "whom": "",
    }


Effect = Callable[[Case, Answer, Actor | None, datetime, State, Case | None], dict[str, Any] | audit.Fact | None]
_EFFECTS: Mapping[str, Effect] = {
    "dispatch": _dispatch,
    "transfer": _dispatch,
    "level_up": _dispatch,
    "rule": _rule,
    "acknowledge": _acknowledge,
    "assign": _assign,
    "join": _join,
    "contact": _contact,
    "wait": _wait,
    "supplement": _wait,
    "extend": _extend,
    "grant_extension": _grant,
    "refuse_extension": _refuse,
    "submit_result": _result,
    "callback": _callback,
    "reopen": _reopen,
    "decline": _decline,
    "withdraw": _end,
    "merge": _merge,
    "split": _split,
    "park": _park,
}
__all__ = ["apply", "hand_to", "minutes_until", "other_case"]
