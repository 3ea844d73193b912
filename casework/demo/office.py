"""The people and places of the demo, by their short names."""

from __future__ import annotations

from dataclasses import dataclass, field

from casework.areas.models import Area
from casework.kernel.permissions import Actor
from casework.roster.models import Unit


@dataclass
class Office:
    """What was planted so far: areas and units by code, actors by user name, ids of firms by name."""

    areas: dict[str, Area] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    firms: dict[str, int] = field(default_factory=dict)
