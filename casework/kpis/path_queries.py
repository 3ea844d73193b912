"""Reads the steps of cases out of their chains: our own, or those that another system logged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.audit.models import Event, EventPayload
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kpis import queries
from casework.kpis.figures import Base, Flag
from casework.kpis.models import KpiMark
from casework.kpis.paths import Done, Trace
from casework.kpis.selecting import Selection

MOST = 2_000
"""So many cases, the newest, are drawn and taken out at once; the page says when there are more."""
PORTION = 500
VERBS = ("CaseSubmitted", "CaseMoved", "ContactLogged", "ActivityLogged")
DESK, REVIEW, DISTRICT, OTHERS = N_("Desk"), N_("Review"), N_("Ruling"), N_("Waiting for others")
HOLDERS = {
    State.SUBMITTED: DESK,
    State.ACCEPTED: DESK,
    State.UNDER_REVIEW: REVIEW,
    State.CALLBACK: DESK,
    State.OBJECTED: DISTRICT,
    State.WAITING: OTHERS,
    State.PARKED: OTHERS,
}
"""Who has a case in a state; in all others its unit has it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The cases of a selection, newest first, and whether there are more than are read."""

    case_ids: Sequence[int]
    more: bool


def chosen_cases(chosen: Selection, most: int | None = MOST) -> Chosen:
    """The cases that ended in the period, by the marks that count them; what was left out of figures is here too."""
    query = (
        sa.select(KpiMark.case_id)
        .where(
            queries.where_of(chosen),
            KpiMark.base == Base.CLOSED.value,
            KpiMark.day.between(chosen.period.first, chosen.period.last),
            KpiMark.flags.bitwise_and(int(Flag.OUT)) == 0,
        )
        .order_by(KpiMark.day.desc(), KpiMark.case_id.desc())
    )
    query = queries.narrowed(query, KpiMark, chosen)
    found = list(db.session.scalars(query.limit(most + 1) if most else query))
    return Chosen(found[:most], most is not None and len(found) > most)


def traces(case_ids: Sequence[int]) -> Iterator[Trace]:
    """The steps of these cases, a portion a query."""
    for start in range(0, len(case_ids), PORTION):
        portion = case_ids[start : start + PORTION]
        events = _events(portion)
        for case_id in portion:
            steps = _steps(events.get(case_id, ()))
            if steps:
                yield Trace(case_id, tuple(steps))


def _events(case_ids: Collection[int]) -> dict[int, list[Any]]:
    query = (
        sa.select(Event.case_id, Event.id, Event.at, Event.verb, Event.actor_id, EventPayload.payload)
        .join(EventPayload, EventPayload.event_id == Event.id)
        .where(Event.case_id.in_(case_ids), Event.verb.in_(VERBS))
        .order_by(Event.case_id, Event.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(query):
        if row.case_id is not None:
            found[row.case_id].append(row)
    return found


def _steps(events: Sequence[Any]) -> list[Done]:
    logged = [event for event in events if event.verb == "ActivityLogged"]
    return sorted(map(_logged, logged), key=lambda step: step.at) if logged else _ours(events)


def _logged(event: Any) -> Done:
    said = event.payload
    group = said.get("group", "")
    at = datetime.fromisoformat(said["happened_at"])
    return Done(said["activity"], at, group, said.get("resource", ""), group, f"e{event.id}")


def _ours(events: Sequence[Any]) -> list[Done]:
    made: list[Done] = []
    holder = unit = ""
    for event in events:
        said = event.payload
        name = _name(event.verb, said)
        if not name:
            continue
        resource = f"u{event.actor_id}" if event.actor_id else ""
        answer = said.get("answer", {})
        made.append(Done(name, event.at, holder, resource, unit, f"e{event.id}"))
        unit = answer.get("unit_name") or unit
        state = said.get("target") if event.verb == "CaseMoved" else None
        if state or event.verb == "CaseSubmitted":
            holder = HOLDERS.get(State(state or State.SUBMITTED), unit or DESK)
    return made


def _name(verb: str, said: dict[str, Any]) -> str:
    if verb == "CaseSubmitted":
        return "submit"
    if verb == "ContactLogged":
        return "contact" if said.get("first") else ""
    return str(said.get("action", ""))
