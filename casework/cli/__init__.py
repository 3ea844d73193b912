"""The ``casework`` command: parse, open the edge, call what does the work. ``--help`` loads no more than click.

Each command exits with 0, or with 1 and one sentence that says what is wrong and what to do.
"""

from __future__ import annotations

from casework.cli import database, keeping, looking, running
from casework.cli.edge import cli

__all__ = ["cli", "database", "keeping", "looking", "main", "running"]


def main() -> None:
    """Run the command line."""
    cli(prog_name="casework")
