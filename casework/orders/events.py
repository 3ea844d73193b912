"""What happens to supervision orders: on the chain of each case, and for an order on a unit on the security chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class OrderMoved(Fact):
    """Somebody acted on an order that is about this case; ``action`` is a name of the workflow of orders."""

    kind: ClassVar[str] = "move"
    order: int
    number: str
    action: str
    unit: str
    round: int
    text: str = ""
    due_at: datetime | None = None
    count: int = 0
    files: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UnitOrderMoved(Fact):
    """Somebody acted on an order about no case."""

    kind: ClassVar[str] = "settings"
    sentence: ClassVar[str] = N_("Supervision order %(number)s to %(unit)s: %(action)s")
    order: int
    number: str
    action: str
    unit: str
    round: int
    text: str = ""
    due_at: datetime | None = None
    count: int = 0
    files: list[dict[str, Any]] = field(default_factory=list)
