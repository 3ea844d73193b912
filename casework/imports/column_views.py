"""The page of columns: which sheet, which rows are the header, what each column is and why; to be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from casework.files import storage
from casework.imports import looking, runs
from casework.imports.fields_said import FIELD_LABELS, label_of
from casework.imports.forms import HAS_CHANGES, HAS_DOUBLES, TARGET_LABELS, ColumnsForm
from casework.imports.models import ImportRun, RunState
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, Conflict, Reason, Refused, reason_kept
from casework.kernel.forms import row_id
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, go, needs, page
from casework.sheets import limits, uploads

blueprint = Blueprint("import_columns", __name__, url_prefix="/imports")
GONE = N_("The file is no longer kept: upload it again.")
ROWS = N_(
    "The header: write the numbers of its first and last row, or 0 and 0 when there is none; at most four rows. "
    "Left blank, it is looked for."
)
READ_ANEW = N_("Read anew: %(rows)s rows. Look at the columns once more.")
STARTED = N_("This import has begun: its columns stay as they are.")
OPEN = (RunState.DRAFT, RunState.CHECKED)
MOST_HEADER = 4


@blueprint.route("/<int:key>/columns", methods=["GET", "POST"])
@needs("import.run")
def columns(key: int) -> ResponseReturnValue:
    """What each column is, as proposed, and as somebody changes it; sent, the file is checked."""
    run = runs.visible_run(key, to=current_actor())
    if run.status not in OPEN or not (run.preview or {}).get("look"):
        return go("imports.show", key=key)
    form = ColumnsForm()
    if request.method == "GET":
        form.take_over.data = "take" if run.options.get("take_over") else "blanks"
        form.leave_doubles.data = "out" if run.options.get("leave_doubles") else "in"
        form.make_teams.data = bool(run.options.get("make_teams"))
        form.whole.data = bool(run.options.get("whole"))
        return _page(run, form, _present(run))
    typed = _typed(run)
    if form.validate():
        try:
            content = storage.current().get(run.storage_key)
            if _elsewhere(run, typed):
                return _look_again(key, content, typed)
            _check(key, content, form, typed)
            return go("imports.show", key=key)
        except storage.Missing:
            form.refuse([Reason(GONE)])
        except (Refused, Conflict) as refusal:
            form.refuse(refusal.reasons if isinstance(refusal, Refused) else [Reason(STARTED)])
    return _page(run, form, typed, status=422)


def _page(run: ImportRun, form: ColumnsForm, typed: Mapping[str, Any], status: int = 200) -> ResponseReturnValue:
    seen = run.preview["look"]
    return page(
        "imports/columns.html",
        run=run,
        form=form,
        look=seen,
        typed=typed,
        columns=[{**one, "why": reason_kept(one["why"])} for one in seen["columns"]],
        wrong={reason.field for reason in form.reasons if reason.field},
        fields=FIELD_LABELS[run.target],
        for_all=[(name, label_of(run.target, name)) for name in looking.for_all(run.target, seen)],
        notes=[reason_kept(note) for note in seen["notes"]],
        has_changes=run.target in HAS_CHANGES,
        has_doubles=run.target in HAS_DOUBLES,
        label=TARGET_LABELS[run.target],
        status=status,
    )


def _present(run: ImportRun) -> dict[str, Any]:
    """What the page shows before anybody changes it: what was chosen before, else what is proposed."""
    seen = run.preview["look"]
    header = seen["header"] or [0, 0]
    places: dict[str, int] = (run.mapping or {}).get("places", {})
    chosen = {at: name for name, at in reversed(list(places.items()))}
    picked = {one["at"]: chosen.get(one["at"], "") if places else one["field"] for one in seen["columns"]}
    defaults = (run.mapping or {}).get("defaults") or seen["defaults"]
    year = (run.mapping or {}).get("dates", {}).get("year", "")
    where = {"sheet": seen["sheet"], "first": header[0], "last": header[1]}
    return {**where, "columns": picked, "defaults": defaults, "year": year}


def _typed(run: ImportRun) -> dict[str, Any]:
    """What was sent, as far as it can be shown again."""
    seen, given = run.preview["look"], request.form
    known = FIELD_LABELS[run.target]
    picked = {one["at"]: given.get(f"col_{one['at']}", "") for one in seen["columns"]}
    return {
        "sheet": given.get("sheet", seen["sheet"])[:100],
        "first": given.get("first", "").strip()[:8],
        "last": given.get("last", "").strip()[:8],
        "columns": {at: name if name in known else "" for at, name in picked.items()},
        "year": given.get("year", "").strip()[:8],
        "defaults": {name: given.get(f"all_{name}", "").strip()[:200] for name in looking.for_all(run.target, seen)},
    }


def _header(run: ImportRun, typed: Mapping[str, Any]) -> list[int] | None:
    """The rows of the header that were written; none where it is to be looked for: they were left blank, or another
    sheet was chosen and they are still those of the one before.

    Raises:
        Refused: they are none.
    """
    seen = run.preview["look"]
    before = [str(row) for row in seen["header"] or [0, 0]]
    written = [typed["first"], typed["last"]]
    if not any(written) or (typed["sheet"] != seen["sheet"] and written == before):
        return None
    first, last = row_id(typed["first"]), row_id(typed["last"])
    if first is None or last is None or not 0 <= last - first < MOST_HEADER or (first == 0) != (last == 0):
        raise Refused(Reason(ROWS, {}, "first"))
    return [first, last]


def _elsewhere(run: ImportRun, typed: Mapping[str, Any]) -> bool:
    """Whether another sheet or header was chosen than the one whose columns are shown."""
    seen = run.preview["look"]
    return (
        "look" in request.form or typed["sheet"] != seen["sheet"] or _header(run, typed) != (seen["header"] or [0, 0])
    )


def _look_again(key: int, content: bytes, typed: Mapping[str, Any]) -> ResponseReturnValue:
    shown = _open(key)
    where, filename = looking.elsewhere(typed["sheet"], _header(shown, typed)), shown.filename
    with limits.reading(current_actor().user_id, now=utcnow()):
        table = uploads.table(content, filename, where)
    with transaction():
        run = _open(key)
        looking.look_again(run, table, where, current_actor())
        rows = run.rows_total
    flash(gettext(READ_ANEW, rows=rows))
    return go(".columns", key=key)


def _open(key: int) -> ImportRun:
    run = runs.visible_run(key, to=current_actor())
    if run.status not in OPEN:
        raise Conflict("begun")
    return run


def _check(key: int, content: bytes, form: ColumnsForm, typed: Mapping[str, Any]) -> None:
    """What the import would do with these columns, at once or by the job; the layout is remembered."""
    actor, now = current_actor(), utcnow()
    run = _open(key)
    also = {one["at"]: one["also"] for one in run.preview["look"]["columns"] if one["also"] and one["field"]}
    fields = {
        at: [name, *(also.get(at, []) if name == _proposed(run, at) else [])]
        for at, name in typed["columns"].items()
        if name
    }
    mapping = looking.chosen(run.target, fields, typed["defaults"], typed["year"])
    options = {**run.options, **_choices(run, form)}
    options.pop("recalled", None)
    version = run.version
    with limits.reading(actor.user_id, now=now):
        found = _tried(_open(key), content, mapping, options)
    with transaction():
        run = _open(key)
        if run.version != version:
            raise Conflict("changed meanwhile")
        for name, value in found.items():
            setattr(run, name, value)
        looking.keep_layout(run, actor, now)


def _tried(run: ImportRun, content: bytes, mapping: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """What the run holds after its check, or while it waits for the job; nothing of it is stored yet."""
    try:
        run.mapping, run.options = mapping, options
        if looking.is_long(run):
            looking.wait(run)
        else:
            looking.check(run, uploads.table(content, run.filename, options), current_actor(), utcnow())
        names = ("mapping", "options", "preview", "rows_total", "status", "beat_at")
        return {name: getattr(run, name) for name in names}
    finally:
        db.session.expire(run)


def _proposed(run: ImportRun, at: int) -> str:
    return next((str(one["field"]) for one in run.preview["look"]["columns"] if one["at"] == at), "")


def _choices(run: ImportRun, form: ColumnsForm) -> dict[str, Any]:
    """What becomes of what is there, as far as this kind of import asks."""
    found: dict[str, Any] = {}
    if run.target in HAS_CHANGES:
        found["take_over"] = form.take_over.data == "take"
    if run.target in HAS_DOUBLES:
        found["leave_doubles"] = form.leave_doubles.data == "out"
    if run.target == "people":
        found |= {"make_teams": bool(form.make_teams.data), "whole": bool(form.whole.data)}
    return found
