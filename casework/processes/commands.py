"""``casework template check|draw|schema``: what is wrong with a template file, and what it looks like."""

from __future__ import annotations

import json
from pathlib import Path

import click

from casework.processes.checker import check_file
from casework.processes.definition import Checked, Mistake
from casework.processes.picture import svg
from casework.processes.shapes import schema
from casework.processes.words import ACTORS


@click.group()
def template() -> None:
    """Templates of temporary processes."""


@template.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def check_template(file: Path, as_json: bool) -> None:
    """Name every mistake in a template FILE at its place. Exits with 1 when it could not be published."""
    checked = check_file(file.read_bytes())
    if as_json:
        click.echo(json.dumps(_report(checked), ensure_ascii=False))
    else:
        for mistake in checked.mistakes:
            click.echo(_line(mistake))
        click.echo(_verdict(checked))
    if checked.errors:
        raise click.exceptions.Exit(1)


@template.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of template files."""
    click.echo(json.dumps(schema(), ensure_ascii=False, indent=2))


@template.command("draw")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def draw_template(file: Path) -> None:
    """Print the process in a template FILE as SVG. A file with mistakes is not drawn."""
    checked = check_file(file.read_bytes())
    if checked.definition is None or checked.errors:
        raise click.ClickException(f"{_verdict(checked)} Ask `casework template check {file.name}` where.")
    click.echo(svg(checked.definition))


def _report(checked: Checked) -> dict[str, object]:
    return {
        "ok": not checked.errors,
        "steps": len(checked.definition.steps) if checked.definition else 0,
        "mistakes": [
            {
                "place": mistake.place,
                "step": mistake.step,
                "says": _english(mistake),
                "level": "warning" if mistake.warning else "error",
            }
            for mistake in checked.mistakes
        ],
    }


def _english(mistake: Mistake) -> str:
    return str(mistake.reason.text % dict(mistake.reason.values)) if mistake.reason.values else mistake.reason.text


def _line(mistake: Mistake) -> str:
    level = "warning" if mistake.warning else "mistake"
    return f"{level} at {mistake.place or 'the file'}: {_english(mistake)}"


def _verdict(checked: Checked) -> str:
    if checked.definition is None or checked.errors:
        return f"Not ready to be published: mistakes to mend: {len(checked.errors)}."
    actors = sorted({ACTORS[step.actor.partition(":")[0]] for step in checked.definition.steps})
    return f"Ready to be published: {len(checked.definition.steps)} steps, by {', '.join(actors)}."
