"""Writes: the open steps of a run follow from where it stands, and so does its end. Used by whoever carries it on."""

from __future__ import annotations

from datetime import datetime

from casework import audit
from casework.cases.models import Case
from casework.clocks.kinds import CalendarKind
from casework.clocks.queries import calendar_of
from casework.clocks.rules import add_working
from casework.kernel.db import db
from casework.kernel.permissions import Actor
from casework.processes import flow, notices, rules, running
from casework.processes.definition import Step
from casework.processes.events import ProcessEnded
from casework.processes.models import ProcessRun, StepRun
from casework.processes.running import Course
from casework.processes.words import RunState


def close(opened: StepRun, result: str, now: datetime) -> None:
    """A step was finished: how long it took is kept."""
    opened.minutes = running.minutes_taken(opened, now)
    opened.done_at, opened.result = now, result


def open_steps(course: Course, standing: flow.Standing, now: datetime) -> None:
    """Let the open rows follow from where the run stands: what is held closes, what is ready opens."""
    opened = {row.step: row for row in running.open_steps([course.run.id])}
    ready = set(standing.ready)
    for key in opened.keys() - ready:
        close(opened[key], "", now)
        opened[key].minutes = None  # nobody finished it: no time to count
    fresh = [_opened(course, course.definition.by_key[key], now) for key in standing.ready if key not in opened]
    db.session.add_all(fresh)
    db.session.flush()  # the next command in this transaction may ask
    notices.steps_opened(fresh, now=now)


def _opened(course: Course, step: Step, now: datetime) -> StepRun:
    calendar = step.limit.calendar if step.limit else CalendarKind.ALWAYS
    limit = step.limit.minutes if step.limit else None
    return StepRun(
        run_id=course.run.id,
        case_id=course.run.case_id,
        step=step.key,
        actor=step.role,
        domain=step.domain,
        ready_at=now,
        limit_minutes=limit,
        calendar=calendar,
        due_at=add_working(now, limit, calendar_of(calendar)) if limit else None,
    )


def end(case: Case, course: Course, state: RunState, reason: str, actor: Actor | None, now: datetime) -> None:
    """A run comes to its end: nobody has a turn any more."""
    run = course.run
    run.state, run.ended_at, run.reason = state, now, reason[: rules.MOST_REASON]
    for opened in running.open_steps([run.id]):
        close(opened, "", now)
        opened.minutes = None
    fact = ProcessEnded(run=run.id, name=course.definition.name.zh, state=state, reason=run.reason)
    audit.record(fact, by=actor, at=now, case_id=case.id)


def hold(run: ProcessRun) -> None:
    """Let one writer at a time carry a run on, and see what is true now."""
    db.session.refresh(run, with_for_update=True)


def reopen(course: Course, now: datetime) -> None:
    """Open the steps anew, as after a move: actor and limit of a step may be others now; its time runs on."""
    for opened in running.open_steps([course.run.id]):
        step = course.definition.by_key.get(opened.step)
        if step is not None and step.key in course.now.ready:
            fresh = _opened(course, step, opened.ready_at)
            opened.actor, opened.domain = fresh.actor, fresh.domain
            opened.limit_minutes, opened.calendar, opened.due_at = fresh.limit_minutes, fresh.calendar, fresh.due_at
    open_steps(course, course.now, now)
