"""How a layout was read last: by a unit itself, else by another of its district."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.imports.models import ImportLayout
from casework.kernel.db import db
from casework.kernel.permissions import Actor
from casework.sheets.columns import header_key
from casework.sheets.reading import Table


@dataclass(frozen=True, slots=True)
class Remembered:
    """A layout that was read before: which column is what, where its table stands, whose choice that was and when."""

    mapping: Mapping[str, Any]
    options: Mapping[str, Any]
    by: str
    at: datetime


def fingerprint(headers: Sequence[str], width: int = 0) -> str:
    """What two files of one layout share: their headers in order; without headers, how many columns they have."""
    said = "\n".join(header_key(header) for header in headers) if headers else f"no header, {width}"
    return hashlib.sha256(said.encode()).hexdigest()


def print_of(table: Table) -> str:
    """The fingerprint of a table."""
    width = max([len(table.headers), *(len(row.cells) for row in table.rows[:200])], default=0)
    return fingerprint(table.headers, width)


def recall(target: str, prints: str, *, to: Actor) -> Remembered | None:
    """The layout as somebody's unit read it, else as another unit around it did, the newest first."""
    units = {duty.unit_id for duty in to.duties}
    districts = _districts(to)
    mine = sa.case((ImportLayout.unit_id.in_(units), 0), else_=1)
    query = (
        sa.select(ImportLayout, User.name)
        .join(User, User.id == ImportLayout.by_id)
        .where(
            ImportLayout.target == target,
            ImportLayout.print == prints,
            sa.or_(ImportLayout.unit_id.in_(units), ImportLayout.district_id.in_(districts)),
        )
        .order_by(mine, ImportLayout.at.desc())
        .limit(1)
    )
    found = db.session.execute(query).first()
    return Remembered(found[0].mapping, found[0].options, found[1], found[0].at) if found else None


def remember(
    target: str, prints: str, mapping: Mapping[str, Any], options: Mapping[str, Any], *, actor: Actor, now: datetime
) -> None:
    """Keep how a layout is read, for the unit of the actor's first duty; what it was before is replaced."""
    if not actor.duties:
        return
    unit_id = actor.duties[0].unit_id
    row = db.session.scalar(
        sa.select(ImportLayout).where(
            ImportLayout.target == target, ImportLayout.print == prints, ImportLayout.unit_id == unit_id
        )
    )
    if row is None:
        district = next(iter(sorted(_districts(actor))), None)
        row = ImportLayout(target=target, print=prints, unit_id=unit_id, district_id=district)
        db.session.add(row)
    row.mapping, row.options, row.by_id, row.at = dict(mapping), dict(options), actor.user_id, now


def own_district(actor: Actor) -> str:
    """The name of the district that somebody serves, when it is one."""
    ids = _districts(actor)
    query = sa.select(Area.name).where(Area.id.in_(ids))
    return (db.session.scalar(query) or "") if len(ids) == 1 else ""


def _districts(actor: Actor) -> set[int]:
    """The districts that somebody serves: a layout is lent in one, never through a whole city."""
    return areas.districts_served(duty for duty in actor.duties if duty.area_level != Level.CITY)
