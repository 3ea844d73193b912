"""What happens to the supplies of a case: facts on its chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class SuppliesRequested(Fact):
    """The case asks for supplies; each line has ``line``, ``item``, ``quantity``, ``measure``, ``needed_on``."""

    kind: ClassVar[str] = "supplies"
    lines: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SuppliesDelivered(Fact):
    """A part, or all, of what was asked for went to the firm: from whose stock, and who received it."""

    kind: ClassVar[str] = "supplies"
    line: int
    movement: int
    item: str
    measure: str
    quantity: int
    unit: str
    receiver: str
    left: int
    batch: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SuppliesDeliveryReversed(Fact):
    """A delivery was entered wrongly: it is in stock again, and still to be delivered."""

    kind: ClassVar[str] = "supplies"
    line: int
    movement: int
    item: str
    measure: str
    quantity: int
    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class SuppliesRequestCancelled(Fact):
    """What was not delivered yet is not needed any more."""

    kind: ClassVar[str] = "supplies"
    line: int
    item: str
    measure: str
    quantity: int
    reason: str
    needed_on: date | None = None
