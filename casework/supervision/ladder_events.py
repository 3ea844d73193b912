"""What is changed about the ladders: facts on the chain of the system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class LadderSet(Fact):
    """The ladder of a district was changed."""

    kind: ClassVar[str] = "system"
    sentence: ClassVar[str] = N_("Changed the reminders of %(district)s: yellow at %(yellow_percent)s %%")
    district_id: int
    district: str
    yellow_percent: int
    yellow_minutes: int
    gaps: dict[str, Any] = field(default_factory=dict)
    urgent_gaps: dict[str, Any] = field(default_factory=dict)
