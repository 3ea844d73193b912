"""``casework export cases`` and ``casework export ledger``: a list as somebody would take it from its page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import click
from flask_babel import gettext

from casework.areas import queries as areas
from casework.kernel.db import transaction
from casework.kernel.errors import N_, NotFound, NotPermitted, Refused, because
from casework.kernel.permissions import Actor, can
from casework.kernel.time import utcnow
from casework.ledgers import taking_out
from casework.ledgers.exports import NO_PURPOSE, SHORTEST, Place
from casework.ledgers.policy import SECOND
from casework.ledgers.ready_made import OWN
from casework.ledgers.taking_out import CSV, LISTS, XLSX, Asked, ListOut, Paper, Taken
from casework.roster.acting import acting, unable

NO_RIGHT = N_("%(username)s may not take out “%(list)s”: name somebody who may.")
NO_SECOND = N_("More than 2,000 rows need a second person: name one who may agree, not the same, with --second.")


def _options(command: Any) -> Any:
    for option in (
        click.argument("file", type=click.Path(dir_okay=False, path_type=Path)),
        click.option("--as", "username", required=True, help="Whose view it is: scope, masks and limits are theirs."),
        click.option("--filter", "chosen", default="", help="As in the address bar of the list: state=closed&type=3."),
        click.option("--purpose", default="", help="What for; needed above 2,000 rows."),
        click.option("--second", default="", metavar="USER", help="Who agrees; needed above 2,000 rows."),
        click.option("--json", "as_json", is_flag=True, help="Report as JSON."),
    ):
        command = option(command)
    return command


@click.command("cases")
@_options
def cases(**given: Any) -> None:
    """The case ledger: as XLSX, or as CSV when the file is called so."""
    _export("cases", **given)


@click.command("ledger")
@click.argument("name", type=click.Choice(tuple(OWN)))
@_options
def ledger(name: str, **given: Any) -> None:
    """One of the three lists, the five ledgers or another list, by its name."""
    _export(name, **given)


def _export(name: str, *, file: Path, username: str, chosen: str, purpose: str, second: str, as_json: bool) -> None:
    form = CSV if file.suffix.lower() == ".csv" else XLSX
    try:
        actor = _person(name, username)
        asked, listed = Asked(actor, dict(parse_qsl(chosen)), utcnow(), form=form), LISTS[name]
        paper = _paper(listed, asked, purpose.strip(), second)
        taken = _write(file, listed, asked, paper)
    except Refused as refusal:
        raise unable(refusal) from refusal
    except (NotFound, NotPermitted) as error:
        raise click.ClickException(str(because(NO_RIGHT, username=username, list=name))) from error
    with transaction():
        taking_out.note(name, asked, taken, paper)
    file.with_name(f".{file.name}.part").replace(file)
    report = {"list": name, "rows": taken.rows, "bytes": taken.size, "sha256": taken.sha256, "file": str(file)}
    said = gettext("%(rows)s rows: %(file)s", rows=taken.rows, file=str(file))
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else said)


def _person(name: str, username: str) -> Actor:
    actor = acting(username)
    if actor is None:
        raise NotPermitted(name)
    taking_out.list_named(name, actor)
    return actor


def _paper(listed: ListOut, asked: Asked, purpose: str, second: str) -> Paper:
    """What stands on the file; what is too much for one person alone names another."""
    if not taking_out.needs_a_second(listed, taking_out.count(listed, asked), full=False):
        return Paper(purpose)
    if len(purpose) < SHORTEST:
        raise Refused(because(NO_PURPOSE))
    other, place = acting(second), Place(areas.district_served(asked.actor))
    if other is None or other.user_id == asked.actor.user_id or not can(other, SECOND, place):
        raise Refused(because(NO_SECOND))
    return Paper(purpose, other.name)


def _write(file: Path, listed: ListOut, asked: Asked, paper: Paper) -> Taken:
    with file.with_name(f".{file.name}.part").open("w+b") as stream:
        return taking_out.write(
            stream, listed, asked, paper, after=lambda rows: click.echo(f"{rows}", err=True) if rows >= 1000 else None
        )
