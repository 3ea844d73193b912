"""What can happen to a firm's record: facts on the security chain, as no case is touched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class EnterpriseAdded(Fact):
    """A firm was entered by hand; imported ones are counted in the fact of their import."""

    enterprise: int
    name: str


@dataclass(frozen=True, slots=True)
class EnterpriseCorrected(Fact):
    """Fields of a firm were edited: old and new side by side."""

    kind: ClassVar[str] = "fix"
    enterprise: int
    changes: dict[str, list[Any]]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ContactSaved(Fact):
    """A contact was added or edited; the number itself stays out of the log."""

    kind: ClassVar[str] = "people"
    enterprise: int
    contact: int
    name: str
    new: bool = False


@dataclass(frozen=True, slots=True)
class ContactLeft(Fact):
    """A contact no longer works there."""

    kind: ClassVar[str] = "people"
    enterprise: int
    contact: int


@dataclass(frozen=True, slots=True)
class EnterprisePhoneRevealed(Fact):
    """Someone looked at a full phone number of a firm's contact."""

    sentence: ClassVar[str] = N_("Looked at the phone number of a contact of enterprise no. %(enterprise)s")
    enterprise: int
    contact: int


@dataclass(frozen=True, slots=True)
class LiaisonAssigned(Fact):
    """An officer answers for a firm from a day on, with or without a deputy."""

    kind: ClassVar[str] = "people"
    enterprise: int
    officer: str
    deputy: str
    start: date


@dataclass(frozen=True, slots=True)
class EnterpriseContacted(Fact):
    """One of us went to a firm, called or wrote, outside of any case; ``met`` is how it went."""

    kind: ClassVar[str] = "note"
    enterprise: int
    way: str
    text: str
    met: str = "spoke"
