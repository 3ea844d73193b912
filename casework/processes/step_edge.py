"""What the pages of a step share, whoever fills it: the form with what was typed, files kept at once, the sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from casework.cases.models import Case
from casework.enterprises.models import Enterprise
from casework.files import service as files
from casework.files.models import Attachment
from casework.files.upload import Upload
from casework.kernel import once
from casework.kernel.attempts import carry_out
from casework.kernel.db import db, transaction
from casework.kernel.errors import Refused
from casework.kernel.i18n import language
from casework.kernel.permissions import Actor
from casework.kernel.time import utcnow
from casework.processes import running, runs, step_forms
from casework.processes.answers import MOST_FILES
from casework.processes.definition import Step
from casework.processes.models import ProcessRun
from casework.processes.running import Course
from casework.processes.step_forms import FILES, PREFIX, StepForm
from casework.processes.words import ENTERPRISE, FieldKind

MAX_UPLOAD = 120 * 1024 * 1024
COMPANY = ("企业名称", "公司名称", "单位名称", "申请单位", "Company")
PERSON = ("联系人", "经办人", "Contact")


@dataclass(slots=True)
class AtStep:
    """Somebody before a step: a person of the office, or the enterprise on its own page (no actor)."""

    case: Case
    run: ProcessRun
    course: Course
    step: Step
    actor: Actor | None
    principal: str
    form: StepForm

    @property
    def is_open(self) -> bool:
        """Whether the step can be filled now."""
        return self.step.key in self.course.now.ready and self.run.state == "running"

    def kept_files(self) -> dict[str, list[Attachment]]:
        """The files that are attached already, by field."""
        kept = _kept(self.case, self.course, self.step, self.actor)
        known = {file.id: file for file in running.files_of(running.file_ids(self.step, kept))}
        return {
            asked.key: [known[one] for one in kept.get(asked.key, ()) if one in known]
            for asked in self.step.asked
            if asked.kind in FILES
        }


def at_step(case: Case, run: ProcessRun, key: str, *, actor: Actor | None, principal: str) -> AtStep:
    """The step with its form, filled with what was typed, or sent before it was returned.

    Raises:
        NotFound: the process has no such step.
    """
    course = running.course_of(run)
    step = course.step(key)
    form = step_forms.form_of(step, language(), _kept(case, course, step, actor))
    return AtStep(case, run, course, step, actor, principal, form)


def _kept(case: Case, course: Course, step: Step, actor: Actor | None) -> Mapping[str, Any]:
    if draft := running.draft_of(course.run.id, step.key):
        return draft.answers
    if (latest := course.latest(step.key)) is not None:
        return latest.answers
    return _known(case, step, actor) if step.role == ENTERPRISE else {}


def _known(case: Case, step: Step, actor: Actor | None) -> dict[str, Any]:
    """What the case says already and nobody should type again. Phones only for the enterprise itself."""
    firm = db.session.get(Enterprise, case.enterprise_id) if case.enterprise_id else None
    found: dict[str, Any] = {}
    for asked in step.fields:
        if asked.kind is FieldKind.USCC and firm is not None and firm.uscc:
            found[asked.key] = firm.uscc
        elif asked.kind is FieldKind.PHONE and actor is None:
            found[asked.key] = case.contact_phone
        elif asked.kind is FieldKind.TEXT and asked.label.zh in COMPANY:
            found[asked.key] = case.requester
        elif asked.kind is FieldKind.TEXT and asked.label.zh in PERSON:
            found[asked.key] = case.contact_name
    return found


def send(at: AtStep, address: str, saved: str) -> str | None:
    """Keep what was posted, files too, then send the step; where it leads, or None when it was refused.

    What was typed and attached stays kept whatever becomes of the sending. ``saved`` is where keeping alone leads.
    """
    if earlier := once.earlier_answer(at.principal, at.form.op.data):
        return earlier
    at.form.http_status = 422
    if not at.form.validate():
        return None
    try:
        given = _keep(at)
    except Refused as refusal:
        at.form.refuse(refusal.reasons)
        return None
    if "save" in request.form:
        return saved
    result, to = step_forms.ending(request.form.get("result"))
    sent = runs.Sent(step=at.step.key, result=result, given=given, to=to, note=at.form.note.data or "")
    return carry_out(at.form, lambda: _submit(at, sent, address), principal=at.principal)


def _submit(at: AtStep, sent: runs.Sent, address: str) -> str:
    runs.submit(at.case, at.run, sent, actor=at.actor, now=utcnow(), locale=language())
    return address


def _keep(at: AtStep) -> dict[str, Any]:
    """Take the files in, and keep the draft with them."""
    sealed = {asked.key: _taken_in(asked.key) for asked in at.step.asked if asked.kind in FILES}
    kept = {key: [file.id for file in listed] for key, listed in at.kept_files().items()}
    dropped = {int(one) for one in at.form.drop.data or [] if one.isdigit()}
    now = utcnow()
    with transaction():
        by = at.actor.user_id if at.actor else None
        for key, items in sealed.items():
            new = [files.attach(sealed=item, case_id=at.case.id, kind="", actor_id=by, now=now).id for item in items]
            kept[key] = [one for one in kept.get(key, []) if one not in dropped] + new
        given = step_forms.typed(at.step, at.form, kept)
        runs.keep_draft(at.case, at.run, at.step.key, given, actor=at.actor, now=now)
    return given


def _taken_in(key: str) -> list[files.Sealed]:
    upload = Upload(request.files.getlist(f"{PREFIX}{key}"), field=key, most=MOST_FILES)
    upload.take_in()
    return upload.sealed


def keep(at: AtStep) -> None:
    """Keep what was typed, without files: what a page does by itself while somebody types.

    Raises:
        NotPermitted: it is not their step.
        Refused: the step is not open any more.
    """
    kept = {key: [file.id for file in listed] for key, listed in at.kept_files().items()}
    with transaction():
        given = step_forms.typed(at.step, at.form, kept)
        runs.keep_draft(at.case, at.run, at.step.key, given, actor=at.actor, now=utcnow())
