"""Reads for planning: plans and presets as they stand, and which firms a plan would be for."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.enterprises.models import Enterprise, Liaison
from casework.kernel.db import db
from casework.kernel.permissions import Actor, Role
from casework.visits.models import VisitPlan, VisitPreset


def plan_of(enterprise_id: int) -> VisitPlan | None:
    """The firm's own plan."""
    return db.session.scalar(sa.select(VisitPlan).where(VisitPlan.enterprise_id == enterprise_id))


def presets_of(district_id: int) -> dict[str, VisitPreset]:
    """How often firms are visited in a district, by size."""
    query = sa.select(VisitPreset).where(VisitPreset.district_id == district_id).order_by(VisitPreset.size)
    return {row.size: row for row in db.session.scalars(query)}


def sizes_in(district_id: int, limit: int = 20) -> list[tuple[str, int]]:
    """The sizes that are written of firms of a district, most frequent first, with how many are in business."""
    query = (
        sa.select(Enterprise.size, sa.func.count())
        .where(Enterprise.district_id == district_id, Enterprise.active.is_(True))
        .group_by(Enterprise.size)
        .order_by(sa.func.count().desc(), Enterprise.size)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def planned_places(actor: Actor) -> list[tuple[int, str]]:
    """The areas in which the actor plans visits to all firms: (id, path), by code."""
    wide = [duty for duty in actor.duties if duty.role in (Role.LEAD, Role.DISTRICT_ADMIN)]
    if not wide:
        return []
    reach = sa.or_(*(areas.within(duty.area_id, duty.area_level) for duty in wide))
    query = sa.select(Area.id, Area.path).where(reach, Area.level != Level.CITY).order_by(Area.code).limit(2000)
    return [(row[0], row[1]) for row in db.session.execute(query)]


def held_by(officer_id: int) -> sa.Select[Any]:
    """The firms in business for which an officer answers."""
    mine = sa.select(Liaison.enterprise_id).where(Liaison.officer_id == officer_id, Liaison.to_on.is_(None))
    return sa.select(Enterprise).where(Enterprise.id.in_(mine), Enterprise.active.is_(True))


def planned_among(query: sa.Select[Any]) -> tuple[int, int]:
    """How many firms there are, and how many of them have a plan of their own."""
    firms = query.with_only_columns(Enterprise.id).subquery()
    total = sa.select(sa.func.count()).select_from(firms)
    own = sa.select(sa.func.count()).select_from(VisitPlan).where(VisitPlan.enterprise_id.in_(sa.select(firms.c.id)))
    return db.session.scalar(total) or 0, db.session.scalar(own) or 0
