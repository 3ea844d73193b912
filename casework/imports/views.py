"""The import pages: upload, see what would happen, confirm, watch or stop it, see what happened."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from functools import partial
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from casework.files import storage
from casework.files.rules import clean_name
from casework.files.views import disposition
from casework.imports import checking, home, looking, marks, runs
from casework.imports.beneficiaries import case_of
from casework.imports.fields_said import label_of
from casework.imports.forms import TARGET_LABELS, ImportForm
from casework.imports.models import ENDED, MOVING, ImportRun, RunState
from casework.imports.policy import targets_of
from casework.imports.report import Report, unpacked
from casework.imports.words import effect_said, kind_said
from casework.kernel import once, paging
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, Conflict, NotFound, NotPermitted, Reason, Refused
from casework.kernel.forms import say
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, go, needs, page, principal, takes_files
from casework.roster import queries as roster
from casework.sheets import limits
from casework.sheets.columns import NOT_A_MAPPING, check_mapping
from casework.sheets.uploads import FORM_BYTES, content_of
from casework.sheets.workbook import XLSX_TYPE

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
SHOWN = 200
NO_FILE = N_("Choose the file: csv, tsv, xlsx or xls.")
NOT_YOURS = N_("You may not import this: pick another kind.")
STATE_LABELS = {
    RunState.DRAFT: N_("Columns not confirmed yet"),
    RunState.CHECKING: N_("Being checked"),
    RunState.CHECKED: N_("Checked, not imported yet"),
    RunState.WAITING: N_("Waits for its turn"),
    RunState.RUNNING: N_("On its way"),
    RunState.DONE: N_("Done"),
    RunState.CANCELLED: N_("Stopped half-way"),
    RunState.STOPPED: N_("Stopped: the file is no longer kept. Upload it again."),
    RunState.UNDOING: N_("Being taken back"),
    RunState.UNDONE: N_("Taken back"),
}


@blueprint.get("")
@needs("import.run")
def index() -> ResponseReturnValue:
    """My imports, newest first."""
    found = runs.runs_of(current_actor(), paging.asked(request.args))
    return page(
        "imports/runs.html",
        rows=found.rows,
        labels=TARGET_LABELS,
        states=STATE_LABELS,
        pager=found.ways(partial(url_for, ".index")),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs("import.run")
@takes_files(FORM_BYTES)
def new() -> ResponseReturnValue:
    """Choose what and which file; the answer is what its columns may be, or a report of what would happen."""
    actor, form = current_actor(), ImportForm()
    form.target.choices = [(name, say(TARGET_LABELS[name])) for name in targets_of(actor)]
    if request.method == "GET":
        form.target.data, form.case.data = request.args.get("target"), request.args.get("case")
        if len(form.target.choices) == 1:
            form.target.data = form.target.choices[0][0]
        return page("imports/new.html", form=form)
    if earlier := once.earlier_answer(principal(), form.op.data):
        return redirect(earlier, 303)
    if form.validate():
        try:
            run = _uploaded(form)
            with transaction():
                db.session.add(run)
                db.session.flush()  # the address names the id
                ready = run.status != RunState.DRAFT
                location = url_for("imports.show" if ready else "import_columns.columns", key=run.id)
                once.remember(principal(), form.op.data, location, now=utcnow())
            return redirect(location, 303)
        except Refused as refusal:
            named = {"map": "mapping"}
            form.refuse(
                [Reason(one.text, one.values, named.get(one.field or "", one.field)) for one in refusal.reasons]
            )
    return page("imports/new.html", form=form, status=422)


def _uploaded(form: ImportForm) -> ImportRun:
    """Read the file; where its layout is known it is checked at once. Nothing of it is imported."""
    actor, now, target = current_actor(), utcnow(), str(form.target.data)
    if target not in targets_of(actor):
        raise Refused(Reason(NOT_YOURS, {}, "target"))
    options: dict[str, Any] = {}
    if target == "beneficiaries":
        options["case"] = case_of(form.case.data or "", actor).number
    content = content_of(form.file.data, NO_FILE)
    mapping = _mapping(form.mapping.data or "", target)
    if target == "people":
        options |= {"make_teams": bool(form.make_teams.data), "whole": bool(form.whole.data)}
    name = clean_name(form.file.data.filename)
    run = ImportRun(
        target=target,
        filename=name,
        sha256=hashlib.sha256(content).hexdigest(),
        storage_key="",
        mapping=mapping,
        options=options,
        status=RunState.DRAFT,
        rows_done=0,
        rows_total=0,
        preview={},
        report={},
        by_id=actor.user_id,
        at=now,
    )
    with limits.reading(actor.user_id, now=now):
        looking.begin(run, content, actor, now)
    run.storage_key = storage.current().put(io.BytesIO(content))
    return run


def _mapping(text: str, target: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        return check_mapping(json.loads(text), target)
    except ValueError as error:
        raise Refused(Reason(NOT_A_MAPPING, {}, "map")) from error


@blueprint.get("/<int:key>")
@needs("import.run")
def show(key: int) -> ResponseReturnValue:
    """What would happen, how far it is, or what happened."""
    actor = current_actor()
    run = runs.visible_run(key, to=actor)
    if run.status == RunState.DRAFT:
        answer = redirect(url_for("import_columns.columns", key=key), 303)
        if "HX-Request" in request.headers:  # the part of a page cannot hold the page of columns: go there
            answer = Response(headers={"HX-Redirect": answer.location})
        return answer
    report = _report(run)
    earlier = runs.earlier_runs(run) if run.status == RunState.CHECKED else []
    return page(
        "imports/run.html",
        fragment="imports/_run.html",
        run=run,
        report=report,
        refused=report.refused[:SHOWN],
        more=max(len(report.refused) - SHOWN, 0),
        laid_out=home.keeps_layout(run),
        label=TARGET_LABELS[run.target],
        state=STATE_LABELS[RunState(run.status)],
        field_label=partial(label_of, run.target),
        moving=run.status in (*MOVING, RunState.UNDOING, RunState.CHECKING),
        checking=run.status == RunState.CHECKING,
        checked=run.status == RunState.CHECKED,
        ended=run.status in ENDED,
        effects=[
            (kind, effect_said(kind, count), report.named.get(kind, [])) for kind, count in report.effects.items()
        ],
        ending=report.effects.get("ended", 0),
        unconfirmed=request.args.get("unconfirmed", ""),
        earlier=earlier,
        known=roster.known_names(actor, [other.by_id for other in earlier]),
        **_undone(run),
    )


def _undone(run: ImportRun) -> dict[str, Any]:
    """How far taking back is, and what stays."""
    if run.status not in (RunState.UNDOING, RunState.UNDONE):
        return {"undo": None}
    counts = marks.counts(run.id)
    done = sum(states.get("undone", 0) for states in counts.values())
    stays = sum(states.get("stays", 0) for states in counts.values())
    left = sum(states.get("kept", 0) for states in counts.values())
    told = [(kind_said(kind), states.get("undone", 0), states.get("stays", 0)) for kind, states in counts.items()]
    staying = marks.staying(run.id, SHOWN)
    return {"undo": {"done": done, "stays": stays, "left": left, "told": told, "staying": marks.told(staying)}}


def _report(run: ImportRun) -> Report:
    """What would happen to a run that was only checked; of every other one what has happened."""
    return unpacked(run.preview if run.status == RunState.CHECKED else run.report or {})


@blueprint.post("/<int:key>/start")
@needs("import.run")
def start(key: int) -> ResponseReturnValue:
    """Import what was checked: at once when it is short, else by the job. A second click changes nothing."""
    actor = current_actor()
    run = runs.visible_run(key, to=actor)
    if run.target not in targets_of(actor):
        raise NotPermitted("import.run")
    ending = _report(run).effects.get("ended", 0)
    if run.status == RunState.CHECKED and ending and request.form.get("confirm") != str(ending):
        return redirect(url_for(".show", key=key, unconfirmed="ended"), 303)
    if run.status == RunState.CHECKED:
        try:
            with transaction():
                row = runs.visible_run(key, to=actor)
                asked = _begin(row, ending, again=request.form.get("again") == "1")
                short = row.rows_total <= runs.AT_ONCE
        except Conflict:  # the same file set out at the same moment: the second is led to the first
            asked, short = "again", False
        if asked:
            return redirect(url_for(".show", key=key, unconfirmed=asked), 303)
        if short:
            # When it cannot go on here the page says where it stands: what waits is carried on by the job.
            with contextlib.suppress(Conflict, NotPermitted):
                runs.execute(key, now=utcnow())
    return go(".show", key=key)


def _begin(row: ImportRun, ending: int, *, again: bool) -> str:
    """Let a run wait for its turn; what its owner has to confirm first, or nothing."""
    if row.status != RunState.CHECKED:
        return ""
    earlier = runs.earlier_runs(row)
    if any(other.status in MOVING for other in earlier) or (earlier and not again):
        return "again"
    row.status = RunState.WAITING
    if row.options.get("whole"):  # so many were shown, and no more may leave
        row.options = {**row.options, "may_end": ending}
    return ""


@blueprint.post("/<int:key>/cancel")
@needs("import.run")
def cancel(key: int) -> ResponseReturnValue:
    """Stop an import: what is in stays, and can be taken back. Or stop its check: its columns can be changed."""
    with transaction():
        run = runs.visible_run(key, to=current_actor())
        if run.status == RunState.CHECKING:
            checking.stop(run)
        else:
            runs.cancel(run, now=utcnow())
    return go(".show", key=key)


@blueprint.get("/<int:key>/refused.xlsx")
@needs("import.run")
def refused(key: int) -> ResponseReturnValue:
    """The rows that stay out, as they were, with a remark beside each: to be mended and imported."""
    run = runs.visible_run(key, to=current_actor())
    report = _report(run)
    if not report.refused:
        raise NotFound("refused rows")
    content, name = home.workbook(run, report)
    response = Response(content, content_type=XLSX_TYPE)
    response.headers["Content-Disposition"] = disposition(name)
    return response
