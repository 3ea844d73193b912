"""What lies in the database: bring it to the newest migration, compare, verify, fill for trials."""

from __future__ import annotations

import contextlib

import click

from casework.cli.edge import NOT_MIGRATED, as_json_option, cli, in_app, report


@cli.group()
def db() -> None:
    """The database: upgrade, check."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest migration."""
    with in_app():
        upgrade_database()
    click.echo("The database is at the newest migration.")


def upgrade_database() -> None:
    """Bring the database to the newest migration; a second migrator waits and then finds nothing to do."""
    from flask_migrate import upgrade

    from casework.config import ROOT

    upgrade(directory=str(ROOT / "migrations"))
    plant_presets()


def plant_presets() -> None:
    """The case types and the calendar that every installation starts with; what was edited is left alone."""
    from casework.cases.types import plant
    from casework.clocks.seed import seed_calendar
    from casework.kernel.db import db, transaction
    from casework.kernel.errors import Conflict

    with contextlib.suppress(Conflict), transaction():  # a second migrator at once has planted the same
        plant()
        seed_calendar(db.session)


@db.command("check")
def db_check() -> None:
    """Exit with 1 when the database or the models differ from the migrations."""
    from flask_migrate import check

    from casework.config import ROOT

    with in_app():
        try:
            check(directory=str(ROOT / "migrations"))
        except SystemExit:
            raise click.ClickException(NOT_MIGRATED) from None


@cli.command()
@click.option("--case", "number", help="The chain of one case only, by its number.")
@as_json_option
def verify(number: str | None, as_json: bool) -> None:
    """Recompute the event chains. Exits with 1 and names the first bad entry if one was bent."""
    with in_app():
        from casework.audit import queries

        verdict = queries.verify(_case_id(number) if number else None)
    result = {"entries": verdict.entries, "ok": verdict.ok, "first_bad": verdict.first_bad}
    sentence = f"{verdict.entries:,} entries, all as they were written."
    report(result, sentence if verdict.ok else f"Entry {verdict.first_bad}", as_json=as_json)
    if not verdict.ok:
        raise click.exceptions.Exit(1)


def _case_id(number: str) -> int:
    import sqlalchemy as sa

    from casework.cases.models import Case
    from casework.kernel.db import db as database

    found = database.session.scalar(sa.select(Case.id).where(Case.number == number))
    if found is None:
        raise click.ClickException(f"There is no case {number}.")
    return int(found)


@cli.command()
@click.option("--cases", "count", type=click.IntRange(1, 5_000_000), required=True, help="How many.")
@as_json_option
def seed(count: int, as_json: bool) -> None:
    """Add invented cases with whole event chains, for trials and measurements; never in production."""
    with in_app() as (_, settings):
        if settings.production:
            raise click.ClickException("This is production (CASEWORK_BASE_URL is https): it gets no invented cases.")
        from casework import seeding
        from casework.kernel.time import utcnow

        show = None if as_json else _every_ten_thousand
        made = seeding.seed(count, now=utcnow(), progress=show)
    report(made, f"Added {made['cases']:,} cases with {made['entries']:,} entries.", as_json=as_json)


def _every_ten_thousand(done: int) -> None:
    if done % 10_000 == 0:
        click.echo(f"{done:,} cases ...", err=True)
