"""What recurs every so many days: the day it is due next follows from when it was done last, and is kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

LONGEST = 365


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every so many days (1 to 365), on a weekday if one suits better (1 Monday to 7 Sunday)."""

    every: int
    weekday: int | None = None


def due_on(rhythm: Rhythm, *, last: date | None, since: date) -> date:
    """The day it is due: at the latest so many days after it was done last, at once when it never was.

    A weekday that suits better makes it earlier, never later; where the days between do not hold that weekday it
    does not count.
    """
    if last is None:
        return since
    latest = last + timedelta(days=rhythm.every)
    if rhythm.weekday is None:
        return latest
    suiting = latest - timedelta(days=(latest.isoweekday() - rhythm.weekday) % 7)
    return suiting if suiting > last else latest
