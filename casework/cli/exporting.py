"""``casework export``: what leaves as a file, from the packages that know it."""

from __future__ import annotations

import click

from casework.imports import log_commands
from casework.ledgers import commands as list_commands


@click.group()
def export() -> None:
    """Write cases and other lists to spreadsheets."""


export.add_command(list_commands.cases)
export.add_command(list_commands.ledger)
export.add_command(log_commands.exporter("xes"))
export.add_command(log_commands.exporter("ocel"))
