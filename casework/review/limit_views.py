"""From which sum two must sign: the settings page of the district administrator."""

from __future__ import annotations

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.kernel.attempts import carry_out
from casework.kernel.forms import row_id
from casework.kernel.i18n import language
from casework.kernel.money import parse_yuan
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.review import desk, limits
from casework.review.forms import LimitForm
from casework.review.policy import LIMITS

blueprint = Blueprint("countersigning", __name__, url_prefix="/settings/countersigning")


@blueprint.route("", methods=["GET", "POST"])
@needs(LIMITS)
def index() -> ResponseReturnValue:
    """The limits that hold, and setting one."""
    actor, form = current_actor(), LimitForm()
    form.area_id.choices = desk.area_choices(actor, LIMITS)
    form.type_id.choices = desk.type_choices(language())

    def work() -> str:
        amount = parse_yuan(form.amount.data, "amount") if form.amount.data else None
        area_id, type_id = row_id(form.area_id.data) or 0, row_id(form.type_id.data)
        limits.put(area_id=area_id, type_id=type_id, amount_fen=amount, actor=actor, now=utcnow())
        return "/settings/countersigning"

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        flash(gettext("Saved."))
        return redirect(location, 303)
    return page("reviews/limits.html", form=form, limits=limits.all_of(actor), status=form.http_status)
