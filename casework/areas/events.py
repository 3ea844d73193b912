"""What happens to the tree of areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class AreaAdded(Fact):
    """A place was added by hand; imports leave one fact for the file."""

    sentence: ClassVar[str] = N_("Added the area %(full_name)s")
    area_id: int
    full_name: str


@dataclass(frozen=True, slots=True)
class AreaRenamed(Fact):
    """A place has another name."""

    sentence: ClassVar[str] = N_("Renamed the area %(old)s to %(new)s")
    area_id: int
    old: str
    new: str
