"""The closed sets of briefs and their words: kinds, states, what is being done, the days of the week. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from casework.kernel.errors import N_


class Kind(StrEnum):
    """A day, a week from Monday, or any days."""

    DAILY = "daily"
    WEEKLY = "weekly"
    SPECIAL = "special"


class Reach(StrEnum):
    """Whose cases are counted: all of the area, those of an authority's domains there, or those of a team."""

    AREA = "area"
    AUTHORITY = "authority"
    TEAM = "team"


class BriefState(StrEnum):
    """Asked for, being written, written, or given up."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


KINDS: Mapping[str, str] = {
    Kind.DAILY: N_("Daily brief"),
    Kind.WEEKLY: N_("Weekly brief"),
    Kind.SPECIAL: N_("Special brief"),
}
STATES: Mapping[str, str] = {
    BriefState.WAITING: N_("Waiting to be written"),
    BriefState.RUNNING: N_("Being written"),
    BriefState.DONE: N_("Ready to read"),
    BriefState.STOPPED: N_("Given up"),
}
STEPS = (
    N_("Counting what came in and ended"),
    N_("Counting what lies, and with whom"),
    N_("Working out the rates"),
    N_("Adding up relief, orders and coverage"),
    N_("Listing what is late"),
    N_("Writing the sentences"),
    N_("Writing the spreadsheet"),
    N_("Writing the document"),
    N_("Setting the PDF"),
)
"""What is done to write a brief, in this order; ``Brief.step`` counts those that are done."""
BOOKS = {
    "promised": N_("In the books: promised"),
    "agreed": N_("In the books: agreed by both sides"),
    "received": N_("In the books: confirmed received"),
}
