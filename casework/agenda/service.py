"""Put something on another day, and back: days are judged here, the change is a command of the thing's package."""

from __future__ import annotations

from datetime import date, datetime

from casework.agenda import rules
from casework.agenda.entries import MOVERS, Movable, Put
from casework.kernel.errors import N_, NotFound, Reason, Refused, because
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day


def load(kind: str, key: int, *, actor: Actor, now: datetime) -> Movable:
    """What can be put on another day, for somebody who may know of it.

    Raises:
        NotFound: there is no such kind or thing, or it is none of theirs, or it is over.
    """
    mover = MOVERS.get(kind)
    if mover is None:
        raise NotFound(kind)
    return mover(key, actor, now)


def put(
    movable: Movable,
    day: date | None,
    *,
    minutes: int | None,
    reason: str,
    off: Reason | None,
    sure: bool,
    now: datetime,
) -> Put:
    """Put it on another day, at its time of day or another; ``off`` says why that day is no working day.

    Raises:
        NotPermitted: it is not the actor's to plan.
        Refused: the day is past, or no working day and nobody said that it is meant, or as its own command says.
    """
    if reasons := rules.day_objections(day, local_day(now), off, sure=sure):
        raise Refused(reasons)
    assert day is not None  # noqa: S101 - just checked
    at = rules.on_day(movable.begins, day, minutes)
    if at == movable.begins and movable.row is not None:
        raise Refused(because(N_("Day: it stands on this day and at this time already."), "day"))
    return movable.put(at, reason, now)


def put_back(movable: Movable, version: int, back: datetime | None, *, reason: str, now: datetime) -> None:
    """Take a move back: where it stood before, or away again if it was only made by the move.

    Raises:
        NotPermitted: it is not the actor's to plan.
        Refused: it was changed again since, or where it stood is past, or as its own command says.
    """
    if movable.row is None or movable.row.version != version:
        raise Refused(because(N_("It was changed again meanwhile: look at it before you move it.")))
    if back is not None:
        movable.put(back, reason, now)
    elif movable.drop is not None:
        movable.drop(reason, now)
