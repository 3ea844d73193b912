"""What a rule decided about a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class CaseRouted(Fact):
    """Where a case goes and why: the rule, how its officer was found, and who was passed over."""

    kind: ClassVar[str] = "people"
    place: int
    rule: str
    way: str
    unit: str
    officer: str = ""
    passed: list[dict[str, str]] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    urgent: bool = False
