"""Every write to the tree of areas. The ancestors by level, the full name and the path are kept with each row."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from casework import audit
from casework.areas import queries
from casework.areas.events import AreaAdded, AreaRenamed
from casework.areas.models import Area, Level
from casework.areas.places import STEP
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise


def add_area(*, code: str, name: str, level: str, parent: Area | None) -> Area:
    """Add a place below another (a city below none), unasked and unlogged: for importers and seeds.

    Levels may be skipped downwards, as for a site directly below a subdistrict.

    Raises:
        Refused: the name is missing, the code is taken, or the level does not lie below the parent's.
    """
    name, code = name.strip(), code.strip()
    if reasons := _objections(code, name, level, parent):
        raise Refused(reasons)
    area = Area(
        code=code,
        name=name,
        level=level,
        parent_id=parent.id if parent else None,
        full_name=f"{parent.full_name}{name}" if parent else name,
        path=_path(parent, name),
        **(queries.placed(parent) if parent else {}),
    )
    db.session.add(area)
    db.session.flush()  # rows below need its id
    return area


def remove(area: Area, *, actor: Actor) -> None:
    """Take away a place that an import made and nothing refers to: the caller has looked.

    Raises:
        NotPermitted: the place lies outside the actor's district.
    """
    authorise(actor, "area.edit", area)
    db.session.delete(area)
    db.session.flush()  # what refers to it all the same refuses here


def _path(parent: Area | None, name: str) -> str:
    """How pages name a place. The city is left out: everyone who reads works in it."""
    return name if parent is None or parent.level == Level.CITY else f"{parent.path} {STEP} {name}"


def _objections(code: str, name: str, level: str, parent: Area | None) -> list[Reason]:
    reasons = []
    if not name:
        reasons.append(because(N_("Write the name of the place."), "name"))
    if len(name) > 100:
        reasons.append(because(N_("A name has at most %(count)s characters."), "name", count=100))
    if not code:
        reasons.append(because(N_("Write the code of the place."), "code"))
    elif queries.by_code(code):
        reasons.append(because(N_("The code %(code)s is taken."), "code", code=code))
    order = queries.LEVELS.index
    if (parent is None) != (level == Level.CITY) or (parent and order(Level(level)) <= order(Level(parent.level))):
        reasons.append(because(N_("A place lies below one of a higher level."), "level"))
    return reasons


def add_site(parent: Area, *, name: str, actor: Actor, now: datetime) -> Area:
    """Add a site (a building, park or market) below a community or subdistrict, with a code of our own.

    Raises:
        NotPermitted: the place lies outside the actor's district.
        Refused: the name is missing or already there.
    """
    authorise(actor, "area.edit", parent)
    if any(other.name == name.strip() for other in queries.children(parent.id)):
        raise Refused(because(N_("%(name)s is already there."), "name", name=name.strip()))
    area = add_area(code=_site_code(parent), name=name, level=Level.SITE, parent=parent)
    audit.record(AreaAdded(area.id, area.full_name), by=actor, at=now)
    return area


def _site_code(parent: Area) -> str:
    """The parent's code with a number behind it; a race for it ends in a conflict by the unique rule."""
    taken = set(db.session.scalars(sa.select(Area.code).where(Area.code.startswith(f"{parent.code}-"))))
    number = 1
    while f"{parent.code}-{number}" in taken:
        number += 1
    return f"{parent.code}-{number}"


def rename(area: Area, *, name: str, actor: Actor, now: datetime) -> None:
    """Give a place another name; the full names and paths below it follow.

    Raises:
        NotPermitted: the place lies outside the actor's district.
        Refused: the name is missing or too long.
    """
    authorise(actor, "area.edit", area)
    name = name.strip()
    if not name or len(name) > 100:
        raise Refused(because(N_("Write a name of at most %(count)s characters."), "name", count=100))
    old, before, path = area.name, area.full_name, area.path
    if name == old:
        return
    area.name, area.full_name, area.path = name, before.removesuffix(old) + name, path.removesuffix(old) + name
    db.session.flush()  # its row version is checked before the rows below follow
    _follow(area, Area.full_name, before, area.full_name)
    if area.level != Level.CITY:  # no path names its city
        _follow(area, Area.path, path, area.path)
    audit.record(AreaRenamed(area.id, old, name), by=actor, at=now)


def _follow(area: Area, column: InstrumentedAttribute[str], before: str, after: str) -> None:
    """Let the names of the places below begin as this one's now does."""
    db.session.execute(
        sa.update(Area)
        .where(queries.within(area.id, area.level), Area.id != area.id, column.startswith(before, autoescape=True))
        .values({column: sa.literal(after) + sa.func.substr(column, len(before) + 1)})
        .execution_options(synchronize_session=False)
    )
