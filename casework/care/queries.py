"""Every read of care, from who may know of a resident; and the numbers that leaders see without a name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.areas.models import Area
from casework.care.models import CareEntry, CareWords, Condition, Keeping, Resident
from casework.care.policy import COUNT, READ
from casework.enterprises.queries import areas_by_id
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, Role, can
from casework.kernel.rhythm import Rhythm, due_on
from casework.roster import duty
from casework.roster.queries import names, officers_of
from casework.roster.rules import who_goes

PAGE = 50
_COUNTING = (Role.AREA_LEADER, Role.DISTRICT_ADMIN)


@dataclass(frozen=True, slots=True)
class Looked:
    """A resident in a list: whose turn it is, when somebody looks in next, and how they were found last."""

    resident: Resident
    goer_id: int | None
    due_on: date
    place: Area
    last: CareEntry | None
    words: str = ""


def mine(actor: Actor) -> sa.ColumnElement[bool]:
    """The residents whom this person looks after."""
    two = sa.or_(Resident.keeper_id == actor.user_id, Resident.deputy_id == actor.user_id)
    return sa.and_(Resident.ended_on.is_(None), two)


def of_team(actor: Actor) -> sa.ColumnElement[bool]:
    """The residents of the teams that this person leads, those whose care has ended too."""
    return Resident.unit_id.in_(sorted(led(actor)))


def led(actor: Actor) -> set[int]:
    """The teams that the actor leads today."""
    return {duty.unit_id for duty in actor.duties if duty.role is Role.LEAD}


def visible_resident(key: int, *, to: Actor) -> Resident:
    """A resident whom the actor looks after, or whose team they lead.

    Raises:
        NotFound: there is none, or it is none of theirs: the same answer for both.
    """
    known = sa.or_(mine(to), of_team(to))
    found = db.session.scalar(sa.select(Resident).where(Resident.id == key, known))
    if found is None or not can(to, READ, found):
        raise NotFound("resident")
    return found


def looked_after(condition: sa.ColumnElement[bool], today: date) -> list[Looked]:
    """The residents in care under a condition, the most pressing first, in five queries."""
    query = sa.select(Resident).where(condition, Resident.ended_on.is_(None)).order_by(Resident.id).limit(500)
    rows = list(db.session.scalars(query))
    keys = [row.id for row in rows]
    seen, last = _seen(keys), _last(keys)
    out = duty.out_on({person for row in rows for person in (row.keeper_id, row.deputy_id) if person}, today)
    places = areas_by_id({row.area_id for row in rows})
    found = [
        Looked(
            row,
            who_goes((row.keeper_id, row.deputy_id), dict.fromkeys(out)),
            due_on(row.rhythm, last=seen.get(row.id), since=row.since),
            places[row.area_id],
            *last.get(row.id, (None, "")),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.due_on, one.place.code, one.resident.id))


def _seen(keys: Collection[int]) -> dict[int, date]:
    """The day on which each of the residents was reached last."""
    query = (
        sa.select(CareEntry.resident_id, sa.func.max(CareEntry.day))
        .where(CareEntry.resident_id.in_(keys), CareEntry.condition != Condition.UNREACHED)
        .group_by(CareEntry.resident_id)
    )
    return {key: day for key, day in db.session.execute(query)} if keys else {}  # noqa: C416 - rows are no pairs to mypy


def _last(keys: Collection[int]) -> dict[int, tuple[CareEntry, str]]:
    newest = sa.select(sa.func.max(CareEntry.id)).where(CareEntry.resident_id.in_(keys)).group_by(CareEntry.resident_id)
    query = (
        sa.select(CareEntry, CareWords.text)
        .outerjoin(CareWords, CareWords.entry_id == CareEntry.id)
        .where(CareEntry.id.in_(newest))
    )
    return {row[0].resident_id: (row[0], row[1] or "") for row in db.session.execute(query)} if keys else {}


def entries_of(resident: Resident, at: paging.At) -> paging.Page[Any]:
    """What was logged, newest first: (entry, words, name); words are gone where the law had them erased."""
    query = (
        sa.select(CareEntry, CareWords.text)
        .outerjoin(CareWords, CareWords.entry_id == CareEntry.id)
        .where(CareEntry.resident_id == resident.id)
    )
    keys = (paging.Key(CareEntry.id, int, down=True),)
    return paging.page_of(query, keys, at, PAGE, values=lambda row: [row[0].id])


def keepings_of(resident: Resident) -> Sequence[Keeping]:
    """Who looked after them from when to when, newest first; what never counted left out."""
    query = sa.select(Keeping).where(Keeping.resident_id == resident.id)
    counted = sa.or_(Keeping.to_on.is_(None), Keeping.to_on >= Keeping.from_on)
    return db.session.scalars(query.where(counted).order_by(Keeping.id.desc())).all()


def team_of(unit_id: int, day: date) -> dict[int, str]:
    """Who of a team may look after a resident: its officers, leads and helpers, by name."""
    return {person.user_id: person.name for person in officers_of(unit_id, day)}


@dataclass(frozen=True, slots=True)
class Counted:
    """So many residents of a street are looked after for one reason, so many of them overdue."""

    place: str
    kind: str
    residents: int
    overdue: int
    help: int


def counts(actor: Actor, today: date) -> list[Counted]:
    """Numbers for leaders, by street and reason; no name, no address, nothing below a street."""
    columns: dict[str, Any] = {
        "city": Resident.city_id,
        "district": Resident.district_id,
        "subdistrict": Resident.subdistrict_id,
        "community": Resident.community_id,
        "site": Resident.area_id,
    }
    reach = [columns[duty.area_level] == duty.area_id for duty in actor.duties if duty.role in _COUNTING]
    if not reach or not can(actor, COUNT):
        return []
    query = sa.select(
        Resident.id,
        sa.func.coalesce(Resident.subdistrict_id, Resident.district_id, Resident.area_id),
        Resident.kind,
        Resident.every_days,
        Resident.weekday,
        Resident.since,
    ).where(sa.or_(*reach), Resident.ended_on.is_(None))
    rows = db.session.execute(query).all()
    return _summed(rows, today)


def _summed(rows: Sequence[Any], today: date) -> list[Counted]:
    keys = [row[0] for row in rows]
    seen, last = _seen(keys), {key: entry.condition for key, (entry, _) in _last(keys).items()}
    places = areas_by_id({row[1] for row in rows})
    sums: dict[tuple[int, str], list[int]] = {}
    for key, place, kind, every, weekday, since in rows:
        found = sums.setdefault((place, kind), [0, 0, 0])
        found[0] += 1
        found[1] += due_on(Rhythm(every, weekday), last=seen.get(key), since=since) < today
        found[2] += last.get(key) == Condition.HELP
    ordered = sorted(sums.items(), key=lambda item: (places[item[0][0]].code, item[0][1]))
    return [Counted(places[place].path, kind, *numbers) for (place, kind), numbers in ordered]


def people_of(rows: Sequence[Looked]) -> dict[int, str]:
    """Names of those who look after some residents."""
    return names({key for row in rows for key in (row.resident.keeper_id, row.resident.deputy_id) if key})
