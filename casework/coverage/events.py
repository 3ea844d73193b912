"""What happens to leaders and to the officers of many firms: facts on the security chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class LeaderSet(Fact):
    """A leader answers for a place from a day on."""

    kind: ClassVar[str] = "people"
    sentence: ClassVar[str] = N_("Made %(leader)s answer for %(area)s from %(start)s")
    area_id: int
    area: str
    leader_id: int
    leader: str
    start: date


@dataclass(frozen=True, slots=True)
class LiaisonsAssigned(Fact):
    """An officer, with or without a deputy, answers for so many firms from a day on."""

    kind: ClassVar[str] = "people"
    sentence: ClassVar[str] = N_("Made %(officer)s answer for %(count)s enterprises from %(start)s")
    officer_id: int
    officer: str
    count: int
    start: date
    deputy: str = ""
    enterprises: list[int] = field(default_factory=list)
