"""What is agreed for a day and time: made, moved, called off."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.kernel.attempts import carry_out
from casework.kernel.forms import row_id
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.roster.queries import names
from casework.visits import forms, policy, queries, service
from casework.visits.edge import my_stop
from casework.visits.models import Appointment
from casework.visits.queries import Firm

blueprint = Blueprint("appointments", __name__, url_prefix="/visits")


def _people(firm: Firm, made: Appointment | None = None) -> list[tuple[int, str]]:
    """Who may be named: oneself, whoever is named now, and for a lead everybody who serves there."""
    actor = current_actor()
    found = {actor.user_id: actor.name}
    if can(actor, policy.ASSIGN, firm):
        found |= dict(queries.people_for(firm.area_ids, local_day(utcnow())))
    if made is not None and made.visitor_id:
        found |= names([made.visitor_id])
    return list(found.items())


@blueprint.route("/<int:key>/agree", methods=["GET", "POST"])
@needs(policy.LOG)
def agree(key: int) -> ResponseReturnValue:
    """Note a visit that was agreed with a firm."""
    firm = my_stop(key)
    form = forms.AppointmentForm() if request.method == "POST" else forms.AppointmentForm(formdata=None)
    form.offer(_people(firm))

    def work() -> str:
        service.agree(
            firm,
            at=form.moment(),
            with_whom=form.with_whom.data or "",
            about=form.about.data or "",
            visitor_id=row_id(form.visitor_id.data),
            actor=current_actor(),
            now=utcnow(),
        )
        return url_for("visits.stop", key=firm.id, _anchor="agreed")

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        flash(gettext("The visit is agreed."))
        return redirect(location, 303)
    return page("visits/agree.html", firm=firm, form=form, made=None, status=form.http_status)


@blueprint.route("/appointments/<int:appointment_id>", methods=["GET", "POST"])
@needs(policy.LOG)
def move(appointment_id: int) -> ResponseReturnValue:
    """Move what was agreed to another time, with the reason."""
    made, firm = _mine(appointment_id)
    form = forms.MoveForm() if request.method == "POST" else forms.MoveForm(formdata=None)
    form.offer(_people(firm, made))
    if request.method == "GET":
        form.show(made)
        form.version.data = str(made.version)

    def work() -> str:
        service.move(
            made,
            firm,
            at=form.moment(),
            visitor_id=row_id(form.visitor_id.data),
            reason=form.reason.data or "",
            actor=current_actor(),
            now=utcnow(),
        )
        return url_for("visits.stop", key=firm.id, _anchor="agreed")

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), row=made)):
        flash(gettext("The visit is moved."))
        return redirect(location, 303)
    return _page(made, firm, form, forms.CancelForm(formdata=None))


@blueprint.post("/appointments/<int:appointment_id>/cancel")
@needs(policy.LOG)
def cancel(appointment_id: int) -> ResponseReturnValue:
    """Call off what was agreed, with the reason."""
    made, firm = _mine(appointment_id)
    form = forms.CancelForm()

    def work() -> str:
        service.cancel(made, firm, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
        return url_for("visits.stop", key=firm.id)

    if location := carry_out(form, work, principal=principal(), row=made):
        flash(gettext("The visit is called off."))
        return redirect(location, 303)
    shown = forms.MoveForm(formdata=None)
    shown.offer(_people(firm, made))
    shown.show(made)
    shown.version.data = str(made.version)
    return _page(made, firm, shown, form)


def _page(made: Appointment, firm: Firm, form: forms.MoveForm, off: forms.CancelForm) -> ResponseReturnValue:
    if off.http_status == 200:
        off.version.data = str(made.version)
    status = max(form.http_status, off.http_status)
    return page("visits/agree.html", firm=firm, form=form, off=off, made=made, status=status)


def _mine(key: int) -> tuple[Appointment, Firm]:
    return queries.appointment(key, to=current_actor(), day=local_day(utcnow()))
