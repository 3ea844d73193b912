"""Taking back places: one that nothing refers to is removed, a leader's place goes back."""

from __future__ import annotations

import sqlalchemy as sa

from casework.areas import service as areas
from casework.areas.models import Area
from casework.coverage import service as coverage
from casework.coverage.models import Coverage
from casework.imports.models import ImportMark
from casework.imports.undo_rules import CHANGED, GONE, USED, Setting, Stays
from casework.kernel.db import db


def remove(mark: ImportMark, setting: Setting) -> None:
    """A place that came in by the import, while nothing refers to it; no chain tells of it."""
    area = db.session.get(Area, mark.thing_id)
    if area is None:
        raise Stays(GONE)
    if area.name != (mark.after or {}).get("name"):
        raise Stays(CHANGED)
    below = sa.select(Area.id).where(Area.parent_id == area.id).limit(1)  # asked anew: they may be gone since
    if area.id in setting.used["area"] or db.session.scalar(below):
        raise Stays(USED)
    areas.remove(area, actor=setting.actor)


def give_back(mark: ImportMark, setting: Setting) -> None:
    """Who answers for a place: whoever did before does again, unless it was given on since."""
    row = db.session.get(Coverage, mark.thing_id)
    if row is None or row.to_on is not None:
        raise Stays(CHANGED)
    before = (mark.before or {}).get("id")
    earlier = db.session.get(Coverage, before) if before else None
    coverage.take_leader_back(row, earlier, actor=setting.actor, now=setting.now)


UNDOERS = {"area": remove, "leader": give_back}
