"""Keep everything in one archive, and put it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from casework.cli.database import upgrade_database
from casework.cli.edge import as_json_option, cli, in_app, report


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
