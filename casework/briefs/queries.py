"""Reads of briefs and plans: what exists for a person, what waits, whom a plan may tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area
from casework.briefs.models import Brief, BriefSchedule
from casework.briefs.policy import READ, READERS
from casework.briefs.scopes import Counted, allowed, visible_to
from casework.briefs.words import Reach
from casework.cases.models import CaseType
from casework.kernel import paging
from casework.kernel.db import db, one
from casework.kernel.permissions import Actor, Duty, Known, Role
from casework.kpis.selecting import OFFERED
from casework.roster.models import Posting, Unit
from casework.roster.queries import valid_on

SIZE = 30
MOST_PEOPLE = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; unknown values are left out."""

    kind: str = ""
    area: int | None = None

    def as_query(self) -> dict[str, str]:
        """As address parameters."""
        given = {"kind": self.kind, "area": str(self.area or "")}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Place:
    """What a brief or plan is about, in names."""

    area: str
    path: str
    unit: str
    type_zh: str
    type_en: str


def listed(actor: Actor, filters: Filters, at: paging.At) -> paging.Page[Brief]:
    """The briefs that exist for a person, newest first."""
    query = sa.select(Brief).where(visible_to(actor))
    if filters.kind:
        query = query.where(Brief.kind == filters.kind)
    if filters.area is not None:
        query = query.where(_in(filters.area))
    keys = (paging.Key(Brief.id, int, down=True),)
    return paging.page_of(query, keys, at, SIZE, values=lambda one: [one.id], whole=True)


def _in(area_id: int) -> sa.ColumnElement[bool]:
    area = db.session.get(Area, area_id)
    level = area.level if area is not None and area.level in OFFERED else "area"
    column: sa.ColumnElement[int] = getattr(Brief, f"{level}_id")
    return column == area_id


def visible_brief(key: int, *, to: Actor) -> Brief:
    """One brief.

    Raises:
        NotFound: there is none, or it is not theirs to read.
    """
    return one(sa.select(Brief).where(Brief.id == key, visible_to(to)), "brief")


def replaced_by(brief: Brief) -> int | None:
    """The newer edition, where there is one."""
    return db.session.scalar(sa.select(Brief.id).where(Brief.replaces_id == brief.id))


def places_of(rows: Iterable[Brief | BriefSchedule]) -> dict[int, Place]:
    """What some briefs, or some plans, are about, by their ids: three queries for all."""
    rows = list(rows)
    areas = {
        row.id: row for row in db.session.scalars(sa.select(Area).where(Area.id.in_({row.area_id for row in rows})))
    }
    wanted = {row.unit_id for row in rows if row.unit_id}
    units = (
        {row.id: row.name for row in db.session.scalars(sa.select(Unit).where(Unit.id.in_(wanted)))} if wanted else {}
    )
    wanted = {row.type_id for row in rows if row.type_id}
    types = (
        {row.id: row for row in db.session.scalars(sa.select(CaseType).where(CaseType.id.in_(wanted)))}
        if wanted
        else {}
    )
    found = {}
    for row in rows:
        area, kind = areas[row.area_id], types.get(row.type_id or 0)
        unit = units.get(row.unit_id or 0, "")
        found[row.id] = Place(area.name, area.path, unit, kind.zh if kind else "", kind.en if kind else "")
    return found


# -- plans


def plans(actor: Actor, at: paging.At) -> paging.Page[BriefSchedule]:
    """The plans that run and exist for a person, the next occasion first."""
    query = sa.select(BriefSchedule).where(visible_to(actor, BriefSchedule), BriefSchedule.stopped_at.is_(None))
    keys = (paging.Key(BriefSchedule.next_at, datetime), paging.Key(BriefSchedule.id, int))
    return paging.page_of(query, keys, at, SIZE, values=lambda one: [one.next_at, one.id], whole=True)


def running_plans(user_id: int) -> int:
    """How many plans of a person run."""
    query = sa.select(sa.func.count()).select_from(BriefSchedule)
    mine = query.where(BriefSchedule.stopped_at.is_(None), BriefSchedule.by_id == user_id)
    return int(db.session.scalar(mine) or 0)


def visible_plan(key: int, *, to: Actor) -> BriefSchedule:
    """One plan.

    Raises:
        NotFound: there is none, or it is not theirs to see.
    """
    query = sa.select(BriefSchedule).where(BriefSchedule.id == key, visible_to(to, BriefSchedule))
    return one(query, "plan")


def occasions(now: datetime) -> list[int]:
    """The plans whose next occasion has come."""
    query = sa.select(BriefSchedule.id).where(BriefSchedule.stopped_at.is_(None), BriefSchedule.next_at <= now)
    return list(db.session.scalars(query.order_by(BriefSchedule.next_at, BriefSchedule.id)))


def readers_of(counted: Counted, day: date) -> list[tuple[int, str]]:
    """The people who may read briefs of a scope on a day, by name: as many as a form can offer."""
    return list(readers(counted, day).items())[:MOST_PEOPLE]


def readers(counted: Counted, day: date) -> dict[int, str]:
    """Everybody who may read briefs of a scope on a day, by name. One query; leads read those of their team only."""
    roles = set(READERS) if counted.reach == Reach.TEAM else set(READERS) - {Role.LEAD}
    units = {counted.unit.id} if counted.unit else set()
    query = (
        sa.select(User.id, User.name, Posting.role, Unit.id, Unit.name, Posting.area_id, Area.level)
        .join(Posting, Posting.user_id == User.id)
        .join(Unit, Unit.id == Posting.unit_id)
        .join(Area, Area.id == Posting.area_id)
        .where(Posting.role.in_(roles), valid_on(day), User.disabled_at.is_(None))
        .where(sa.or_(Posting.area_id.in_(counted.area.area_ids), Posting.unit_id.in_(units)))
        .order_by(User.name, User.id)
    )
    found: dict[int, str] = {}
    for user_id, name, role, unit_id, unit, area_id, level in db.session.execute(query):
        duty = Duty(Role(role), unit_id, unit, area_id, level)
        if allowed(counted, Actor(user_id, name, (duty,)), READ):
            found.setdefault(user_id, f"{name}（{unit}）")
    return found


def known_briefs(actor: Actor | None, ids: Collection[int]) -> Mapping[int, Known]:
    """The briefs among the ids that exist for a person; stands in ``SUBJECTS``."""
    query = sa.select(Brief).where(Brief.id.in_(ids))
    if actor is not None:
        query = query.where(visible_to(actor))
    rows = list(db.session.scalars(query))
    places = places_of(rows)
    return {
        row.id: Known(
            f"{row.year}-{row.issue}", places[row.id].unit or places[row.id].area, "", frozenset(), row.area_ids
        )
        for row in rows
    }
