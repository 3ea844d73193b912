"""What the views of visits share: the stop that is one's own, files taken in, how a time of day is shown."""

from __future__ import annotations

from casework.kernel.errors import NotFound
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor
from casework.visits import policy, queries
from casework.visits.queries import Firm


def my_stop(key: int) -> Firm:
    """A firm to which the reader goes, or somebody of their team.

    Raises:
        NotFound: there is none, or it is none of theirs.
    """
    return queries.visible_stop(key, to=current_actor(), day=local_day(utcnow()))


def planned_firm(key: int) -> Firm:
    """A firm whose visits the reader plans.

    Raises:
        NotFound: there is none, or it is none of theirs.
    """
    found = queries.stop_of(key, local_day(utcnow()))
    if found is None or not can(current_actor(), policy.PLAN, found):
        raise NotFound("firm")
    return found


def hours(begins: int | None, ends: int | None) -> str:
    """A stretch of the day as on a clock; empty when none is set."""
    if begins is None or ends is None:
        return ""
    return f"{begins // 60}:{begins % 60:02d}–{ends // 60}:{ends % 60:02d}"
