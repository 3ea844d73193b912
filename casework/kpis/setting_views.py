"""What the figures mean: each formula in words, the dated settings, and the form that lays a new one down."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.kernel.attempts import carry_out
from casework.kernel.errors import NotFound, NotPermitted
from casework.kernel.forms import row_id
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.kpis import counting, definitions, facts
from casework.kpis.figures import FIGURES, GROUP_OF, GROUPS, RULES
from casework.kpis.forms import SettingForm
from casework.kpis.policy import DEFINE, READ
from casework.roster.queries import names

blueprint = Blueprint("kpi_settings", __name__, url_prefix="/kpis/definitions")
RECOUNTED = ("one_time_days", "repeat_days")
"""The settings that marks follow from: who changes one lets what closes from that day on be counted anew."""


@blueprint.route("", methods=["GET", "POST"])
@needs(READ)
def definitions_page() -> ResponseReturnValue:
    """Read what the figures mean, and lay down a setting."""
    actor, now = current_actor(), utcnow()
    district, form = _district(), SettingForm()
    may = district is not None and can(actor, DEFINE, district)
    if request.method == "GET":
        form.from_on.data = local_day(now)
    elif not may or district is None:
        raise NotPermitted(DEFINE)
    elif location := carry_out(form, lambda: _lay_down(form, district), principal=principal()):
        return redirect(location, 303)
    laid = definitions.history(district.id if district else None)
    return page(
        "kpis/definitions.html",
        form=form,
        may=may,
        district=district,
        rules=RULES,
        in_force=definitions.rules_on(district.id if district else None, local_day(now)),
        laid=laid,
        people=names({row.by_id for row in laid if row.by_id}),
        grouped=[(label, [one for one in FIGURES if GROUP_OF[one.base] == key]) for key, (label, _) in GROUPS.items()],
        status=form.http_status,
    )


def _district() -> Area | None:
    """The district that is asked for, or the reader's own."""
    actor = current_actor()
    wanted = row_id(request.args.get("district", ""))
    if wanted:
        area = areas.visible_area(wanted, to=actor)
        if area.level != Level.DISTRICT:
            raise NotFound("district")
        return area
    offered = areas.choices(actor, levels=(Level.DISTRICT,))
    return areas.area(offered[0][0]) if offered else None


def _lay_down(form: SettingForm, district: Area) -> str:
    now, from_on = utcnow(), form.from_on.data
    assert from_on is not None  # noqa: S101 - the form has asked for it
    row = definitions.lay_down(
        name=form.name.data or "",
        value=form.value.data or 0,
        from_on=from_on,
        why=form.why.data or "",
        district=district,
        actor=current_actor(),
        now=now,
    )
    if row.name in RECOUNTED:
        counting.ask_again(facts.closed_since(from_on), now=now)
    flash(gettext("It holds from %(day)s on.", day=from_on.isoformat()))
    return url_for(".definitions_page", district=district.id)
