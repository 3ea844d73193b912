"""The poster of a community, a park or any place one may know of, as PDF."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, current_app, make_response

from casework.areas import queries as areas
from casework.areas.models import Level
from casework.intake.policy import POSTER
from casework.kernel.errors import NotFound
from casework.kernel.permissions import authorise
from casework.kernel.web import current_actor, needs, site_address
from casework.papers import poster
from casework.roster.models import UnitKind
from casework.roster.queries import units_in

blueprint = Blueprint("posters", __name__)


@blueprint.get("/areas/<int:area_id>/poster.pdf")
@needs(POSTER)
def show(area_id: int) -> Response:
    """Print it and put it up."""
    actor = current_actor()
    area = areas.visible_area(area_id, to=actor)
    if area.level == Level.CITY:
        raise NotFound("poster")
    authorise(actor, POSTER, area)
    desk = next(iter(units_in(area.area_ids, kind=UnitKind.DESK)), None)
    pdf = poster.write(
        place=area.path.replace("▸", "·"),
        office=desk.name if desk else "",
        url=f"{site_address()}/help-desk?at={quote(area.code)}",
        phone=desk.phone if desk else "",
        fonts=current_app.config["SETTINGS"].fonts,
    )
    answer = make_response(pdf)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(area.name)}.pdf"
    return answer
