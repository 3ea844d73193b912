"""The ``casework`` command: parse, open the edge, call what does the work. ``--help`` loads no more than click.

Each command exits with 0, or with 1 and one sentence that says what is wrong and what to do.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from flask import Flask

    from casework.config import Settings

# Groups that other packages keep: the name of the command, where it is, and what --help says of it here.
ELSEWHERE = {
    "user": ("casework.roster.commands:user", "People who sign in: add, passwd, disable."),
    "unit": ("casework.roster.commands:unit", "Units that people serve in: add."),
    "export": ("casework.exchange.commands:export", "Write cases to a spreadsheet."),
    "token": ("casework.accounts.commands:token", "Tokens for machines."),
    "import": ("casework.exchange.commands:import_", "Bring in areas, enterprises, people and cases from files."),
}
NOT_MIGRATED = "The database is not migrated to this version: run `bin/casework db upgrade` (or `make run`)."


class Commands(click.Group):
    """The commands of this module, and those of ELSEWHERE, imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE or (len(sys.argv) > 1 and sys.argv[1] in ("--help", "-h")):
            return super().get_command(ctx, cmd_name) or _placeholder(cmd_name)
        module, _, name = ELSEWHERE[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        with one_sentence():
            if ctx._protected_args and ctx._protected_args[0] in ELSEWHERE and "--help" not in sys.argv:
                ctx.with_resource(in_app())
            return super().invoke(ctx)


def _placeholder(name: str) -> click.Command | None:
    return click.Group(name, help=ELSEWHERE[name][1]) if name in ELSEWHERE else None


@contextlib.contextmanager
def one_sentence() -> Iterator[None]:
    """Turn what a person can put right into one sentence."""
    try:
        yield
    except click.exceptions.ClickException:
        raise
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        raise click.ClickException(sentence) from error


def _sentence(error: Exception) -> str | None:
    from casework.config import BadSettings

    if isinstance(error, BadSettings):
        return str(error)
    if "sqlalchemy" not in sys.modules:
        return None
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from casework.kernel.errors import CaseworkError, Refused

    if isinstance(error, Refused):
        return " ".join(reason.text % dict(reason.values) for reason in error.reasons)
    if isinstance(error, CaseworkError):
        return f"Nothing was saved: {error}."
    if isinstance(error, OperationalError | ProgrammingError):
        text = str(error.orig)
        if "no such table" in text or "does not exist" in text:
            return NOT_MIGRATED
        return f"The database does not answer: {text.strip().splitlines()[0]}"
    return None


def configure_log() -> None:
    """One line of JSON for each thing that is worth one, on standard error."""
    import logging

    import structlog

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def make_app() -> tuple[Flask, Settings]:
    """The application on the settings of the environment."""
    from casework import create_app
    from casework.config import read_settings

    settings = read_settings()
    configure_log()
    if settings.database_url.startswith("sqlite:///"):
        Path(settings.database_url.removeprefix("sqlite:///")).absolute().parent.mkdir(parents=True, exist_ok=True)
    return create_app(settings), settings


@contextlib.contextmanager
def in_app() -> Iterator[tuple[Flask, Settings]]:
    """The application with its context pushed; what is written says that it came from a command."""
    from casework.audit.service import Origin, origin

    app, settings = make_app()
    token = origin.set(Origin(channel="cli"))
    try:
        with app.app_context():
            yield app, settings
    finally:
        origin.reset(token)


def report(result: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    """Print a result: as JSON for a machine, or as a sentence."""
    click.echo(json.dumps(result, ensure_ascii=False, default=str) if as_json else sentence)


as_json_option = click.option("--json", "as_json", is_flag=True, help="Report as JSON.")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Casework: every difficulty of an enterprise is a case that moves through a workflow."""


# -- serving


@cli.command()
def serve() -> None:
    """Serve the pages and run the scheduler; migrate first, and build the demo in an empty database."""
    from casework import serving
    from casework.config import read_settings

    settings = read_settings()
    try:
        listener = serving.claim(settings.port)
    except serving.PortTaken:
        raise click.ClickException(
            f"Port {settings.port} is taken: stop what runs there, or choose another with CASEWORK_PORT."
        ) from None
    with in_app() as (app, settings):
        upgrade_database()
        settings = with_demo(app, settings)
    say_where(settings)
    serving.serve(app, settings, listener)


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


def with_demo(app: Flask, settings: Settings) -> Settings:
    """Build the demo where nobody has an account yet; the settings, with the demo's password if it is one."""
    if settings.production:
        return settings
    from casework import demo
    from casework.kernel.time import utcnow

    password = demo_password(settings)
    if demo.is_empty():
        click.echo("Building the demo office ...")
        demo.build(now=utcnow(), password=password)
    if not _opens(password):
        return replace(settings, demo_password="")
    settings = replace(settings, demo_password=password)
    app.config["SETTINGS"] = settings
    return settings


def demo_password(settings: Settings) -> str:
    """The password of the demo: as the environment says, or made once and kept in ``var/demo-password``."""
    from casework.accounts import passwords
    from casework.config import ROOT

    if settings.demo_password:
        return settings.demo_password
    path = ROOT / "var" / "demo-password"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        temporary = path.with_name(f"demo-password.{secrets.token_hex(4)}")
        temporary.touch(mode=0o600)
        temporary.write_text(passwords.initial() + "\n")
        temporary.replace(path)
    return path.read_text().strip()


def _opens(password: str) -> bool:
    """Whether this database is the demo's, with that password."""
    from casework.accounts import passwords, queries

    desk = queries.by_username("desk")
    return desk is not None and passwords.verifies(desk.password_hash, password)


def say_where(settings: Settings) -> None:
    """Print the address and, for a demo, who may sign in."""
    address = f"http://127.0.0.1:{settings.port}"
    click.echo(f"\nCasework is served on {settings.base_url if settings.production else address}")
    if settings.demo_password:
        names = "desk, officer, lead, leader, regulator, district, sysadmin, secadmin, auditor"
        click.echo(f"Sign in as {names}\nPassword: {settings.demo_password}")
    click.echo("Ctrl-C ends it.")
    sys.stdout.flush()


@cli.command()
@click.option("--end-with-parent", is_flag=True, hidden=True)
def jobs(end_with_parent: bool) -> None:
    """Run the scheduler alone, in the foreground."""
    from casework import scheduler

    if end_with_parent:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the parent ends us
        scheduler.end_with_parent()
    app, _ = make_app()
    scheduler.serve(app, heed_interrupt=not end_with_parent)


@cli.command()
@as_json_option
def demo(as_json: bool) -> None:
    """Build the demo office in an empty database; never in production."""
    with in_app() as (_, settings):
        from casework import demo as office
        from casework.kernel.time import utcnow

        if settings.production:
            raise click.ClickException("This is production (CASEWORK_BASE_URL is https): it gets no demo.")
        upgrade_database()
        if not office.is_empty():
            raise click.ClickException("Somebody has an account already: the demo is built in an empty database only.")
        password = demo_password(settings)
        made = office.build(now=utcnow(), password=password)
    counts = ", ".join(f"{count} {name}" for name, count in made.items())
    report({**made, "password": password}, f"The demo is built: {counts}. Password: {password}", as_json=as_json)


# -- the database


@cli.group()
def db() -> None:
    """The database: upgrade, check."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest migration."""
    with in_app():
        upgrade_database()
    click.echo("The database is at the newest migration.")


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


# -- keeping


@cli.command()
@click.argument("target", type=click.Path(path_type=Path))
@as_json_option
def backup(target: Path, as_json: bool) -> None:
    """Write the database and the files to one archive: to the file TARGET, or into the folder TARGET."""
    with in_app() as (_, settings):
        from casework.kernel import backup as keeping
        from casework.kernel.time import utcnow

        made = _kept(lambda: keeping.make(target, settings, now=utcnow()))
    more = f" {made['note']}" if made.get("note") else ""
    report(made, f"Wrote {made['path']}: {made['files']} files, {made['bytes']:,} bytes.{more}", as_json=as_json)


@cli.command()
@click.argument("archive", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--yes", is_flag=True, help="Put what is there aside and take the archive's place.")
@as_json_option
def restore(archive: Path, yes: bool, as_json: bool) -> None:
    """Put an archive of `backup` back, once every file in it was checked. Stop the server first."""
    from casework import serving
    from casework.config import read_settings

    settings = read_settings()
    try:
        serving.claim(settings.port).close()
    except serving.PortTaken:
        raise click.ClickException(f"Stop Casework first: something answers on port {settings.port}.") from None
    from casework.kernel import backup as keeping
    from casework.kernel.time import utcnow

    done = _kept(lambda: keeping.put_back(archive, settings, replace=yes, now=utcnow()))
    with in_app():
        upgrade_database()
        from casework.audit import queries

        verdict = queries.verify()
    done |= {"entries": verdict.entries, "ok": verdict.ok, "first_bad": verdict.first_bad}
    chains = "the event chains are whole" if verdict.ok else f"but an event chain is not: {verdict.first_bad}"
    aside = f" What was there lies in {done['aside']}." if done.get("aside") else ""
    report(done, f"Restored {done['files']} files and the database; {chains}.{aside}", as_json=as_json)
    if not verdict.ok:
        raise click.exceptions.Exit(1)


def _kept(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    from casework.kernel.backup import CannotKeep

    try:
        return work()
    except CannotKeep as error:
        raise click.ClickException(str(error)) from None


# -- looking


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


def main() -> None:
    """Run the command line."""
    cli(prog_name="casework")


if __name__ == "__main__":
    main()
