"""Writes: templates and their drafts, change by change. Nothing commits."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.areas.models import Area
from casework.areas.queries import placed
from casework.cases.models import CaseType
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.processes import queries, rules
from casework.processes.checker import check
from casework.processes.definition import FORMAT, Definition, Mistake, Words, as_json
from casework.processes.models import ProcessTemplate, TemplateEdit, TemplateLayout, TemplateVersion
from casework.processes.template_events import TemplateDrafted
from casework.processes.words import VersionState

MOST_EDITS = 200
UNNAMED = "未命名流程"
AT_STEP = N_("Step “%(step)s”: %(reason)s")


def empty(name: str) -> dict[str, Any]:
    """The definition that a new template begins with: nothing but its name."""
    return {"format": FORMAT, "name": {"zh": name or UNNAMED}, "steps": []}


def begin(
    definition: Mapping[str, Any], area: Area, *, source: str, actor: Actor, now: datetime, code: str = ""
) -> TemplateVersion:
    """A new template in an area with its first draft.

    Raises:
        NotPermitted: the actor drafts nothing there.
        Refused: a template with this code exists.
    """
    authorise(actor, "template.draft", queries.area_reach(area, actor))
    if code and db.session.scalar(sa.select(ProcessTemplate.id).where(ProcessTemplate.code == code)):
        raise Refused(because(N_("A template “%(code)s” exists already: choose another code."), "code", code=code))
    template = ProcessTemplate(
        **placed(area),
        area_id=area.id,
        code=code or secrets.token_hex(8),
        zh="",
        serves=[],
        author_id=actor.user_id,
        made_at=now,
    )
    named(template, definition)
    db.session.add(template)
    db.session.flush()  # its code and its version name the id
    template.code = code or f"LS-{template.id:05d}"
    return _drafted(template, definition, 1, source, actor, now)


def begin_next(
    template: ProcessTemplate, *, actor: Actor, now: datetime, definition: Mapping[str, Any] | None = None
) -> TemplateVersion:
    """The draft of a template's next version, from its newest one or from a definition given.

    Raises:
        NotPermitted: the actor drafts nothing there.
        Refused: the template is retired, or a version is being written already.
    """
    authorise(actor, "template.draft", queries.reach_of(template, actor))
    hold(template)
    if template.retired_at is not None:
        raise Refused(because(N_("This template is retired: copy it to a new one.")))
    if open_one := queries.unpublished(template.id):
        raise Refused(because(N_("Version %(no)s is being written already: go on with it."), no=open_one.no))
    newest = queries.versions_of(template.id)[0]
    source = "import" if definition is not None else "newer"
    version = _drafted(template, definition or newest.definition, newest.no + 1, source, actor, now)
    for name, attachment_id in queries.layouts(newest.id).items():
        db.session.add(TemplateLayout(version_id=version.id, name=name, attachment_id=attachment_id))
    return version


def _drafted(
    template: ProcessTemplate, definition: Mapping[str, Any], no: int, source: str, actor: Actor, now: datetime
) -> TemplateVersion:
    version = TemplateVersion(
        template_id=template.id,
        no=no,
        state=VersionState.DRAFT,
        definition=dict(definition) | {"code": template.code},
        author_id=actor.user_id,
        editor_ids=[actor.user_id],
        made_at=now,
        saved_at=now,
    )
    db.session.add(version)
    db.session.flush()  # the entry names it
    fact = TemplateDrafted(template=template.id, code=template.code, name=template.zh, no=no, source=source)
    audit.record(fact, by=actor, at=now)
    return version


def save(
    template: ProcessTemplate,
    version: TemplateVersion,
    definition: Mapping[str, Any],
    what: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Change a draft; what it was before can be brought back. ``what`` is a message id that says what changed.

    Raises:
        NotPermitted: the actor drafts nothing there.
        Refused: it is no draft any more.
    """
    writable(template, version, actor)
    definition = dict(definition) | {"code": template.code}
    if definition == version.definition:
        return
    before = TemplateEdit(version_id=version.id, before=version.definition, what=what, by_id=actor.user_id, at=now)
    db.session.add(before)
    _write(template, version, definition, actor, now)
    db.session.flush()  # the version check, and the id by which old changes are forgotten
    oldest = sa.select(TemplateEdit.id).where(TemplateEdit.version_id == version.id)
    kept = oldest.order_by(TemplateEdit.id.desc()).limit(1).offset(MOST_EDITS).scalar_subquery()
    db.session.execute(sa.delete(TemplateEdit).where(TemplateEdit.version_id == version.id, TemplateEdit.id <= kept))


def undo(template: ProcessTemplate, version: TemplateVersion, *, actor: Actor, now: datetime) -> str:
    """Take the latest change of a draft back; returns what it was.

    Raises:
        NotPermitted: the actor drafts nothing there.
        Refused: it is no draft any more, or nothing is left to take back.
    """
    writable(template, version, actor)
    latest = queries.edits(version.id)
    if not latest:
        raise Refused(because(N_("There is nothing left to undo.")))
    _write(template, version, latest[0].before, actor, now)
    what = latest[0].what
    db.session.delete(latest[0])
    db.session.flush()  # the version check
    return what


def _write(
    template: ProcessTemplate, version: TemplateVersion, definition: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    version.definition = dict(definition)
    version.saved_at = now
    if actor.user_id not in version.editor_ids:
        version.editor_ids = [*version.editor_ids, actor.user_id]
    if not template.published:
        named(template, definition)


def put_layout(
    template: ProcessTemplate, version: TemplateVersion, name: str, attachment_id: int, *, actor: Actor, now: datetime
) -> None:
    """Give a draft a document layout, or another one under the same name.

    Raises:
        NotPermitted: the actor drafts nothing there.
        Refused: it is no draft any more.
    """
    writable(template, version, actor)
    kept = db.session.get(TemplateLayout, (version.id, name))
    if kept is None:
        db.session.add(TemplateLayout(version_id=version.id, name=name, attachment_id=attachment_id))
    else:
        kept.attachment_id = attachment_id
    _write(template, version, version.definition, actor, now)
    db.session.flush()  # the version check


def writable(template: ProcessTemplate, version: TemplateVersion, actor: Actor) -> None:
    """Make sure that a draft may be changed.

    Raises:
        NotPermitted: the actor drafts nothing there.
        Refused: it is no draft any more.
    """
    authorise(actor, "template.draft", queries.reach_of(template, actor))
    if version.state != VersionState.DRAFT:
        raise Refused(because(N_("Version %(no)s is no draft any more: begin the next version."), no=version.no))


def mistakes(
    template: ProcessTemplate, version: TemplateVersion, draft: Mapping[str, Any] | None = None
) -> list[Mistake]:
    """Everything that keeps a version, or a changed draft of it, from review, then the warnings."""
    definition = version.definition if draft is None else draft
    checked = check(definition)
    found = rules.readiness(
        checked,
        types=set(db.session.scalars(sa.select(CaseType.code).where(CaseType.active.is_(True)))),
        layouts=queries.layouts(version.id),
        taken=_taken(template, definition),
    )
    return [*found, *(mistake for mistake in checked.mistakes if mistake.warning)]


def _taken(template: ProcessTemplate, definition: Mapping[str, Any]) -> set[str]:
    """The series that a definition numbers in and another template already has."""
    own = queries.series_in(definition)
    return own & queries.series_of_others(template) if own else set()


def ready(template: ProcessTemplate, version: TemplateVersion) -> None:
    """Make sure that nothing is wrong with a version.

    Raises:
        Refused: every mistake, each with its step.
    """
    wrong = [mistake for mistake in mistakes(template, version) if not mistake.warning]
    if wrong:
        raise Refused([_at_step(mistake) for mistake in wrong])


def _at_step(mistake: Mistake) -> Reason:
    if not mistake.step:
        return Reason(mistake.reason.text, mistake.reason.values)
    return because(AT_STEP, step=mistake.step, reason=mistake.reason)


def named(template: ProcessTemplate, definition: Mapping[str, Any]) -> None:
    """Let lists show what the definition says of itself."""
    head = _head(definition)
    template.zh, template.en = (head.name.zh or UNNAMED)[:200], head.name.en[:200]
    template.purpose_zh, template.purpose_en = head.purpose.zh, head.purpose.en
    template.owner, template.serves = head.owner, list(head.serves)


def _head(definition: Mapping[str, Any]) -> Definition:
    checked = check({name: value for name, value in definition.items() if name != "steps"} | {"steps": [_ANY]})
    return checked.definition or Definition(name=Words(UNNAMED), steps=())


_ANY = {"key": "any", "title": "…", "actor": "enterprise"}


def hold(template: ProcessTemplate) -> None:
    """Let one writer at a time decide on a template's versions."""
    db.session.execute(sa.select(ProcessTemplate.id).where(ProcessTemplate.id == template.id).with_for_update())


def exported(version: TemplateVersion) -> dict[str, Any]:
    """A version as the file that other offices take in."""
    said: dict[str, Any] = as_json(queries.definition_of(version))
    return said
