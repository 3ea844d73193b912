"""Samples of closed cases: drawn by chance with a recorded seed, judged one by one; a fault goes to rework."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.accounts.models import User
from casework.areas.models import Area
from casework.areas.queries import placed
from casework.cases import service as cases
from casework.cases.models import Case, CaseType
from casework.cases.queries import visible_to
from casework.cases.workflow import State
from casework.kernel import paging
from casework.kernel.db import db, one
from casework.kernel.errors import N_, NotFound, Reason, Refused, because
from casework.kernel.permissions import Actor, Role, authorise
from casework.kernel.time import at_local, local_day
from casework.review import queries, rules
from casework.review.events import CaseSampled, SampleJudged
from casework.review.models import AuditSample, SampleItem
from casework.review.policy import SAMPLE

SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a sample is drawn from: an area, a type or all, days of closing; how many, and the seed if one is given."""

    area_id: int
    from_on: date
    to_on: date
    size: int
    type_id: int | None = None
    seed: str = ""


def draw(*, draft: Draft, actor: Actor, now: datetime) -> AuditSample:
    """Draw a sample among the closed cases of the sampler's authority.

    Raises:
        NotPermitted: only a regulator, and only in their area.
        Refused: nothing was closed then, too much, or the days are turned round.
    """
    area = db.session.get(Area, draft.area_id)
    if area is None:
        raise NotFound("area")
    authorise(actor, SAMPLE, area)
    _check(draft, now)
    domains = sorted({domain for duty in _duties(actor, area) for domain in duty.domains})
    numbers = _numbers(draft, area, domains, actor)
    if not numbers:
        raise Refused(because(N_("No case was closed there in these days: widen the period or the area."), "from_on"))
    seed = draft.seed or secrets.token_hex(8)
    chosen = rules.draw(seed, numbers, min(draft.size, len(numbers)))
    sample = AuditSample(
        area_id=area.id, **placed(area), type_id=draft.type_id, domains=domains, from_on=draft.from_on,
        to_on=draft.to_on, seed=seed, size=len(chosen), population=len(numbers),
        population_hash=rules.population_hash(numbers), drawn_by_id=actor.user_id, drawn_at=now,
    )  # fmt: skip
    db.session.add(sample)
    db.session.flush()  # its items name it
    _keep(sample, chosen, actor, now)
    return sample


def _duties(actor: Actor, area: Area) -> list[Any]:
    return [duty for duty in actor.duties if duty.role is Role.REGULATOR and duty.area_id in area.area_ids]


def _check(draft: Draft, now: datetime) -> None:
    if draft.to_on < draft.from_on:
        raise Refused(because(N_("Until: pick a day that is not before the first."), "to_on"))
    if draft.to_on > local_day(now):
        raise Refused(because(N_("Until: pick today or an earlier day."), "to_on"))
    if not 1 <= draft.size <= rules.MOST_SAMPLED:
        raise Refused(because(N_("How many: write a number from 1 to %(most)s."), "size", most=rules.MOST_SAMPLED))


def _numbers(draft: Draft, area: Area, domains: Sequence[str], actor: Actor) -> list[str]:
    from_at, to_at = at_local(draft.from_on, 0), at_local(draft.to_on + timedelta(days=1), 0)
    query = queries.closed_numbers(actor, area, domains, from_at, to_at, draft.type_id)
    numbers = list(db.session.scalars(query.limit(rules.MOST_CLOSED + 1)))
    if len(numbers) > rules.MOST_CLOSED:
        most = f"{rules.MOST_CLOSED:,}"
        raise Refused(because(N_("More than %(most)s cases were closed: take a shorter period."), "from_on", most=most))
    return numbers


def _keep(sample: AuditSample, chosen: Sequence[str], actor: Actor, now: datetime) -> None:
    query = sa.select(Case.number, Case.id).where(Case.number.in_(chosen))
    ids: Mapping[str, int] = {number: key for number, key in db.session.execute(query)}  # noqa: C416 - rows
    for position, number in enumerate(chosen, start=1):
        db.session.add(SampleItem(sample_id=sample.id, case_id=ids[number], position=position, reason=""))
        fact = CaseSampled(sample=sample.id, size=sample.size, population=sample.population)
        audit.record(fact, by=actor, at=now, case_id=ids[number])


def judge(item: SampleItem, case: Case, verdict: str, reason: str, *, actor: Actor, now: datetime) -> None:
    """Say whether a sampled case is in order; one that is not goes back to work, for the reason given.

    Raises:
        NotPermitted: it is not theirs to judge.
        Refused: it was judged, they handled or reviewed it, or the reason is missing.
    """
    authorise(actor, "case.reopen", case)
    if item.verdict is not None:
        raise Refused(because(N_("It has been judged already.")))
    if actor.user_id in (case.handled_by or ()) or actor.user_id == case.result_by_id:
        raise Refused(because(N_("You handled this case: somebody else must judge it.")))
    if actor.user_id in queries.who_reviewed(case.id):
        raise Refused(because(N_("You reviewed this case: somebody else must judge it.")))
    if verdict not in rules.VERDICTS:
        raise Refused(because(N_("Finding: pick one."), "verdict"))
    if verdict == "not_in_order" and not reason.strip():
        raise Refused(because(N_("Reason: write what is not in order, so that it can be mended."), "reason"))
    item.verdict, item.reason = verdict, reason.strip()[:500]
    item.judged_by_id, item.judged_at = actor.user_id, now
    db.session.flush()  # the row with its version check before the entry
    audit.record(SampleJudged(item.sample_id, verdict, item.reason), by=actor, at=now, case_id=case.id)
    if verdict == "not_in_order" and case.state == State.CLOSED:
        cases.act(case, "reopen", {"reason": item.reason}, actor=actor, now=now)


# -- reads


def known_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The samples of the areas that a person oversees."""
    places = sorted(
        {duty.area_id for duty in actor.duties if duty.role in (Role.REGULATOR, Role.DISTRICT_ADMIN, Role.AREA_LEADER)}
    )
    columns = (
        AuditSample.area_id,
        AuditSample.city_id,
        AuditSample.district_id,
        AuditSample.subdistrict_id,
        AuditSample.community_id,
    )
    return sa.or_(*(column.in_(places) for column in columns))


def samples(actor: Actor, at: paging.At) -> paging.Page[Any]:
    """The samples, newest first, each with its place, who drew it, and how many are judged and not in order."""
    judged = _counted(SampleItem.verdict.is_not(None))
    faulty = _counted(SampleItem.verdict == "not_in_order")
    query = (
        sa.select(AuditSample, Area.path, User.name, judged, faulty)
        .join(Area, Area.id == AuditSample.area_id)
        .join(User, User.id == AuditSample.drawn_by_id)
        .where(known_to(actor))
    )
    keys = (paging.Key(AuditSample.id, int, down=True),)
    return paging.page_of(query, keys, at, SIZE, values=lambda row: [row[0].id])


def _counted(condition: sa.ColumnElement[bool]) -> Any:
    query = sa.select(sa.func.count()).where(SampleItem.sample_id == AuditSample.id, condition)
    return query.correlate(AuditSample).scalar_subquery()


def sample_of(sample_id: int, *, to: Actor) -> AuditSample:
    """One sample, if it exists for them.

    Raises:
        NotFound: there is none, or it is out of scope.
    """
    return one(sa.select(AuditSample).where(AuditSample.id == sample_id, known_to(to)), "sample")


def items_of(sample: AuditSample, actor: Actor, locale: str) -> list[tuple[SampleItem, Case, str, str | None]]:
    """The cases of a sample that exist for a person, as they were drawn: the item, the case, its type, who judged."""
    query = (
        sa.select(SampleItem, Case, CaseType, User.name)
        .join(Case, Case.id == SampleItem.case_id)
        .join(CaseType, CaseType.id == Case.type_id)
        .outerjoin(User, User.id == SampleItem.judged_by_id)
        .where(SampleItem.sample_id == sample.id, visible_to(actor))
        .order_by(SampleItem.position)
    )
    return [(item, case, kind.label(locale), judge_) for item, case, kind, judge_ in db.session.execute(query)]


def why_not_mine(case: Case, actor: Actor) -> Reason | None:
    """Why a person does not judge a case of a sample, as far as its row says."""
    if actor.user_id in (case.handled_by or ()) or actor.user_id == case.result_by_id:
        return Reason(N_("You handled it: somebody else judges it."))
    return None
