"""Calling an interview under an order, and recording what became of it."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.kernel.attempts import carry_out
from casework.kernel.errors import NotPermitted
from casework.kernel.permissions import can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.orders import forms, interviews, queries
from casework.orders.models import SupervisionOrder
from casework.orders.policy import INTERVIEW

blueprint = Blueprint("order_interviews", __name__, url_prefix="/orders/<int:order_id>/interviews")


def _order(order_id: int) -> SupervisionOrder:
    order = queries.visible_order(order_id, to=current_actor())
    if not can(current_actor(), INTERVIEW, order):
        raise NotPermitted(INTERVIEW)
    return order


@blueprint.route("/new", methods=["GET", "POST"])
@needs(INTERVIEW)
def call(order_id: int) -> ResponseReturnValue:
    """Whom to call, when, where and why: a numbered notice."""
    actor, order = current_actor(), _order(order_id)
    form = forms.InterviewForm()
    if request.method == "GET":
        form.matter.data = order.title

    def work() -> str:
        made = interviews.call(order, form.draft(), actor=actor, now=utcnow())
        flash(gettext("Issued: %(numbers)s", numbers=made.number))
        return url_for("orders.show", order_id=order.id, _anchor="interviews")

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    unit = queries.unit_names([order.unit_id]).get(order.unit_id, "")
    return page("orders/interview.html", order=order, unit=unit, form=form, status=form.http_status)


@blueprint.route("/<int:interview_id>", methods=["GET", "POST"])
@needs(INTERVIEW)
def record(order_id: int, interview_id: int) -> ResponseReturnValue:
    """Whether it was held, and what was said."""
    actor, order = current_actor(), _order(order_id)
    interview = queries.interview_of(order.id, interview_id)
    form = forms.RecordForm()
    if request.method == "GET":
        form.carry(interview)

    def work() -> str:
        state, text = form.state.data or "", form.record.data or ""
        interviews.close(order, interview, state, text, actor=actor, now=utcnow())
        return url_for("orders.show", order_id=order.id, _anchor="interviews")

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), row=interview)):
        return redirect(location, 303)
    return page("orders/record.html", order=order, interview=interview, form=form, status=form.http_status)
