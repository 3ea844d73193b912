"""``casework import``: a file into the database, from the command line, in portions that survive a kill."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import click
from flask_babel import gettext

from casework.cases.types import plant
from casework.clocks.seed import seed_calendar
from casework.imports import log_commands, running
from casework.imports.importing import Setting
from casework.imports.report import Report
from casework.imports.words import effect_said
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.time import utcnow
from casework.roster.acting import acting, unable
from casework.sheets.columns import read_mapping

SHOWN = 20
NO_FILE = N_("There is no file %(path)s.")


@click.group("import")
def import_() -> None:
    """Bring in areas, enterprises, people, cases and more from csv, tsv, xlsx or xls files."""


def _options(command: Any) -> Any:
    for option in (
        click.argument("file", type=click.Path(path_type=Path)),
        click.option("--map", "mapping", type=click.Path(path_type=Path), metavar="FILE", help="Names the columns."),
        click.option("--dry-run", is_flag=True, help="Say what would happen, change nothing."),
        click.option("--sheet", default=None, metavar="NAME", help="Which sheet of a workbook."),
        click.option(
            "--take-over", is_flag=True, help="What the file says replaces what is there; else only blanks are filled."
        ),
        click.option("--as", "username", default="", metavar="USER", help="Import with the rights of this person."),
        click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
    ):
        command = option(command)
    return command


@import_.command()
@_options
@click.option("--city", default="", metavar="NAME", help="The name of the city above the districts.")
def areas(**given: Any) -> None:
    """Districts, subdistricts and communities by their codes."""
    _run("areas", **given)


@import_.command()
@_options
def enterprises(**given: Any) -> None:
    """Enterprises, known again by credit code or by name and district."""
    _run("enterprises", **given)


@import_.command()
@_options
@click.option("--make-teams", is_flag=True, help="Make the teams that are missing.")
@click.option("--whole", is_flag=True, help="The file is the whole truth for its teams: who is not in it leaves them.")
@click.option("--end", "may_end", default=0, metavar="N", help="With --whole: so many people may leave, as shown.")
def people(**given: Any) -> None:
    """People with accounts, teams and postings."""
    _run("people", **given)


@import_.command()
@_options
def cases(**given: Any) -> None:
    """Cases from message boards, hotlines and spreadsheets."""
    with transaction():  # on a database that never served anybody the types and the calendar are still missing
        plant()
        seed_calendar(db.session)
    _run("cases", **given)


@import_.command()
@_options
@click.option("--case", required=True, metavar="NUMBER", help="The joint case whose firms these are.")
def beneficiaries(**given: Any) -> None:
    """Firms of a joint case, with rent and floor area."""
    _run("beneficiaries", **given)


@import_.command()
@_options
def coverage(**given: Any) -> None:
    """Who answers for what: officer and deputy of enterprises, leaders of communities and sites."""
    _run("coverage", **given)


@import_.command()
@_options
def stock(**given: Any) -> None:
    """What teams have of each batch of supplies."""
    _run("stock", **given)


def _run(
    target: str,
    *,
    file: Path,
    mapping: Path | None,
    dry_run: bool,
    sheet: str | None,
    username: str,
    as_json: bool,
    **more: Any,
) -> None:
    try:
        if not file.is_file():
            raise Refused(because(NO_FILE, path=str(file)))
        said = read_mapping(mapping, target) if mapping else None
        source = running.open_source(file, file.name, target, said, sheet=sheet)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        job = running.Job(target, source, Setting(acting(username), utcnow(), **more), file.name, digest)
        report = _carried_out(job, dry=dry_run)
    except Refused as refusal:  # said here, where the language is known
        raise unable(refusal) from refusal
    click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1) if as_json else _said(report, dry_run))


def _carried_out(job: running.Job, *, dry: bool) -> Report:
    total = len(job.source.rows)

    def after(_so_far: Report, done: int, _made: Any) -> None:
        click.echo(f"{done}/{total}", err=True)

    return running.check(job) if dry else running.run(job, after=after)


def _said(report: Report, dry_run: bool) -> str:
    """The report for a person at a terminal."""
    counts = {
        "rows": report.rows,
        "created": report.created,
        "existing": report.existing,
        "changed": report.changed,
        "refused": len(report.refused),
    }
    lines = [gettext("Nothing was written: this is what would happen.")] if dry_run else []
    lines.append(
        gettext(
            "%(rows)s rows: %(created)s new, %(existing)s there already, %(changed)s completed, "
            "%(refused)s not taken over.",
            **counts,
        )
    )
    lines += [effect_said(kind, count) for kind, count in report.effects.items()]
    shown = report.refused[:SHOWN]
    lines += [f"  {_row(one.row)} {one.column or one.field}: {one.reason} {one.remedy}" for one in shown]
    if len(report.refused) > SHOWN:
        lines.append(gettext("… and %(count)s more; --json lists them all.", count=len(report.refused) - SHOWN))
    if report.unmapped:
        lines.append(gettext("Columns left out: %(columns)s", columns="、".join(report.unmapped)))
    lines += [f"  {note.reason}{_times(note.times)}" for note in report.notes.values()]
    return "\n".join(lines)


def _row(number: int) -> str:
    return str(Reason(N_("Row %(number)s,"), {"number": number}))


def _times(times: int) -> str:
    return f" ×{times}" if times > 1 else ""


import_.add_command(log_commands.import_log)
