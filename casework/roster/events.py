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
