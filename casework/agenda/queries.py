"""A week as its pages show it: days with their holidays, who is away, who has the desk, and what stands there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from casework.accounts.models import User
from casework.agenda import entries as agenda
from casework.agenda import rules
from casework.agenda.entries import Ask, Entry, Kind
from casework.agenda.policy import TEAM
from casework.areas import queries as areas
from casework.areas.models import Area
from casework.clocks import queries as clocks
from casework.clocks.explain import WEEKDAYS, festival
from casework.clocks.kinds import WORKING
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Reason
from casework.kernel.permissions import Actor, Known, Role, can
from casework.kernel.time import at_local, local
from casework.roster import pairs
from casework.roster.models import Absence, DutyShift, Posting, Unit, UnitKind
from casework.roster.queries import HANDLERS, names, valid_on

BEFORE = timedelta(days=60)
PEOPLE = 40
TEAMS = 300
_WIDE = (Role.AREA_LEADER, Role.DISTRICT_ADMIN)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week: whether time counts on it, and if it is a holiday or a make-up workday, which."""

    on: date
    works: bool
    name: Reason | str = ""

    @property
    def off(self) -> Reason | None:
        """Why it is no working day; None when it is one."""
        if self.works:
            return None
        return Reason("%(name)s", {"name": self.name}) if self.name else Reason(WEEKDAYS[self.on.weekday()])


@dataclass(frozen=True, slots=True)
class Week:
    """Somebody's week: entries by day, what is left over from before, and the days on which they are away.

    ``away`` gives the stand-in's name, or nothing. ``cut``: more stands there than can be told.
    """

    user_id: int
    name: str
    days: dict[date, list[Entry]]
    before: list[Entry] = field(default_factory=list)
    away: dict[date, str] = field(default_factory=dict)
    cut: bool = False

    @property
    def count(self) -> int:
        """How much stands in the week."""
        return sum(map(len, self.days.values()))

    @property
    def late(self) -> int:
        """How much of it is overdue."""
        return sum(entry.late for listed in self.days.values() for entry in listed)


def days(monday: date, area_ids: Collection[int]) -> list[Day]:
    """The days of a week by the working calendar that counts in some areas."""
    known = clocks.nearest(clocks.known_calendars().values(), WORKING, area_ids)
    return [_day(known, day) for day in rules.days_of(monday)]


def day_of(day: date, area_ids: Collection[int]) -> Day:
    """One day by the working calendar that counts in some areas."""
    return _day(clocks.nearest(clocks.known_calendars().values(), WORKING, area_ids), day)


def _day(known: clocks.Known, day: date) -> Day:
    fact = known.days.get(day)
    return Day(day, known.calendar.is_working_day(day), festival(fact.name) if fact and fact.name else "")


def around(actor: Actor) -> frozenset[int]:
    """The areas in which a person serves first, with what lies around them: they say whose calendar counts."""
    place = areas.area(actor.duties[0].area_id) if actor.duties else None
    return place.area_ids if place else frozenset()


# -- whose week


def week_of(people: dict[int, str], monday: date, ask: Ask) -> list[Week]:
    """The weeks of some people; the present one of somebody alone with what is left over from before."""
    gone = absences(people, monday)
    current = len(people) == 1 and monday <= ask.today < monday + rules.WEEK
    asked = replace(ask, people=frozenset(people), since=at_local(monday), until=_end(monday))
    early = replace(asked, since=asked.since - BEFORE) if current else asked
    told, cut = agenda.gathered(agenda.SOURCES, early)
    loose, cut_too = agenda.gathered(agenda.LOOSE, asked)
    found = sorted([*told, *loose], key=lambda entry: entry.order)
    cut = cut or cut_too
    weeks = {
        key: Week(key, name, {day: [] for day in rules.days_of(monday)}, [], gone.get(key, {}), cut)
        for key, name in people.items()
    }
    for entry in found:
        week = weeks.get(entry.user_id)
        if week is None:
            continue
        if entry.day in week.days:
            week.days[entry.day].append(entry)
        elif entry.late:
            week.before.append(entry)
    return list(weeks.values())


def _end(monday: date) -> datetime:
    return at_local(monday + rules.WEEK) - timedelta(microseconds=1)


def absences(people: Collection[int], monday: date) -> dict[int, dict[date, str]]:
    """The days of a week on which some people are away, with the name of who stands in."""
    last = monday + rules.WEEK - timedelta(days=1)
    touching = sa.and_(Absence.user_id.in_(people), Absence.to_on >= monday, Absence.from_on <= last)
    rows = list(db.session.scalars(sa.select(Absence).where(touching).order_by(Absence.id).limit(PEOPLE * 7)))
    lasting = pairs.stand_ins({row.user_id: row for row in rows}, monday) if rows else {}
    deputies = {row.id: row.deputy_id or lasting.get(row.user_id) for row in rows}
    known = names(key for key in deputies.values() if key)
    found: dict[int, dict[date, str]] = {}
    for row in rows:
        for day in rules.days_of(monday):
            if row.from_on <= day <= row.to_on:
                found.setdefault(row.user_id, {})[day] = known.get(deputies[row.id] or 0, "")
    return found


def shifts(ask: Ask) -> list[Entry]:
    """When some people have the desk."""
    query = (
        sa.select(DutyShift)
        .options(orm.joinedload(DutyShift.unit))
        .where(DutyShift.user_id.in_(ask.people), DutyShift.ends_at > ask.since, DutyShift.begins_at <= ask.until)
        .order_by(DutyShift.begins_at, DutyShift.id)
        .limit(ask.most)
    )
    return [
        Entry(
            kind=Kind.SHIFT,
            uid=f"shift-{row.id}",
            user_id=row.user_id,
            begins=max(row.begins_at, ask.since),
            ends=row.ends_at,
            what=Reason(ON_DUTY),
            known=Known("", row.unit.name),
            path=f"/duty?at={local(row.begins_at):%Y-%m-%dT%H:%M}",
        )
        for row in db.session.scalars(query)
    ]


ON_DUTY = N_("On duty")


# -- teams


def teams(actor: Actor) -> Sequence[Unit]:
    """The teams whose week a person may look at, by code."""
    led = [duty.unit_id for duty in actor.duties if duty.role is Role.LEAD]
    reach = [areas.within(duty.area_id, duty.area_level) for duty in actor.duties if duty.role in _WIDE]
    ways: list[sa.ColumnElement[bool]] = [Unit.id.in_(led)] if led else []
    if reach:
        ways.append(sa.and_(Unit.kind == UnitKind.TEAM, Unit.area_id.in_(sa.select(Area.id).where(sa.or_(*reach)))))
    query = sa.select(Unit).where(sa.or_(sa.false(), *ways), Unit.closed_on.is_(None))
    rows = db.session.scalars(query.options(orm.joinedload(Unit.area)).order_by(Unit.code).limit(TEAMS))
    return [unit for unit in rows if can(actor, TEAM, unit)]


def team_page(unit: Unit, day: date, at: paging.At) -> paging.Page[Any]:
    """A page of those who handle cases in a team, by name: (id, name)."""
    serving = sa.select(Posting.user_id).where(Posting.unit_id == unit.id, Posting.role.in_(HANDLERS), valid_on(day))
    query = sa.select(User.id, User.name).where(User.id.in_(serving), User.disabled_at.is_(None))
    keys = (paging.Key(User.name, str), paging.Key(User.id, int))
    return paging.page_of(query, keys, at, PEOPLE, values=lambda row: [row[1], row[0]])


def member(user_id: int, day: date, *, to: Actor) -> tuple[User, Unit]:
    """Somebody of a team whose week the actor may look at, and the team.

    Raises:
        NotFound: there is nobody, or it is none of theirs: the same answer for both.
    """
    query = (
        sa.select(User, Unit)
        .join(Posting, Posting.user_id == User.id)
        .join(Unit, Unit.id == Posting.unit_id)
        .options(orm.joinedload(Unit.area))
        .where(User.id == user_id, User.disabled_at.is_(None), Posting.role.in_(HANDLERS), valid_on(day))
        .order_by(Posting.id)
    )
    for user, unit in db.session.execute(query):
        if can(to, TEAM, unit):
            return user, unit
    raise NotFound("person")


def leads(actor: Actor, unit: Unit) -> bool:
    """Whether the actor leads this team: then they plan for its people too."""
    return any(duty.role is Role.LEAD and duty.unit_id == unit.id for duty in actor.duties)
