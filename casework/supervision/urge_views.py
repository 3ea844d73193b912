"""Urging on the case and on the requester's page, and ticking off what was brought before somebody."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.utils import redirect

from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.kernel.attempts import carry_out
from casework.kernel.db import transaction
from casework.kernel.errors import NotFound
from casework.kernel.forms import Form
from casework.kernel.permissions import authorise
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal, public, signed_in
from casework.processes.track_views import own_case, page_of
from casework.supervision import panels, queries, service
from casework.supervision.forms import RequesterUrgeForm, UrgeForm
from casework.supervision.policy import URGE

blueprint = Blueprint("urging", __name__)


@blueprint.route("/cases/<number>/urge", methods=["GET", "POST"])
@needs(URGE)
def urge(number: str) -> ResponseReturnValue:
    """Urge those who work on a case."""
    actor, form = current_actor(), UrgeForm()
    case = case_queries.visible_case(number, to=actor)
    authorise(actor, URGE, case)

    def work() -> str:
        service.urge(case, form.reason.data or "", actor=actor, now=utcnow())
        return url_for("cases.show", number=number)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        flash(gettext("Urged: those who work on it are told at once."))
        return redirect(location, 303)
    return page(
        "supervision/urge.html",
        case=case,
        form=form,
        again_at=queries.urge_again_at(case, requester=False, now=utcnow()) if request.method == "GET" else None,
        status=form.http_status,
        **panels.told_of(case),
    )


@blueprint.post("/track/<code>/urge")
@public
def urge_as_requester(code: str) -> ResponseReturnValue:
    """The requester urges, once a working day."""
    case, form = own_case(code), RequesterUrgeForm()
    here = url_for("track.show", code=case.code)

    def work() -> str:
        service.urge(case, form.reason.data or "", actor=None, now=utcnow())
        return here

    if location := carry_out(form, work, principal=f"case{case.id}"):
        flash(gettext("Thank you: those who work on it are told at once."))
        return redirect(location, 303)
    return page_of(case, form)


def part_of(case: Case, form: Form | None = None) -> Markup:
    """The way to urge, on the page of an open case; when it is possible again, if not now."""
    if not case.is_open:
        return Markup()
    own = form if isinstance(form, RequesterUrgeForm) else None
    again_at = None if own else queries.urge_again_at(case, requester=True, now=utcnow())
    html = render_template(
        "supervision/_track.html", case=case, form=own or RequesterUrgeForm(formdata=None), again_at=again_at
    )
    return Markup(html)  # noqa: S704 - a template's own output


@blueprint.post("/escalations/<int:escalation_id>/seen")
@signed_in
def seen(escalation_id: int) -> ResponseReturnValue:
    """Take what was brought before somebody off their desk."""
    if escalation_id >= 2**62:
        raise NotFound("escalation")
    with transaction():
        service.tick_off(escalation_id, actor=current_actor(), now=utcnow())
    return redirect(url_for("desk.home"), 303)
