"""Writes: the open steps of a run follow from where it stands, and so does its end. Used by whoever carries it on."""

from __future__ import annotations

from datetime import datetime

from casework import audit
from casework.cases.models import Case
from casework.clocks import service as clocks
from casework.clocks.kinds import ALWAYS, Clock, Limit
from casework.clocks.models import Deadline
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
    if result:
        clocks.stop(case_id=opened.case_id, clock=Clock.STEP, subject_id=opened.id, now=now)
    else:
        clocks.cancel(case_id=opened.case_id, clock=Clock.STEP, subject_id=opened.id, now=now)


def open_steps(course: Course, standing: flow.Standing, now: datetime) -> None:
    """Let the open rows follow from where the run stands: what is held closes, what is ready opens."""
    opened = {row.step: row for row in running.open_steps([course.run.id])}
    ready = set(standing.ready)
    for key in opened.keys() - ready:
        close(opened[key], "", now)
        opened[key].minutes = None  # nobody finished it: no time to count
    fresh = [_open(course, course.definition.by_key[key], now) for key in standing.ready if key not in opened]
    notices.steps_opened(fresh, now=now)


def _open(course: Course, step: Step, now: datetime) -> StepRun:
    """A step opens, and its clock starts if it has a limit."""
    opened = _opened(course, step, now)
    db.session.add(opened)
    db.session.flush()  # its clock needs the id, and the next command in this transaction may ask
    _time(opened, step, now)
    return opened


def _time(opened: StepRun, step: Step, begun: datetime) -> None:
    """Let the clock of an open step run from when it opened; the row keeps when it is due for the lists."""
    clocks.cancel(case_id=opened.case_id, clock=Clock.STEP, subject_id=opened.id, now=begun)
    opened.due_at = None
    if step.limit:
        limit, areas = Limit(step.limit.minutes, step.limit.calendar), running.areas_of(opened.case_id)
        about = {"case_id": opened.case_id, "subject_id": opened.id}
        [deadline] = clocks.start(clock=Clock.STEP, limit=limit, areas=areas, now=begun, **about)
        opened.due_at = deadline.due_at


def _opened(course: Course, step: Step, now: datetime) -> StepRun:
    return StepRun(
        run_id=course.run.id,
        case_id=course.run.case_id,
        step=step.key,
        actor=step.role,
        domain=step.domain,
        ready_at=now,
        limit_minutes=step.limit.minutes if step.limit else None,
        calendar=step.limit.calendar if step.limit else ALWAYS,
    )


def follow(deadline: Deadline) -> None:
    """The row of an open step keeps when it is due: it moves when its calendar is changed."""
    opened = db.session.get(StepRun, deadline.subject_id)
    if opened is not None:
        opened.due_at = deadline.due_at


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
            opened.limit_minutes, opened.calendar = fresh.limit_minutes, fresh.calendar
            _time(opened, step, opened.ready_at)
    open_steps(course, course.now, now)
