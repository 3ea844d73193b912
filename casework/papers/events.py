"""What happens to papers, as facts on the security chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class AgreementExported(Fact):
    """Somebody took an agreement, or a version of its allocation, out of the system."""

    sentence: ClassVar[str] = N_("Took out the document “%(what)s” of case %(case)s")
    case: str
    agreement: int
    what: str
