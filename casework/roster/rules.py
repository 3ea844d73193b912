"""What makes a posting unlawful: facts in, reasons out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from casework.kernel.errors import N_, Reason, because
from casework.kernel.permissions import Role

APART = frozenset((Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR))
"""An account holds at most one of these: system, security and audit are administered by three people."""


def posting_objections(
    role: str, *, held: Collection[Role], from_on: date, to_on: date | None, today: date, area_fits: bool
) -> list[Reason]:
    """Why this posting cannot be made; ``held`` are the roles the person has or is to have."""
    reasons = []
    if to_on and to_on < from_on:
        reasons.append(because(N_("The last day lies before the first: choose a later one."), "to_on"))
    elif to_on and to_on < today:
        reasons.append(because(N_("The last day is past: choose today or a later day."), "to_on"))
    if role in APART and any(other in APART and other != role for other in held):
        reasons.append(
            because(
                N_("System, security and audit are administered by three people: this account has one of the three."),
                "role",
            )
        )
    if not area_fits:
        reasons.append(because(N_("Choose an area inside that of the unit, or the unit's own."), "area_id"))
    return reasons
