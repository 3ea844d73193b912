"""The library of templates: what is there and how it goes in practice, new ones, review by the authority, sunset."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas import queries as area_queries
from casework.areas.models import Area
from casework.cases import queries as case_queries
from casework.cases.forms import options
from casework.cases.types import DOMAINS
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, NotPermitted, Reason, Refused, because
from casework.kernel.forms import Form, row_id
from casework.kernel.i18n import language
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal, takes_files
from casework.processes import approving, comparing, design_pages, harvest, queries, taking_in, templates
from casework.processes.bpmn_model import MOST_BPMN
from casework.processes.conditions_said import in_words
from casework.processes.figures import figures
from casework.processes.library_forms import STARTS, FateForm, NewForm, ReviewForm
from casework.processes.models import ProcessTemplate, TemplateVersion
from casework.processes.rules import NOTICE
from casework.processes.words import FATES, Fate, VersionState
from casework.roster.queries import names as names_of

blueprint = Blueprint("library", __name__)
STATES = {
    "published": N_("In force"),
    "draft": N_("Draft"),
    "in_review": N_("In review"),
    "retired": N_("Retired"),
}


@blueprint.get("/templates")
@needs("template.read")
def index() -> ResponseReturnValue:
    """The templates offered where one works, the most used first."""
    text, state = request.args.get("q", "").strip()[:60], request.args.get("state", "")
    state = state if state in STATES else ""
    found = queries.library(current_actor(), paging.asked(request.args), text=text, state=state)

    def at(**more: Any) -> str:
        return url_for("library.index", q=text or None, state=state or None, **more)

    return page(
        "processes/library.html",
        rows=found.rows,
        pager=found.ways(at),
        newest=queries.newest_versions([row.id for row in found.rows]),
        text=text,
        state=state,
        states=STATES,
        domains=DOMAINS,
        soon=local_day(utcnow()) + NOTICE,
    )


@blueprint.route("/templates/new", methods=["GET", "POST"])
@needs("template.draft")
@takes_files(MOST_BPMN + 64 * 1024)
def new() -> ResponseReturnValue:
    """A new template and its first draft."""
    form = NewForm()
    form.start.choices = options((key, gettext(label)) for key, label in STARTS.items())
    form.area.choices = options((str(place.id), place.path or place.name) for place in _places())
    form.copy.choices = options((code, name) for code, name in _published())
    if request.method == "GET":
        form.start.data = request.args.get("start") if request.args.get("start") in STARTS else "empty"
        form.copy.data, form.case.data = request.args.get("copy", ""), request.args.get("case", "")
    elif location := carry_out(form, lambda: _begin(form), principal=principal()):
        return redirect(location, 303)
    return page("processes/new.html", form=form, status=form.http_status)


def _places() -> list[Area]:
    """Where the person may offer a template: the areas of their duties, and what these lie in below the city."""
    found: dict[int, Area] = {}
    for place in queries.places_of(current_actor()):
        for area in (place, *area_queries.ancestors(place)):
            if area.level != "city" and can(
                current_actor(), "template.draft", queries.area_reach(area, current_actor())
            ):
                found[area.id] = area
    return sorted(found.values(), key=lambda area: area.code)


def _published() -> list[tuple[str, str]]:
    found = queries.library(current_actor(), paging.FIRST, state="published")
    return [(row.code, f"{row.label(language())} ({row.code})") for row in found.rows]


def _begin(form: NewForm) -> str:
    area = next((place for place in _places() if place.id == row_id(form.area.data)), None)
    if area is None:
        raise Refused(because(N_("Where it is offered: choose one of your areas."), "area"))
    definition = _definition(form)
    if form.name.data:
        definition = {**definition, "name": {"zh": form.name.data[:200]}}
    version = templates.begin(definition, area, source=form.start.data, actor=current_actor(), now=utcnow())
    template = db.session.get_one(ProcessTemplate, version.template_id)
    return url_for("design.design", code=template.code)


def _definition(form: NewForm) -> dict[str, Any]:
    """What the first draft is made from."""
    if form.start.data == "copy":
        template = queries.visible_template(form.copy.data or "", to=current_actor())
        published = [one for one in queries.versions_of(template.id) if one.state == VersionState.PUBLISHED]
        if not published:
            raise Refused(because(N_("Template to copy: choose one that is published."), "copy"))
        return dict(published[0].definition)
    if form.start.data == "harvest":
        try:
            case = case_queries.visible_case((form.case.data or "").strip(), to=current_actor())
        except NotFound:
            raise Refused(because(N_("Number of the solved case: you know no case of this number."), "case")) from None
        return harvest.harvested(case, actor=current_actor())
    if form.start.data == "file":
        if not form.file.data:
            raise Refused(because(N_("Template file: choose one."), "file"))
        return taking_in.from_file(form.file.data.stream.read(MOST_BPMN + 1))
    if not form.name.data:
        raise Refused(because(N_("Name: write what the procedure is called."), "name"))
    return templates.empty(form.name.data)


@blueprint.get("/templates/<code>")
@needs("template.read")
def show(code: str) -> ResponseReturnValue:
    """One template: what it is for, its process, how it goes in practice, its versions, its sunset."""
    return _show(queries.visible_template(code, to=current_actor()))


def _show(template: ProcessTemplate, **more: Any) -> ResponseReturnValue:
    actor, versions = current_actor(), queries.versions_of(template.id)
    reach = queries.reach_of(template, actor)
    asked = row_id(request.args.get("version", ""))
    shown = next((one for one in versions if one.no == asked), _in_force(versions))
    view = design_pages.design_view(template, shown, shown.definition)
    fate = more.get("fate_form") or FateForm()
    fate.fate.choices = options((key, gettext(label)) for key, label in FATES.items())
    return page(
        "processes/template.html",
        procedure=template,
        versions=versions,
        shown=shown,
        view=view,
        figures=figures(template.id),
        writing=next((one for one in versions if one.state in queries.UNPUBLISHED), None),
        may_draft=can(actor, "template.draft", reach),
        may_review=can(actor, "template.approve", queries.reach_of(template, actor, versions[0])),
        may_decide=can(actor, "template.retire", reach) and template.published and template.retired_at is None,
        people=names_of(
            {one.author_id for one in versions} | {one.decided_by_id for one in versions if one.decided_by_id}
        ),
        domains=DOMAINS,
        area=db.session.get_one(Area, template.area_id),
        condition=lambda step: in_words(step.when, view.definition, language()) if view.definition else "",
        actor_said=design_pages.actor_said,
        soon=local_day(utcnow()) + NOTICE,
        fate_form=fate,
        types={kind.code: kind.label(language()) for kind in case_queries.case_types(active=False)},
        status=fate.http_status,
    )


def _in_force(versions: list[TemplateVersion]) -> TemplateVersion:
    """The version that counts today, else the newest."""
    today = local_day(utcnow())
    for one in versions:
        if one.state == VersionState.PUBLISHED and one.valid_from and one.valid_from <= today:
            return one
    return versions[0]


@blueprint.post("/templates/<code>/versions")
@needs("template.draft")
def next_version(code: str) -> ResponseReturnValue:
    """Begin the next version, or go on with the one that is being written."""
    template = queries.visible_template(code, to=current_actor())
    form = Form()
    if queries.unpublished(template.id) is not None:
        return redirect(url_for("design.design", code=code), 303)

    def work() -> str:
        templates.begin_next(template, actor=current_actor(), now=utcnow())
        return url_for("design.design", code=code)

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    flash("; ".join(str(reason) for reason in form.reasons))
    return redirect(url_for("library.show", code=code), 303)


@blueprint.route("/templates/<code>/review", methods=["GET", "POST"])
@needs("template.approve")
def review(code: str) -> ResponseReturnValue:
    """The version in review, whole: publish it, or send it back with what to change."""
    template = queries.visible_template(code, to=current_actor())
    version = queries.unpublished(template.id)
    if version is None or version.state != VersionState.IN_REVIEW:
        return redirect(url_for("library.show", code=code), 303)
    if not can(current_actor(), "template.approve", queries.reach_of(template, current_actor(), version)):
        raise NotPermitted("template.approve")
    form = ReviewForm()
    if request.method == "GET":
        form.valid_from.data = local_day(utcnow())
    elif location := carry_out(form, lambda: _decided(template, version, form), principal=principal()):
        return redirect(location, 303)
    before = next((one for one in queries.versions_of(template.id) if one.state == VersionState.PUBLISHED), None)
    return page(
        "processes/review.html",
        procedure=template,
        version=version,
        view=design_pages.design_view(template, version, version.definition),
        before=before,
        changes=comparing.changes(before.definition, version.definition, language()) if before else [],
        form=form,
        author=names_of({version.author_id}).get(version.author_id, ""),
        condition=lambda step: in_words(step.when, queries.definition_of(version), language()),
        actor_said=design_pages.actor_said,
        domains=DOMAINS,
        status=form.http_status,
    )


def _decided(template: ProcessTemplate, version: TemplateVersion, form: ReviewForm) -> str:
    actor, now = current_actor(), utcnow()
    if request.form.get("do") == "return":
        approving.send_back(template, version, form.note.data or "", actor=actor, now=now)
        flash(gettext("Sent back to its author."))
    else:
        approving.publish(
            template, version, valid_from=form.valid_from.data, sunset_on=form.sunset_on.data, actor=actor, now=now
        )
        flash(gettext("Published. Officers can begin it on cases from its first day."))
    return url_for("library.show", code=template.code)


@blueprint.post("/templates/<code>/sunset")
@needs("template.retire")
def sunset(code: str) -> ResponseReturnValue:
    """Decide what becomes of a template: renew, make permanent, retire."""
    template = queries.visible_template(code, to=current_actor())
    form = FateForm()

    def work() -> str:
        if form.fate.data not in FATES:
            raise Refused(Reason(N_("What becomes of it: choose one of the answers."), {}, "fate"))
        approving.decide(
            template,
            Fate(form.fate.data),
            until=form.until.data,
            reason=form.reason.data or "",
            actor=current_actor(),
            now=utcnow(),
        )
        return url_for("library.show", code=code)

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("Decided. It stands on the template's record."))
        return redirect(location, 303)
    return _show(template, fate_form=form)


@blueprint.post("/templates/<code>/portal")
@needs("template.retire")
def portal(code: str) -> ResponseReturnValue:
    """Offer a template at the portal, or no longer."""
    template = queries.visible_template(code, to=current_actor())
    form, offered = Form(), request.form.get("offered") == "1"

    def work() -> str:
        approving.offer(template, offered, actor=current_actor(), now=utcnow())
        return url_for("library.show", code=code)

    if carry_out(form, work, principal=principal()) is None:
        flash("; ".join(str(reason) for reason in form.reasons))
    return redirect(url_for("library.show", code=code), 303)


@blueprint.get("/templates/<code>/compare")
@needs("template.read")
def compare(code: str) -> ResponseReturnValue:
    """Two versions side by side."""
    template = queries.visible_template(code, to=current_actor())
    versions = {one.no: one for one in queries.versions_of(template.id)}
    newest = max(versions)
    new_no = row_id(request.args.get("to", "")) or newest
    old_no = row_id(request.args.get("from", "")) or max(new_no - 1, 1)
    if old_no not in versions or new_no not in versions:
        raise NotFound("version")
    return page(
        "processes/compare.html",
        procedure=template,
        versions=sorted(versions),
        old=versions[old_no],
        new=versions[new_no],
        changes=comparing.changes(versions[old_no].definition, versions[new_no].definition, language()),
    )
