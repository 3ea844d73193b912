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
class ImportUndone(Fact):
    """An import was taken back: how many things were, how many stay because they were touched since, and why."""

    target: str
    filename: str
    sha256: str
    undone: int
    stays: int
    reason: str
