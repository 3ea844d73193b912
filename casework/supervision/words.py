"""The closed sets of supervision, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from casework.kernel.errors import N_


class Level(StrEnum):
    """What is told of a deadline, in the order in which it is told."""

    YELLOW = "yellow"
    RED = "red"
    LEAD = "lead"
    AREA_LEADER = "area_leader"
    REGULATOR = "regulator"


RUNGS = (Level.LEAD, Level.AREA_LEADER, Level.REGULATOR)
"""The levels that are people above the one who works on it."""
LEVEL_LABELS: Mapping[str, str] = {
    Level.YELLOW: N_("Yellow card"),
    Level.RED: N_("Red card"),
    Level.LEAD: N_("Before the lead"),
    Level.AREA_LEADER: N_("Before the area leader"),
    Level.REGULATOR: N_("Before the regulator"),
}
