"""A case in the figures: what it counts for, what it is left out of and by whom, and the forms to change that."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.cases import queries as cases
from casework.cases.models import Case
from casework.kernel.attempts import carry_out
from casework.kernel.permissions import authorise, can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.kpis import facts, rules, service
from casework.kpis.figures import FIGURES
from casework.kpis.forms import BackForm, ExclusionForm
from casework.kpis.policy import EXCLUDE, READ
from casework.kpis.presenting import TOOLS
from casework.kpis.story import what_said
from casework.roster.queries import names

blueprint = Blueprint("kpi_cases", __name__, url_prefix="/cases/<number>/figures")


@blueprint.route("", methods=["GET", "POST"])
@needs(READ)
def of_case(number: str) -> ResponseReturnValue:
    """What the case counts for; a reviewer from outside leaves it out here."""
    case, form = cases.visible_case(number, to=current_actor()), ExclusionForm()
    if request.method == "POST":
        authorise(current_actor(), EXCLUDE, case)
        if location := carry_out(form, lambda: _leave_out(case, form), principal=principal()):
            return redirect(location, 303)
    return _shown(case, form, BackForm(formdata=None))


@blueprint.post("/<int:exclusion_id>/back")
@needs(EXCLUDE)
def back(number: str, exclusion_id: int) -> ResponseReturnValue:
    """Let it count again."""
    case, form = cases.visible_case(number, to=current_actor()), BackForm()
    authorise(current_actor(), EXCLUDE, case)

    def work() -> str:
        reason = form.reason.data or ""
        service.take_back_in(case, exclusion_id, reason=reason, actor=current_actor(), now=utcnow())
        flash(gettext("It counts again within a minute."))
        return url_for(".of_case", number=number)

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    return _shown(case, ExclusionForm(formdata=None), form)


def _leave_out(case: Case, form: ExclusionForm) -> str:
    reason, now = form.reason.data or "", utcnow()
    service.leave_out(case, what=form.what.data or "", reason=reason, actor=current_actor(), now=now)
    flash(gettext("It is left out within a minute; the story of the case says so for ever."))
    return url_for(".of_case", number=case.number)


def _shown(case: Case, form: ExclusionForm, back_form: BackForm) -> ResponseReturnValue:
    listed = service.exclusions(case.id)
    told = facts.of_cases([case.id])[case.id]
    marks = sorted(rules.marks_of(told.facts, utcnow()).found, key=lambda mark: (mark.day, mark.base, mark.nth))
    return page(
        "kpis/case.html",
        case=case,
        form=form,
        back_form=back_form,
        may=can(current_actor(), EXCLUDE, case),
        listed=listed,
        marks=marks,
        used_by={figure.base: [one for one in FIGURES if one.base == figure.base] for figure in FIGURES},
        people=names({key for row in listed for key in (row.by_id, row.ended_by_id) if key}),
        what_said=what_said,
        say=TOOLS,
        status=max(form.http_status, back_form.http_status),
    )
