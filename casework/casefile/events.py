"""What a printing leaves on the chain of its case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class CaseFileMade(Fact):
    """Somebody took the whole file of the case out: how many pages, up to which entry, the hash of the PDF."""

    sentence: ClassVar[str] = N_("Took out the whole file of the case, pages: %(pages)s. %(reason)s")
    file: int
    pages: int
    head: int
    sha256: str
    full: bool = False
    reason: str = ""
