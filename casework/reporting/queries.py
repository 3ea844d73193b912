"""What is mine today: late, due soon, waiting for me to accept, waiting for my decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.cases.lines import LINE, CaseLine, line_of
from casework.cases.models import Assignment, Case
from casework.cases.queries import reviewable_by, visible_to
from casework.cases.workflow import State
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.permissions import Actor, Role

SHOWN = 12
SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskItem(CaseLine):
    """A case on the desk: its clock, itself, and the act that is next."""

    action: str
    action_href: str


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the desk with its cases; ``href`` leads to all of them."""

    key: str
    title: str
    count: str
    href: str
    items: tuple[DeskItem, ...]


_COLUMNS = (*LINE, Case.contacted_at, Case.lead_id, Case.extension)
# The act that a state asks of the one whose turn it is.
_NEXT = {
    State.SUBMITTED: ("accept", N_("Accept")),
    State.ACCEPTED: ("dispatch", N_("Dispatch")),
    State.DISPATCHED: ("acknowledge", N_("Acknowledge")),
    State.OBJECTED: ("rule", N_("Rule")),
    State.UNDER_REVIEW: ("approve", N_("Review")),
    State.CALLBACK: ("callback", N_("Call back")),
}


def responsible(actor: Actor, *, now: datetime) -> sa.ColumnElement[bool]:
    """The open cases on which the next act is this person's, by today's duties."""
    mine: list[sa.ColumnElement[bool]] = []
    if actor.has(Role.AREA_LEADER):  # answers for what is late in the area
        mine.append(sa.and_(visible_to(actor), Case.next_due_at < now))
    for role, condition in _TURNS.items():
        if actor.has(role):
            mine.append(condition(actor))
    return sa.and_(Case.is_open.is_(True), sa.or_(*mine) if mine else sa.false())


def _in_state(*states: State) -> Callable[[Actor], sa.ColumnElement[bool]]:
    return lambda actor: sa.and_(visible_to(actor), Case.state.in_([state.value for state in states]))


def _held(actor: Actor) -> sa.ColumnElement[bool]:
    holding = sa.select(Assignment.case_id).where(Assignment.user_id == actor.user_id, Assignment.to_at.is_(None))
    working = [State.DISPATCHED, State.IN_PROGRESS, State.WAITING, State.PARKED]
    return sa.and_(Case.id.in_(holding), Case.state.in_([state.value for state in working]))


def _team(actor: Actor) -> sa.ColumnElement[bool]:
    units = [duty.unit_id for duty in actor.duties if duty.role is Role.LEAD]
    asked = sa.and_(Case.unit_id.in_(units), Case.extension.isnot(None), Case.state != State.UNDER_REVIEW)
    return sa.or_(_held(actor), asked, reviewable_by(actor))


_TURNS: dict[Role, Callable[[Actor], sa.ColumnElement[bool]]] = {
    Role.OFFICER: _held,
    Role.HELPER: _held,
    Role.LEAD: _team,
    Role.DESK: _in_state(State.SUBMITTED, State.ACCEPTED, State.CALLBACK),
    Role.REGULATOR: reviewable_by,
    Role.DISTRICT_ADMIN: _in_state(State.OBJECTED),
}


def groups(actor: Actor, *, now: datetime) -> list[Group]:
    """The desk: to accept, late, due within a day, the days after, and what is paused. One query each."""
    if not actor.duties:
        return []
    mine = responsible(actor, now=now)
    accept = sa.and_(
        mine,
        Case.id.in_(
            sa.select(Assignment.case_id).where(
                Assignment.user_id == actor.user_id,
                Assignment.to_at.is_(None),
                Assignment.accepted_at.is_(None),
            )
        ),
    )
    late = sa.and_(mine, Case.next_due_at < now)
    soon = sa.and_(mine, Case.next_due_at >= now, Case.next_due_at < now + SOON)
    later = sa.and_(mine, Case.next_due_at >= now + SOON)
    resting = sa.and_(mine, Case.next_due_at.is_(None))
    listed = (
        ("accept", N_("Waiting for me to accept"), accept, ""),
        ("late", N_("Late"), late, "late"),
        ("soon", N_("Due within a day"), soon, "today"),
        ("later", N_("The days after"), later, ""),
        ("resting", N_("Paused"), resting, "paused"),
    )
    return [group for key, title, condition, due in listed if (group := _group(actor, key, title, condition, due, now))]


def _group(
    actor: Actor, key: str, title: str, condition: sa.ColumnElement[bool], due: str, now: datetime
) -> Group | None:
    query = sa.select(*_COLUMNS).where(condition).order_by(Case.next_due_at.asc().nulls_last(), Case.id)
    rows = db.session.execute(query.limit(SHOWN + 1)).all()
    if not rows:
        return None
    count = len(rows) if len(rows) <= SHOWN else paging.capped_count(query)
    href = "/cases?" + "&".join(
        filter(
            None,
            (
                f"due={due}" if due else "",
                f"officer={actor.user_id}" if actor.has(Role.OFFICER, Role.HELPER) else "",
            ),
        )
    )
    items = tuple(_item(row, actor, now) for row in rows[:SHOWN])
    return Group(key, title, paging.count_text(count), href.rstrip("?"), items)


def _item(row: Any, actor: Actor, now: datetime) -> DeskItem:
    name, label = _next_act(row, actor)
    href = f"/cases/{row.number}/actions/{name}" if name else f"/cases/{row.number}"
    return DeskItem(**line_of(row, now), action=label, action_href=href)


def _next_act(row: Any, actor: Actor) -> tuple[str, str]:
    if row.extension is not None and row.lead_id != actor.user_id and actor.has(Role.LEAD):
        return "grant_extension", N_("Answer the extension")
    if row.state == State.IN_PROGRESS and row.contacted_at is None and row.lead_id == actor.user_id:
        return "contact", N_("Contact now")
    if row.state == State.DISPATCHED and row.lead_id != actor.user_id:
        return "", N_("Open it")
    return _NEXT.get(State(row.state), ("", N_("Open it")))
