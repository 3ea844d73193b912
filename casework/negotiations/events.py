"""What can happen in a negotiation, in past tense. Sums in fen; ids beside the names that they had then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class NegotiationOpened(Fact):
    """Talks with a counterparty began, or this case joined talks that serve another (``with_case``)."""

    kind: ClassVar[str] = "people"
    negotiation: int
    counterparty: int
    name: str
    party: str
    with_case: str = ""


@dataclass(frozen=True, slots=True)
class CounterpartyCorrected(Fact):
    """The chain or the contact of a counterparty was put right: old and new side by side."""

    kind: ClassVar[str] = "fix"
    counterparty: int
    name: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class RoundLogged(Fact):
    """A visit, call, meeting or message, with the positions taken in it. ``corrects`` is the round it puts right."""

    kind: ClassVar[str] = "round"
    round: int
    negotiation: int
    name: str
    way: str
    at: datetime
    stance: str
    until: datetime | None = None
    place: str = ""
    ours: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    objections: str = ""
    said: str = ""
    next_step: str = ""
    next_on: date | None = None
    positions: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    corrects: int | None = None
    case: str = ""


@dataclass(frozen=True, slots=True)
class CommitmentMade(Fact):
    """Somebody promised something by a day."""

    kind: ClassVar[str] = "promise"
    commitment: int
    who: str
    what: str
    due_on: date
    condition: str = ""


@dataclass(frozen=True, slots=True)
class CommitmentProven(Fact):
    """Proof was handed in; somebody else still has to look at it."""

    kind: ClassVar[str] = "promise"
    commitment: int
    who: str
    what: str
    proof: str
    files: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CommitmentSettled(Fact):
    """A commitment was kept, broken or released; ``late_days`` is how long after its day."""

    kind: ClassVar[str] = "promise"
    commitment: int
    who: str
    what: str
    state: str
    late_days: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AgreementMade(Fact):
    """Terms were written down."""

    kind: ClassVar[str] = "money"
    agreement: int
    name: str
    method: str
    total_fen: int
    terms: str


@dataclass(frozen=True, slots=True)
class AgreementConfirmed(Fact):
    """One side said that the terms are what was agreed."""

    kind: ClassVar[str] = "money"
    agreement: int
    side: str
    name: str
    how: str


@dataclass(frozen=True, slots=True)
class AgreementEnded(Fact):
    """An agreement no longer holds."""

    kind: ClassVar[str] = "money"
    agreement: int
    total_fen: int
    reason: str


@dataclass(frozen=True, slots=True)
class AllocationMade(Fact):
    """A version of who gets what. The shares themselves are rows that nobody can change."""

    kind: ClassVar[str] = "money"
    agreement: int
    no: int
    basis: str
    total_fen: int
    firms: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LinksSent(Fact):
    """One-time links were made for firms or for the counterparty."""

    kind: ClassVar[str] = "money"
    agreement: int
    purpose: str
    count: int


@dataclass(frozen=True, slots=True)
class ReceiptConfirmed(Fact):
    """A firm said, or an officer showed, that a sum arrived. ``corrects`` is the receipt that it puts right."""

    kind: ClassVar[str] = "money"
    receipt: int
    beneficiary: int
    name: str
    amount_fen: int
    how: str
    settled: bool
    note: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiptDisputed(Fact):
    """A firm says that the sum is not right."""

    kind: ClassVar[str] = "money"
    receipt: int
    beneficiary: int
    name: str
    note: str
