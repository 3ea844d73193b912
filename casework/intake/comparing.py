"""What is known of a case and what makes another worth comparing with it: shared by repeats and precedents.

However many cases a district has, a bounded number is compared, each range from the beginning of an index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.enterprises.rules import name_key
from casework.intake.likeness import Report
from casework.intake.rules import phone_of
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.negotiations.models import Counterparty, Negotiation, NegotiationCase

LANDLORDS = 20
WHY: Mapping[str, str] = {
    "text": N_("similar words"),
    "firm": N_("the same enterprise"),
    "phone": N_("the same phone"),
    "landlord": N_("the same landlord"),
    "place": N_("the same place"),
    "kind": N_("the same type"),
}


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


def told_by(case: Any) -> Told:
    """What a case tells, or a row with its columns."""
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


def report_of(told: Told, landlords: Mapping[int, str], talked: Mapping[int, set[int]]) -> Report:
    """What is told as it is compared; ``talked`` are the counterparties of each case."""
    firm = str(told.enterprise_id or name_key(told.requester))
    plain = name_key(f"{told.title}{told.text}"[:2000]) if landlords else ""
    named = {key for key, name in landlords.items() if name in f"{told.title}{told.text}" or name_key(name) in plain}
    with_whom = frozenset(named | talked.get(told.case_id, set()))
    phone = phone_of(told.phone) or told.phone
    return Report(told.case_id, told.title, told.text, firm, phone, told.community_id or 0, with_whom)


def landlords_of(told: Told) -> dict[int, str]:
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


def talked_with(case_ids: Iterable[int]) -> dict[int, set[int]]:
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


def near(told: Told, landlords: Mapping[int, str]) -> list[tuple[str, Any]]:
    """What makes another case worth comparing; each condition is the beginning of an index."""
    phones = sorted({phone for phone in (told.phone, phone_of(told.phone)) if phone})
    talks = (
        sa.select(NegotiationCase.case_id)
        .join(Negotiation, Negotiation.id == NegotiationCase.negotiation_id)
        .where(Negotiation.counterparty_id.in_(list(landlords)))
    )
    found: list[tuple[str, Any, Any]] = [
        ("district", told.district_id, Case.district_id == told.district_id),
        ("type", told.type_id, sa.and_(Case.district_id == told.district_id, Case.type_id == told.type_id)),
        ("firm", told.enterprise_id, Case.enterprise_id == told.enterprise_id),
        ("phone", phones, Case.contact_phone.in_(phones)),
        ("community", told.community_id, Case.community_id == told.community_id),
        ("landlord", landlords, Case.id.in_(talks)),
    ]
    return [(name, condition) for name, known, condition in found if known]
