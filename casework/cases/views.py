"""The pages of cases: translate the request, open the transaction, answer."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from casework.audit import queries as audit_queries
from casework.cases import (
    corrections,
    editing,
    forms,
    listing,
    lists,
    presenting,
    queries,
    service,
    story,
    tags,
    workflow,
)
from casework.cases.action_forms import action_form
from casework.cases.models import Case
from casework.files import queries as file_queries
from casework.files.models import Attachment
from casework.files.upload import MAX_UPLOAD, Upload
from casework.files.views import serve
from casework.kernel import paging, queued
from casework.kernel.attempts import carry_out
from casework.kernel.db import transaction
from casework.kernel.errors import N_, NotFound, NotPermitted, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.permissions import can
from casework.kernel.time import utcnow
from casework.kernel.web import PANELS, current_actor, needs, page, principal, signed_in, takes_files

blueprint = Blueprint("cases", __name__)
STORY_SIZE = 20
STORY_READS = 4  # a page costs no more, however much is folded


@blueprint.get("/cases")
@needs("case.read")
def index() -> ResponseReturnValue:
    """The list of cases that one may see, filtered by the address bar."""
    actor, now, filters = current_actor(), utcnow(), lists.read_filters(request.args)
    at = paging.asked(request.args)
    found = lists.cases(actor, filters, at.after, before=at.before, now=now)
    options = listing.filter_options(actor)
    return page(
        "cases/index.html",
        fragment="cases/_list.html",
        filters=filters,
        found=found,
        total=lists.total(actor, filters, found, now=now),
        options=options,
        labels=listing.list_labels(),
        chosen=listing.chosen_filters(actor, filters, options),
        views=listing.usual_views(actor, filters),
        saved=[panel("cases", filters.as_query(), actor) for panel in PANELS["views"]],
        acts=[panel(filters, actor) for panel in PANELS["cases"]] if found.rows else [],
    )


@blueprint.get("/cases/<number>")
@needs("case.read")
def show(number: str) -> ResponseReturnValue:
    """The case: where it stands, who holds it, what is due and why, what blocks, then the story."""
    case = queries.visible_case(number, to=current_actor())
    return show_page(case)


def show_page(
    case: Case,
    *,
    note: forms.NoteForm | None = None,
    tag: forms.TagForm | None = None,
    upload: forms.FilesForm | None = None,
    status: int = 200,
    phone: str | None = None,
) -> ResponseReturnValue:
    """The page of a case, with a form on it that came back."""
    actor, now = current_actor(), utcnow()
    kind = request.args.get("kind") if request.args.get("kind") in story.KINDS else None
    view = presenting.case_view(case, actor, now=now)
    told, more = _story(case, kind, view.checklist) if can(actor, "case.story", case) else ([], None)
    return page(
        "cases/show.html",
        fragment="cases/_story.html",
        case=case,
        view=view,
        kind=kind,
        kinds=story.KINDS,
        counts=audit_queries.kinds(case.id),
        more=more,
        story=told,
        note=note or forms.NoteForm(formdata=None),
        correcting=_correcting(case, note),
        tag_form=tag or forms.TagForm(formdata=None),
        tags=tags.of_case(case.id),
        vocabulary=tags.vocabulary(actor) if can(actor, tags.TAG, case) else (),
        upload=upload or presenting.files_form(view),
        phone=phone,
        parts=[panel(case, view, actor, now) for panel in PANELS["case"]],
        status=status,
    )


def _correcting(case: Case, note: forms.NoteForm | None) -> story.Mention | None:
    """The entry that a note puts right: the one that is asked for, or that the note which came back names."""
    wanted = request.args.get("correct") if note is None else note.corrects.data
    found = corrections.correctable(case, row_id(wanted))
    if note is None and wanted and found is None:
        raise NotFound("correct")
    return found


def _story(case: Case, kind: str | None, checklist: Mapping[str, str]) -> tuple[list[story.Told], int | None]:
    """A page of the story, and the entry to go on from; where many entries fold into one line, some more are read."""
    told: list[story.Told] = []
    before = row_id(request.args.get("before", ""))
    for _ in range(STORY_READS):
        entries = audit_queries.timeline(case.id, kind=kind, before=before, limit=STORY_SIZE + 1)
        shown = entries[:STORY_SIZE]
        told.extend(corrections.linked(story.tell(shown, checklist), shown, case, current_actor()))
        if len(entries) <= STORY_SIZE:
            return story.folded(told), None
        before = shown[-1].id
        if len(folded := story.folded(told)) > STORY_SIZE // 2:
            break
    return folded, before


@blueprint.route("/cases/<number>/actions/<name>", methods=["GET", "POST"])
@needs("case.read")
def act(number: str, name: str) -> ResponseReturnValue:
    """An action of the life cycle: its form, and taking it. Refused, it comes back with what was typed."""
    actor = current_actor()
    case = queries.visible_case(number, to=actor)
    action = workflow.action_named(name) or abort(404)
    if not can(actor, action.permission, case):
        raise NotPermitted(action.permission)
    form = action_form(action, case)
    if request.method == "GET" or "pick" in request.form:
        own = presenting.PAGES.get(name)
        return redirect(own.format(number=number), 302) if own else _action_page(case, form, 200)

    def work() -> str:
        service.act(case, name, form.answer(), actor=actor, now=utcnow())
        # Asked here: after the commit the row would be read once more.
        said.append(presenting.done_text(case, action))
        return url_for("cases.show", number=number) if can(actor, "case.read", case) else url_for("desk.home")

    said: list[str] = []
    if location := carry_out(form, work, principal=principal(), row=case):
        for text in said:
            flash(text)
        return redirect(location, 303)
    return _action_page(case, form, form.http_status)


def _action_page(case: Case, form: forms.ActionForm, status: int) -> ResponseReturnValue:
    view = presenting.case_view(case, current_actor(), now=utcnow())
    return page(
        "cases/action.html",
        fragment="cases/_action.html",
        case=case,
        form=form,
        action=form.action,
        view=view,
        status=status,
    )


@blueprint.post("/cases/<number>/notes")
@needs("case.note")
def add_note(number: str) -> ResponseReturnValue:
    """Add a note; it conflicts with nobody, and a second click adds nothing."""
    actor, form, now = current_actor(), forms.NoteForm(), utcnow()
    case = queries.visible_case(number, to=actor)

    def work() -> str:
        corrects = row_id(form.corrects.data or "")
        written = queued.written_at(now)
        service.add_note(case, form.text.data or "", actor=actor, now=now, corrects=corrects, written_at=written)
        return url_for("cases.show", number=number, _anchor="story")

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    return show_page(case, note=form, status=form.http_status)


@blueprint.post("/cases/<number>/attachments")
@needs("case.attach")
@takes_files(MAX_UPLOAD)
def attach(number: str) -> ResponseReturnValue:
    """Seal files into the case: all of them, or none and why."""
    case = queries.visible_case(number, to=current_actor())
    form = presenting.files_form(presenting.case_view(case, current_actor(), now=utcnow()), request.form)
    upload = Upload(request.files.getlist("files"))

    def prepare() -> None:
        if not upload.chosen:
            raise Refused(because(N_("Photos and files: choose at least one."), "files"))
        upload.take_in()

    def work() -> str:
        attach_evidence(case, upload, form.kind.data or "")
        return url_for("cases.show", number=number, _anchor="files")

    if location := carry_out(form, work, principal=principal(), prepare=prepare):
        return redirect(location, 303)
    return show_page(case, upload=form, status=form.http_status)


def attach_evidence(case: Case, upload: Upload, kind: str) -> list[Attachment]:
    """Attach files that were taken in, as evidence of a kind if the type knows it; returns them."""
    if not upload.sealed:
        return []
    known = {item["key"] for item in queries.type_of(case).evidence}
    made = upload.attach(case.id, kind if kind in known else "")
    service.attach(case, made, actor=current_actor(), now=utcnow())
    return made


@blueprint.get("/cases/<number>/files/<token>")
@needs("case.story")
def file(number: str, token: str) -> ResponseReturnValue:
    """A sealed file of the case, or its thumbnail with ``?small=1``."""
    case = queries.visible_case(number, to=current_actor())
    if not can(current_actor(), "case.story", case):
        raise NotPermitted("case.story")
    return serve(file_queries.attachment_of(case.id, token), thumbnail=request.args.get("small") == "1")


@blueprint.post("/cases/<number>/reveal")
@needs("case.reveal")
def reveal(number: str) -> ResponseReturnValue:
    """Show the full phone number once; the look is on the story."""
    case = queries.visible_case(number, to=current_actor())
    with transaction():
        phone = service.reveal_phone(case, actor=current_actor(), now=utcnow())
    return show_page(case, phone=phone)


@blueprint.route("/cases/<number>/edit", methods=["GET", "POST"])
@needs("case.edit")
def edit(number: str) -> ResponseReturnValue:
    """Correct the fields of an open case; old and new stay side by side on the story."""
    actor = current_actor()
    case = queries.visible_case(number, to=actor)
    if not can(actor, "case.edit", case):
        raise NotPermitted("case.edit")
    form = editing.edit_form(case, actor)
    if request.method == "GET":
        return page("cases/edit.html", form=form, case=case)

    def work() -> str:
        editing.correct(case, editing.changes_of(form), reason=form.reason.data or "", actor=actor, now=utcnow())
        return url_for("cases.show", number=number)

    if location := carry_out(form, work, principal=principal(), row=case):
        return redirect(location, 303)
    return page("cases/edit.html", form=form, case=case, status=form.http_status)


@blueprint.get("/help")
@signed_in
def help_page() -> ResponseReturnValue:
    """How a case moves, drawn from the workflow table."""
    return page(
        "cases/help.html",
        actions=workflow.ACTIONS,
        states=workflow.STATE_LABELS,
        main_line=workflow.MAIN_LINE,
        diagram=presenting.diagram(),
        roles=presenting.roles_of_actions(),
    )
