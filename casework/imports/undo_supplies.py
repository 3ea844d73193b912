"""Taking back stock: an entry is reversed by another that names it, while there is still as much."""

from __future__ import annotations

from casework.imports.models import ImportMark
from casework.imports.undo_rules import GONE, Setting, Stays
from casework.kernel.db import db
from casework.roster.models import Unit
from casework.supplies import requests
from casework.supplies.models import SupplyMovement


def reverse(mark: ImportMark, setting: Setting) -> None:
    """What came into stock goes out again; the service says when part of it has been given out already."""
    movement = db.session.get(SupplyMovement, mark.thing_id)
    if movement is None:
        raise Stays(GONE)
    unit = db.session.get_one(Unit, movement.unit_id)
    requests.reverse(unit, movement, setting.reason, actor=setting.actor, now=setting.now)


UNDOERS = {"stock": reverse}
