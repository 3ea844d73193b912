"""Whether the clock of this machine may be believed: it is held against a clock that nobody sets, and the database's.

A clock that jumps a day ahead would call everything late at once. While one is not believed no job has an effect;
pages go on. It is believed again when it is back, or when somebody says that it is right.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from casework.kernel.db import db
from casework.kernel.models import ClockAlarm

TOLERANCE = timedelta(seconds=60)


def since_boot() -> timedelta:
    """Time that passed on this machine whatever its clock was set to; sleep counts too."""
    return timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))


@dataclass(slots=True)
class Watch:
    """What the clock showed when it was last believed, and how long the machine was up then."""

    wall: datetime | None = None
    up: timedelta = timedelta()
    raised: int | None = None
    """The alarm that this scheduler wrote down."""

    def drift(self, wall: datetime, up: timedelta, database: datetime) -> timedelta:
        """By how much the clock is wrong, zero when it may be believed; positive when it is ahead.

        Believed readings are the new base, so that a clock which is nudged by a second an hour is no alarm.
        """
        expected = wall if self.wall is None else self.wall + (up - self.up)
        found = max((wall - expected, wall - database), key=abs)
        if abs(found) > TOLERANCE:
            return found
        self.wall, self.up = wall, up
        return timedelta()

    def look(self, node: str, wall: datetime, up: timedelta, database: datetime, *, now: datetime) -> bool:
        """Whether jobs may have effects; writes an alarm down, and ends the own one when the clock is back.

        An alarm of another scheduler holds this one back as well.
        """
        own = db.session.get(ClockAlarm, self.raised) if self.raised else None
        if own is not None and own.ended_at is not None:  # somebody said that the clock is right: begin anew with it
            self.wall, self.raised, own = None, None, None
        offset = self.drift(wall, up, database)
        if own is not None:
            if not offset:
                own.ended_at, self.raised = now, None
        elif offset:
            own = ClockAlarm(node=node, found_at=now, offset_seconds=round(offset.total_seconds()))
            db.session.add(own)
            db.session.flush()  # to know it again
            self.raised = own.id
        return open_alarm() is None


def open_alarm() -> ClockAlarm | None:
    """An alarm that holds the effects back; None when the clocks are believed."""
    db.session.flush()
    return db.session.scalar(
        sa.select(ClockAlarm).where(ClockAlarm.ended_at.is_(None)).order_by(ClockAlarm.id).limit(1)
    )


def alarms(most: int = 20) -> list[ClockAlarm]:
    """The newest alarms."""
    return list(db.session.scalars(sa.select(ClockAlarm).order_by(ClockAlarm.id.desc()).limit(most)))


def settle(*, by: int, now: datetime) -> int:
    """Somebody says that the clocks are right: every open alarm ends; returns how many."""
    ended = sa.update(ClockAlarm).where(ClockAlarm.ended_at.is_(None)).values(ended_at=now, ended_by=by)
    return int(db.session.execute(ended).rowcount)  # type: ignore[attr-defined]
