"""What happens to care: facts on the security chain. They name a resident by number, never by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class CareBegun(Fact):
    """A resident is looked after from a day on."""

    kind: ClassVar[str] = "people"
    sentence: ClassVar[str] = N_("Began the care of resident %(resident)s, by %(keeper)s")
    resident: int
    why: str
    keeper: str
    deputy: str
    since: date


@dataclass(frozen=True, slots=True)
class CareHandedOver(Fact):
    """Others look after a resident from a day on."""

    kind: ClassVar[str] = "people"
    sentence: ClassVar[str] = N_("Gave the care of resident %(resident)s to %(keeper)s")
    resident: int
    keeper: str
    deputy: str
    start: date


@dataclass(frozen=True, slots=True)
class CareCorrected(Fact):
    """Fields of a resident were edited; which, not what."""

    kind: ClassVar[str] = "fix"
    sentence: ClassVar[str] = N_("Corrected the data of resident %(resident)s")
    resident: int
    fields: list[str]


@dataclass(frozen=True, slots=True)
class CareOpened(Fact):
    """Somebody who is not one of the two looked at a resident's page."""

    sentence: ClassVar[str] = N_("Opened the page of resident %(resident)s, whom others look after")
    resident: int


@dataclass(frozen=True, slots=True)
class CarePhoneRevealed(Fact):
    """Somebody looked at the full phone number of a resident."""

    sentence: ClassVar[str] = N_("Looked at the phone number of resident %(resident)s")
    resident: int


@dataclass(frozen=True, slots=True)
class CareLogged(Fact):
    """Somebody looked in; how the resident was, and what was said, stands with the resident alone."""

    kind: ClassVar[str] = "note"
    sentence: ClassVar[str] = N_("Logged a visit to resident %(resident)s")
    resident: int
    entry: int


@dataclass(frozen=True, slots=True)
class CareEnded(Fact):
    """A resident is no longer looked after."""

    kind: ClassVar[str] = "people"
    sentence: ClassVar[str] = N_("Ended the care of resident %(resident)s")
    resident: int
    why: str
