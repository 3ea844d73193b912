"""The clocks of a case: begun, changed by its actions, given other limits; and on the case the one due first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from casework.cases import clockwork
from casework.cases.models import Case, CaseType
from casework.clocks import queries, service
from casework.clocks.kinds import Clock, Limit
from casework.clocks.models import Deadline
from casework.kernel.db import db


def begin(case: Case, limits: Mapping[str, Any], now: datetime) -> list[Deadline]:
    """The clocks of a new case, not stored yet, and on the case the one that is due first."""
    begun, shown = begun_at(now, clocks_of(limits, case.urgent, case.area_ids))
    for name, value in shown.items():
        setattr(case, name, value)
    return begun


Begins = tuple[Clock, Limit, int | None]
"""A clock with its limit and the calendar that it counts by: all that tells two apart that begin at one moment."""


def clocks_of(limits: Mapping[str, Any], urgent: bool, areas: Collection[int]) -> tuple[Begins, ...]:
    """The clocks that begin with a case of this type and urgency in these areas."""
    return tuple(
        (change.clock, change.limit, queries.calendar_id_for(change.limit.calendar, areas))
        for change in clockwork.on_submit(limits, urgent)
        if change.clock is not None
    )


def begun_at(now: datetime, clocks: Sequence[Begins]) -> tuple[list[Deadline], dict[str, Any]]:
    """Clocks that begin now, not stored yet, and what a case keeps of the one that is due first."""
    begun = [service.drafted(clock=clock, limit=limit, calendar_id=key, now=now) for clock, limit, key in clocks]
    return begun, _shown(min(begun, key=lambda deadline: deadline.due_at or now))


def apply(case: Case, changes: Sequence[clockwork.ClockChange], now: datetime) -> None:
    """Carry out what an action does to the clocks."""
    apply_all([(case, changes)], now)


def apply_all(taken: Sequence[tuple[Case, Sequence[clockwork.ClockChange]]], now: datetime) -> None:
    """Carry out what actions on several cases do to their clocks; those that end with their case do so at once."""
    if ended := [case.id for case, changes in taken if any(change.op == "cancel_all" for change in changes)]:
        service.cancel_all(case_ids=ended, now=now)
    for case, changes in taken:
        for change in changes:
            if change.clock is not None:
                _apply(case, change.clock, change, now)
    _refresh_all([case for case, changes in taken if changes])


def _apply(case: Case, clock: Clock, change: clockwork.ClockChange, now: datetime) -> None:
    if change.op == "restart":
        service.cancel(case_id=case.id, now=now, clock=clock)
    if change.op in ("start", "restart"):
        service.start(case_id=case.id, clock=clock, limit=change.limit, areas=case.area_ids, now=now)
    elif change.op == "stop":
        service.stop(case_id=case.id, clock=clock, now=now)
    elif change.op == "pause":
        service.pause(case_id=case.id, clocks=[clock], reason=change.reason, now=now)
    elif change.op == "resume":
        service.resume(case_id=case.id, now=now, clocks=[clock])


def limits_of(case: Case) -> dict[Clock, Limit]:
    """How long each clock of a case runs by its type and urgency."""
    limits = db.session.get_one(CaseType, case.type_id).limits
    return {
        Clock(clock): clockwork.limit_of(limits, Clock(clock), urgent=case.urgent) for clock in clockwork.DEFAULT_LIMITS
    }


def retime(case: Case, before: Mapping[Clock, Limit]) -> None:
    """Give running clocks the limits of the type and urgency that the case has now; pauses and extensions stay.

    A clock that runs by another limit than its type's, as after rework, keeps it.
    """
    after = limits_of(case)
    for deadline in queries.open_deadlines(case.id):
        clock = Clock(deadline.clock)
        service.look_again(deadline)  # urgent cases have a ladder of their own, for steps and promises too
        if deadline.subject_id:
            continue
        runs_by = (deadline.limit_days or deadline.limit_minutes, deadline.limit_days is not None)
        old = before.get(clock)
        if old and after[clock] != old and runs_by == (old.amount, old.in_days):
            service.set_limit(case_id=case.id, clock=clock, limit=after[clock], areas=case.area_ids)
    refresh_due(case)


def refresh_due(case: Case) -> None:
    """Keep on the case what the lists sort by: the deadline that is due first."""
    _refresh_all([case])


def _refresh_all(cases: Sequence[Case]) -> None:
    dues = queries.next_dues([case.id for case in cases]) if cases else {}
    for case in cases:
        for name, value in _shown(dues.get(case.id)).items():
            setattr(case, name, value)


def _shown(due: Deadline | None) -> dict[str, Any]:
    return {
        "next_clock": due.clock if due else None,
        "next_due_at": due.due_at if due else None,
        "next_limit": due.limit_minutes + due.extension_minutes if due else None,
        "next_calendar_id": due.calendar_id if due else None,
        "next_paused": bool(due and due.due_at is None),
    }
