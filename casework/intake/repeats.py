"""Likely repeats: found among the newest open cases nearby, shown side by side, merged by people.

However many cases a district has, a bounded number is compared: the newest of the district and of the type, and those
of the same firm, phone, community or landlord, each from an index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.intake import comparing, likeness
from casework.intake.comparing import WHY, Told, told_by
from casework.intake.likeness import Alike
from casework.kernel.db import db
from casework.kernel.permissions import Actor

__all__ = ["WHY", "Repeat", "Told", "of", "of_told", "told_by"]

WITHIN = timedelta(days=90)
NEWEST = {"district": 300, "type": 100, "firm": 30, "phone": 20, "community": 50, "landlord": 50}
CERTAIN = 0.5
"""From this likeness on a new case is not made before somebody has looked: nine of ten such hints are right."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Another case with why it may be the same."""

    case: Case
    alike: Alike


def of(case: Case, actor: Actor, now: datetime) -> list[Repeat]:
    """The likely repeats of a case, most alike first."""
    return of_told(told_by(case), actor, now)


def of_told(told: Told, actor: Actor, now: datetime) -> list[Repeat]:
    """The likely repeats of what is told, among the open cases that one may see."""
    landlords = comparing.landlords_of(told)
    others = {case.id: case for case in _candidates(told, landlords, actor, now)}
    talked = comparing.talked_with([told.case_id, *others]) if landlords else {}
    mine = comparing.report_of(told, landlords, talked)
    theirs = [comparing.report_of(told_by(case), landlords, talked) for case in others.values()]
    return [Repeat(others[one.key], one) for one in likeness.likely(mine, theirs)]


def _candidates(told: Told, landlords: Mapping[int, str], actor: Actor, now: datetime) -> Sequence[Case]:
    common = (
        Case.is_open.is_(True),
        Case.id != told.case_id,
        Case.submitted_at >= now - WITHIN,
        visible_to(actor),
    )
    ranges = [
        sa.select(sa.select(Case.id).where(near, *common).order_by(Case.id.desc()).limit(NEWEST[name]).subquery().c.id)
        for name, near in comparing.near(told, landlords)
    ]
    if not ranges:
        return []
    return db.session.scalars(sa.select(Case).where(Case.id.in_(sa.union(*ranges)))).all()
