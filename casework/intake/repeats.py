"""Likely repeats: found among the newest open cases nearby, shown side by side, merged by people.

However many cases a district has, a bounded number is compared: the newest of the district and of the type, and those
of the same firm, phone, community or landlord, each from an index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.enterprises.rules import name_key
from casework.intake import likeness
from casework.intake.likeness import Alike, Report
from casework.intake.rules import phone_of
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.permissions import Actor
from casework.negotiations.models import Counterparty, Negotiation, NegotiationCase

WITHIN = timedelta(days=90)
NEWEST = {"district": 300, "type": 100, "firm": 30, "phone": 20, "community": 50, "landlord": 50}
LANDLORDS = 20
WHY: Mapping[str, str] = {
    "text": N_("similar words"),
    "firm": N_("the same enterprise"),
    "phone": N_("the same phone"),
    "landlord": N_("the same landlord"),
    "place": N_("the same place"),
}
CERTAIN = 0.5
"""From this likeness on a new case is not made before somebody has looked: nine of ten such hints are right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of a case or of one that is being written."""

    title: str
    text: str
    district_id: int | None = None
    community_id: int | None = None
    type_id: int | None = None
    enterprise_id: int | None = None
    requester: str = ""
    phone: str = ""
    case_id: int = 0


@dataclass(frozen=True, slots=True)
class Repeat:
    """Another case with why it may be the same."""

    case: Case
    alike: Alike


def told_by(case: Case) -> Told:
    """What a case tells."""
    return Told(
        title=case.title,
        text=case.text,
        district_id=case.district_id,
        community_id=case.community_id,
        type_id=case.type_id,
        enterprise_id=case.enterprise_id,
        requester=case.requester,
        phone=case.contact_phone,
        case_id=case.id,
    )


def of(case: Case, actor: Actor, now: datetime) -> list[Repeat]:
    """The likely repeats of a case, most alike first."""
    return of_told(told_by(case), actor, now)


def of_told(told: Told, actor: Actor, now: datetime) -> list[Repeat]:
    """The likely repeats of what is told, among the open cases that one may see."""
    landlords = _landlords(told)
    others = {case.id: case for case in _candidates(told, landlords, actor, now)}
    talked = _talked_with([told.case_id, *others]) if landlords else {}
    mine = _report(told, landlords, talked)
    theirs = [_report(told_by(case), landlords, talked) for case in others.values()]
    return [Repeat(others[one.key], one) for one in likeness.likely(mine, theirs)]


def _report(told: Told, landlords: Mapping[int, str], talked: Mapping[int, set[int]]) -> Report:
    firm = str(told.enterprise_id or name_key(told.requester))
    plain = name_key(f"{told.title}{told.text}"[:2000]) if landlords else ""
    named = {key for key, name in landlords.items() if name in f"{told.title}{told.text}" or name_key(name) in plain}
    with_whom = frozenset(named | talked.get(told.case_id, set()))
    phone = phone_of(told.phone) or told.phone
    return Report(told.case_id, told.title, told.text, firm, phone, told.community_id or 0, with_whom)


def _landlords(told: Told) -> dict[int, str]:
    """Whom the office talks with for this case, and the counterparties of the district that the text names."""
    talks = sa.select(Counterparty.id, Counterparty.name).join(
        Negotiation, Negotiation.counterparty_id == Counterparty.id
    )
    talks = talks.join(NegotiationCase, NegotiationCase.negotiation_id == Negotiation.id)
    found = talks.where(NegotiationCase.case_id == told.case_id).limit(LANDLORDS)
    plain = name_key(f"{told.title} {told.text}")
    named = sa.select(Counterparty.id, Counterparty.name).where(
        Counterparty.district_id == told.district_id,
        sa.func.length(Counterparty.name_key) > 1,
        sa.literal(plain).contains(Counterparty.name_key),
    )
    both = sa.union_all(*(sa.select(one.subquery()) for one in (found, named.limit(LANDLORDS))))
    return {row[0]: row[1] for row in db.session.execute(both)}


def _talked_with(case_ids: Iterable[int]) -> dict[int, set[int]]:
    """The counterparties of each case."""
    query = (
        sa.select(NegotiationCase.case_id, Negotiation.counterparty_id)
        .join(Negotiation, Negotiation.id == NegotiationCase.negotiation_id)
        .where(NegotiationCase.case_id.in_([key for key in case_ids if key]))
    )
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, counterparty_id in db.session.execute(query):
        found[case_id].add(counterparty_id)
    return found


def _candidates(told: Told, landlords: Mapping[int, str], actor: Actor, now: datetime) -> Sequence[Case]:
    common = (
        Case.is_open.is_(True),
        Case.id != told.case_id,
        Case.submitted_at >= now - WITHIN,
        visible_to(actor),
    )
    ranges = [
        sa.select(sa.select(Case.id).where(near, *common).order_by(Case.id.desc()).limit(NEWEST[name]).subquery().c.id)
        for name, near in _near(told, landlords)
    ]
    if not ranges:
        return []
    return db.session.scalars(sa.select(Case).where(Case.id.in_(sa.union(*ranges)))).all()


def _near(told: Told, landlords: Mapping[int, str]) -> list[tuple[str, Any]]:
    """What makes another case worth comparing; each condition is the beginning of an index."""
    phones = sorted({phone for phone in (told.phone, phone_of(told.phone)) if phone})
    talks = (
        sa.select(NegotiationCase.case_id)
        .join(Negotiation, Negotiation.id == NegotiationCase.negotiation_id)
        .where(Negotiation.counterparty_id.in_(list(landlords)))
    )
    near: list[tuple[str, Any, Any]] = [
        ("district", told.district_id, Case.district_id == told.district_id),
        ("type", told.type_id, sa.and_(Case.district_id == told.district_id, Case.type_id == told.type_id)),
        ("firm", told.enterprise_id, Case.enterprise_id == told.enterprise_id),
        ("phone", phones, Case.contact_phone.in_(phones)),
        ("community", told.community_id, Case.community_id == told.community_id),
        ("landlord", landlords, Case.id.in_(talks)),
    ]
    return [(name, condition) for name, known, condition in near if known]
