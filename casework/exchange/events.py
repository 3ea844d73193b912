"""What an import did, as one fact on the security chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class RowsImported(Fact):
    """A batch of a file went in: how many rows were new, changed, there before, or stayed out."""

    target: str
    filename: str
    sha256: str
    first_row: int
    last_row: int
    created: int
    changed: int
    existing: int
    refused: int


@dataclass(frozen=True, slots=True)
class ImportUndone(Fact):
    """An import was taken back: how many things were, how many stay because they were touched since, and why."""

    target: str
    filename: str
    sha256: str
    undone: int
    stays: int
    reason: str


@dataclass(frozen=True, slots=True)
class AgreementExported(Fact):
    """Somebody took an agreement, or a version of its allocation, out of the system."""

    sentence: ClassVar[str] = N_("Took out the document “%(what)s” of case %(case)s")
    case: str
    agreement: int
    what: str


@dataclass(frozen=True, slots=True)
class SupplyLedgerExported(Fact):
    """Somebody took the ledger of a unit's supplies out: how many rows."""

    sentence: ClassVar[str] = N_("Took out the supplies ledger of %(unit)s, rows: %(rows)s")
    unit_id: int
    unit: str
    rows: int


@dataclass(frozen=True, slots=True)
class OrdersExported(Fact):
    """Somebody took the register of supervision orders out: how many rows, by which filters."""

    sentence: ClassVar[str] = N_("Took out the register of supervision orders, rows: %(rows)s")
    rows: int
    filters: dict[str, str] = field(default_factory=dict)
