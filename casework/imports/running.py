"""The edge of an import: one transaction for each batch, for commands, pages and the job alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casework import audit
from casework.audit.service import Origin, origin
from casework.imports import importing
from casework.imports.areas import AreaImporter
from casework.imports.beneficiaries import BeneficiaryImporter
from casework.imports.cases import CaseImporter
from casework.imports.coverage import CoverageImporter
from casework.imports.enterprises import EnterpriseImporter
from casework.imports.events import RowsImported
from casework.imports.importing import Gathering, Importer, Made, Said, Setting, Source
from casework.imports.people import PeopleImporter
from casework.imports.report import Report
from casework.imports.stock import StockImporter
from casework.kernel.db import transaction
from casework.kernel.errors import Conflict
from casework.sheets.layout import HeaderRows
from casework.sheets.reading import read_table

IMPORTERS: dict[str, Any] = {
    kind.target: kind
    for kind in (
        AreaImporter,
        EnterpriseImporter,
        PeopleImporter,
        CaseImporter,
        BeneficiaryImporter,
        CoverageImporter,
        StockImporter,
    )
}
TRIES = 3
BEAT_ROWS = 2_000
"""So many rows of a check lie between two words of how far it is: each makes what was loaded be read again."""
After = Callable[[Report, int, Sequence[Made]], bool | None]
"""Told inside each transaction: the report so far, how many rows are done, and what was made; True: stop here."""


@dataclass(frozen=True, slots=True)
class Job:
    """A file with what it is imported as, by whom, and its name for the log."""

    target: str
    source: Source
    setting: Setting
    filename: str
    sha256: str


def open_source(
    path: Path,
    name: str,
    target: str,
    mapping: Mapping[str, Any] | None = None,
    *,
    sheet: str | None = None,
    header: HeaderRows | None = None,
) -> Source:
    """Read a file and understand its columns. No database is asked.

    Raises:
        Refused: it is no table, or not one of this kind.
    """
    table = read_table(path, name, sheet=sheet, header=header)
    return importing.understand(table, target, IMPORTERS[target].needs, mapping, name=name)


def check(job: Job, beat: Callable[[int], None] | None = None) -> Report:
    """What an import would do; nothing is written. ``beat`` is told now and then how many rows are done."""
    importer = _importer(job)
    report = importing.begin(job.source, importer)
    for rows in importing.batches(job.source, keep=importer.whole):
        report = report.plus(importing.take_in(rows, importer, dry=True))
        if beat is not None and report.rows % BEAT_ROWS == 0:
            beat(report.rows)
    if isinstance(importer, Gathering):
        importer.finish(job.source.rows, report, dry=True)
    return report


def _importer(job: Job) -> Importer:
    made: Importer = IMPORTERS[job.target](job.setting)
    if isinstance(made, Gathering):
        made.prepare(job.source.rows)
    return made


def run(job: Job, *, start: int = 0, before: Report | None = None, after: After | None = None) -> Report:
    """Import from row ``start`` on, 500 rows a transaction; ``after`` is told inside each, and may stop it there.

    Raises:
        NotPermitted: nothing of this may be written at all.
        Conflict: others kept changing the same rows.
    """
    importer = _importer(job)
    report = before or importing.begin(job.source, importer)
    done = start
    for rows in importing.batches(job.source, start, keep=importer.whole):
        importer, part, stopped = _batch(job, importer, rows, report, done + len(rows), after)
        report = report.plus(part)
        done += len(rows)
        if stopped:
            return report
    if isinstance(importer, Gathering):
        report = _last_word(job, importer, report, done, after)
    return report


def _last_word(job: Job, importer: Gathering, report: Report, done: int, after: After | None) -> Report:
    """What only the whole file decides: pairs, and who leaves."""
    token = origin.set(Origin("import", origin.get().request_id))
    try:
        with transaction():
            importer.finish(job.source.rows, report, dry=False)
            if after is not None:
                after(report, done, _made(importer))
    finally:
        origin.reset(token)
    return report


def _batch(
    job: Job, importer: Importer, rows: list[Said], so_far: Report, done: int, after: After | None
) -> tuple[Importer, Report, bool]:
    """One transaction; when others changed the same rows meanwhile, again with fresh eyes."""
    token = origin.set(Origin("import", origin.get().request_id))
    try:
        for attempt in range(TRIES):
            try:
                with transaction():
                    if attempt:
                        importer = _importer(job)
                    part = importing.take_in(rows, importer, dry=False)
                    _record(job, part, rows)
                    stop = after(so_far.plus(part), done, _made(importer)) if after is not None else None
                return importer, part, bool(stop)
            except Conflict:
                if attempt + 1 == TRIES:
                    raise
        raise AssertionError("unreachable")
    finally:
        origin.reset(token)


def _made(importer: Importer) -> list[Made]:
    made, importer.made = importer.made, []
    return made


def _record(job: Job, part: Report, rows: list[Said]) -> None:
    if not (part.created or part.changed):
        return
    fact = RowsImported(
        target=job.target,
        filename=job.filename,
        sha256=job.sha256,
        first_row=rows[0].number,
        last_row=rows[-1].number,
        created=part.created,
        changed=part.changed,
        existing=part.existing,
        refused=len(part.refused),
    )
    audit.record(fact, by=job.setting.actor, at=job.setting.now)
