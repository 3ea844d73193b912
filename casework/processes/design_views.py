"""The designer: a draft changed step by step, each change saved, each undone, the drawing and the phone beside it."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from werkzeug.utils import redirect
from wtforms.validators import Optional

from casework.cases import queries as case_queries
from casework.cases.types import DOMAINS
from casework.files import service as files
from casework.files.views import disposition
from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, NotFound, NotPermitted, Reason, Refused, because
from casework.kernel.forms import Form, VersionedForm, row_id
from casework.kernel.i18n import language
from casework.kernel.permissions import can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal, takes_files
from casework.processes import (
    approving,
    design_acts,
    design_input,
    design_pages,
    design_words,
    editing,
    queries,
    templates,
)
from casework.processes.bpmn_out import export as bpmn
from casework.processes.checker import check
from casework.processes.conditions_said import OPS
from casework.processes.models import ProcessTemplate, TemplateVersion
from casework.processes.words import FIELD_KINDS, VersionState

blueprint = Blueprint("design", __name__)
MAX_LAYOUT = 3 * 1024 * 1024
MOST_SAID = 5


class DesignForm(VersionedForm):
    """Carries the version that the person saw; what they changed is read from what was posted."""


class LayoutForm(Form):
    """A document layout of one's own."""

    layout = FileField(lazy_gettext(N_("Layout (.docx)")), [Optional()])


def _draft(code: str) -> tuple[ProcessTemplate, TemplateVersion]:
    template = queries.visible_template(code, to=current_actor())
    if not can(current_actor(), "template.draft", queries.reach_of(template, current_actor())):
        raise NotPermitted("template.draft")
    version = queries.unpublished(template.id)
    if version is None:
        raise NotFound("draft")
    return template, version


@blueprint.route("/templates/<code>/design", methods=["GET", "POST"])
@needs("template.draft")
def design(code: str) -> ResponseReturnValue:
    """One step at a time: every post saves what the form holds, then does what its button says."""
    template, version = _draft(code)
    form = DesignForm()
    if version.state != VersionState.DRAFT:
        return redirect(url_for("library.show", code=code), 303)
    if request.method == "GET":
        form.carry(version)
        return _page(template, version, form)
    lost: list[Reason] = []
    work = lambda: _change(template, version, lost)  # noqa: E731 - the one command of this form
    if location := carry_out(form, work, principal=principal(), row=version):
        if lost:
            flash(" ".join(str(reason) for reason in lost[:MOST_SAID]))
        return redirect(location, 303)
    return _page(template, version, form)


def _page(template: ProcessTemplate, version: TemplateVersion, form: DesignForm) -> ResponseReturnValue:
    args = request.args if request.method == "GET" else request.form
    paper = row_id(args.get("paper", "")) or 0
    view = design_pages.design_view(
        template, version, version.definition, step=args.get("step", ""), field=args.get("field", ""), paper=paper
    )
    wrong = {reason.field: reason for reason in form.reasons if reason.field}
    form.reasons = [_linked(reason, view) for reason in form.reasons]
    return page(
        "processes/design.html",
        fragment="processes/_design.html",
        view=view,
        form=form,
        typed=request.form,
        wrong=wrong,
        alone=request.headers.get("HX-Request") == "true",
        layout_form=LayoutForm(),
        actors=design_pages.actors(),
        domains=DOMAINS,
        types=case_queries.case_types(),
        kinds=FIELD_KINDS,
        ops=OPS,
        choices_shown=design_input.lines_shown,
        papers=design_input.papers_shown(view.raw),
        status=form.http_status,
    )


def _linked(reason: Reason, view: design_pages.DesignView) -> Any:
    """A reason in the officers' words; one about a step leads there."""
    said = design_words.worded(reason, view.definition, language())
    here = url_for("design.design", code=view.template.code)
    if reason.text == templates.AT_STEP:
        return design_words.Linked(str(said), f"{here}?step={quote(str(reason.values['step']))}#step")
    if any(one.reason.text == reason.text for one in view.head_mistakes):
        return design_words.Linked(str(said), f"{here}#step")
    return said


def _change(template: ProcessTemplate, version: TemplateVersion, lost: list[Reason]) -> str:
    """Save what was posted and do what the button says; where it leads. ``lost`` takes what went with it."""
    posted, actor, now = request.form, current_actor(), utcnow()
    act, _, argument = posted.get("do", "save").partition(":")
    if act == "undo":
        templates.undo(template, version, actor=actor, now=now)
        return _at(template, posted.get("step", ""))
    held = design_acts.posted_to(version.definition, posted)
    edited = design_acts.ACTS.get(act, design_acts.ACTS["save"])(held, argument)
    lost += editing.dropped(held.draft, edited.draft, language())
    templates.save(template, version, edited.draft, edited.what, actor=actor, now=now)
    if act == "submit":
        approving.submit(template, version, actor=actor, now=now)
        return url_for("library.show", code=template.code)
    return _at(template, edited.step, edited.field, edited.paper)


def _at(template: ProcessTemplate, step: str = "", field: str = "", paper: int = 0) -> str:
    asked = (("step", step), ("field", field), ("paper", paper))
    more: dict[str, Any] = {name: value for name, value in asked if value}
    return url_for("design.design", code=template.code, **more, _anchor="step" if step else None)


@blueprint.post("/templates/<code>/layouts")
@needs("template.draft")
@takes_files(MAX_LAYOUT)
def layout(code: str) -> ResponseReturnValue:
    """Give the draft a document layout of its own; one with code in it is refused at once."""
    template, version = _draft(code)
    form, kept = LayoutForm(), []

    def take_in() -> None:
        sent = form.layout.data
        if not sent or not sent.filename:
            raise Refused(because(N_("Layout: choose a .docx file."), "layout"))
        content = sent.stream.read(MAX_LAYOUT)
        if faults := [fault for look in LAYOUT_CHECKS for fault in look(content)]:
            raise Refused([because(fault.text, "layout", **fault.values) for fault in faults])
        kept.append(files.take_in(io.BytesIO(content), sent.filename))

    def work() -> str:
        name = f"layout-{len(queries.layouts(version.id)) + 1}.docx"
        sealed = files.attach(sealed=kept[0], case_id=None, actor_id=current_actor().user_id, now=utcnow())
        templates.put_layout(template, version, name, sealed.id, actor=current_actor(), now=utcnow())
        return _at(template, request.form.get("step", ""))

    if location := carry_out(form, work, principal=principal(), prepare=take_in):
        flash(gettext("Uploaded. Choose it where the document is issued."))
        return redirect(location, 303)
    shown = DesignForm(formdata=None)
    shown.carry(version)
    shown.refuse([*form.reasons, *(error for error in form.layout.errors if not isinstance(error, str))])
    shown.http_status = form.http_status
    return _page(template, version, shown)


LAYOUT_CHECKS: list[Any] = []
"""What looks into an uploaded layout; a higher package that writes documents adds its own."""


@blueprint.get("/templates/<code>/export")
@needs("template.read")
def export(code: str) -> ResponseReturnValue:
    """The version asked for, or the newest, as the file that other offices take in."""
    template = queries.visible_template(code, to=current_actor())
    versions = queries.versions_of(template.id)
    asked = request.args.get("version", "")
    version = next((one for one in versions if str(one.no) == asked), versions[0])
    name = f"{template.label(language())}-{version.no}"
    if request.args.get("as") == "bpmn" and not check(version.definition).errors:
        response = Response(bpmn(queries.definition_of(version)), content_type="application/xml; charset=utf-8")
        response.headers["Content-Disposition"] = disposition(f"{name}.bpmn")
        return response
    content = json.dumps(templates.exported(version), ensure_ascii=False, indent=1)
    response = Response(content, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = disposition(f"{name}.json")
    return response
