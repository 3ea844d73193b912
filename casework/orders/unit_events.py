"""What happens to supervision orders about no case: facts on the security chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_
from casework.orders.workflow import DONE


@dataclass(frozen=True, slots=True)
class UnitOrderMoved(Fact):
    """Somebody acted on an order about no case."""

    kind: ClassVar[str] = "settings"
    sentence: ClassVar[str] = N_("Supervision order %(number)s to %(unit)s: %(action)s")
    words: ClassVar[Mapping[str, Mapping[str, str]]] = {"action": DONE}
    order: int
    number: str
    action: str
    unit: str
    round: int
    text: str = ""
    due_at: datetime | None = None
    count: int = 0
    files: list[dict[str, Any]] = field(default_factory=list)
