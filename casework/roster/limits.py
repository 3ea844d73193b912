"""What one person can carry in a district, and when a contact is stale there."""

from __future__ import annotations

from datetime import datetime

from casework import audit
from casework.areas.models import Area
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.roster.events import DistrictLimitsSet
from casework.roster.models import DistrictLimits
from casework.roster.rules import Limits


def limits_of(district_id: int | None) -> Limits:
    """What holds in a district: its own limits, else the presets."""
    row = db.session.get(DistrictLimits, district_id) if district_id else None
    return Limits(row.most_cases, row.most_firms, row.stale_days) if row else Limits()


def set_limits(district: Area, limits: Limits, *, actor: Actor, now: datetime) -> None:
    """Set what one person can carry in a district, and when a contact is stale.

    Raises:
        NotPermitted: the district is not the actor's.
        Refused: a number is out of its bounds.
    """
    authorise(actor, "duty.limits", district)
    bounds = {"most_cases": 1000, "most_firms": 5000, "stale_days": 365}
    wrong = [
        because(N_("Write a number from 1 to %(most)s."), name, most=most)
        for name, most in bounds.items()
        if not 1 <= getattr(limits, name) <= most
    ]
    if wrong:
        raise Refused(wrong)
    row = db.session.get(DistrictLimits, district.id) or DistrictLimits(district_id=district.id)
    row.most_cases, row.most_firms, row.stale_days = limits.most_cases, limits.most_firms, limits.stale_days
    db.session.add(row)
    fact = DistrictLimitsSet(district.id, district.name, limits.most_cases, limits.most_firms, limits.stale_days)
    audit.record(fact, by=actor, at=now)
