"""Rows that stay out, taken home: their own workbook with a remark beside each, to be mended and imported again."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from flask_babel import gettext

from casework.files import storage
from casework.files.rules import ZIP
from casework.imports import looking, remembering, runs
from casework.imports.models import ImportRun
from casework.imports.report import Refusal, Report
from casework.kernel import scratch
from casework.kernel.errors import Reason, Refused
from casework.sheets import uploads
from casework.sheets.headers import REMARK, REMARKS
from casework.sheets.reading import Table
from casework.sheets.text import FORMULA
from casework.sheets.workbook import Column, write_workbook

LAID_OUT_ROWS = 20_000
"""Of a longer table only the columns go home: its layout would take too long to write while somebody waits."""
MEMORY_MB = 768
WALL_SECONDS = 60
_CHILD = "import runpy, sys; sys.path.append(sys.argv.pop(1)); runpy.run_module('home_child', run_name='__main__')"


def keeps_layout(run: ImportRun) -> bool:
    """Whether the rows go home as their workbook was laid out, as far as its length decides it."""
    return run.rows_total <= LAID_OUT_ROWS


def workbook(run: ImportRun, report: Report) -> tuple[bytes, str]:
    """The workbook and its name: as it was laid out where that can be read back, else only its columns."""
    name = f"{run.filename.rsplit('.', 1)[0]}-{gettext('remarks')}.xlsx"
    try:
        content = storage.current().get(run.storage_key)
    except storage.Missing:
        content = b""
    return (_laid_out(run, report.refused, content) or _plain(run, report.refused, content)), name


def remark_of(refusal: Refusal) -> str:
    """Which column, what is wrong with it, what helps."""
    where = f"{refusal.column}：" if refusal.column and refusal.column != refusal.field else ""
    return f"{where}{refusal.reason} {refusal.remedy}"


# -- as it was laid out


def _laid_out(run: ImportRun, refused: Sequence[Refusal], content: bytes) -> bytes | None:
    """The workbook itself with the other rows taken out; None where it is none, or would not be read as it was."""
    if not (content.startswith(ZIP) and keeps_layout(run)):
        return None
    try:
        table = uploads.table(content, run.filename, run.options)
        if table.header is None or not table.rows:
            return None
        remarks = {one.row: remark_of(one) for one in refused}
        made = _child(content, _plan(table, remarks))
        return made if made and _reads_back(run, table, remarks, made) else None
    except Refused:
        return None


def _plan(table: Table, remarks: Mapping[int, str]) -> dict[str, object]:
    """What the child is told."""
    return {
        "sheet": table.sheet,
        "header": table.header,
        "data": (table.rows[0].number, table.rows[-1].number),
        "remarks": remarks,
        "sums": [row.number for row in table.totals],
        "title": gettext(REMARK),
        "words": sorted(REMARKS),
        "formula": FORMULA.pattern,
    }


def _child(content: bytes, plan: Mapping[str, object]) -> bytes | None:
    """Let it be written by a process of its own: what eats time or memory takes nobody with it."""
    with uploads.kept(content) as path, scratch.folder() as folder:
        out = folder / "home.xlsx"
        beside = str(Path(__file__).parent)
        command = [sys.executable, "-I", "-c", _CHILD, beside, str(path), str(out), str(MEMORY_MB)]
        try:
            done = subprocess.run(  # noqa: S603 - our own script; the paths are arguments, no shell
                command,
                input=json.dumps(plan).encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
        return out.read_bytes() if done.returncode == 0 and out.exists() else None


def _reads_back(run: ImportRun, table: Table, remarks: Mapping[int, str], made: bytes) -> bool:
    """Whether an upload of it finds the same columns with exactly these rows, and how they were read before."""
    wanted = [row.cells for row in table.rows if row.number in remarks]

    def same(found: Table) -> bool:
        return found.headers == table.headers and [row.cells for row in found.rows] == wanted

    found = uploads.table(made, run.filename, {})
    if same(found):
        return True
    first = (run.preview.get("look") or {}).get("first")
    return remembering.print_of(found) == first and same(uploads.table(made, run.filename, run.options))


# -- only its columns


def _plain(run: ImportRun, refused: Sequence[Refusal], content: bytes) -> bytes:
    """Columns stand as they stood, the unused too; without headers they get names."""
    rows = _with_cells(run, refused, content)
    width = max([len(run.preview.get("headers") or []), *(len(cells) for _, cells in rows)], default=1)
    headers = looking.headers_at_home(run, width)
    columns = [Column(header or str(at + 1)) for at, header in enumerate(headers)]
    columns.append(Column(gettext(REMARK), width=60))
    body = ((*[*cells, *[""] * width][:width], remark_of(one)) for one, cells in rows)
    stream = io.BytesIO()
    sheet = (run.preview.get("look") or {}).get("sheet") or gettext("Not taken over")
    write_workbook(stream, sheet, columns, body)
    return stream.getvalue()


def _with_cells(run: ImportRun, refused: Sequence[Refusal], content: bytes) -> list[tuple[Refusal, list[str]]]:
    """The refused rows with their cells; those that were not kept are read from the file again."""
    missing = {one.row for one in refused if not one.cells}
    read: dict[int, list[str]] = {}
    if missing and content:
        try:
            source = runs.read(content, run.filename, run.target, run.mapping, run.options)
            read = {row.number: list(row.cells) for row in source.rows if row.number in missing}
        except Refused:
            read = {}
    lost = str(Reason("—"))
    return [(one, list(one.cells) or read.get(one.row, [lost])) for one in refused]
