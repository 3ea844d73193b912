"""What is written into the security chain of limits of countersigning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class CountersignLimitSet(Fact):
    """From which sum two must sign, in an area, for a type or all; without ``after`` one signature is enough again."""

    kind: ClassVar[str] = "system"
    area: str
    type: str = ""
    before: int | None = None
    after: int | None = None
