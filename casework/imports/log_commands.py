"""``casework import log`` and ``casework export xes|ocel``: event logs in and out, for process-mining tools."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from urllib.parse import parse_qsl

import click
from flask_babel import gettext

from casework import audit
from casework.cases.types import plant
from casework.imports.log import LogImporter, LogReport, Work
from casework.imports.log_map import Reader, read_log_map
from casework.kernel.db import transaction
from casework.kernel.errors import CaseworkError, Refused
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kpis import path_queries, selecting
from casework.kpis.logs import FORMATS
from casework.kpis.policy import EXPORT
from casework.kpis.setting_events import EventLogExported
from casework.roster.acting import acting, unable
from casework.sheets.reading import read_table

SHOWN = 20


@click.command("log")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map", "mapping", required=True, type=click.Path(path_type=Path), help="Names the columns: docs/imports.md."
)
@click.option("--dry-run", is_flag=True, help="Read and check the file, change nothing.")
@click.option("--as", "username", default="", metavar="USER", help="Import with the rights of this person.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_log(file: Path, mapping: Path, dry_run: bool, username: str, as_json: bool) -> None:
    """The event log of another system, as closed cases with their steps."""
    now = utcnow()
    try:
        actor = acting(username)
        reader = Reader(read_table(file, file.name), read_log_map(mapping), now=now)
    except Refused as refusal:
        raise unable(refusal) from refusal
    cases = reader.cases()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    work = Work(reader.said, actor, now, file.name, digest)
    if dry_run:
        rows = sum(len(case.rows) for case in cases) + len(reader.refused)
        report = LogReport(rows=rows, refused=reader.refused, cases=len(cases))
    else:
        with transaction():
            plant()
        progress = lambda done: click.echo(f"{done}/{len(cases)}", err=True)  # noqa: E731
        report = LogImporter(work).run(cases, reader.refused, progress)
    click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1) if as_json else _said(report, dry_run))


def _said(report: LogReport, dry_run: bool) -> str:
    lines = [gettext("Nothing was written: this is what would happen.")] if dry_run else []
    lines.append(
        gettext(
            "%(rows)s rows: %(created)s new, %(existing)s there already, %(changed)s completed, "
            "%(refused)s not taken over.",
            rows=report.rows,
            created=report.created,
            existing=report.existing,
            changed=report.changed,
            refused=len(report.refused),
        )
    )
    lines.append(gettext("%(cases)s cases, of them %(new)s new.", cases=report.cases, new=report.new_cases))
    shown = sorted(report.refused, key=lambda one: one.row)[:SHOWN]
    lines += [f"  {one.row} {one.column or one.field}: {one.reason} {one.remedy}" for one in shown]
    if len(report.refused) > SHOWN:
        lines.append(gettext("… and %(count)s more; --json lists them all.", count=len(report.refused) - SHOWN))
    return "\n".join(lines)


def exporter(form: str) -> click.Command:
    """The command that writes the event log in a format."""

    @click.command(form)
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--as", "username", required=True, help="Whose view it is: areas and domains are theirs.")
    @click.option("--filter", "chosen", default="span=year", help="As in the address of /kpis/paths.")
    @click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
    def write(file: Path, username: str, chosen: str, as_json: bool) -> None:
        now = utcnow()
        try:
            actor = acting(username)
        except Refused as refusal:
            raise unable(refusal) from refusal
        if actor is None or not can(actor, EXPORT):
            raise click.ClickException(f"{username} may not take out the event log.")
        try:
            asked = selecting.read(dict(parse_qsl(chosen)), actor, local_day(now), EXPORT)
        except CaseworkError as error:
            raise click.ClickException("The filter names an area or team that is out of reach.") from error
        case_ids = path_queries.chosen_cases(asked, most=None).case_ids
        part = file.with_name(f".{file.name}.part")
        with part.open("w", encoding="utf-8") as stream:
            stream.writelines(FORMATS[form][0](case_ids))
        with transaction():
            fact = EventLogExported(format=form, cases=len(case_ids), filters=asked.as_query())
            audit.record(fact, by=actor, at=now)
        part.replace(file)
        said = {"cases": len(case_ids), "file": str(file)}
        click.echo(json.dumps(said, ensure_ascii=False) if as_json else f"{len(case_ids)} cases: {file}")

    write.help = f"The event log of the cases that ended, as {form.upper()}."
    return write
