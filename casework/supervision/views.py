"""The ladder of a district: when it is yellow, and when which rung comes; shown on the open cases before it is set."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas.models import Area
from casework.kernel.attempts import carry_out
from casework.kernel.errors import NotFound
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.supervision import queries, rules, service
from casework.supervision.forms import LadderForm, values_of
from casework.supervision.models import LadderRow
from casework.supervision.policy import LADDER
from casework.supervision.queries import Would
from casework.supervision.words import LEVEL_LABELS, RUNGS

blueprint = Blueprint("escalation", __name__, url_prefix="/settings/escalation")


@blueprint.get("")
@needs(LADDER)
def index() -> ResponseReturnValue:
    """One's district; a choice where there are several."""
    listed = queries.districts(current_actor())
    if len(listed) == 1:
        return redirect(url_for("escalation.edit", district_id=listed[0].id), 303)
    return page("supervision/ladders.html", districts=listed)


@blueprint.route("/<int:district_id>", methods=["GET", "POST"])
@needs(LADDER)
def edit(district_id: int) -> ResponseReturnValue:
    """The ladder of a district: shown with whom it would tell now, set on the second click."""
    district = queries.district(district_id, to=current_actor()) if district_id < 2**62 else None
    if district is None:
        raise NotFound("district")
    row = queries.ladder_row(district.id)
    form = LadderForm(data=values_of(queries.ladder_of(row)) if request.method == "GET" else None)
    if request.method == "GET":
        form.version.data = str(row.version) if row else "0"
        return _page(form, district, row)
    if request.form.get("do") == "set":
        if location := carry_out(form, lambda: _set(form, district), principal=principal(), row=row):
            flash(gettext("Saved. Open clocks are looked at anew within a minute."))
            return redirect(location, 303)
        return _page(form, district, row)
    form.http_status = 422
    would = None
    if form.validate():
        form.refuse(rules.ladder_faults(form.ladder()))
        if not form.refused:
            form.http_status, would = 200, queries.preview(district, form.ladder(), now=utcnow())
    return _page(form, district, row, would)


def _page(form: LadderForm, district: Area, row: LadderRow | None, would: Would | None = None) -> ResponseReturnValue:
    return page(
        "supervision/ladder.html",
        form=form,
        district=district,
        own=row is not None,
        would=would,
        rungs=RUNGS,
        labels=LEVEL_LABELS,
        status=form.http_status,
    )


def _set(form: LadderForm, district: Area) -> str:
    service.set_ladder(district, form.ladder(), actor=current_actor(), now=utcnow())
    return url_for("escalation.edit", district_id=district.id)
