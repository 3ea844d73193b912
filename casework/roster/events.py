"""What happens to units and postings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class UnitMade(Fact):
    """A unit was set up."""

    sentence: ClassVar[str] = N_("Made the unit %(name)s")
    unit_id: int
    name: str


@dataclass(frozen=True, slots=True)
class UnitEdited(Fact):
    """A unit changed; the fields are named."""

    sentence: ClassVar[str] = N_("Changed %(fields)s of the unit %(name)s")
    unit_id: int
    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostingMade(Fact):
    """A person was given a role in a unit."""

    sentence: ClassVar[str] = N_("Posted %(username)s as %(role)s to %(unit)s from %(from_on)s")
    user_id: int
    username: str
    unit_id: int
    unit: str
    role: str
    area_id: int
    from_on: date
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class PostingEnded(Fact):
    """A posting ends on a day, or never began."""

    sentence: ClassVar[str] = N_("Ended the posting of %(username)s as %(role)s to %(unit)s on %(to_on)s")
    user_id: int
    username: str
    unit_id: int
    unit: str
    role: str
    to_on: date


@dataclass(frozen=True, slots=True)
class PairSet(Fact):
    """Two people stand in for each other from now on; without a partner they were parted."""

    sentence: ClassVar[str] = N_("Set the pair of %(name)s at %(unit)s: %(partner)s")
    user_id: int
    name: str
    unit: str
    partner: str = ""


@dataclass(frozen=True, slots=True)
class AbsenceNoted(Fact):
    """A person is away, with who stands in."""

    sentence: ClassVar[str] = N_("Noted that %(name)s is away from %(from_on)s to %(to_on)s")
    user_id: int
    name: str
    kind_of: str
    from_on: date
    to_on: date
    deputy: str = ""


@dataclass(frozen=True, slots=True)
class AbsenceEnded(Fact):
    """A person is back, or an absence was entered by mistake."""

    sentence: ClassVar[str] = N_("Noted that %(name)s is back")
    user_id: int
    name: str
    to_on: date


@dataclass(frozen=True, slots=True)
class ShiftsPlanned(Fact):
    """A person has the desk, for one shift or for the same one over some weeks."""

    sentence: ClassVar[str] = N_("Gave %(name)s the desk at %(unit)s from %(begins_at)s")
    user_id: int
    name: str
    unit_id: int
    unit: str
    begins_at: str
    ends_at: str
    weeks: int = 1


@dataclass(frozen=True, slots=True)
class ShiftCancelled(Fact):
    """A shift was taken off the plan."""

    sentence: ClassVar[str] = N_("Took the shift of %(name)s at %(unit)s from %(begins_at)s off the plan")
    user_id: int
    name: str
    unit: str
    begins_at: str


@dataclass(frozen=True, slots=True)
class DistrictLimitsSet(Fact):
    """What one person can carry in a district, and when a contact is stale."""

    sentence: ClassVar[str] = N_(
        "Set the limits of %(area)s: %(most_cases)s cases, %(most_firms)s firms, %(stale_days)s days"
    )
    area_id: int
    area: str
    most_cases: int
    most_firms: int
    stale_days: int
