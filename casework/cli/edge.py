"""The edge of every command: the group, the application that a command works in, and one sentence for what is wrong."""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
from collections.abc import Iterator
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
    "brief": ("casework.briefs.commands:brief", "Daily, weekly and special briefs: write one now."),
    "export": ("casework.cli.exporting:export", "Write cases to a spreadsheet."),
    "template": (
        "casework.processes.commands:template",
        "Templates of temporary processes: check, import, export, draw, BPMN.",
    ),
    "search": ("casework.search.commands:search", "The index that search reads: rebuild."),
    "token": ("casework.accounts.commands:token", "Tokens for machines."),
    "import": ("casework.imports.commands:import_", "Bring in areas, enterprises, people and cases from files."),
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
