"""The private calendar: visits and deadlines of a person as iCalendar. It holds the enterprise and the number, no more.

FEEDS is the table: what a package knows of a person's days. It is filled in the wiring.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from casework.kernel.errors import N_, Reason
from casework.kernel.i18n import speaking
from casework.kernel.permissions import Actor, Known
from casework.kernel.time import SHANGHAI
from casework.notifications.texts import firm_of

BACK, AHEAD = timedelta(days=30), timedelta(days=180)
MOST = 500
DEADLINE_LENGTH = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Appointment:
    """One line of a calendar: a day, a time from–to, or when something is due. ``what`` is a message id."""

    uid: str
    what: str
    begins: datetime | date
    ends: datetime | None
    known: Known
    path: str


Feed = Callable[[Actor, datetime, datetime], list[Appointment]]
FEEDS: list[Feed] = []


def appointments(actor: Actor, now: datetime) -> list[Appointment]:
    """Everything that stands in a person's calendar, from a month ago to half a year ahead."""
    return [found for feed in FEEDS for found in feed(actor, now - BACK, now + AHEAD)]


def calendar(actor: Actor, *, base: str, now: datetime) -> bytes:
    """A person's calendar as a file, in their language."""
    from icalendar import Calendar, Event

    with speaking(actor.locale):
        made: Any = Calendar()
        made.add("prodid", "-//casework//notices//")
        made.add("version", "2.0")
        made.add("method", "PUBLISH")
        made.add("x-wr-calname", str(Reason(N_("Resumption casework"))))
        made.add("x-wr-timezone", SHANGHAI.key)
        made.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
        for one in appointments(actor, now):
            made.add_component(_event(Event(), one, base, now))
    return bytes(made.to_ical())


def _event(event: Any, one: Appointment, base: str, now: datetime) -> Any:
    event.add("uid", f"{one.uid}@casework")
    event.add("dtstamp", now)
    event.add("summary", f"{Reason(one.what)} · {firm_of(one.known)} · {one.known.number}")
    event.add("url", f"{base}{one.path}")
    event.add("dtstart", one.begins)
    if one.ends is not None:
        event.add("dtend", one.ends)
    elif isinstance(one.begins, datetime):
        event.add("dtend", one.begins + DEADLINE_LENGTH)
    event.add("transp", "OPAQUE" if one.ends else "TRANSPARENT")
    return event
