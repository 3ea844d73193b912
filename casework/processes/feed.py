"""Processes in people's days: visits on site that enterprises chose, which can be put elsewhere, and steps due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.agenda.entries import Ask, Entry, Kind, Movable, Put
from casework.cases.feed import SAID, said
from casework.cases.models import Assignment, Case
from casework.cases.notices import known
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Reason, because
from casework.kernel.permissions import Actor
from casework.processes import queries, running, slots
from casework.processes.models import ProcessRun, StepRun, TemplateVersion, VisitSlot
from casework.processes.turns import turn_of
from casework.processes.words import OFFICER, RunState

VISIT, STEP = N_("Visit on site"), N_("Step due: %(step)s")


def sessions(ask: Ask) -> list[Entry]:
    """The visits on site that are set on the cases that people hold, or that they offered."""
    held = sa.and_(Assignment.case_id == ProcessRun.case_id, Assignment.to_at.is_(None))
    by_holders = _set(ask, Assignment.user_id).join(Assignment, held).where(Assignment.user_id.in_(ask.people))
    by_offer = _set(ask, VisitSlot.offered_by_id).where(VisitSlot.offered_by_id.in_(ask.people))
    found: dict[tuple[int, int], Entry] = {}
    for query in (by_holders, by_offer):
        for row in db.session.execute(query):
            found.setdefault((row[0].id, row[1]), _session(row, ask))
    return list(found.values())


def _set(ask: Ask, who: Any) -> Any:
    """The visits that are set in these days, with their case and who acts in their step."""
    opened = sa.and_(StepRun.run_id == VisitSlot.run_id, StepRun.step == VisitSlot.step, StepRun.done_at.is_(None))
    return (
        sa.select(VisitSlot, who, StepRun.actor, Case.handler_ids, *SAID)
        .join(ProcessRun, ProcessRun.id == VisitSlot.run_id)
        .join(Case, Case.id == ProcessRun.case_id)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .outerjoin(StepRun, opened)
        .where(
            running.known_to(ask.viewer),
            ProcessRun.state == RunState.RUNNING,
            VisitSlot.chosen_at.is_not(None),
            VisitSlot.withdrawn_at.is_(None),
            VisitSlot.begins_at.between(ask.since, ask.until),
        )
        .order_by(VisitSlot.begins_at, VisitSlot.id)
        .limit(ask.most)
    )


def _session(row: Any, ask: Ask) -> Entry:
    slot, user_id, acts, handlers, *case = row
    # Only who acts in the step and speaks for the enterprise sets another time by themselves.
    own = acts == OFFICER and user_id == ask.viewer.user_id and user_id in (handlers or ())
    return Entry(
        kind=Kind.SESSION,
        uid=f"visit-{slot.id}",
        user_id=user_id,
        begins=slot.begins_at,
        ends=slot.ends_at,
        what=Reason(VISIT),
        known=said(*case),
        path=f"/runs/{slot.run_id}/steps/{slot.step}",
        move=f"{Kind.SESSION}/{slot.id}" if own else "",
        version=slot.version,
    )


def steps(ask: Ask) -> list[Entry]:
    """The open steps that are due: of officers on the cases they hold, and all that are the asker's turn."""
    others = ask.people - {ask.viewer.user_id}
    held = sa.and_(Assignment.case_id == StepRun.case_id, Assignment.to_at.is_(None))
    rows: list[Any] = []
    if others:
        query = _due(ask, Assignment.user_id).join(Assignment, held)
        query = query.where(Assignment.user_id.in_(others), StepRun.actor == OFFICER, running.known_to(ask.viewer))
        rows += db.session.execute(query).all()
    mine = turn_of(ask.viewer)
    if ask.viewer.user_id in ask.people and mine is not None:
        rows += db.session.execute(_due(ask, sa.literal(ask.viewer.user_id)).where(mine)).all()
    titles = _titles({row[1] for row in rows}, ask.locale)
    return [_step(row, titles, ask) for row in rows]


def _titles(version_ids: set[int], locale: str) -> dict[tuple[int, str], str]:
    """What the steps of some versions are called."""
    versions = sa.select(TemplateVersion).where(TemplateVersion.id.in_(version_ids))
    return {
        (version.id, step.key): step.title.said(locale)
        for version in (db.session.scalars(versions) if version_ids else ())
        for step in queries.definition_of(version).steps
    }


def _due(ask: Ask, who: Any) -> Any:
    return (
        sa.select(StepRun, ProcessRun.version_id, who, *SAID)
        .join(ProcessRun, ProcessRun.id == StepRun.run_id)
        .join(Case, Case.id == StepRun.case_id)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .where(StepRun.done_at.is_(None), Case.is_open.is_(True), StepRun.due_at.between(ask.since, ask.until))
        .order_by(StepRun.due_at, StepRun.id)
        .limit(ask.most)
    )


def _step(row: Any, titles: dict[tuple[int, str], str], ask: Ask) -> Entry:
    opened, version_id, user_id, *case = row
    return Entry(
        kind=Kind.STEP,
        uid=f"step-{opened.id}",
        user_id=user_id,
        begins=opened.due_at,
        what=because(STEP, step=titles.get((version_id, opened.step), opened.step)),
        known=said(*case),
        path=f"/runs/{opened.run_id}/steps/{opened.step}",
        late=opened.due_at < ask.now,
    )


def movable_session(key: int, actor: Actor, now: datetime) -> Movable:
    """A visit on site that is set.

    Raises:
        NotFound: there is none any more, or the run is none of theirs.
    """
    slot = db.session.get(VisitSlot, key)
    if slot is None or slot.withdrawn_at is not None or slot.chosen_at is None:
        raise NotFound("slot")
    run, case = running.visible_run(slot.run_id, to=actor)

    def put(at: datetime, _reason: str, now: datetime) -> Put:
        made = slots.move(case, run, slot, at, actor=actor, now=now)
        return Put(Kind.SESSION, made.id, made.version, slot.begins_at)

    return Movable(
        what=Reason(VISIT),
        title=known(case, None).firm,
        begins=slot.begins_at,
        path=f"/runs/{slot.run_id}/steps/{slot.step}",
        row=slot,
        asks_reason=False,
        told=Reason(N_("Agree the new time with the enterprise first: it stands on its page at once.")),
        put=put,
    )
