"""The import pages: upload, see what would happen, confirm, see what happened."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from functools import partial
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from casework.exchange import running, runs
from casework.exchange.columns import NOT_A_MAPPING, check_mapping
from casework.exchange.forms import TARGET_LABELS, ImportForm, say
from casework.exchange.importing import Setting
from casework.exchange.report import Report, packed, unpacked
from casework.exchange.models import ImportRun, RunState
from casework.exchange.policy import NEEDED, targets_of
from casework.exchange.words import effect_said
from casework.exchange.workbook import XLSX_TYPE, Column, write_workbook
from casework.files import storage
from casework.files.rules import clean_name
from casework.files.views import disposition
from casework.kernel import once, paging
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, Conflict, NotFound, NotPermitted, Reason, Refused
from casework.kernel.permissions import authorise
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, go, needs, page, takes_files

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
MOST_BYTES = 20 * 1024 * 1024
SHOWN = 200
NO_FILE = N_("Choose the file: csv, tsv, xlsx or xls.")
TOO_LARGE = N_("The file is larger than 20 MB: split it and send the parts.")
NOT_YOURS = N_("You may not import this: pick another kind.")
STATE_LABELS = {
    RunState.CHECKED: N_("Checked, not imported yet"),
    RunState.WAITING: N_("Waits for its turn"),
    RunState.RUNNING: N_("On its way"),
    RunState.DONE: N_("Done"),
    RunState.STOPPED: N_("Stopped: the file is no longer kept. Upload it again."),
}


@blueprint.get("")
@needs("import.run")
def index() -> ResponseReturnValue:
    """My imports, newest first."""
    found = runs.runs_of(current_actor(), paging.asked(request.args))
    return page(
        "exchange/runs.html",
        rows=found.rows,
        labels=TARGET_LABELS,
        states=STATE_LABELS,
        pager=found.ways(partial(url_for, ".index")),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs("import.run")
@takes_files(MOST_BYTES + 1024 * 1024)
def new() -> ResponseReturnValue:
    """Choose what and which file; the answer is a report of what would happen."""
    actor, form = current_actor(), ImportForm()
    form.target.choices = [(name, say(TARGET_LABELS[name])) for name in targets_of(actor)]
    if request.method == "GET":
        form.target.data = request.args.get("target")
        return page("exchange/new.html", form=form)
    who = f"u{actor.user_id}"
    if earlier := once.earlier_answer(who, form.op.data):
        return redirect(earlier, 303)
    if form.validate():
        try:
            run = _checked(form)
            with transaction():
                db.session.add(run)
                db.session.flush()  # the address names the id
                location = url_for(".show", key=run.id)
                once.remember(who, form.op.data, location, now=utcnow())
            return redirect(location, 303)
        except Refused as refusal:
            named = {"map": "mapping"}
            form.refuse(
                [Reason(one.text, one.values, named.get(one.field or "", one.field)) for one in refusal.reasons]
            )
    return page("exchange/new.html", form=form, status=422)


def _checked(form: ImportForm) -> ImportRun:
    """Read and check the file; nothing of it is imported."""
    actor, now, target = current_actor(), utcnow(), str(form.target.data)
    if target not in targets_of(actor):
        raise Refused(Reason(NOT_YOURS, {}, "target"))
    upload = form.file.data
    if not upload or not getattr(upload, "filename", ""):
        raise Refused(Reason(NO_FILE, {}, "file"))
    content = upload.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refused(Reason(TOO_LARGE, {}, "file"))
    mapping = _mapping(form.mapping.data or "", target)
    name, digest = clean_name(upload.filename), hashlib.sha256(content).hexdigest()
    source = runs.read(content, name, target, mapping)
    options: dict[str, Any] = (
        {"make_teams": bool(form.make_teams.data), "whole": bool(form.whole.data)} if target == "people" else {}
    )
    report = running.check(running.Job(target, source, Setting(actor, now, **options), name, digest))
    key = storage.current().put(io.BytesIO(content))
    return ImportRun(
        target=target,
        filename=name,
        sha256=digest,
        storage_key=key,
        mapping=mapping,
        options=options,
        status=RunState.CHECKED,
        rows_done=0,
        rows_total=len(source.rows),
        preview={**packed(report), "headers": source.headers},
        report={},
        by_id=actor.user_id,
        at=now,
    )


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
    run = runs.visible_run(key, to=current_actor())
    report = _report(run)
    return page(
        "exchange/run.html",
        fragment="exchange/_run.html",
        run=run,
        report=report,
        refused=report.refused[:SHOWN],
        more=max(len(report.refused) - SHOWN, 0),
        label=TARGET_LABELS[run.target],
        state=STATE_LABELS[RunState(run.status)],
        moving=run.status in (RunState.WAITING, RunState.RUNNING),
        checked=run.status == RunState.CHECKED,
        effects=[
            (kind, effect_said(kind, count), report.named.get(kind, [])) for kind, count in report.effects.items()
        ],
        ending=report.effects.get("ended", 0),
        unconfirmed="unconfirmed" in request.args,
    )


def _report(run: ImportRun) -> Report:
    return unpacked(run.preview if run.status == RunState.CHECKED or not run.report else run.report)


@blueprint.post("/<int:key>/start")
@needs("import.run")
def start(key: int) -> ResponseReturnValue:
    """Import what was checked: at once when it is short, else by the job. A second click changes nothing."""
    actor = current_actor()
    run = runs.visible_run(key, to=actor)
    authorise(actor, NEEDED[run.target])
    ending = _report(run).effects.get("ended", 0)
    if run.status == RunState.CHECKED and ending and request.form.get("confirm") != str(ending):
        return redirect(url_for(".show", key=key, unconfirmed=1), 303)
    if run.status == RunState.CHECKED:
        with transaction():
            row = runs.visible_run(key, to=actor)
            if row.status == RunState.CHECKED:
                row.status = RunState.WAITING
                if row.options.get("whole"):  # so many were shown, and no more may leave
                    row.options = {**row.options, "may_end": ending}
            short = row.rows_total <= runs.AT_ONCE
        if short:
            # When it cannot go on here the page says where it stands: what waits is carried on by the job.
            with contextlib.suppress(Conflict, NotPermitted):
                runs.execute(key, now=utcnow())
    return go(".show", key=key)


@blueprint.get("/<int:key>/refused.xlsx")
@needs("import.run")
def refused(key: int) -> ResponseReturnValue:
    """The rows that stay out, as they were, with a remark beside each: to be mended and imported."""
    run = runs.visible_run(key, to=current_actor())
    rows = [one for one in _report(run).refused if one.cells]
    if not rows:
        raise NotFound("refused rows")
    headers = run.preview.get("headers") or [""] * max(len(one.cells) for one in rows)
    columns = [Column(header or str(at + 1)) for at, header in enumerate(headers)]
    columns.append(Column(gettext("Remark"), width=60))
    width = len(headers)
    body = ((*[*one.cells, *[""] * width][:width], f"{one.reason} {one.remedy}") for one in rows)
    stream = io.BytesIO()
    write_workbook(stream, gettext("Not taken over"), columns, body)
    response = Response(stream.getvalue(), content_type=XLSX_TYPE)
    response.headers["Content-Disposition"] = disposition(f"{run.filename.rsplit('.', 1)[0]}-{gettext('remarks')}.xlsx")
    return response
