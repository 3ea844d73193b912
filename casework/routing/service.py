"""Decide where a case goes, do it, and every write to the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.areas.models import Area
from casework.cases import service as cases
from casework.cases.models import Case, CaseType
from casework.cases.workflow import State
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local, local_day
from casework.roster import duty, pairs
from casework.roster.limits import limits_of
from casework.roster.models import Unit
from casework.routing import queries, rules
from casework.routing.events import CaseRouted
from casework.routing.models import RoutingRule
from casework.routing.rule_events import RoutingRuleMoved, RoutingRuleSaved, RoutingRuleSwitched
from casework.routing.rules import Candidate, Choice, Conditions, Matter, Way


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a case goes: the rule with its place in the list, the unit and officer, and why."""

    rule: RoutingRule
    place: int
    choice: Choice
    unit: Unit
    words: tuple[str, ...] = ()

    @property
    def officer(self) -> Candidate | None:
        """Who takes it; None leaves it to the desk."""
        return self.choice.taken

    @property
    def fact(self) -> CaseRouted:
        """The decision as the story keeps it."""
        taken = self.officer
        return CaseRouted(
            place=self.place,
            rule=self.rule.name,
            way=taken.way if taken else Way.DESK,
            unit=self.unit.name,
            officer=taken.name if taken else "",
            passed=[{"name": name, "why": why} for name, why in self.choice.passed],
            found=list(self.words),
            urgent=self.rule.urgent,
        )


def matter_of(case: Case) -> Matter:
    """What the rules look at, of a case as it stands."""
    firm = db.session.get(Enterprise, case.enterprise_id) if case.enterprise_id else None
    kind = db.session.get_one(CaseType, case.type_id)
    at = local(case.submitted_at)
    text = f"{case.title}\n{case.text}"
    size = rules.size_of(firm.size) if firm else ""
    return Matter(kind.code, case.area_ids, text, size, at.hour * 60 + at.minute)


def decide(case: Case, *, now: datetime) -> Decision | None:
    """Where a case would go now; None while no live rule fits it."""
    if case.district_id is None:
        return None
    matter = matter_of(case)
    live = queries.rules_of(case.district_id, live=True)
    rule = rules.first(((one, Conditions.read(one.conditions)) for one in live), matter)
    return _with_officer(case, rule, live.index(rule) + 1, matter, now) if rule else None


def _with_officer(case: Case, rule: RoutingRule, place: int, matter: Matter, now: datetime) -> Decision:
    candidates = list(_candidates(case, rule, now))
    choice = rules.choose(candidates, limits_of(case.district_id).most_cases)
    unit = rule.unit
    if choice.taken and choice.taken.unit_id not in (None, unit.id):
        unit = db.session.get_one(Unit, choice.taken.unit_id)
    return Decision(rule, place, choice, unit, rules.found_in(Conditions.read(rule.conditions), matter))


def _candidates(case: Case, rule: RoutingRule, now: datetime) -> Iterator[Candidate]:
    """In the order of preference: the firm's own officer and deputy, who is named, who stands in, the unit."""
    day = local_day(now)
    wanted = list(_wanted(case, rule, now))
    team = queries.team_of(rule.unit_id, day)
    gone = duty.away([user_id for user_id, _ in wanted] + team, day)
    stand_ins = [(user_id, Way.STAND_IN) for user_id in pairs.stand_ins(gone, day).values()]
    wanted += [(user_id, way) for user_id, way in stand_ins if user_id not in dict(wanted)]
    ids = {user_id for user_id, _ in wanted} | set(team)
    gone |= duty.away((user_id for user_id, _ in stand_ins), day)
    known = {user_id: (name, unit) for user_id, name, unit in queries.people(ids, rule.unit_id, day)}
    load = queries.loads(ids)
    rest = sorted((user_id for user_id in team), key=lambda user_id: (load.get(user_id, 0), user_id))
    for user_id, way in [*wanted, *((user_id, Way.TEAM) for user_id in rest)]:
        name, unit = known.get(user_id, ("", None))
        serves = unit is not None
        yield Candidate(user_id, name, unit, way, serves, user_id in gone, load.get(user_id, 0))


def _wanted(case: Case, rule: RoutingRule, now: datetime) -> Iterator[tuple[int, Way]]:
    own = queries.liaison_on(case.enterprise_id, local_day(now)) if case.enterprise_id and rule.own_officer else None
    if own:
        yield own[0], Way.OWN
        if own[1]:
            yield own[1], Way.DEPUTY
    if rule.officer_id:
        yield rule.officer_id, Way.NAMED


def answer_of(decision: Decision) -> dict[str, Any]:
    """The decision as the answer to the dispatch: the rule's unit helps where the own officer serves elsewhere."""
    taken = decision.officer
    if taken is None:
        raise Refused(because(N_("Nobody of the unit can take it now: pick somebody by hand.")))
    partners = [
        *decision.rule.co_unit_ids,
        *([decision.rule.unit_id] if decision.rule.unit_id != decision.unit.id else []),
    ]
    return {
        "unit": decision.unit.id,
        "officer": taken.user_id,
        "co_units": [one for one in partners if one != decision.unit.id],
    }


def route(case: Case, *, now: datetime) -> Decision | None:
    """Accept and dispatch a new case by the rules, where the rule does so by itself; else leave it to the desk.

    The case's clocks run on from its submission.
    """
    decision = decide(case, now=now)
    if decision is None or not decision.rule.by_itself or decision.officer is None:
        return decision
    _carry_out(case, decision, actor=None, now=now)
    return decision


def follow(case: Case, *, actor: Actor, now: datetime) -> Decision:
    """Accept and dispatch as the rules suggest, by the desk.

    Raises:
        NotPermitted: the case is not the actor's to dispatch.
        Refused: no rule fits, nobody can take it, or the case is past that.
    """
    authorise(actor, "case.dispatch", case)
    decision = decide(case, now=now)
    if decision is None:
        raise Refused(because(N_("No routing rule fits this case: dispatch it by hand.")))
    _carry_out(case, decision, actor=actor, now=now)
    return decision


def _carry_out(case: Case, decision: Decision, *, actor: Actor | None, now: datetime) -> None:
    answer, automatic = answer_of(decision), actor is None
    if decision.rule.urgent and not case.urgent:
        case.urgent = True
    if case.state == State.SUBMITTED:
        cases.take(case, "accept", {}, actor=actor, now=now, automatic=automatic)
    audit.record(decision.fact, by=actor, at=now, case_id=case.id)
    cases.take(case, "dispatch", answer, actor=actor, now=now, automatic=automatic)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """A rule as it is filled in. ``conditions`` as they are kept, see ``RoutingRule``."""

    name: str
    conditions: Mapping[str, Any]
    unit: Unit
    officer_id: int | None = None
    co_unit_ids: Sequence[int] = ()
    own_officer: bool = True
    urgent: bool = False
    by_itself: bool = True


def save_rule(
    district: Area, rule: RoutingRule | None, draft: RuleDraft, *, actor: Actor, now: datetime
) -> RoutingRule:
    """Write a rule or change it. A changed rule rests until it was tried again.

    Raises:
        NotPermitted: the district is not the actor's.
        Refused: no name, wrong times or words, or an officer who does not serve in the unit today.
    """
    authorise(actor, "routing.edit", district)
    reasons = rules.faults(Conditions.read(draft.conditions))
    if not draft.name:
        reasons.append(because(N_("Name: write what the rule is for, such as 发货 in 光明."), "name"))
    if draft.officer_id and not duty.serves_in(draft.officer_id, draft.unit.id, local_day(now), queries.LEADING):
        reasons.append(because(N_("Officer: pick someone who serves in that unit today."), "officer_id"))
    if reasons:
        raise Refused(reasons)
    if rule is None:
        last = db.session.scalar(
            sa.select(sa.func.max(RoutingRule.position)).where(RoutingRule.district_id == district.id)
        )
        rule = RoutingRule(district_id=district.id, district=district, position=(last or 0) + 1)
        db.session.add(rule)
    rule.name, rule.conditions, rule.unit_id, rule.unit = (
        draft.name[:80],
        dict(draft.conditions),
        draft.unit.id,
        draft.unit,
    )
    rule.officer_id, rule.co_unit_ids = draft.officer_id, [one for one in draft.co_unit_ids if one != draft.unit.id]
    rule.own_officer, rule.urgent, rule.by_itself = draft.own_officer, draft.urgent, draft.by_itself
    rule.live, rule.tried_at = False, None
    db.session.flush()  # the fact names its id
    says = {**draft.conditions, "unit": draft.unit.name}
    audit.record(RoutingRuleSaved(rule.id, rule.name, says), by=actor, at=now)
    return rule


@dataclass(frozen=True, slots=True)
class Trial:
    """A past case under the rules with this one among them: where it went and where it would go."""

    case: Case
    words: tuple[str, ...]
    went_to: int | None


def tried(rule: RoutingRule) -> list[Trial]:
    """The newest cases of the district that this rule would have decided, had it been live in its place."""
    before = [
        Conditions.read(one.conditions)
        for one in queries.rules_of(rule.district_id)
        if (one.live and one.id != rule.id) and (one.position, one.id) < (rule.position, rule.id)
    ]
    conditions, found = Conditions.read(rule.conditions), []
    for case, matter in _matters(rule.district_id):
        if not any(rules.fits(one, matter) for one in before) and rules.fits(conditions, matter):
            found.append(Trial(case, rules.found_in(conditions, matter), case.unit_id))
    return found


def _matters(district_id: int) -> Iterator[tuple[Case, Matter]]:
    past = queries.recent_cases(district_id)
    codes = {row[0]: row[1] for row in db.session.execute(sa.select(CaseType.id, CaseType.code))}
    firms = {case.enterprise_id for case in past if case.enterprise_id}
    sizes = {
        row[0]: row[1]
        for row in db.session.execute(sa.select(Enterprise.id, Enterprise.size).where(Enterprise.id.in_(firms)))
    }
    for case in past:
        at = local(case.submitted_at)
        size = rules.size_of(sizes.get(case.enterprise_id or 0, ""))
        text = f"{case.title}\n{case.text}"
        yield case, Matter(codes[case.type_id], case.area_ids, text, size, at.hour * 60 + at.minute)


def mark_tried(rule: RoutingRule, *, actor: Actor, now: datetime) -> None:
    """Somebody looked at what the rule would have done.

    Raises:
        NotPermitted: the rule is not the actor's.
    """
    authorise(actor, "routing.edit", rule)
    rule.tried_at = now


def switch(rule: RoutingRule, live: bool, *, actor: Actor, now: datetime) -> None:
    """Let a rule decide, or rest.

    Raises:
        NotPermitted: the rule is not the actor's.
        Refused: it was not tried since it was changed, or it is the only fallback that is live.
    """
    authorise(actor, "routing.edit", rule)
    if rule.live == live:
        return
    if live and rule.tried_at is None:
        raise Refused(because(N_("Try the rule on past cases first: it was not tried since it was changed.")))
    others = [one for one in queries.rules_of(rule.district_id, live=True) if one.id != rule.id]
    if not live and others and not any(Conditions.read(one.conditions).fit_all for one in others):
        raise Refused(because(N_("This is the fallback for what no other rule fits: put another one live first.")))
    rule.live = live
    audit.record(RoutingRuleSwitched(rule.id, rule.name, live), by=actor, at=now)


def move(rule: RoutingRule, by: int, *, actor: Actor, now: datetime) -> None:
    """Put a rule before or behind its neighbour.

    Raises:
        NotPermitted: the rule is not the actor's.
    """
    authorise(actor, "routing.edit", rule)
    order = queries.rules_of(rule.district_id)
    place = order.index(rule)
    target = max(0, min(place + by, len(order) - 1))
    if target == place:
        return
    order.insert(target, order.pop(place))
    for position, one in enumerate(order, 1):
        one.position = position
    audit.record(RoutingRuleMoved(rule.id, rule.name, target + 1), by=actor, at=now)
