"""Who changes calendars: a district its own, the system administrator those for everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from casework.areas.models import Area
from casework.kernel.permissions import Role, Subject, grant

EDIT = "calendar.edit"

grant(EDIT, {Role.DISTRICT_ADMIN: "D", Role.SYSADMIN: "A"})


@dataclass(frozen=True, slots=True)
class Everywhere:
    """What lies in no area: only who may do it anywhere may do it here."""

    area_ids: frozenset[int] = frozenset()
    unit_ids: frozenset[int] = frozenset()
    holder_ids: frozenset[int] = frozenset()
    domain: str = ""


def place_of(area: Area | None) -> Subject:
    """What a calendar is asked about: its area, or everywhere."""
    return area if area is not None else Everywhere()
