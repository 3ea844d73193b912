"""Results that the services brought under review: simple ones of the housing authority, and one about money."""

from __future__ import annotations

from typing import Any

from casework.cases import service
from casework.cases.models import Case
from casework.cases.queries import type_of
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import utcnow
from casework.negotiations import receipts
from casework.review import limits
from tests.factories import NOW, Office, a_case, a_posting, a_type, take
from tests.negotiations.deal import TOTAL, Deal, a_deal, agreed, shared_out


def simple(office: Office, count: int = 1, **changes: Any) -> list[Case]:
    """Results of the type “other”, which here a regulator reviews."""
    a_type("other", reviewer="regulator")
    return [
        a_case(office, State.UNDER_REVIEW, now=utcnow(), **{"title": f"口罩没有到货 {n}", **changes})
        for n in range(count)
    ]


def marks(case: Case, mark: str = "yes") -> dict[str, dict[str, str]]:
    """Every item of the checklist marked alike."""
    return {item["key"]: {"mark": mark, "note": ""} for item in type_of(case).checklist}


def posted_marks(case: Case, mark: str = "yes") -> dict[str, str]:
    """The same as the form sends them, with the version that was seen."""
    return {f"mark_{key}": one["mark"] for key, one in marks(case, mark).items()} | {"version": str(case.version)}


def two_regulators(office: Office) -> None:
    """A second person of the housing authority."""
    a_posting(office, "regulator2", unit="housing", role="regulator", area="8801")
    db.session.commit()


def a_limit(office: Office, fen: int = TOTAL, *, area: str = "8801", kind: str | None = None) -> None:
    """From this sum on two must sign."""
    type_id = a_type(kind).id if kind else None
    where = office.areas[area].id
    limits.put(area_id=where, type_id=type_id, amount_fen=fen, actor=office.actor("district_admin"), now=NOW)
    db.session.commit()


def money(office: Office) -> Deal:
    """A rent case of three tenants: agreed, shared out, received, under review."""
    deal = shared_out(agreed(a_deal(office)))
    for firm in deal.firms():
        receipts.confirm_by_link(deal.terms(), firm, now=NOW)
    for step in ("contact", "evidence", "submit_result"):
        take(office, deal.case, step)
    db.session.commit()
    return deal


def approve(office: Office, case: Case, by: str = "regulator") -> None:
    """Approve with every item met."""
    service.act(case, "approve", {"checklist": marks(case)}, actor=office.actor(by), now=NOW)
    db.session.commit()


def act(office: Office, case: Case, name: str, answer: dict[str, Any], by: str) -> None:
    """Take an action as somebody."""
    service.act(case, name, answer, actor=office.actor(by), now=NOW)
    db.session.commit()
