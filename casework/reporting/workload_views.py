"""The pages of what teams and people carry."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from casework.areas import queries as areas
from casework.areas.models import Level
from casework.kernel import paging
from casework.kernel.errors import NotFound
from casework.kernel.forms import row_id
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page
from casework.reporting import workload
from casework.reporting.policy import WORKLOAD
from casework.roster.limits import limits_of
from casework.roster.queries import visible_unit
from casework.roster.words import ROLES

blueprint = Blueprint("workload", __name__, url_prefix="/workload")


@blueprint.get("")
@needs(WORKLOAD)
def index() -> ResponseReturnValue:
    """The teams of one's districts with what they carry."""
    actor, now = current_actor(), utcnow()
    asked = row_id(request.args.get("area", ""))
    area = areas.visible_area(asked, to=actor) if asked else None
    found = workload.teams(actor, area, paging.asked(request.args), now=now, day=local_day(now))
    return page(
        "reporting/workloads.html",
        teams=found.rows,
        most=found.most,
        area=area,
        places=areas.choices(actor, levels=(Level.DISTRICT, Level.SUBDISTRICT)),
        ways=found.found.ways(partial(url_for, ".index", area=asked)),
    )


@blueprint.get("/<int:unit_id>")
@needs(WORKLOAD)
def show(unit_id: int) -> ResponseReturnValue:
    """The people of a unit with what each carries."""
    now = utcnow()
    actor = current_actor()
    unit = visible_unit(unit_id, to=actor)
    if not can(actor, WORKLOAD, unit):
        raise NotFound("unit")
    rows = workload.of_unit(unit.id, now=now, day=local_day(now))
    return page(
        "reporting/workload.html",
        unit=unit,
        rows=rows,
        roles=ROLES,
        limits=limits_of(unit.area.district_id or unit.area_id),
    )
