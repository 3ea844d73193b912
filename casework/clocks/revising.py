"""Change a calendar: what it would be, and the change itself. Open due times follow, see ``cases.calendars``.

A change is dated and says what it rests on: a notice of the State Council, an order of the city.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from casework import audit
from casework.areas.models import Area
from casework.clocks import calendars, queries
from casework.clocks.calendar import Day
from casework.clocks.events import CalendarMade, CalendarRevised
from casework.clocks.kinds import WORKING, DayKind
from casework.clocks.models import CalendarDay, WorkCalendar
from casework.clocks.policy import EDIT, place_of
from casework.clocks.queries import Known
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise

MOST_DAYS = 62
FIRST, LAST = date(2019, 1, 1), date(2099, 12, 31)
USUAL = "usual"
MOST_WHY, MOST_NAME = 300, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Either days (``kind``: holiday, workday, or usual for what they were) or hours from ``first`` on; and why."""

    first: date
    last: date
    kind: str = ""
    name: str = ""
    official: bool = True
    spans: Sequence[Sequence[str]] = ()
    why: str = ""

    @property
    def days(self) -> list[date]:
        """The dates that it names."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


def row(calendar_id: int) -> WorkCalendar:
    """A calendar by its key.

    Raises:
        NotFound: there is none.
    """
    found = db.session.get(WorkCalendar, calendar_id)
    if found is None:
        raise NotFound("calendar")
    return found


def objections(change: Change) -> list[Reason]:
    """Why this change cannot be made."""
    found = []
    if not FIRST <= change.first <= LAST or not FIRST <= change.last <= LAST:
        found.append(because(N_("Days: from 2019 to 2099."), "first"))
    elif change.last < change.first:
        found.append(because(N_("The last day lies before the first: choose a later one."), "last"))
    elif (change.last - change.first).days >= MOST_DAYS:
        found.append(because(N_("At most %(most)s days in one change."), "last", most=MOST_DAYS))
    if not change.spans and change.kind not in (*DayKind, USUAL):
        found.append(because(N_("Choose what these days are to be."), "kind"))
    if change.kind == DayKind.HOLIDAY and not change.name.strip():
        found.append(because(N_("Name: write what the days off are for; it stands in each explanation."), "name"))
    if len(change.name) > MOST_NAME:
        found.append(because(N_("Name: at most %(most)s characters."), "name", most=MOST_NAME))
    if not change.why.strip() or len(change.why) > MOST_WHY:
        found.append(because(N_("Write what the change rests on, such as the notice and its number."), "why"))
    return found


def drafted(calendar_id: int, change: Change) -> dict[int, Known]:
    """The calendars as they would be: the one that is changed and those that follow its days."""
    known = queries.known_calendars()
    own: dict[int, Mapping[date, Day]] = {one.id: one.own for one in known.values()}
    base = next((one.id for one in known.values() if one.row.code == WORKING and one.row.area_id is None), 0)
    own[calendar_id] = _with_days(own[calendar_id], change, is_base=calendar_id == base)
    follow = [one.id for one in known.values() if calendar_id == base and one.row.holidays and not change.spans]
    found = {}
    for key in {calendar_id, *follow}:
        before = known[key].row
        after = replace(before, hours=_with_hours(before.hours, change)) if key == calendar_id else before
        found[key] = queries.known(after, known[key].depth, own, base)
    return found


def _with_days(own: Mapping[date, Day], change: Change, *, is_base: bool) -> dict[date, Day]:
    days = dict(own)
    for day in change.days if not change.spans else ():
        kind = _kind(day, change, is_base)
        if kind is None:
            days.pop(day, None)
        else:
            days[day] = Day(kind, change.name.strip(), change.official)
    return days


def _kind(day: date, change: Change, is_base: bool) -> DayKind | None:
    """What a date becomes. The statutory calendar keeps a row: the next seeding must not bring the old one back."""
    if change.kind != USUAL:
        return DayKind(change.kind)
    if not is_base:
        return None
    return DayKind.WORKDAY if day.weekday() < 5 else DayKind.HOLIDAY


def _with_hours(hours: Sequence[Mapping[str, object]], change: Change) -> list[Mapping[str, object]]:
    if not change.spans:
        return list(hours)
    first, *later = hours
    begin = change.first.isoformat()
    kept = [one for one in later if one["from"] != begin]
    added = {"from": begin, "spans": [list(span) for span in change.spans]}
    return [first, *sorted([*kept, added], key=lambda one: str(one["from"]))]


def revise(calendar: WorkCalendar, change: Change, *, actor: Actor, now: datetime) -> None:
    """Make the change. Open deadlines are older than the calendar from then on, and are derived anew by a job.

    Raises:
        NotPermitted: the calendar is not the actor's.
        Refused: the change is none, each fault at its field.
    """
    authorise(actor, EDIT, place_of(db.session.get(Area, calendar.area_id) if calendar.area_id else None))
    if reasons := objections(change):
        raise Refused(reasons)
    if change.spans and len(calendar.hours) > calendars.MOST_CHANGES:
        raise Refused(because(N_("Hours were changed too often: make a calendar of its own."), "hours"))
    base = calendar.code == WORKING and calendar.area_id is None
    if change.spans:
        calendar.hours = [dict(one) for one in _with_hours(calendar.hours, change)]
    else:
        for day in change.days:
            _set_day(calendar.id, day, _kind(day, change, base), change)
    _outdate(calendar, change.why.strip(), follow=base and not change.spans)
    days = [] if change.spans else [{"first": change.first, "last": change.last, "kind": change.kind}]
    hours = {"from": change.first, "spans": [list(span) for span in change.spans]} if change.spans else {}
    fact = CalendarRevised(calendar.id, calendar.name, change.why.strip(), days, hours)
    audit.record(fact, by=actor, at=now)
    queries.forget_calendar()


def _set_day(calendar_id: int, day: date, kind: DayKind | None, change: Change) -> None:
    found = db.session.get(CalendarDay, (calendar_id, day))
    if kind is None:
        if found is not None:
            db.session.delete(found)
    elif found is None:
        made = CalendarDay(calendar_id=calendar_id, day=day, kind=kind, name=change.name.strip())
        made.official, made.version = change.official, 2  # 1 is the seed's: what somebody wrote is left alone
        db.session.add(made)
    else:
        found.kind, found.name, found.official = kind, change.name.strip(), change.official


def _outdate(calendar: WorkCalendar, why: str, *, follow: bool) -> None:
    """Raise the revision of what changed, so that each open deadline is seen to be older."""
    calendar.revision, calendar.why = calendar.revision + 1, why
    db.session.flush()
    if follow:
        others = sa.and_(WorkCalendar.holidays.is_(True), WorkCalendar.id != calendar.id)
        db.session.execute(
            sa.update(WorkCalendar)
            .where(others)
            .values(revision=WorkCalendar.revision + 1, version=WorkCalendar.version + 1, why=why)
        )


def make(
    *,
    code: str,
    name: str,
    area: Area | None,
    spans: Sequence[Sequence[str]],
    week: Sequence[int],
    holidays: bool,
    why: str,
    actor: Actor,
    now: datetime,
) -> WorkCalendar:
    """Make a calendar: for an area instead of the one for everywhere, or under a code of its own.

    Raises:
        NotPermitted: the area is not the actor's.
        Refused: a fault at its field, or there is one already.
    """
    authorise(actor, EDIT, place_of(area))
    reasons = new_faults(code, name, week, why)
    there = sa.select(WorkCalendar.id).where(
        WorkCalendar.code == code, WorkCalendar.area_id == (area.id if area else None)
    )
    if not reasons and db.session.scalar(there):
        reasons = [because(N_("There is such a calendar for this area already: change that one."), "area_id")]
    if reasons:
        raise Refused(reasons)
    hours = [{"from": "", "spans": [list(span) for span in spans]}]
    made = WorkCalendar(code=code, name=name.strip(), area_id=area.id if area else None, hours=hours, week=sorted(week))
    made.holidays, made.why, made.revision = holidays, why.strip(), 1
    db.session.add(made)
    db.session.flush()  # the entry names it
    label = f"{area.name} · {made.name}" if area else made.name
    audit.record(CalendarMade(made.id, code, label, made.why), by=actor, at=now)
    queries.forget_calendar()
    return made


def new_faults(code: str, name: str, week: Sequence[int], why: str) -> list[Reason]:
    """Why there can be no such calendar."""
    found = []
    if not code.isascii() or not code.replace("_", "").isalnum() or not 2 <= len(code) <= 20 or code == "always":
        found.append(because(N_("Code: 2 to 20 letters, digits or _; limits name the calendar by it."), "code"))
    if not name.strip() or len(name) > MOST_NAME:
        found.append(because(N_("Name: 1 to %(most)s characters."), "name", most=MOST_NAME))
    if not week or any(number not in range(7) for number in week):
        found.append(because(N_("Tick at least one weekday."), "week"))
    if not why.strip() or len(why) > MOST_WHY:
        found.append(because(N_("Write what the change rests on, such as the notice and its number."), "why"))
    return found
