"""What a case hangs together with: the cases it was merged into or split from, those that came to it, its reviewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.permissions import Actor
from casework.roster.models import Unit, UnitKind

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Linked:
    """Another case as a link; no ``title`` where the reader may not see it. ``onward``: this one goes on there."""

    label: str
    number: str
    title: str
    onward: bool = False


def links_of(case: Case, actor: Actor) -> list[Linked]:
    """Merged and split-off cases both ways, at most fifty."""
    query = (
        sa.select(
            Case.id, Case.number, Case.title, Case.merged_into_id, Case.split_from_id, visible_to(actor).label("seen")
        )
        .where(
            sa.or_(
                Case.id.in_([id_ for id_ in (case.merged_into_id, case.split_from_id) if id_]),
                Case.merged_into_id == case.id,
                Case.split_from_id == case.id,
            )
        )
        .order_by(Case.id)
        .limit(SHOWN)
    )
    return [
        Linked(_label(case, row), row.number, row.title if row.seen else "", onward=row.id == case.merged_into_id)
        for row in db.session.execute(query)
    ]


def _label(case: Case, row: Any) -> str:
    if row.id == case.merged_into_id:
        return N_("Merged into")
    if row.merged_into_id == case.id:
        return N_("Merged into this")
    return N_("Split from") if row.id == case.split_from_id else N_("Split off from this")


def reviewer_of(case: Case) -> str:
    """Who reviews the result: the authority of the case's domain nearest to the place, or the lead of its team."""
    if case.reviewer != "regulator":
        unit = db.session.get(Unit, case.unit_id) if case.unit_id else None
        role = str(gettext("Team lead"))
        return f"{role}　{unit.name}" if unit else role
    query = (
        sa.select(Unit)
        .where(Unit.area_id.in_(sorted(case.area_ids)), Unit.kind == UnitKind.AUTHORITY, Unit.closed_on.is_(None))
        .order_by(Unit.area_id.desc(), Unit.id)
    )
    names = [unit.name for unit in db.session.scalars(query) if case.domain in (unit.domains or ())]
    return names[0] if names else str(gettext("Regulator"))
