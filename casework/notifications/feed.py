"""The private calendar: what is set for a person's days, as iCalendar. It holds enterprise and number, no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from casework.agenda.entries import Ask, Entry, entries
from casework.kernel.errors import N_, Reason
from casework.kernel.i18n import DEFAULT, speaking
from casework.kernel.permissions import Actor
from casework.kernel.time import SHANGHAI
from casework.notifications.texts import firm_of

BACK, AHEAD = timedelta(days=30), timedelta(days=180)
DEADLINE_LENGTH = timedelta(minutes=15)


def appointments(actor: Actor, now: datetime) -> list[Entry]:
    """Everything that stands in a person's calendar, from a month ago to half a year ahead."""
    locale = actor.locale or DEFAULT
    return entries(Ask(frozenset((actor.user_id,)), now - BACK, now + AHEAD, actor, now, locale))


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


def _event(event: Any, one: Entry, base: str, now: datetime) -> Any:
    event.add("uid", f"{one.uid}@casework")
    event.add("dtstamp", now)
    event.add("summary", " · ".join(filter(None, (str(one.what), firm_of(one.known), one.known.number))))
    event.add("url", f"{base}{one.path}")
    event.add("dtstart", one.begins)
    if one.ends is not None:
        event.add("dtend", one.ends)
    elif isinstance(one.begins, datetime):
        event.add("dtend", one.begins + DEADLINE_LENGTH)
    event.add("transp", "OPAQUE" if one.ends else "TRANSPARENT")
    return event
