"""A file as its officer sees it before anything is decided: its sheets, its first rows, and what each column may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from casework.imports import importing, remembering, running, runs
from casework.imports.fields_said import FIELD_LABELS, FOR_ALL
from casework.imports.models import ImportRun, RunState
from casework.imports.proposing import propose
from casework.imports.report import packed
from casework.imports.years import DATES, has_short_dates
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day
from casework.sheets import uploads
from casework.sheets.columns import column_letter, is_year
from casework.sheets.header_words import TARGETS
from casework.sheets.reading import Table

ACROSS = 12
LOOKED_AT = 2_000
"""In so many rows dates without a year are looked for, to ask which year it is."""
PLACES = ("sheet", "header")
"""The choices that say where the table stands: they are remembered with a layout, what becomes of rows is not."""
TOO_LONG = 24
TWICE = N_("%(field)s: columns %(columns)s both go there. Choose one.")
NO_YEAR = N_("Year of dates without a year: write four digits, from 1990 to 2099, or leave it empty.")
NEEDED = N_("No column is chosen for: %(fields)s. Choose which one holds it.")


def look(table: Table, target: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What the page of columns shows of a table, as JSON that keeps its sentences unsaid."""
    rows = [row.cells for row in table.rows]
    found = propose(table.headers, rows, target, list(FIELD_LABELS[target]), said)
    return {
        "target": target,
        "sheet": table.sheet,
        "sheets": table.sheets,
        "header": list(table.header) if table.header else None,
        "headers": table.headers,
        "print": remembering.fingerprint(table.headers, len(found)),
        "rows": len(table.rows),
        "notes": [note.kept() for note in table.notes],
        "top": [[row.number, [_short(cell) for cell in row.cells[:ACROSS]]] for row in table.top],
        "defaults": dict(said.get("defaults", {})),
        "yearless": target in DATES and has_short_dates(rows[:LOOKED_AT]),
        "columns": [
            {
                "at": one.at,
                "letter": one.letter,
                "header": one.header,
                "samples": one.samples,
                "filled": one.filled,
                "field": one.field,
                "also": one.also,
                "why": one.why.kept(),
            }
            for one in found
        ],
    }


def _short(cell: str) -> str:
    plain = " ".join(cell.split())
    return plain if len(plain) <= TOO_LONG else f"{plain[:TOO_LONG]}…"


def recalled(target: str, table: Table, actor: Actor) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Mapping and choices of the last time that a file of this layout was imported, if there was one."""
    found = remembering.recall(target, remembering.print_of(table), to=actor)
    if found is None:
        return None
    day = local_day(found.at).isoformat()
    return {**found.mapping, "day": day, "by": found.by}, dict(found.options)


def chosen(
    target: str, fields: Mapping[int, Sequence[str]], defaults: Mapping[str, str], year: str = ""
) -> dict[str, Any]:
    """The mapping that somebody chose: the fields of each column, what holds for all rows, the year of short dates.

    Raises:
        Refused: two columns for one field, or none for what this kind of import needs; or it is no year.
    """
    places: dict[str, int] = {}
    twice: dict[str, list[int]] = {}
    for at, names in sorted(fields.items()):
        for name in names:
            if name in places:
                twice.setdefault(name, [places[name]]).append(at)
            places.setdefault(name, at)
    reasons = [_twice(target, name, columns) for name, columns in twice.items()]
    needs = running.IMPORTERS[target].needs
    if not any(name in places for name in needs):
        said = "、".join(str(Reason(FIELD_LABELS[target][name])) for name in needs)
        reasons.append(because(NEEDED, fields=said))
    when = row_id(year)
    if year and (when is None or not is_year(when)):
        reasons.append(because(NO_YEAR, "year"))
    if reasons:
        raise Refused(reasons)
    given = {name: value for name, value in defaults.items() if value and name in TARGETS[target]}
    return {"places": places, "defaults": given, **({"dates": {"year": when}} if year else {})}


def _twice(target: str, name: str, columns: Sequence[int]) -> Reason:
    letters = "、".join(column_letter(at) for at in columns)
    return because(TWICE, f"col_{columns[-1]}", field=str(Reason(FIELD_LABELS[target][name])), columns=letters)


def begin(run: ImportRun, content: bytes, actor: Actor, now: datetime) -> None:
    """Look at a file that was just uploaded. By a mapping, or as its layout was read before, it is checked at once.

    Raises:
        Refused: it is no table; or, with a mapping, not one of this kind.
    """
    table = uploads.table(content, run.filename, {})
    first = look(table, run.target, run.mapping)
    if not run.mapping:
        first["defaults"] = _own_place(first, actor)
    run.rows_total = first["rows"]
    run.preview = {"look": {**first, "first": first["print"]}}
    if run.mapping:
        check_or_wait(run, table, actor, now)
        return
    known = recalled(run.target, table, actor)
    if known is None:
        return
    said, options = known
    try:
        check_or_wait(run, _as_before(run, content, table, said, options), actor, now)
    except Refused:  # not quite the same file after all: somebody has to look at its columns
        run.options = {name: value for name, value in run.options.items() if name not in PLACES}
        run.mapping, run.preview = {}, {"look": {**first, "first": first["print"]}}


def _own_place(seen: Mapping[str, Any], actor: Actor) -> dict[str, str]:
    """One's own district for all rows, proposed where it is asked for and no column says where the rows lie."""
    places = {"district", "address", "place", "subdistrict", "community"}
    if "district" not in FOR_ALL[seen["target"]] or any(one["field"] in places for one in seen["columns"]):
        return {}
    own = remembering.own_district(actor)
    return {"district": own} if own else {}


def _as_before(
    run: ImportRun, content: bytes, table: Table, said: Mapping[str, Any], options: Mapping[str, Any]
) -> Table:
    """The table as it was read last time: it is read again only where it stood elsewhere then."""
    where = {name: options[name] for name in PLACES if name in options}
    run.options = {**run.options, **where, "recalled": {"day": said["day"], "by": said["by"]}}
    again = uploads.table(content, run.filename, run.options) if where else table
    before = look(again, run.target, said)
    run.mapping = {"places": dict(said["places"]), "defaults": dict(said.get("defaults", {}))}
    run.preview = {"look": {**before, "first": run.preview["look"]["print"]}}
    return again


def elsewhere(sheet: str, header: list[int] | None) -> dict[str, Any]:
    """Where the table stands, as an option of a run; without ``header`` it is looked for."""
    return ({"sheet": sheet} if sheet else {}) | ({"header": header} if header else {})


def look_again(run: ImportRun, table: Table, where: Mapping[str, Any], actor: Actor) -> None:
    """Look at the table that stands elsewhere; what the columns are is proposed anew."""
    fresh = look(table, run.target, {})
    fresh["defaults"] = _own_place(fresh, actor)
    run.options = {**{name: value for name, value in run.options.items() if name not in PLACES}, **where}
    run.mapping = {}
    run.preview = {"look": {**fresh, "first": run.preview["look"].get("first", fresh["print"])}}
    run.rows_total, run.status = fresh["rows"], RunState.DRAFT


def keep_layout(run: ImportRun, actor: Actor, now: datetime) -> None:
    """Remember how the file was read: for files as they come, and for the rows of it that went home to be mended.

    The year of its dates is not remembered: the next file may be of the next year.
    """
    seen = run.preview["look"]
    mapping = {part: said for part, said in run.mapping.items() if part != "dates"}
    options = {name: run.options[name] for name in PLACES if name in run.options}
    remembering.remember(run.target, seen.get("first", seen["print"]), mapping, options, actor=actor, now=now)
    width = max((one["at"] for one in seen["columns"]), default=0) + 1
    home = remembering.fingerprint(headers_at_home(run, width), width)
    if home != seen.get("first"):
        remembering.remember(run.target, home, mapping, {}, actor=actor, now=now)


def headers_at_home(run: ImportRun, width: int) -> list[str]:
    """The headers under which rows go home to be mended; one that had none gets the usual word for its field."""
    headers = list((run.preview.get("look") or {}).get("headers") or run.preview.get("headers") or [])
    if headers:
        return [*headers, *[""] * width][:width]
    places: dict[str, int] = dict((run.mapping or {}).get("places", {}))
    words = {at: TARGETS[run.target][name][0] for name, at in places.items() if name in FIELD_LABELS[run.target]}
    return [words.get(at, f"第{at + 1}列") for at in range(width)]


def check_or_wait(run: ImportRun, table: Table, actor: Actor, now: datetime) -> None:
    """Check a short file at once, and let the job check a long one.

    Raises:
        Refused: it is not one of this kind.
    """
    run.rows_total = len(table.rows)
    if not is_long(run):
        check(run, table, actor, now)
        return
    importing.understand(table, run.target, running.IMPORTERS[run.target].needs, run.mapping, name=run.filename)
    wait(run)


def is_long(run: ImportRun) -> bool:
    """Whether nobody should wait for its check."""
    return run.rows_total > runs.CHECKED_AT_ONCE


def wait(run: ImportRun) -> None:
    """Let the job check it."""
    run.preview = {"look": (run.preview or {}).get("look", {})}
    run.status, run.rows_done, run.beat_at = RunState.CHECKING, 0, None


def check(run: ImportRun, table: Table, actor: Actor, now: datetime, beat: Callable[[int], None] | None = None) -> None:
    """Fill in what an import would do, as its mapping and choices now are; nothing of the file is imported.

    Raises:
        Refused: it is not one of this kind.
    """
    needs = running.IMPORTERS[run.target].needs
    source = importing.understand(table, run.target, needs, run.mapping or None, name=run.filename)
    del table  # its rows are let go as they are checked
    job = running.Job(run.target, source, runs.setting_of(run.options, actor, now), run.filename, run.sha256)
    report = running.check(job, beat)
    run.preview = {**packed(report), "headers": source.headers, "look": (run.preview or {}).get("look", {})}
    run.rows_total, run.status = len(source.rows), RunState.CHECKED


def for_all(target: str, look_: Mapping[str, Any]) -> list[str]:
    """The fields that may be given once for all rows: those of the kind, and those that are given already."""
    return list(dict.fromkeys((*FOR_ALL[target], *look_.get("defaults", {}))))
