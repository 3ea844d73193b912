"""The tree of areas: one level a page, find by name, add a site, rename."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.areas import queries, service
from casework.areas.forms import RenameForm, SiteForm
from casework.areas.models import Area, Level
from casework.areas.words import LEVELS
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.named import called
from casework.kernel.permissions import can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal

blueprint = Blueprint("areas", __name__)
PAGE = 100


@blueprint.get("/areas")
@needs("area.read")
def index() -> ResponseReturnValue:
    """The top of what the person sees, or the places found by name."""
    actor, text = current_actor(), request.args.get("q", "").strip()[:60]
    wanted = sa.or_(*called(Area, text)) if text else Area.level == Level.CITY
    query = queries.visible_to(actor).where(wanted)
    return page("areas/index.html", text=text, **_listed(query, "areas.index", q=text or None))


@blueprint.get("/areas/<int:area_id>")
@needs("area.read")
def show(area_id: int) -> ResponseReturnValue:
    """A place with what lies directly below it."""
    return _area_page(queries.visible_area(area_id, to=current_actor()))


def _area_page(
    area: Area, *, site: SiteForm | None = None, rename: RenameForm | None = None, status: int = 200
) -> Response:
    actor = current_actor()
    return page(
        "areas/show.html",
        status=status,
        area=area,
        ancestors=queries.ancestors(area),
        may_edit=can(actor, "area.edit", area),
        takes_sites=area.level in (Level.COMMUNITY, Level.SUBDISTRICT),
        site=site or SiteForm(formdata=None),
        rename=rename or RenameForm(formdata=None, name=area.name, version=area.version),
        **_listed(queries.visible_to(actor).where(Area.parent_id == area.id), "areas.show", area_id=area.id),
    )


def _listed(query: sa.Select[Area], endpoint: str, **values: Any) -> dict[str, Any]:
    keys, at = (paging.Key(Area.code, str),), paging.asked(request.args)
    found = paging.page_of(query, keys, at, PAGE, values=lambda row: [row.code], whole=True)
    return {
        "rows": found.rows,
        "counts": queries.child_counts([row.id for row in found.rows]),
        "levels": LEVELS,
        "ways": found.ways(partial(url_for, endpoint, **values)),
    }


@blueprint.post("/areas/<int:area_id>/sites")
@needs("area.edit")
def add_site(area_id: int) -> ResponseReturnValue:
    """Add a site below a community."""
    actor, form = current_actor(), SiteForm()
    area = queries.visible_area(area_id, to=actor)

    def work() -> str:
        made = service.add_site(area, name=str(form.name.data), actor=actor, now=utcnow())
        return url_for("areas.show", area_id=made.id)

    if location := carry_out(form, work, principal=principal()):
        flash(_("The site is added."))
        return redirect(location, 303)
    return _area_page(area, site=form, status=form.http_status)


@blueprint.post("/areas/<int:area_id>/name")
@needs("area.edit")
def rename(area_id: int) -> ResponseReturnValue:
    """Give a place another name."""
    actor, form = current_actor(), RenameForm()
    area = queries.visible_area(area_id, to=actor)

    def work() -> str:
        service.rename(area, name=str(form.name.data), actor=actor, now=utcnow())
        return url_for("areas.show", area_id=area_id)

    if location := carry_out(form, work, principal=principal(), row=area):
        flash(_("The name is changed."))
        return redirect(location, 303)
    return _area_page(area, rename=form, status=form.http_status)
