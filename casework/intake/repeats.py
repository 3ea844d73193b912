"""Likely repeats of a case: found among the newest open ones of its district, shown side by side, merged by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.intake import likeness
from casework.intake.likeness import Alike, Report
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.permissions import Actor

LOOKED_AT, WITHIN = 300, timedelta(days=90)
WHY: Mapping[str, str] = {
    "text": N_("similar words"),
    "firm": N_("the same enterprise"),
    "phone": N_("the same phone"),
    "place": N_("the same place"),
}


@dataclass(frozen=True, slots=True)
class Repeat:
    """Another case with why it may be the same."""

    case: Case
    alike: Alike


def _report(case: Case) -> Report:
    firm = str(case.enterprise_id or "".join(case.requester.split()))
    return Report(case.id, case.title, case.text, firm, case.contact_phone, case.community_id or 0)


def candidates(case: Case, actor: Actor, now: datetime) -> Sequence[Case]:
    """The newest open cases of the district that one may see, of the last three months."""
    query = sa.select(Case).where(
        Case.district_id == case.district_id,
        Case.is_open.is_(True),
        Case.id != case.id,
        Case.submitted_at >= now - WITHIN,
        visible_to(actor),
    )
    return db.session.scalars(query.order_by(Case.id.desc()).limit(LOOKED_AT)).all()


def of(case: Case, actor: Actor, now: datetime) -> list[Repeat]:
    """The likely repeats, most alike first."""
    others = {other.id: other for other in candidates(case, actor, now)}
    found = likeness.likely(_report(case), [_report(other) for other in others.values()])
    return [Repeat(others[one.key], one) for one in found]
