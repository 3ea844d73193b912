"""Serve the pages, run the scheduler, build the demo."""

from __future__ import annotations

import secrets
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from casework.cli.database import upgrade_database
from casework.cli.edge import as_json_option, cli, in_app, make_app, report

if TYPE_CHECKING:
    from flask import Flask

    from casework.config import Settings

IN_USE = (
    "This database holds data that are not the whole demo, and nothing was added: name an empty one by "
    "CASEWORK_DATABASE_URL, or, if a demo was broken off here, delete it and run this again."
)


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
    """Build the demo office in an empty database, once; never in production."""
    with in_app() as (_, settings):
        from casework import demo as office
        from casework.kernel.time import utcnow

        if settings.production:
            raise click.ClickException("This is production (CASEWORK_BASE_URL is https): it gets no demo.")
        upgrade_database()
        if office.is_whole():
            report({"built": False}, "The demo is here already: nothing was changed.", as_json=as_json)
            return
        if not office.is_empty():
            raise click.ClickException(IN_USE)
        password = demo_password(settings)
        made = office.build(now=utcnow(), password=password)
    counts = ", ".join(f"{count} {name}" for name, count in made.items())
    result = {**made, "built": True, "password": password}
    report(result, f"The demo is built: {counts}. Password: {password}", as_json=as_json)
