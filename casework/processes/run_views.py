"""Processes on a case, for people of the office: begin one, see where it stands, fill a step, offer times, end it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from werkzeug.utils import redirect
from wtforms import DateTimeLocalField, FieldList, HiddenField, StringField
from wtforms.validators import Optional

from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.files.views import serve
from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, NotFound, NotPermitted, Reason
from casework.kernel.forms import Form
from casework.kernel.i18n import language
from casework.kernel.permissions import can
from casework.kernel.time import SHANGHAI, local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal, takes_files
from casework.processes import issuing, migrating, queries, run_pages, running, runs, slots, step_edge
from casework.processes.panels import track_link
from casework.processes.policy import filling, step_of
from casework.processes.step_edge import MAX_UPLOAD, AtStep

blueprint = Blueprint("runs", __name__)


class StartForm(Form):
    """Which template a process begins from."""

    template = HiddenField()


class ReasonForm(Form):
    """An act that asks why."""

    reason = StringField(lazy_gettext(N_("Reason")), [Optional()])


class MoveForm(Form):
    """A move to the version that was previewed."""

    to = HiddenField()


class SlotsForm(Form):
    """Times for a visit."""

    slots = FieldList(
        DateTimeLocalField(lazy_gettext(N_("Time")), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
        min_entries=3,
        max_entries=20,
    )


@blueprint.route("/cases/<number>/processes/new", methods=["GET", "POST"])
@needs("process.start")
def start(number: str) -> ResponseReturnValue:
    """The templates that fit the case; one click begins."""
    case = case_queries.visible_case(number, to=current_actor())
    if not can(current_actor(), "process.start", case):
        raise NotPermitted("process.start")
    form, kind = StartForm(), case_queries.type_of(case)
    fitting = queries.fitting(case.area_ids, kind.code, local_day(utcnow()))
    work = lambda: _start(case, form, kind.code)  # noqa: E731 - the one command of this form
    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    return page("processes/start.html", case=case, form=form, fitting=fitting, kind=kind, status=form.http_status)


def _start(case: Case, form: StartForm, type_code: str) -> str:
    template = queries.visible_template(form.template.data or "", to=current_actor())
    run = runs.start(case, template, type_code=type_code, actor=current_actor(), now=utcnow())
    return url_for("runs.show", run_id=run.id)


@blueprint.get("/runs/<int:run_id>")
@needs("process.read")
def show(run_id: int) -> ResponseReturnValue:
    """Where a process stands: the drawing, each step with its time, what was answered, what was issued."""
    run, case = running.visible_run(run_id, to=current_actor())
    return _show(case, run_pages.run_view(run, case, current_actor(), now=utcnow()))


def _show(case: Case, view: run_pages.RunView, **more: Any) -> ResponseReturnValue:
    forms = {"cancel_form": ReasonForm(), "move_form": MoveForm()} | more
    if view.move is not None:
        forms["move_form"].to.data = str(view.move.version.no)
    status = max(form.http_status for form in forms.values())
    return page("processes/run.html", view=view, status=status, **_around(case), **forms)


def _around(case: Case) -> dict[str, Any]:
    """The case as the page of a run names it; an authority may have a step in one that it does not see."""
    sees = can(current_actor(), "case.read", case)
    return {"case": case, "sees_case": sees, "track_link": track_link(case)}


@blueprint.route("/runs/<int:run_id>/steps/<key>", methods=["GET", "POST"])
@needs("process.read")
@takes_files(MAX_UPLOAD)
def step(run_id: int, key: str) -> ResponseReturnValue:
    """One step: its form for who fills it, and what the steps before it say."""
    at = _at(run_id, key)
    here = url_for("runs.step", run_id=run_id, key=key)
    if request.method == "POST":
        if not can(current_actor(), filling(at.step), step_of(at.case, at.step)):
            raise NotPermitted(filling(at.step))
        if location := step_edge.send(at, url_for("runs.show", run_id=run_id), here):
            _write_files(at)
            flash(gettext("Kept. Go on whenever you like.") if location == here else gettext("Sent."))
            return redirect(location, 303)
    return _step(at)


def _write_files(at: AtStep) -> None:
    for hook in issuing.AFTER_ISSUE if at.step.issues else ():
        hook(at.case)


def _at(run_id: int, key: str) -> AtStep:
    run, case = running.visible_run(run_id, to=current_actor())
    return step_edge.at_step(case, run, key, actor=current_actor(), principal=principal())


def _step(at: AtStep, times: SlotsForm | None = None) -> ResponseReturnValue:
    view = run_pages.run_view(at.run, at.case, current_actor(), now=utcnow())
    status = max(at.form.http_status, times.http_status if times else 200)
    return page(
        "processes/step.html",
        **_around(at.case),
        view=view,
        page_of=run_pages.step_page(at),
        at=at,
        mine=can(current_actor(), filling(at.step), step_of(at.case, at.step)),
        times=times or SlotsForm(),
        slots=running.slots_of(at.run.id, at.step.key) if at.step.visit else [],
        status=status,
    )


@blueprint.post("/runs/<int:run_id>/steps/<key>/draft")
@needs("process.read")
def keep(run_id: int, key: str) -> ResponseReturnValue:
    """Keep what is being typed."""
    step_edge.keep(_at(run_id, key))
    return "", 204


@blueprint.post("/runs/<int:run_id>/steps/<key>/slots")
@needs("process.read")
def offer(run_id: int, key: str) -> ResponseReturnValue:
    """Offer times for a visit."""
    at, form = _at(run_id, key), SlotsForm()

    def work() -> str:
        begins = [_on_the_wall(entry.data) for entry in form.slots if entry.data]
        slots.offer(at.case, at.run, key, begins, actor=current_actor(), now=utcnow())
        return url_for("runs.step", run_id=run_id, key=key, _anchor="visit")

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("Offered. The enterprise chooses on its page."))
        return redirect(location, 303)
    return _step(at, form)


def _on_the_wall(typed: datetime) -> datetime:
    return typed.replace(tzinfo=SHANGHAI)


@blueprint.post("/runs/<int:run_id>/steps/<key>/visit")
@needs("process.enterprise")
def choose(run_id: int, key: str) -> ResponseReturnValue:
    """Choose a time for the enterprise, as on the phone with it."""
    at, form = _at(run_id, key), Form()
    chosen = request.form.get("slot", "")

    def work() -> str:
        slot_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 16 else 0
        slots.choose(at.case, at.run, key, slot_id, actor=current_actor(), now=utcnow())
        return url_for("runs.step", run_id=run_id, key=key, _anchor="visit")

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("The visit is set."))
        return redirect(location, 303)
    at.form.refuse(form.reasons or [Reason(N_("Choose one of the times."))])
    at.form.http_status = form.http_status
    return _step(at)


@blueprint.post("/runs/<int:run_id>/cancel")
@needs("process.cancel")
def cancel(run_id: int) -> ResponseReturnValue:
    """End a process before its end, with a reason."""
    run, case = running.visible_run(run_id, to=current_actor())
    form = ReasonForm()

    def work() -> str:
        runs.cancel(case, run, form.reason.data or "", actor=current_actor(), now=utcnow())
        return url_for("runs.show", run_id=run_id)

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("Cancelled. What was sent stays on record."))
        return redirect(location, 303)
    return _show(case, run_pages.run_view(run, case, current_actor(), now=utcnow()), cancel_form=form)


@blueprint.post("/runs/<int:run_id>/move")
@needs("process.migrate")
def move(run_id: int) -> ResponseReturnValue:
    """Move to the newer version that the page previewed."""
    run, case = running.visible_run(run_id, to=current_actor())
    form = MoveForm()

    def work() -> str:
        to = form.to.data or ""
        no = int(to) if to.isascii() and to.isdigit() and len(to) < 9 else 0
        migrating.migrate(case, run, to_no=no, actor=current_actor(), now=utcnow(), locale=language())
        return url_for("runs.show", run_id=run_id)

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("Moved to the newer version."))
        return redirect(location, 303)
    return _show(case, run_pages.run_view(run, case, current_actor(), now=utcnow()), move_form=form)


@blueprint.get("/runs/<int:run_id>/files/<token>")
@needs("process.read")
def file(run_id: int, token: str) -> ResponseReturnValue:
    """A file that an answer of this process names."""
    run, _case = running.visible_run(run_id, to=current_actor())
    found = run_pages.file_in(running.course_of(run), token)
    if found is None:
        raise NotFound("file")
    return serve(found, thumbnail=request.args.get("small") == "1")


@blueprint.route("/documents/<int:document_id>/revoke", methods=["GET", "POST"])
@needs("document.revoke")
def revoke(document_id: int) -> ResponseReturnValue:
    """Take a document back before its time, with a reason that whoever checks it reads."""
    document = issuing.document_of(document_id)
    run, case = running.visible_run(document.run_id, to=current_actor())
    step_of_it, form = running.course_of(run).step(document.step), ReasonForm()
    if not can(current_actor(), "document.revoke", step_of(case, step_of_it)):
        raise NotPermitted("document.revoke")

    def work() -> str:
        issuing.revoke(case, step_of_it, document, form.reason.data or "", actor=current_actor(), now=utcnow())
        return url_for("runs.show", run_id=run.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        flash(gettext("Revoked. Whoever scans it sees so at once."))
        return redirect(location, 303)
    return page("processes/revoke.html", document=document, run=run, form=form, case=case, status=form.http_status)
