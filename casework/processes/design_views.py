"""The designer: a draft changed step by step, each change saved, each undone, the drawing and the phone beside it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
from casework.kernel.errors import N_, NotFound, NotPermitted, Refused, because
from casework.kernel.forms import Form, VersionedForm
from casework.kernel.i18n import language
from casework.kernel.permissions import can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal, takes_files
from casework.processes import approving, design_input, design_pages, editing, queries, templates
from casework.processes.bpmn_out import export as bpmn
from casework.processes.checker import check
from casework.processes.conditions_said import OPS
from casework.processes.models import ProcessTemplate, TemplateVersion
from casework.processes.words import FIELD_KINDS, VersionState

blueprint = Blueprint("design", __name__)
MAX_LAYOUT = 3 * 1024 * 1024


class DesignForm(VersionedForm):
    """Carries the version that the person saw; what they changed is read from what was posted."""


class LayoutForm(Form):
    """A document layout of one's own."""

    layout = FileField(lazy_gettext(N_("Layout (.docx)")), [Optional()])


@dataclass(frozen=True, slots=True)
class Edited:
    """A draft after a change: what changed, and which step and field are edited next."""

    draft: Mapping[str, Any]
    what: str
    step: str = ""
    field: str = ""


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
        return _page(template, version, form, version.definition)
    work = lambda: _change(template, version)  # noqa: E731 - the one command of this form
    if location := carry_out(form, work, principal=principal(), row=version):
        return redirect(location, 303)
    return _page(template, version, form, version.definition)


def _page(
    template: ProcessTemplate, version: TemplateVersion, form: DesignForm, draft: Mapping[str, Any]
) -> ResponseReturnValue:
    args = request.args if request.method == "GET" else request.form
    view = design_pages.design_view(template, version, draft, step=args.get("step", ""), field=args.get("field", ""))
    return page(
        "processes/design.html",
        view=view,
        form=form,
        typed=request.form,
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


def _change(template: ProcessTemplate, version: TemplateVersion) -> str:
    """Save what was posted and do what the button says; where it leads."""
    posted, actor, now = request.form, current_actor(), utcnow()
    act, _, argument = posted.get("do", "save").partition(":")
    if act == "undo":
        templates.undo(template, version, actor=actor, now=now)
        return _at(template, posted.get("step", ""))
    edited = _ACTS.get(act, _save)(_posted(version.definition), argument)
    templates.save(template, version, edited.draft, edited.what, actor=actor, now=now)
    if act == "submit":
        approving.submit(template, version, actor=actor, now=now)
        return url_for("library.show", code=template.code)
    return _at(template, edited.step, edited.field)


def _at(template: ProcessTemplate, step: str = "", field: str = "") -> str:
    more: dict[str, Any] = {name: value for name, value in (("step", step), ("field", field)) if value}
    return url_for("design.design", code=template.code, **more, _anchor="step" if step else None)


def _posted(draft: Mapping[str, Any]) -> Edited:
    """The draft with everything that the form holds: the head, or a step with its open field and its paper."""
    posted = request.form
    if "name_zh" in posted:
        return Edited(editing.set_head(draft, design_input.head(posted)), N_("the head"))
    key, asked = posted.get("step", ""), posted.get("field", "")
    if not key or "title_zh" not in posted:
        return Edited(draft, "", key)
    definition = check(draft).definition
    draft = editing.set_step(draft, key, design_input.step(posted, draft, key, definition))
    if asked and "f_kind" in posted:
        before: Mapping[str, Any] = next(
            (one for one in editing.step_in(draft, key).get("fields", ()) if one["key"] == asked), {}
        )
        draft = editing.set_field(draft, key, asked, design_input.field(posted, before))
    return Edited(_paper(draft, key), N_("a step"), key, asked)


def _paper(draft: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The first paper of a step as the form has it: given, changed or taken away."""
    posted, has_one = request.form, bool(editing.step_in(draft, key).get("issues"))
    if posted.get("i_on"):
        return editing.set_issue(draft, key, 0, design_input.issue(posted))
    return editing.set_issue(draft, key, 0, None) if has_one and "i_shown" in posted else draft


def _save(at: Edited, argument: str) -> Edited:
    return at


def _add(at: Edited, argument: str) -> Edited:
    """A step: behind the chosen one, beside it, or behind all that nothing waits for yet."""
    steps = editing.steps_of(at.draft)
    if argument == "beside" and at.step:
        draft, key = editing.add_step(at.draft, beside=at.step)
    elif argument == "join" or not at.step:
        waited = {one for step in steps for one in step.get("after", ())}
        draft, key = editing.add_step(at.draft, after=[step["key"] for step in steps if step["key"] not in waited])
    elif argument == "branch":
        draft, key = editing.add_step(at.draft, after=[at.step])
    else:
        draft, key = editing.insert_after(at.draft, at.step)
    return Edited(draft, N_("a new step"), key)


def _remove(at: Edited, argument: str) -> Edited:
    return Edited(editing.remove_step(at.draft, argument or at.step), N_("a step removed"))


def _up(at: Edited, argument: str) -> Edited:
    return Edited(editing.shift_step(at.draft, at.step, -1), N_("the order of steps"), at.step)


def _down(at: Edited, argument: str) -> Edited:
    return Edited(editing.shift_step(at.draft, at.step, 1), N_("the order of steps"), at.step)


def _place(at: Edited, argument: str) -> Edited:
    """A step dragged to a place: ``key:place``."""
    key, _, place = argument.partition(":")
    if not (place.isascii() and place.isdigit() and len(place) < 5):
        raise Refused(because(N_("This place is not in the list.")))
    return Edited(editing.move_step(at.draft, key, int(place)), N_("the order of steps"), at.step)


def _add_field(at: Edited, argument: str) -> Edited:
    draft, field = editing.add_field(at.draft, at.step)
    return Edited(draft, N_("a new field"), at.step, field)


def _remove_field(at: Edited, argument: str) -> Edited:
    return Edited(editing.remove_field(at.draft, at.step, argument), N_("a field removed"), at.step)


def _field_up(at: Edited, argument: str) -> Edited:
    return Edited(editing.shift_field(at.draft, at.step, argument, -1), N_("the order of fields"), at.step, at.field)


def _field_down(at: Edited, argument: str) -> Edited:
    return Edited(editing.shift_field(at.draft, at.step, argument, 1), N_("the order of fields"), at.step, at.field)


def _open_field(at: Edited, argument: str) -> Edited:
    return Edited(at.draft, at.what, at.step, argument)


def _open_step(at: Edited, argument: str) -> Edited:
    return Edited(at.draft, at.what, argument)


def _clear_when(at: Edited, argument: str) -> Edited:
    return Edited(editing.set_step(at.draft, at.step, {"when": None}), N_("a condition removed"), at.step)


_ACTS = {
    "save": _save,
    "add": _add,
    "remove": _remove,
    "up": _up,
    "down": _down,
    "place": _place,
    "add_field": _add_field,
    "remove_field": _remove_field,
    "field_up": _field_up,
    "field_down": _field_down,
    "open": _open_field,
    "step": _open_step,
    "clear_when": _clear_when,
    "submit": _save,
}


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
    return _page(template, version, shown, version.definition)


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
