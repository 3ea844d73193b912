"""Rows that stay out, taken home: the same sheet with a remark beside each row, to be mended and imported again."""

from __future__ import annotations

import io

from flask_babel import gettext

from casework.exchange import looking, runs
from casework.exchange.headers import REMARK
from casework.exchange.models import ImportRun
from casework.exchange.report import Refusal, Report
from casework.exchange.workbook import Column, write_workbook
from casework.files import storage
from casework.kernel.errors import Reason, Refused


def workbook(run: ImportRun, report: Report) -> tuple[bytes, str]:
    """The workbook and its name. Columns stand as they stood, the unused too; without headers they get names."""
    rows = _with_cells(run, report.refused)
    width = max([len(run.preview.get("headers") or []), *(len(cells) for _, cells in rows)], default=1)
    headers = looking.headers_at_home(run, width)
    columns = [Column(header or str(at + 1)) for at, header in enumerate(headers)]
    columns.append(Column(gettext(REMARK), width=60))
    body = ((*[*cells, *[""] * width][:width], f"{one.reason} {one.remedy}") for one, cells in rows)
    stream = io.BytesIO()
    sheet = (run.preview.get("look") or {}).get("sheet") or gettext("Not taken over")
    write_workbook(stream, sheet, columns, body)
    return stream.getvalue(), f"{run.filename.rsplit('.', 1)[0]}-{gettext('remarks')}.xlsx"


def _with_cells(run: ImportRun, refused: list[Refusal]) -> list[tuple[Refusal, list[str]]]:
    """The refused rows with their cells; those that were not kept are read from the file again."""
    missing = {one.row for one in refused if not one.cells}
    read: dict[int, list[str]] = {}
    if missing:
        try:
            content = storage.current().get(run.storage_key)
            source = runs.read(content, run.filename, run.target, run.mapping, run.options)
            read = {row.number: list(row.cells) for row in source.rows if row.number in missing}
        except (storage.Missing, Refused):
            read = {}
    lost = str(Reason("—"))
    return [(one, list(one.cells) or read.get(one.row, [lost])) for one in refused]
