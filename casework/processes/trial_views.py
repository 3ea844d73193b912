"""Trying a draft out: the page carries what was sent so far, and nothing of it is stored."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from casework.kernel.errors import N_, Reason, Refused
from casework.kernel.i18n import language
from casework.kernel.web import current_actor, needs, page
from casework.processes import queries, run_pages, step_forms, telling, trial
from casework.processes.checker import check
from casework.processes.definition import Definition, Step
from casework.processes.flow import Standing, Submission
from casework.processes.step_forms import StepForm

blueprint = Blueprint("trial", __name__)


@blueprint.route("/templates/<code>/design/try", methods=["GET", "POST"])
@needs("template.read")
def run(code: str) -> ResponseReturnValue:
    """Go through a template, the draft where there is one, as everyone in turn."""
    template = queries.visible_template(code, to=current_actor())
    version = queries.unpublished(template.id) or queries.versions_of(template.id)[0]
    checked = check(version.definition)
    if checked.definition is None or checked.errors or not checked.definition.steps:
        return page("processes/try.html", procedure=template, definition=None, errors=checked.errors, status=200)
    return _page(template, checked.definition)


def _page(template: object, definition: Definition) -> ResponseReturnValue:
    locale = language()
    sent, reasons = _sent_before(definition)
    status, now = 422 if reasons else 200, trial.standing(definition, sent)
    key = request.form.get("step", "")
    form: StepForm | None = None
    if key in now.ready and "result" in request.form:
        form, sent, status = _sent(definition, sent, key, locale)
        now = trial.standing(definition, sent)
    if status == 200 or key not in now.ready:
        key, form = _opened(now), None
    step = definition.by_key.get(key)
    if step is not None and form is None:
        form = step_forms.form_of(step, locale, trial.made_up(step), posted=False)
    if form is not None:
        form.refuse(reasons)
    return page(
        "processes/try.html",
        procedure=template,
        definition=definition,
        now=now,
        stands={name: stand.value for name, stand in now.stands.items()},
        step=step,
        form=form,
        lines=step_forms.lines(step, form, {}) if step and form else [],
        endings=step_forms.endings(definition, step, locale) if step else [],
        sent=trial.written(sent),
        told=_told(definition, sent, locale),
        actor_said=run_pages.actor_words,
        errors=[],
        status=status,
    )


def _told(definition: Definition, sent: list[Submission], locale: str) -> list[tuple[Step, Submission, Any]]:
    """What was sent so far, with its step and its answers in words."""
    steps = [definition.by_key[one.step] for one in sent]
    return [(step, one, telling.lines(step, one.answers, locale)) for step, one in zip(steps, sent, strict=True)]


def _sent_before(definition: Definition) -> tuple[list[Submission], list[Reason]]:
    """What the page carries of the try-run; begun again, with the reasons, where it no longer fits the draft."""
    try:
        sent = [] if "again" in request.form else trial.read(request.form.get("sent", ""))
        trial.standing(definition, sent)
    except Refused as refusal:
        return [], list(refusal.reasons)
    return sent, []


def _opened(now: Standing) -> str:
    """The step that was asked to be opened, else the first that is ready; empty where none is."""
    asked = request.form.get("open", "")
    return asked if asked in now.ready else next(iter(now.ready), "")


def _sent(
    definition: Definition, sent: list[Submission], key: str, locale: str
) -> tuple[StepForm, list[Submission], int]:
    """One step sent in the try-run: its form, what was sent by now, and how it went."""
    step = definition.by_key[key]
    form = step_forms.form_of(step, locale, {})
    result, to = step_forms.ending(request.form.get("result"))
    try:
        if not form.validate():
            raise Refused(Reason(N_("The page had been open too long: send it once more.")))
        return form, trial.send(definition, sent, step, step_forms.typed(step, form, {}), result, to, locale), 200
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return form, sent, 422
