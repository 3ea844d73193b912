"""The day's route as its pages show it: firms and residents in one order, with whom to call and what was said last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from casework.care import queries as care
from casework.care.models import Condition
from casework.care.queries import Looked
from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.enterprises import queries as enterprises
from casework.enterprises.models import Contact, ContactEntry
from casework.kernel.db import db
from casework.kernel.permissions import Actor
from casework.roster.queries import names, officers_of
from casework.visits import entries, queries
from casework.visits.queries import Stop
from casework.visits.rules import Part, by_numbers, part_of

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One stop as it stands on the page. ``key`` names it on its day: f and a firm's id, or r and a resident's."""

    key: str
    part: Part
    name: str
    address: str
    place: str
    place_code: str
    href: str
    due_on: date
    position: int | None
    stop: Stop | None = None
    care: Looked | None = None
    contact: Contact | None = None
    last: ContactEntry | None = None
    last_by: str = ""
    last_case: str = ""
    cases: tuple[Any, ...] = ()

    @property
    def order(self) -> tuple[Any, ...]:
        """By hand where somebody put it in order, else appointments ahead by day, else street by street."""
        ahead = self.due_on if self.part is Part.AHEAD else date.min
        put = self.position if self.position is not None else 10**6
        return (put, ahead, self.place_code, by_numbers(self.address), self.key)


@dataclass(frozen=True, slots=True)
class Section:
    """Overdue, today or ahead: stops in their order, cut where the community changes, and how many are not shown."""

    part: Part
    lines: Sequence[Line]
    count: int

    @property
    def by_place(self) -> list[tuple[str, list[Line]]]:
        """The stops of each community that follow each other."""
        return [(place, list(lines)) for place, lines in groupby(self.lines, key=lambda line: line.place)]


@dataclass(frozen=True, slots=True)
class Day:
    """Everything on somebody's route of a day."""

    sections: dict[Part, Section]
    done: list[tuple[ContactEntry, str]] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing is left to do."""
        return not any(section.count for section in self.sections.values())


def care_lines(rows: Sequence[Looked], day: date, goers: Collection[int]) -> list[Line]:
    """The residents on whom somebody looks in today; where nobody opened today it is off until tomorrow."""
    due = [
        row
        for row in rows
        if row.goer_id in goers
        and row.due_on <= day
        and not (row.last and row.last.day == day and row.last.condition == Condition.UNREACHED)
    ]
    placed = queries.care_positions([row.resident.id for row in due], day)
    return [
        Line(
            f"r{row.resident.id}",
            part_of(row.due_on, day) or Part.TODAY,
            row.resident.name,
            row.resident.address,
            row.place.name,
            row.place.code,
            f"/care/{row.resident.id}",
            row.due_on,
            placed.get(row.resident.id),
            care=row,
        )
        for row in due
    ]


def firm_line(stop: Stop) -> Line:
    """A firm's stop without what is told beside it."""
    firm = stop.firm
    position = None if stop.part is Part.AHEAD else firm.position
    return Line(
        f"f{firm.id}",
        stop.part,
        firm.name,
        firm.address,
        firm.place,
        firm.place_code,
        f"/visits/{firm.id}",
        stop.due_on,
        position,
        stop=stop,
    )


def lines_of(actor: Actor, day: date) -> list[Line]:
    """The stops of one person on a day, in their order."""
    firms = [firm_line(stop) for stop in queries.stops({actor.user_id}, day)]
    residents = care_lines(care.looked_after(care.mine(actor), day), day, {actor.user_id})
    return sorted([*firms, *residents], key=lambda line: line.order)


def day_of(actor: Actor, day: date) -> Day:
    """One person's route of a day with all that its page shows; the number of queries does not grow with the stops."""
    lines = lines_of(actor, day)
    shown = [line for part in Part for line in [one for one in lines if one.part is part][:SHOWN]]
    told = _told(shown, actor)
    sections = {}
    for part in Part:
        here = [line for line in told if line.part is part]
        sections[part] = Section(part, here, sum(line.part is part for line in lines))
    return Day(sections, entries.logged_by({actor.user_id}, day))


def _told(lines: Sequence[Line], actor: Actor) -> list[Line]:
    keys = [line.stop.firm.id for line in lines if line.stop]
    last, contacts = enterprises.last_entries(keys), enterprises.first_contacts(keys)
    people = names({entry.by_id for entry in last.values()})
    numbers = case_numbers([entry.case_id for entry in last.values() if entry.case_id], actor)
    cases = open_cases(keys, actor)
    found = []
    for line in lines:
        key = line.stop.firm.id if line.stop else 0
        entry = last.get(key)
        found.append(
            replace(
                line,
                contact=contacts.get(key),
                last=entry,
                last_by=people.get(entry.by_id, "") if entry else "",
                last_case=numbers.get(entry.case_id or 0, "") if entry else "",
                cases=tuple(cases.get(key, ())),
            )
        )
    return found


def case_numbers(keys: Sequence[int], actor: Actor) -> dict[int, str]:
    """Numbers of those of the cases that the actor may see."""
    query = sa.select(Case.id, Case.number).where(Case.id.in_(keys), visible_to(actor))
    return {row[0]: row[1] for row in db.session.execute(query)} if keys else {}


def open_cases(keys: Sequence[int], actor: Actor) -> dict[int, list[Any]]:
    """The open cases of firms that the actor may see: rows with number and title, by firm."""
    query = (
        sa.select(Case.enterprise_id, Case.number, Case.title)
        .where(Case.enterprise_id.in_(keys), Case.is_open.is_(True), visible_to(actor))
        .order_by(Case.id)
    )
    found: dict[int, list[Any]] = {}
    for row in db.session.execute(query) if keys else ():
        found.setdefault(row.enterprise_id, []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class OnDesk:
    """How many stops of each part of the route there are, and what is agreed for today."""

    counts: dict[Part, int]
    agreed: tuple[Line, ...]
    care: int

    @property
    def some(self) -> bool:
        """Whether there is anything to say."""
        return any(self.counts.values())


def on_desk(actor: Actor, day: date) -> OnDesk:
    """What a person's desk says of their route."""
    lines = lines_of(actor, day)
    counts = {part: sum(line.part is part for line in lines) for part in Part}
    agreed = [line for line in lines if line.stop and line.stop.appointment and line.part is not Part.AHEAD]
    return OnDesk(counts, tuple(agreed[:SHOWN]), sum(line.care is not None for line in lines))


@dataclass(frozen=True, slots=True)
class Load:
    """What one person of a team has today."""

    user_id: int
    name: str
    overdue: int
    today: int
    done: int
    care: int


@dataclass(frozen=True, slots=True)
class TeamDay:
    """The day of the teams that somebody leads: who has how much, and the firms' stops one by one."""

    loads: list[Load]
    lines: list[Line]
    count: int
    names: dict[int, str]


def team_day(actor: Actor, day: date) -> TeamDay:
    """Who has how many due and overdue; of residents numbers only."""
    people = {one.user_id: one.name for unit in sorted(care.led(actor)) for one in officers_of(unit, day)}
    lines = sorted(
        (firm_line(stop) for stop in queries.stops(people.keys(), day) if stop.part is not Part.AHEAD),
        key=lambda line: (line.due_on, line.order),
    )
    residents = care.looked_after(care.of_team(actor), day)
    done = entries.logged_by(people.keys(), day)
    loads = [
        Load(
            key,
            name,
            sum(line.part is Part.OVERDUE for line in lines if line.stop and line.stop.goer_id == key),
            sum(line.part is Part.TODAY for line in lines if line.stop and line.stop.goer_id == key),
            sum(entry.by_id == key for entry, _ in done),
            sum(row.goer_id == key and row.due_on <= day for row in residents),
        )
        for key, name in people.items()
    ]
    return TeamDay(loads, lines[:SHOWN], len(lines), people)
