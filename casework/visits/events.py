"""What happens to plans, routes and appointments: facts on the security chain, as no case is touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class VisitsPlanned(Fact):
    """So many firms are visited every so many days; ``visitor`` goes instead of the liaison officer."""

    sentence: ClassVar[str] = N_("Planned visits to %(count)s enterprises every %(every)s days")
    count: int
    every: int
    enterprises: list[int] = field(default_factory=list)
    visitor: str = ""


@dataclass(frozen=True, slots=True)
class PlanDropped(Fact):
    """A firm has no visit plan of its own any more."""

    sentence: ClassVar[str] = N_("Dropped the visit plan of enterprise %(enterprise)s")
    enterprise: int


@dataclass(frozen=True, slots=True)
class PresetsSaved(Fact):
    """How often firms of each size are visited in a district: days by size."""

    sentence: ClassVar[str] = N_("Set how often enterprises of %(district)s are visited")
    district_id: int
    district: str
    days: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VisitReassigned(Fact):
    """Somebody else goes to a firm on one day."""

    kind: ClassVar[str] = "people"
    sentence: ClassVar[str] = N_("Gave the visit of %(day)s to enterprise %(enterprise)s to %(to)s")
    enterprise: int
    day: date
    to: str


@dataclass(frozen=True, slots=True)
class AppointmentMade(Fact):
    """A visit was agreed for a day and time."""

    sentence: ClassVar[str] = N_("Agreed a visit to enterprise %(enterprise)s")
    enterprise: int
    appointment: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AppointmentMoved(Fact):
    """A visit was moved to another day or time, with the reason."""

    sentence: ClassVar[str] = N_("Moved a visit to enterprise %(enterprise)s: %(reason)s")
    enterprise: int
    appointment: int
    was: datetime
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class AppointmentCancelled(Fact):
    """A visit was called off, with the reason."""

    sentence: ClassVar[str] = N_("Called off a visit to enterprise %(enterprise)s: %(reason)s")
    enterprise: int
    appointment: int
    reason: str
