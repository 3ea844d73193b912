"""Who works on a case: dispatch, objection, reassignment and support. Custody goes over from hand to hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.cases.models import Assignment, Case
from casework.cases.move import Move
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Role
from casework.kernel.time import local_day
from casework.roster.models import Posting, Unit
from casework.roster.queries import HANDLERS, valid_on

# Who may lead a case: helpers support only.
LEADING = (Role.OFFICER, Role.LEAD)


def dispatch(move: Move) -> dict[str, Any]:
    """Give the case to a unit and its lead officer, with the units that work along.

    Raises:
        Refused: the unit is closed, or the officer does not serve in it today.
    """
    unit = _unit(move.answer["unit"])
    user = _officer(move.answer["officer"], unit.id, move.now)
    co_units = [_unit(unit_id, "co_units") for unit_id in move.answer.get("co_units") or [] if unit_id != unit.id]
    _hand_to(move.case, unit, user, move.now, why="handed on")
    if "co_units" in move.answer:
        move.case.co_unit_ids = [co_unit.id for co_unit in co_units]
    said = {"unit_name": unit.name, "officer_name": user.name}
    return said | ({"co_unit_names": [co_unit.name for co_unit in co_units]} if co_units else {})


def rule(move: Move) -> dict[str, Any]:
    """Answer an objection: the case stays and counts as taken over, or goes to another unit.

    Raises:
        Refused: the objection is upheld and no other unit and officer are named.
    """
    if move.target is State.IN_PROGRESS:
        _accept_lead(move.case, move.now)
        return {}
    missing = [
        because(N_("%(field)s: fill this in, as the objection is upheld."), name, field=because(label))
        for name, label in (("unit", N_("Lead unit")), ("officer", N_("Lead officer")))
        if not move.answer.get(name)
    ]
    if missing:
        raise Refused(missing)
    if move.answer["unit"] == move.case.unit_id:
        raise Refused(because(N_("Lead unit: pick another unit, as the objection is upheld."), "unit"))
    return dispatch(move)


def acknowledge(move: Move) -> None:
    """The lead officer takes the case over."""
    _accept_lead(move.case, move.now)


def _accept_lead(case: Case, now: datetime) -> None:
    for held in _open_assignments(case.id):
        if held.part == "lead" and held.accepted_at is None:
            held.accepted_at = now


def assign(move: Move) -> dict[str, Any]:
    """Change who leads and who supports, within the unit.

    Raises:
        Refused: the case has no unit yet, nobody is picked, or somebody does not serve in the unit today.
    """
    if move.case.unit_id is None:
        raise Refused(because(N_("Dispatch the case to a unit first.")))
    unit, said = _unit(move.case.unit_id), {}
    if move.answer.get("officer") and move.answer["officer"] != move.case.lead_id:
        user = _officer(move.answer["officer"], unit.id, move.now)
        _hand_to(move.case, unit, user, move.now, why="reassigned", accepted=move.case.state != State.DISPATCHED)
        said["officer_name"] = user.name
    wanted = {user_id for user_id in move.answer.get("support") or [] if user_id != move.case.lead_id}
    people = {user_id: _officer(user_id, unit.id, move.now, "support") for user_id in wanted}
    _keep_support(move.case, set(people), unit.id, move.now)
    if not said and not people and "support" not in move.answer:
        raise Refused(because(N_("Assign: pick a lead officer or someone in support."), "officer"))
    return said | ({"support_names": [user.name for user in people.values()]} if people else {})


def hand_over(case: Case, part: str, leaver_id: int, successor_id: int, now: datetime) -> bool:
    """Give the part of one who leaves to a successor: state and clocks stay. False: it is not theirs any more.

    The caller has authorised it, and records it.

    Raises:
        Refused: the successor serves neither in the unit nor where the case lies.
    """
    held = next((one for one in _open_assignments(case.id) if (one.user_id, one.part) == (leaver_id, part)), None)
    if held is None or not case.is_open:
        return False
    if part == "lead":
        unit, user = _unit_of(case, successor_id, now), db.session.get_one(User, successor_id)
        _hand_to(case, unit, user, now, why="handed over", accepted=case.state != State.DISPATCHED)
        return True
    held.to_at, held.ended_by = now, "handed over"
    join_as_support(case, successor_id, now)
    return True


def join_as_support(case: Case, user_id: int, now: datetime) -> None:
    """Let somebody work on a case who takes over a part of it; nothing changes for one who does already."""
    if user_id not in {held.user_id for held in _open_assignments(case.id)}:
        unit = _unit_of(case, user_id, now, HANDLERS)
        db.session.add(
            Assignment(case_id=case.id, user_id=user_id, unit_id=unit.id, part="support", from_at=now, accepted_at=now)
        )
    db.session.flush()  # handlers are read from the rows
    _keep_handlers(case)


def _unit_of(case: Case, user_id: int, now: datetime, roles: tuple[Role, ...] = LEADING) -> Unit:
    """The unit in which somebody works on a case: the case's own if they serve there, else one that reaches it."""
    query = (
        sa.select(Posting)
        .join(User, User.id == Posting.user_id)
        .where(
            Posting.user_id == user_id, Posting.role.in_(roles), valid_on(local_day(now)), User.disabled_at.is_(None)
        )
        .order_by(Posting.id)
    )
    found = list(db.session.scalars(query))
    own = next((one for one in found if one.unit_id == case.unit_id), None)
    one = own or next((one for one in found if one.area_id in case.area_ids), None)
    if one is None:
        raise Refused(because(N_("Officer: pick someone who serves in that unit today."), "officer"))
    return db.session.get_one(Unit, one.unit_id)


def _keep_support(case: Case, wanted: set[int], unit_id: int, now: datetime) -> None:
    supporting = {held.user_id: held for held in _open_assignments(case.id) if held.part == "support"}
    for user_id, held in supporting.items():
        if user_id not in wanted:
            held.to_at, held.ended_by = now, "released"
    for user_id in wanted - supporting.keys():
        db.session.add(Assignment(case_id=case.id, user_id=user_id, unit_id=unit_id, part="support", from_at=now))
    db.session.flush()  # handlers are read from the rows
    _keep_handlers(case)


def join(move: Move) -> None:
    """One who was asked for support agrees."""
    for held in _open_assignments(move.case.id):
        if move.actor and held.user_id == move.actor.user_id and held.accepted_at is None:
            held.accepted_at = move.now


def _hand_to(case: Case, unit: Unit, user: User, now: datetime, *, why: str, accepted: bool = False) -> None:
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


def _unit(unit_id: int, field: str = "unit") -> Unit:
    unit = db.session.get(Unit, unit_id)
    if unit is None or unit.closed_on is not None:
        raise Refused(because(N_("Unit: pick one that exists."), field))
    return unit


def _officer(user_id: int, unit_id: int, now: datetime, field: str = "officer") -> User:
    """A person with a valid posting in the unit; nobody with an ended posting or a closed account is assigned."""
    today = local_day(now)
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
