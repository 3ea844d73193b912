"""Writes: a plan is made, asks for its briefs at every occasion, and is stopped."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework import audit
from casework.briefs import queries, rules
from casework.briefs.events import BriefScheduled, BriefScheduleStopped
from casework.briefs.models import Brief, BriefSchedule
from casework.briefs.policy import WRITE
from casework.briefs.scopes import Counted, allowed, of_row
from casework.briefs.service import Wanted, asked, may_write
from casework.briefs.words import Kind
from casework.clocks.queries import calendar_for
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day
from casework.roster.queries import actor_for

PLANS = 30
"""So many plans one person may have running."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be written again and again, when, and who is told. ``minute`` counts from midnight."""

    kind: str
    counted: Counted
    minute: int
    weekday: int | None
    tell: Collection[int]
    locale: str = "zh-CN"
    red_head: bool = True


def make_plan(plan: Plan, *, actor: Actor, now: datetime) -> BriefSchedule:
    """Have a brief written by itself from now on.

    Raises:
        NotPermitted: the actor may not write briefs of this scope.
        Refused: nobody is told, somebody may not read it, or the actor has too many plans.
    """
    may_write(plan.counted, actor)
    if reasons := _plan_faults(plan, actor, now):
        raise Refused(reasons)
    row = BriefSchedule(
        kind=plan.kind,
        **plan.counted.columns(),
        minute=plan.minute,
        weekday=plan.weekday,
        locale=plan.locale,
        red_head=plan.red_head,
        tell=sorted(plan.tell),
        by_id=actor.user_id,
        made_at=now,
    )
    row.next_at = _next(row, now)
    db.session.add(row)
    db.session.flush()  # the entry names the id
    fact = BriefScheduled(
        schedule=row.id, what=row.kind, area=plan.counted.area.name, first=row.next_at, tell=list(row.tell)
    )
    audit.record(fact, by=actor, at=now)
    return row


def _plan_faults(plan: Plan, actor: Actor, now: datetime) -> list[Any]:
    reasons = []
    today = local_day(now)
    if plan.kind not in (Kind.DAILY, Kind.WEEKLY):
        reasons.append(because(N_("Kind: only daily and weekly briefs are written by themselves."), "kind"))
    if not plan.tell:
        reasons.append(because(N_("Who is told: tick at least one person."), "tell"))
    elif not set(plan.tell) <= queries.readers(plan.counted, today).keys():
        reasons.append(because(N_("Who is told: somebody of them may not read this brief; tick others."), "tell"))
    if (mine := queries.running_plans(actor.user_id)) >= PLANS:
        reasons.append(because(N_("You have %(n)s plans running: stop one of them first."), n=mine))
    return reasons


def _next(row: BriefSchedule, after: datetime) -> datetime:
    calendar = calendar_for("working", row.area_ids)
    return rules.next_occasion(row.minute, row.weekday, after, calendar.is_working_day)


def occasion(key: int, *, now: datetime) -> Brief | None:
    """Ask for the brief of the plan's occasion and move on to the next: one transaction, so that an occasion has one
    brief whatever is doubled or killed. None when it was done, is too long ago, or the maker may no longer.
    """
    plan = db.session.get(BriefSchedule, key, with_for_update=True, populate_existing=True)
    if plan is None or plan.stopped_at is not None or plan.next_at > now:
        return None
    due_at, today = plan.next_at, local_day(now)
    counted, maker = of_row(plan), actor_for(plan.by_id, today)
    if maker is None or not allowed(counted, maker, WRITE):
        _end(plan, counted, None, now)
        return None
    plan.next_at = _next(plan, due_at)
    if due_at < now - rules.MISSED:
        plan.next_at = max(plan.next_at, _next(plan, now - rules.MISSED))
        return None
    first, last = rules.covered(plan.kind, due_at)
    wanted = Wanted(kind=plan.kind, counted=counted, first=first, last=last, locale=plan.locale, red_head=plan.red_head)
    brief = asked(wanted, maker, now)
    brief.schedule_id, brief.due_at = plan.id, due_at
    db.session.add(brief)
    db.session.flush()  # the unique rule: an occasion has one brief
    return brief


def stop_plan(plan: BriefSchedule, *, actor: Actor, now: datetime) -> None:
    """No more briefs by themselves from this plan; stopping twice is harmless.

    Raises:
        NotPermitted: the actor may not write briefs of this scope.
    """
    counted = of_row(plan)
    may_write(counted, actor)
    if plan.stopped_at is None:
        _end(plan, counted, actor, now)


def _end(plan: BriefSchedule, counted: Counted, actor: Actor | None, now: datetime) -> None:
    plan.stopped_at, plan.stopped_by_id = now, actor.user_id if actor else None
    fact = BriefScheduleStopped(schedule=plan.id, what=plan.kind, area=counted.area.name, by_itself=actor is None)
    audit.record(fact, by=actor, at=now)
