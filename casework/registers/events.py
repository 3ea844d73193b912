"""What taking a register out leaves on the security chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class RegisterExported(Fact):
    """Somebody took a register out: which, by which filter, how many rows."""

    sentence: ClassVar[str] = N_("Took out the register “%(register)s”, rows: %(rows)s")
    register: str
    rows: int
    filters: dict[str, str] = field(default_factory=dict)
