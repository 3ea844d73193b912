"""Every read of cases starts here, from ``visible_to(actor)``: what is out of scope does not exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from casework.cases import (
    policy,  # noqa: F401 - its rows are read here
    rules,
    signing,
)
from casework.cases.models import Assignment, Beneficiary, Case, CaseType
from casework.cases.rules import BlockingItem, CaseFacts
from casework.cases.workflow import State
from casework.enterprises.models import Liaison
from casework.files.models import Attachment
from casework.kernel.db import db, one
from casework.kernel.errors import N_, because
from casework.kernel.i18n import language
from casework.kernel.permissions import TABLE, Actor, Duty, Role, Scope
from casework.kernel.time import local_day

# What still blocks closing; higher packages add theirs in the wiring.
BLOCKERS: list[Callable[[Case], list[BlockingItem]]] = []

# Who is told that somebody opened a case; a higher package keeps the register of reads.
READ_BY: list[Callable[[Case, Actor], None]] = []

# Where a case lies, by the level of a place.
AREA_COLUMNS: Mapping[str, sa.orm.InstrumentedAttribute[Any]] = {
    "city": Case.city_id,
    "district": Case.district_id,
    "subdistrict": Case.subdistrict_id,
    "community": Case.community_id,
    "site": Case.area_id,
}


def visible_to(actor: Actor, permission: str = "case.read") -> sa.ColumnElement[bool]:
    """The condition under which a case exists for this person, or they may do what scopes alone decide."""
    conditions = ways_to(actor, permission)
    return sa.or_(*conditions) if conditions else sa.false()


def ways_to(actor: Actor, permission: str = "case.read") -> list[sa.ColumnElement[bool]]:
    """The conditions any of which lets a person do something with a case that scopes alone decide: a row as SQL."""
    grants = TABLE[permission].grants
    reach: dict[str, set[int]] = {}
    conditions: list[sa.ColumnElement[bool]] = []
    for duty in actor.duties:
        for scope in grants.get(duty.role, ()):
            conditions.extend(_condition(scope, actor, duty, reach))
    conditions.extend(AREA_COLUMNS[level].in_(sorted(ids)) for level, ids in reach.items())
    return conditions


def _condition(scope: Scope, actor: Actor, duty: Duty, reach: dict[str, set[int]]) -> list[sa.ColumnElement[bool]]:
    if scope in (Scope.AREA, Scope.DISTRICT):
        reach.setdefault(duty.area_level, set()).add(duty.area_id)
        return []
    if scope is Scope.AUTHORITY:
        return [sa.and_(AREA_COLUMNS[duty.area_level] == duty.area_id, Case.domain.in_(sorted(duty.domains)))]
    if scope is Scope.TEAM:
        return [Case.unit_id == duty.unit_id]
    return [
        Case.id.in_(
            sa.select(Assignment.case_id).where(Assignment.user_id == actor.user_id, Assignment.to_at.is_(None))
        ),
        Case.enterprise_id.in_(
            sa.select(Liaison.enterprise_id).where(
                sa.or_(Liaison.officer_id == actor.user_id, Liaison.deputy_id == actor.user_id),
                Liaison.to_on.is_(None),
            )
        ),
    ]


@lru_cache(maxsize=256)  # an expression of the actor alone: putting it together costs more than running it
def reviewable_by(actor: Actor) -> sa.ColumnElement[bool]:
    """The results that this person may review, by today's duties: the type says who does.

    One that is signed waits for the second signature: of a regulator, or of the leader of the area.
    """
    teams = [duty.unit_id for duty in actor.duties if duty.role is Role.LEAD]
    as_regulator = [
        sa.and_(AREA_COLUMNS[duty.area_level] == duty.area_id, Case.domain.in_(sorted(duty.domains)))
        for duty in actor.duties
        if duty.role is Role.REGULATOR
    ]
    as_leader = [
        AREA_COLUMNS[duty.area_level] == duty.area_id for duty in actor.duties if duty.role is Role.AREA_LEADER
    ]
    first, seconds = Case.signed_by_id.is_(None), [*as_regulator, *as_leader]
    ways = [sa.and_(first, Case.reviewer == "regulator", reach) for reach in as_regulator]
    if teams:
        ways.append(sa.and_(first, Case.reviewer == "lead", Case.unit_id.in_(teams)))
    if seconds:
        ways.append(sa.and_(~first, Case.signed_by_id != actor.user_id, sa.or_(*seconds)))
    return sa.and_(Case.state == State.UNDER_REVIEW, _not_mine(actor), sa.or_(*ways) if ways else sa.false())


@lru_cache(maxsize=256)
def callable_by(actor: Actor) -> sa.ColumnElement[bool]:
    """The approved results that this person may call back about."""
    reach: list[sa.ColumnElement[bool]] = []
    for duty in actor.duties:
        if duty.role is Role.DESK:
            reach.append(AREA_COLUMNS[duty.area_level] == duty.area_id)
        elif duty.role is Role.LEAD:
            reach.append(Case.unit_id == duty.unit_id)
    return sa.and_(Case.state == State.CALLBACK, _not_mine(actor), sa.or_(*reach) if reach else sa.false())


def _not_mine(actor: Actor) -> sa.ColumnElement[bool]:
    """Never one's own work: neither what they wrote nor what was ever assigned to them."""
    held = sa.exists().where(Assignment.case_id == Case.id, Assignment.user_id == actor.user_id)
    return sa.and_(sa.or_(Case.result_by_id.is_(None), Case.result_by_id != actor.user_id), ~held)


def visible_case(number: str, *, to: Actor) -> Case:
    """The case of this number, if it exists for them.

    Raises:
        NotFound: there is none, or it is out of scope: the same answer for both.
    """
    case = one(sa.select(Case).where(Case.number == number, visible_to(to)), number)
    opened(case, to)
    return case


def opened(case: Case, by: Actor) -> None:
    """Say that somebody opened a case, or a part of it."""
    for noted in READ_BY:
        noted(case, by)


def case_types(*, active: bool = True) -> list[CaseType]:
    """The case types in the order of the forms."""
    query = sa.select(CaseType).order_by(CaseType.position, CaseType.id)
    return list(db.session.scalars(query.where(CaseType.active.is_(True)) if active else query))


def type_choices(locale: str) -> list[tuple[int, str]]:
    """Id and name of every type, those out of use too; read as columns, as lists ask it each time."""
    name = CaseType.en if locale == "en" else CaseType.zh
    rows = db.session.execute(sa.select(CaseType.id, name).order_by(CaseType.position, CaseType.id))
    return [(type_id, label) for type_id, label in rows]


def type_of(case: Case) -> CaseType:
    """The type of a case."""
    return db.session.get_one(CaseType, case.type_id)


def beneficiaries(case_id: int) -> list[Beneficiary]:
    """The firms of a joint case, pending ones first."""
    order = sa.case({"pending": 0, "settled": 1, "excluded": 2}, value=Beneficiary.status)
    return list(
        db.session.scalars(sa.select(Beneficiary).where(Beneficiary.case_id == case_id).order_by(order, Beneficiary.id))
    )


@dataclass(frozen=True, slots=True)
class FirmCounts:
    """How many firms a joint case has, how they stand, and their joint rent in fen a month without the excluded."""

    total: int
    settled: int
    excluded: int
    rent_fen: int


NO_FIRMS = FirmCounts(0, 0, 0, 0)


def firm_counts(case_id: int) -> FirmCounts:
    """Counts and joint rent of a case's firms, in one query."""
    stands = Beneficiary.status != "excluded"
    row = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((Beneficiary.status == "settled", 1))),
            sa.func.count(sa.case((~stands, 1))),
            sa.func.coalesce(sa.func.sum(sa.case((stands, Beneficiary.monthly_rent_fen), else_=0)), 0),
        ).where(Beneficiary.case_id == case_id)
    ).one()
    return FirmCounts(row[0], row[1], row[2], int(row[3]))


def beneficiary_of(case_id: int, beneficiary_id: int) -> Beneficiary:
    """One firm of a joint case.

    Raises:
        NotFound: this case has no such firm.
    """
    query = sa.select(Beneficiary).where(Beneficiary.id == beneficiary_id, Beneficiary.case_id == case_id)
    return one(query, "beneficiary")


def assignments(case_id: int) -> list[Assignment]:
    """Everyone who ever held the case, oldest first: the custody chain."""
    return list(
        db.session.scalars(
            sa.select(Assignment).where(Assignment.case_id == case_id).order_by(Assignment.from_at, Assignment.id)
        )
    )


def attachments(case_id: int) -> list[Attachment]:
    """The sealed files of a case, newest first."""
    return list(
        db.session.scalars(sa.select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.id.desc()))
    )


def blocking(case: Case, firms: FirmCounts | None = None) -> list[BlockingItem]:
    """What still blocks closing, from every package that has a say. ``firms`` when the caller has counted them."""
    return _own_blockers(case, firms) + [item for blocker in BLOCKERS for item in blocker(case)]


def _own_blockers(case: Case, firms: FirmCounts | None) -> list[BlockingItem]:
    items = []
    if case.extension:
        items.append(BlockingItem(because(N_("the extension asked for is unanswered")), f"/cases/{case.number}#do"))
    if case.proof_asked:
        said = because(N_("the proof asked for is not handed in"))
        items.append(BlockingItem(said, f"/cases/{case.number}#files", case.proof_asked.get("reason", "")))
    if not case.joint:
        return items
    firms = firms or firm_counts(case.id)
    if not firms.total:
        items.append(BlockingItem(because(N_("the joint case names no beneficiary")), f"/cases/{case.number}#money"))
    elif pending := firms.total - firms.settled - firms.excluded:
        title = because(N_("%(n)s beneficiaries are neither settled nor excluded"), n=pending)
        of_all = str(because(N_("of %(n)s firms"), n=firms.total))
        items.append(BlockingItem(title, f"/cases/{case.number}#money", of_all))
    return items


def missing_evidence(case: Case, case_type: CaseType, files: Sequence[Attachment], locale: str) -> list[str]:
    """The required closing evidence that no file was attached for, in the reader's language."""
    have = {file.kind for file in files}
    return [
        item["en" if locale == "en" else "zh"]
        for item in case_type.evidence
        if item.get("required") and item["key"] not in have
    ]


def facts(
    case: Case,
    actor: Actor | None,
    *,
    now: datetime,
    locale: str | None = None,
    other: Case | None = None,
    files: Sequence[Attachment] | None = None,
    firms: FirmCounts | None = None,
    deep: bool = True,
) -> CaseFacts:
    """What the rules need to know of a case. ``deep`` also reads evidence and blocking items."""
    case_type = type_of(case)
    locale = locale or language()  # refusals name items, in the reader's language
    label = "en" if locale == "en" else "zh"
    found = (attachments(case.id) if files is None else files) if deep else []
    weight = signing.weigh(case) if deep and case.state == State.UNDER_REVIEW else signing.Weight()
    return CaseFacts(
        state=State(case.state),
        left_state=State(case.left_state) if case.left_state else None,
        contacted=case.contacted_at is not None,
        missing_evidence=missing_evidence(case, case_type, found, locale) if deep else (),
        blocking=blocking(case, firms) if deep else (),
        outcomes=rules.allowed_outcomes(case_type.outcomes),
        checklist={item["key"]: item[label] for item in case_type.checklist},
        extension_asked=case.extension is not None,
        invited=bool(actor) and _is_invited(case, actor),
        callback_tries=case.callback_tries,
        callback_most=int(case_type.limits.get("callback", {}).get("tries") or rules.CALLBACK_TRIES),
        signed=case.signed_by_id is not None,
        signed_changed=signing.changed_since(case, weight) if deep and case.signature else (),
        needs_second=weight.needs_second,
        proof_asked=case.proof_asked is not None,
        other_is_open=other is not None and other.is_open and other.id != case.id,
        today=local_day(now),
    )


def _is_invited(case: Case, actor: Actor | None) -> bool:
    if actor is None or actor.user_id not in case.holder_ids or actor.user_id == case.lead_id:
        return False
    return bool(
        db.session.scalar(
            sa.select(Assignment.id).where(
                Assignment.case_id == case.id,
                Assignment.user_id == actor.user_id,
                Assignment.part == "support",
                Assignment.to_at.is_(None),
                Assignment.accepted_at.is_(None),
            )
        )
    )
