"""Every write to plans: one firm, all of an officer or an area, and what a district presets by size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.areas.models import Area
from casework.enterprises.models import Enterprise, Liaison
from casework.enterprises.queries import COLUMNS
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.rhythm import LONGEST
from casework.kernel.time import local_day
from casework.roster.queries import names
from casework.visits import plans, policy, queries, rules
from casework.visits.events import PlanDropped, PresetsSaved, VisitsPlanned
from casework.visits.models import VisitPlan, VisitPreset
from casework.visits.queries import Firm
from casework.visits.rules import PlanDraft

AT_ONCE = 2000


def save_plan(firm: Firm, draft: PlanDraft, *, actor: Actor, now: datetime) -> VisitPlan:
    """Visit a firm every so many days from now on.

    Raises:
        NotPermitted: it is none of theirs.
        Refused: what is planned does not hold.
    """
    authorise(actor, policy.PLAN, firm)
    today = local_day(now)
    _check_plan(draft, firm.area_ids, today)
    plan = plans.plan_of(firm.id) or VisitPlan(enterprise_id=firm.id, since=today)
    _fill(plan, draft)
    db.session.add(plan)
    db.session.flush()  # a stale row must refuse before the fact is written
    _record_plans([firm.id], draft, actor, now)
    return plan


def drop_plan(firm: Firm, *, actor: Actor, now: datetime) -> None:
    """Let the preset of the district count again, or nothing.

    Raises:
        NotPermitted: it is none of theirs.
        Refused: there is no plan.
    """
    authorise(actor, policy.PLAN, firm)
    plan = plans.plan_of(firm.id)
    if plan is None:
        raise Refused(because(N_("This enterprise has no visit plan of its own.")))
    db.session.delete(plan)
    audit.record(PlanDropped(firm.id), by=actor, at=now)


def plan_mine(draft: PlanDraft, *, again: bool, actor: Actor, now: datetime) -> int:
    """Plan visits to all firms for which the actor answers; ``again``: to those with a plan too. Returns how many.

    Raises:
        NotPermitted: the actor plans no visits.
        Refused: what is planned does not hold, or there is no firm.
    """
    authorise(actor, policy.PLAN)
    return _plan_all(plans.held_by(actor.user_id), draft, None, again=again, actor=actor, now=now)


def plan_area(area: Area, draft: PlanDraft, *, officer_id: int | None, again: bool, actor: Actor, now: datetime) -> int:
    """Plan visits to all firms of an area, or to those there for which one officer answers. Returns how many.

    Raises:
        NotPermitted: the area is not the actor's.
        Refused: what is planned does not hold, or there is no firm.
    """
    authorise(actor, policy.PLAN, area)
    query = sa.select(Enterprise).where(COLUMNS[area.level] == area.id, Enterprise.active.is_(True))
    if officer_id:
        held = sa.select(Liaison.enterprise_id).where(Liaison.officer_id == officer_id, Liaison.to_on.is_(None))
        query = query.where(Enterprise.id.in_(held))
    return _plan_all(query, draft, area.area_ids, again=again, actor=actor, now=now)


def _plan_all(
    query: sa.Select[Any],
    draft: PlanDraft,
    area_ids: frozenset[int] | None,
    *,
    again: bool,
    actor: Actor,
    now: datetime,
) -> int:
    today = local_day(now)
    _check_plan(draft, area_ids, today)
    keys = list(db.session.scalars(query.with_only_columns(Enterprise.id).order_by(Enterprise.id).limit(AT_ONCE + 1)))
    if len(keys) > AT_ONCE:
        raise Refused(because(N_("At most %(most)s enterprises at once."), most=AT_ONCE))
    if not keys:
        raise Refused(because(N_("There is no enterprise in business here: choose another area or officer.")))
    held = db.session.scalars(sa.select(VisitPlan).where(VisitPlan.enterprise_id.in_(keys)))
    known = {plan.enterprise_id: plan for plan in held}
    meant = [key for key in keys if again or key not in known]
    for key in meant:
        plan = known.get(key) or VisitPlan(enterprise_id=key, since=today)
        _fill(plan, draft)
        db.session.add(plan)
    if meant:
        _record_plans(meant, draft, actor, now)
    return len(meant)


def _check_plan(draft: PlanDraft, area_ids: frozenset[int] | None, today: date) -> None:
    reasons = rules.plan_objections(draft)
    if draft.visitor_id and not queries.serves(draft.visitor_id, area_ids, today):
        reasons.append(because(N_("Who goes: pick somebody who serves here."), "visitor_id"))
    if reasons:
        raise Refused(reasons)


def _fill(plan: VisitPlan, draft: PlanDraft) -> None:
    plan.every_days, plan.weekday, plan.ask = draft.every_days, draft.weekday, draft.ask[:300]
    plan.begins, plan.ends, plan.visitor_id = draft.begins, draft.ends, draft.visitor_id


def _record_plans(keys: Sequence[int], draft: PlanDraft, actor: Actor, now: datetime) -> None:
    visitor = names([draft.visitor_id])[draft.visitor_id] if draft.visitor_id else ""
    audit.record(VisitsPlanned(len(keys), draft.every_days, list(keys), visitor), by=actor, at=now)


def save_presets(district: Area, days: Mapping[str, int | None], *, actor: Actor, now: datetime) -> None:
    """Set how often firms of each size are visited that have no plan of their own; None: not by size.

    Raises:
        NotPermitted: the district is not the actor's.
        Refused: a number is out of its bounds.
    """
    authorise(actor, policy.PRESET, district)
    wrong = [
        because(N_("Every how many days: write a number from 1 to %(most)s."), f"size_{size}", most=LONGEST)
        for size, every in days.items()
        if every is not None and not 1 <= every <= LONGEST
    ]
    if wrong:
        raise Refused(wrong)
    known = plans.presets_of(district.id)
    for size, every in days.items():
        row = known.get(size)
        if every is None and row is not None:
            db.session.delete(row)
        elif every is not None:
            row = row or VisitPreset(district_id=district.id, size=size[:20], since=local_day(now))
            row.every_days = every
            db.session.add(row)
    said = {size or "*": every for size, every in days.items() if every is not None}
    audit.record(PresetsSaved(district.id, district.name, said), by=actor, at=now)
