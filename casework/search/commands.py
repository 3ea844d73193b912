"""``casework search``: bring everything into the index, with its progress; a killed run goes on where it stood."""

from __future__ import annotations

import json

import click

from casework.files import texts
from casework.kernel.db import db, transaction
from casework.kernel.time import utcnow
from casework.search import backlog


@click.group()
def search() -> None:
    """The index that search reads: rebuild."""


@search.command()
@click.option("--again", is_flag=True, help="Begin from the first row, even of what is done.")
@click.option("--no-files", is_flag=True, help="Leave the text inside documents to the scheduler.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def rebuild(again: bool, no_files: bool, as_json: bool) -> None:
    """Index the rows and documents that are there. Run again, it goes on where it was stopped."""
    if again:
        with transaction():
            backlog.begin_again()
    done = {what: _step(what, rows) for what, rows in backlog.left().items()}
    if not no_files:
        done["documents"] = _documents()
    if as_json:
        click.echo(json.dumps(done))
    else:
        click.echo(f"Indexed: {', '.join(f'{count:,} {what}' for what, count in done.items())}.")


def _step(what: str, rows: int) -> int:
    done = 0
    db.session.rollback()
    while rows and (count := backlog.portion(what)):
        done += count
        click.echo(f"{what}: {done:,} of at most {rows:,}", err=True)
    return done


def _documents() -> int:
    read = 0
    while keys := texts.waiting(200):
        db.session.rollback()
        for key in keys:
            read += texts.read_one(key, now=utcnow())
        click.echo(f"documents: {read:,} read", err=True)
    return read
