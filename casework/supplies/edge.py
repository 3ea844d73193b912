"""What the views of supplies share: the district that a page is about, and what its address narrows it to."""

from __future__ import annotations

from flask import request

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.kernel.errors import NotFound, NotPermitted
from casework.kernel.forms import row_id
from casework.kernel.permissions import can
from casework.kernel.web import current_actor
from casework.roster.models import Unit
from casework.supplies import queries
from casework.supplies.policy import KEEP


def districts() -> list[tuple[int, str]]:
    """Id and path of the districts that the person may choose from."""
    return areas.choices(current_actor(), levels=(Level.DISTRICT,))


def district() -> Area:
    """The district that is asked for, else the first of theirs.

    Raises:
        NotFound: it is none of theirs.
    """
    offered = [area_id for area_id, _ in districts()]
    wanted = row_id(request.values.get("district", "")) or next(iter(offered), None)
    found = areas.area(wanted) if wanted else None
    if found is None or found.id not in offered:
        raise NotFound("district")
    return found


def asked(name: str) -> int | None:
    """An id that the address narrows the page to; None when it names none."""
    return row_id(request.args.get(name, ""))


def kept_unit(unit_id: int) -> Unit:
    """A unit whose stock the person keeps.

    Raises:
        NotFound: it does not exist for them.
        NotPermitted: they may see its stock, but not change it.
    """
    unit = queries.visible_unit(unit_id, to=current_actor())
    if not can(current_actor(), KEEP, unit):
        raise NotPermitted(KEEP)
    return unit


def district_of(unit: Unit) -> int:
    """The district that a unit serves in; 0 when it serves a whole city."""
    return unit.area.district_id or (unit.area.id if unit.area.level == Level.DISTRICT else 0)
