"""What cases hang on: areas, types, officers and enterprises; more of them, for many cases."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area
from casework.areas.queries import placed
from casework.cases.models import CaseType
from casework.enterprises import rules
from casework.enterprises.models import Enterprise
from casework.kernel import search
from casework.kernel.db import db, transaction
from casework.kernel.permissions import Role
from casework.roster.models import Posting, Unit, UnitKind
from casework.seeding.bulk import ids, insert
from casework.seeding.words import NAMES, PEOPLE, TRADES

SPAN = timedelta(days=300)


@dataclass(frozen=True, slots=True)
class Officer:
    """Who works on cases, for which unit, and the area that the posting reaches."""

    user_id: int
    name: str
    unit_id: int
    unit_name: str
    area_id: int


@dataclass(slots=True)
class World:
    """What cases hang on, read once."""

    areas: list[Area]
    district_codes: dict[int, str]
    types: list[CaseType]
    officers: dict[int, list[Officer]]
    desk: int
    regulator: int
    firms: list[tuple[int, str, Area]]
    dice: random.Random
    now: datetime


def world_for(count: int, now: datetime) -> World:
    dice = random.Random(count)  # noqa: S311 - invented cases, no secrets
    with transaction():
        areas = list(db.session.scalars(sa.select(Area).where(Area.level == "community").order_by(Area.id)))
        districts = db.session.execute(sa.select(Area.id, Area.code).where(Area.level == "district"))
        codes = {int(row.id): str(row.code) for row in districts}
        types = list(db.session.scalars(sa.select(CaseType).where(CaseType.active).order_by(CaseType.id)))
        _hire(areas, max(3, min(60, count // 2500)), now)
        world = World(areas, codes, types, _officers(areas), _holder(Role.DESK), _holder(Role.REGULATOR), [], dice, now)
        world.firms = _found(world, max(10, min(5000, count // 20)))
        db.session.expunge_all()  # plain values from here on: every transaction would read them again
    return world


def _hire(areas: list[Area], count: int, now: datetime) -> None:
    """More officers in the teams, who cannot sign in."""
    teams = list(db.session.scalars(sa.select(Unit).where(Unit.kind == UnitKind.TEAM).order_by(Unit.id)))
    mark = secrets.token_hex(3)
    for number in range(count):
        team = teams[number % len(teams)]
        user = User(username=f"seed-{mark}-{number}", name=f"{PEOPLE[number % 10]}协办{number}", created_at=now)
        db.session.add(user)
        db.session.flush()  # the posting needs the id
        day = date(2020, 2, 1)
        db.session.add(Posting(user_id=user.id, unit_id=team.id, role=Role.OFFICER, area_id=team.area_id, from_on=day))
    db.session.flush()  # officers are read from the postings


def _officers(areas: list[Area]) -> dict[int, list[Officer]]:
    """Who may be given a case, by community: those whose posting reaches it, else anybody."""
    query = (
        sa.select(User.id, User.name, Unit.id, Unit.name, Posting.area_id)
        .join(Posting, Posting.user_id == User.id)
        .join(Unit, Unit.id == Posting.unit_id)
        .where(Posting.role == Role.OFFICER, Posting.to_on.is_(None), User.disabled_at.is_(None))
    )
    everybody = [Officer(*row) for row in db.session.execute(query)]
    return {area.id: [one for one in everybody if one.area_id in area.area_ids] or everybody for area in areas}


def _holder(role: Role) -> int:
    query = sa.select(sa.func.min(Posting.user_id)).where(Posting.role == role)
    return int(db.session.scalar(query) or 0)


def _found(world: World, count: int) -> list[tuple[int, str, Area]]:
    """Enterprises to report difficulties."""
    first = ids(Enterprise, count)
    rows: list[dict[str, Any]] = []
    firms = []
    for firm_id in range(first, first + count):
        area = world.areas[firm_id % len(world.areas)]
        name = f"{NAMES[firm_id // 10 % 10]}{TRADES[firm_id % 10]}经营部{firm_id}"
        keys = rules.found_by(name)
        rows.append({
            "id": firm_id, "name": name, "name_key": name, "uscc": None, "address": area.full_name, "size": "",
            "industry": "", "active": True, "created_at": world.now - SPAN, "version": 1,
            "area_id": area.id, **placed(area), **keys,
        })  # fmt: skip
        firms.append((firm_id, name, area))
    insert(Enterprise, rows)
    for row in rows:
        search.put("firm", row["id"], 0, None, f"{row['name']}\n{row['address']}", new=True, place=row["district_id"])
    return firms
