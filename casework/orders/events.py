"""What happens to supervision orders: facts on the chain of each case that they are about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact


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
