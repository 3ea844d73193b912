"""What can happen to a case, in past tense: the vocabulary of its story."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class CaseSubmitted(Fact):
    """A difficulty was reported; for an imported one ``origin`` names the file and ``ref`` its row."""

    kind: ClassVar[str] = "move"
    number: str
    title: str
    source: str
    origin: str | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class CaseMoved(Fact):
    """An action of the life cycle was taken. ``answer`` is what was filled in, with names beside ids."""

    kind: ClassVar[str] = "move"
    action: str
    source: str
    target: str
    answer: dict[str, Any] = field(default_factory=dict)
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class CaseReceived(Fact):
    """Another case was merged into this one."""

    kind: ClassVar[str] = "move"
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class ContactLogged(Fact):
    """Someone spoke with the requester or for them; ``first`` is the one that stopped the clock."""

    kind: ClassVar[str] = "note"
    way: str
    person: str
    text: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class NoteAdded(Fact):
    """A note, or a reply taken over from another system. ``corrects`` is the entry that it puts right."""

    kind: ClassVar[str] = "note"
    text: str
    corrects: int | None = None
    imported_from: str | None = None
    written_at: str | None = None


@dataclass(frozen=True, slots=True)
class CaseTagged(Fact):
    """A word was put on the case to find it again."""

    kind: ClassVar[str] = "note"
    word: str


@dataclass(frozen=True, slots=True)
class CaseUntagged(Fact):
    """A word was taken off the case."""

    kind: ClassVar[str] = "note"
    word: str


@dataclass(frozen=True, slots=True)
class FilesAttached(Fact):
    """Files were sealed into the case: ``files`` lists name, sha256, kind and attachment id."""

    kind: ClassVar[str] = "file"
    files: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class FieldsCorrected(Fact):
    """Fields were edited: old and new side by side."""

    kind: ClassVar[str] = "fix"
    changes: dict[str, list[Any]]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BeneficiariesAdded(Fact):
    """Firms joined the case; sums in fen."""

    kind: ClassVar[str] = "money"
    count: int
    names: list[str]
    rent_fen: int = 0


@dataclass(frozen=True, slots=True)
class BeneficiarySettled(Fact):
    """One firm is settled, or excluded for a reason."""

    kind: ClassVar[str] = "money"
    beneficiary: int
    name: str
    status: str
    reason: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class BeneficiaryCompleted(Fact):
    """What a list says of a firm that has joined was written down, or taken back: old and new side by side."""

    kind: ClassVar[str] = "money"
    beneficiary: int
    name: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class DueMoved(Fact):
    """A deadline is due at another time, because the calendar that it counts by was changed."""

    kind: ClassVar[str] = "clock"
    clock: str
    calendar: str
    why: str
    before: datetime | None = None
    after: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContactRevealed(Fact):
    """Someone looked at a full phone number."""

    sentence: ClassVar[str] = N_("Looked at the contact's phone number in full. %(reason)s")
    kind: ClassVar[str] = "system"
    what: str
    reason: str = ""
