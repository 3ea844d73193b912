"""Look at an installation: what is missing in its settings, and what it serves."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from casework.cli.edge import NOT_MIGRATED, as_json_option, cli, in_app, report

if TYPE_CHECKING:
    from casework.config import Settings


@cli.command()
@click.option("--deploy", is_flag=True, help="Ask for what production needs.")
@as_json_option
def check(deploy: bool, as_json: bool) -> None:
    """Say what is missing or unsafe in the settings. Exits with 1 if anything is."""
    with in_app() as (_, settings):
        faults = [*_faults(settings), *(_deploy_faults(settings) if deploy else [])]
    report({"ok": not faults, "faults": faults}, "\n".join(faults) or "Nothing is missing.", as_json=as_json)
    if faults:
        raise click.exceptions.Exit(1)


def _faults(settings: Settings) -> list[str]:
    import sqlalchemy as sa

    from casework.files import storage
    from casework.health import expected_head
    from casework.kernel.db import db as database
    from casework.kernel.db import sqlite_is_safe, sqlite_module

    faults = []
    try:
        head = database.session.scalar(sa.text("SELECT version_num FROM alembic_version"))
        if head != expected_head():
            faults.append(NOT_MIGRATED)
    except sa.exc.SQLAlchemyError:
        faults.append("The database cannot be reached or is not migrated: look at CASEWORK_DATABASE_URL.")
    if not storage.current().is_writable():
        faults.append(f"Files cannot be kept: make {settings.storage} writable, or set CASEWORK_STORAGE.")
    if settings.database_url.startswith("sqlite") and not sqlite_is_safe(sqlite_module().sqlite_version_info):
        faults.append("This SQLite can lose commits in WAL mode: install pysqlite3, or use PostgreSQL.")
    return faults


def _deploy_faults(settings: Settings) -> list[str]:
    tests = (
        (settings.production, "CASEWORK_BASE_URL: set it to the https address that people use."),
        ("CASEWORK_SECRET_KEY" in os.environ, "CASEWORK_SECRET_KEY: set it, at least 32 characters."),  # noqa: TID251
        (settings.database_url.startswith("postgresql"), "CASEWORK_DATABASE_URL: use PostgreSQL 15 or newer."),
        (not settings.demo_password, "CASEWORK_DEMO_PASSWORD: leave it unset in production."),
        (settings.trusted_hops > 0, "CASEWORK_TRUSTED_HOPS: set how many proxies stand in front (1 for one)."),
    )
    return [fault for is_right, fault in tests if not is_right]


@cli.command()
def routes() -> None:
    """List every address with its methods and who may open it."""
    with in_app() as (app, _):
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            access = getattr(app.view_functions[rule.endpoint], "access", "")
            click.echo(f"{methods:10} {rule.rule:50} {access or ''}")
