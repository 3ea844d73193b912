"""Writes: times for a visit on site, offered by who comes, chosen by the enterprise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from casework import audit
from casework.cases.models import Case
from casework.cases.service import touch
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.processes import running, stepping
from casework.processes.definition import Step
from casework.processes.events import SlotChosen, SlotsOffered
from casework.processes.models import ProcessRun, VisitSlot
from casework.processes.policy import filling, step_of
from casework.processes.running import Course
from casework.processes.words import RunState

FURTHEST = timedelta(days=30)


def offer(
    case: Case, run: ProcessRun, key: str, begins: Sequence[datetime], *, actor: Actor, now: datetime
) -> list[VisitSlot]:
    """Offer times for the visit of an open step; those offered before and not chosen are taken back.

    Raises:
        NotPermitted: it is not the actor's step.
        Refused: the step has no visit or is not open, a time is past or too far ahead, or there are too many.
    """
    stepping.hold(run)
    course = running.course_of(run)
    step = course.step(key)
    authorise(actor, filling(step), step_of(case, step))
    faults = _faults(course, step, begins, now)
    if faults or step.visit is None:
        raise Refused(faults)
    for slot in running.slots_of(run.id, key):
        slot.withdrawn_at = now
    length = timedelta(minutes=step.visit.slot_minutes)
    offered = [
        VisitSlot(
            run_id=run.id,
            step=key,
            begins_at=begin,
            ends_at=begin + length,
            offered_by_id=actor.user_id,
            offered_at=now,
        )
        for begin in sorted(set(begins))
    ]
    db.session.add_all(offered)
    db.session.flush()  # the version check of those taken back
    said = [slot.begins_at.isoformat() for slot in offered]
    audit.record(SlotsOffered(run=run.id, step=key, title=step.title.zh, slots=said), by=actor, at=now, case_id=case.id)
    touch(case, "process", now)
    return offered


def _faults(course: Course, step: Step, begins: Sequence[datetime], now: datetime) -> list[Reason]:
    if step.visit is None:
        return [Reason(N_("This step has no visit on site."))]
    if course.run.state != RunState.RUNNING or step.key not in course.now.ready:
        return [Reason(NOT_OPEN)]
    found = []
    if not begins:
        found.append(Reason(N_("Times: write at least one at which you can come."), {}, "slots"))
    if len(set(begins)) > step.visit.offers:
        found.append(because(N_("Times: offer at most %(most)s."), "slots", most=step.visit.offers))
    if any(not now < begin < now + FURTHEST for begin in begins):
        found.append(Reason(N_("Times: each lies ahead, within thirty days."), {}, "slots"))
    return found


NOT_OPEN = N_("This step is not open any more, or not yet: look where the process stands.")


def choose(case: Case, run: ProcessRun, key: str, slot_id: int, *, actor: Actor | None, now: datetime) -> VisitSlot:
    """Choose one of the offered times: the visit is set. By nobody when the enterprise chooses for itself.

    Raises:
        NotFound: no such time is offered.
        NotPermitted: the actor does not work on this case.
        Refused: the step is not open (any more), or the time has passed.
    """
    if actor is not None:
        authorise(actor, "process.enterprise", case)
    stepping.hold(run)
    course = running.course_of(run)
    step = course.step(key)
    offered = running.slots_of(run.id, key)
    chosen = next((slot for slot in offered if slot.id == slot_id), None)
    if chosen is None:
        raise NotFound("slot")
    if course.run.state != RunState.RUNNING or key not in course.now.ready or not case.is_open:
        raise Refused(Reason(NOT_OPEN))
    if chosen.begins_at <= now:
        raise Refused(because(N_("This time has passed: choose another, or call your officer."), "slot"))
    for slot in offered:
        slot.chosen_at = now if slot is chosen else None
    db.session.flush()  # the version check
    fact = SlotChosen(run=run.id, step=key, title=step.title.zh, begins_at=chosen.begins_at, ends_at=chosen.ends_at)
    audit.record(fact, by=actor, at=now, case_id=case.id)
    touch(case, "process", now)
    return chosen


def move(
    case: Case, run: ProcessRun, slot: VisitSlot, begins_at: datetime, *, actor: Actor, now: datetime
) -> VisitSlot:
    """Set a visit for another time, as it was agreed with the enterprise: offered and chosen in one.

    Raises:
        NotPermitted: the actor does not act in this step, or does not speak for the enterprise.
        Refused: as in ``offer`` and ``choose``.
    """
    authorise(actor, "process.enterprise", case)
    [offered] = offer(case, run, slot.step, [begins_at], actor=actor, now=now)
    return choose(case, run, slot.step, offered.id, actor=actor, now=now)
