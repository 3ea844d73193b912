"""What a printing leaves on the chain of its case."""

from __future__ import annotations

from dataclasses import dataclass

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class CaseFileMade(Fact):
    """Somebody took the whole file of the case out: how many pages, up to which entry, the hash of the PDF."""

    file: int
    pages: int
    head: int
    sha256: str
    full: bool = False
    reason: str = ""
