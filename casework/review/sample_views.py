"""Samples of closed cases: the list, drawing one, and judging its cases one by one."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.cases.queries import type_choices as known_types
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.errors import NotFound
from casework.kernel.forms import row_id
from casework.kernel.i18n import language
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.review import desk, sampling
from casework.review.forms import DrawForm, FindingForm
from casework.review.models import AuditSample, SampleItem
from casework.review.policy import SAMPLE, SAMPLES
from casework.roster.queries import names

blueprint = Blueprint("samples", __name__, url_prefix="/reviews/samples")
USUAL = 10


@blueprint.route("", methods=["GET", "POST"])
@needs(SAMPLES)
def index() -> ResponseReturnValue:
    """What was drawn so far, newest first; and drawing a new sample."""
    actor = current_actor()
    form = _draw_form() if can(actor, SAMPLE) else None

    def work() -> str:
        assert form is not None  # noqa: S101 - asked just before
        made = sampling.draw(draft=_draft(form), actor=actor, now=utcnow())
        return url_for(".show", sample_id=made.id)

    if request.method == "POST" and form is None:
        raise NotFound("sample")
    if request.method == "POST" and form and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    found = sampling.samples(actor, paging.asked(request.args))
    return page(
        "reviews/samples.html",
        found=found,
        form=form,
        types=dict(known_types(language())),
        ways=found.ways(partial(url_for, ".index")),
        status=form.http_status if form else 200,
    )


def _draw_form() -> DrawForm:
    today = local_day(utcnow())
    form = DrawForm(data={"from_on": today.replace(day=1), "to_on": today, "size": USUAL})
    form.area_id.choices = desk.area_choices(current_actor(), SAMPLE)
    form.type_id.choices = desk.type_choices(language())
    return form


def _draft(form: DrawForm) -> sampling.Draft:
    values: dict[str, Any] = {name: form[name].data for name in ("from_on", "to_on", "size")}
    return sampling.Draft(
        area_id=row_id(form.area_id.data) or 0,
        type_id=row_id(form.type_id.data),
        seed=form.seed.data or "",
        **values,
    )


@blueprint.get("/<int:sample_id>")
@needs(SAMPLES)
def show(sample_id: int) -> ResponseReturnValue:
    """The cases of a sample with what was found."""
    return _show(sampling.sample_of(sample_id, to=current_actor()))


def _show(sample: AuditSample, refused: tuple[int, FindingForm] | None = None) -> ResponseReturnValue:
    actor = current_actor()
    lines = [
        (item, case, kind, by, sampling.why_not_mine(case, actor), _finding(item, refused))
        for item, case, kind, by in sampling.items_of(sample, actor, language())
    ]
    return page(
        "reviews/sample.html",
        sample=sample,
        lines=lines,
        types=dict(known_types(language())),
        judges=can(actor, SAMPLE, sample),
        drawn_by=names([sample.drawn_by_id]).get(sample.drawn_by_id, ""),
        open=sum(item.verdict is None for item, *_ in lines),
        faulty=sum(item.verdict == "not_in_order" for item, *_ in lines),
        status=refused[1].http_status if refused else 200,
    )


def _finding(item: SampleItem, refused: tuple[int, FindingForm] | None) -> FindingForm | None:
    if refused and refused[0] == item.id:
        return refused[1]
    if item.verdict is not None:
        return None
    form = FindingForm(formdata=None)
    form.carry(item)
    return form


@blueprint.post("/<int:sample_id>/<int:item_id>")
@needs(SAMPLE)
def judge(sample_id: int, item_id: int) -> ResponseReturnValue:
    """Say what was found in one case."""
    actor, form = current_actor(), FindingForm()
    sample = sampling.sample_of(sample_id, to=actor)
    found = next(
        ((item, case) for item, case, *_ in sampling.items_of(sample, actor, language()) if item.id == item_id), None
    )
    if found is None:
        raise NotFound("item")
    item, case = found

    def work() -> str:
        sampling.judge(item, case, form.verdict.data or "", form.reason.data or "", actor=actor, now=utcnow())
        return url_for(".show", sample_id=sample.id, _anchor=f"i{item.id}")

    if location := carry_out(form, work, principal=principal(), row=item):
        flash(gettext("Back to work.") if form.verdict.data == "not_in_order" else gettext("Noted: in order."))
        return redirect(location, 303)
    return _show(sample, (item_id, form))
