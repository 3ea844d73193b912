"""What an import did, as one fact on the security chain."""

from __future__ import annotations

from dataclasses import dataclass

from casework.audit.vocabulary import Fact


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
class AgreementExported(Fact):
    """Somebody took an agreement, or a version of its allocation, out of the system."""

    case: str
    agreement: int
    what: str
