"""What happens to the catalogue: facts on the security chain, as no case is touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class SupplyItemSaved(Fact):
    """An item was entered in the catalogue, or changed."""

    sentence: ClassVar[str] = N_("Saved the supply item “%(name)s”")
    item: int
    name: str
    measure: str
    category: str
    least: int | None = None
    active: bool = True
