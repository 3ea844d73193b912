"""``casework template …``: what is wrong with a template file, what it looks like, in and out, and as BPMN."""

from __future__ import annotations

import json
from pathlib import Path

import click
import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas import queries as area_queries
from casework.kernel.db import db, transaction
from casework.kernel.errors import CaseworkError, Refused
from casework.kernel.time import local_day, utcnow
from casework.processes import queries, templates
from casework.processes.bpmn_out import export as bpmn
from casework.processes.definition import Checked, Definition, Mistake, as_json
from casework.processes.models import ProcessTemplate, TemplateVersion
from casework.processes.picture import svg
from casework.processes.shapes import schema
from casework.processes.taking_in import check_content
from casework.processes.words import ACTORS
from casework.roster.queries import actor_for


@click.group()
def template() -> None:
    """Templates of temporary processes."""


@template.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def check_template(file: Path, as_json: bool) -> None:
    """Name every mistake in a template FILE at its place. Exits with 1 when it could not be published."""
    checked = check_content(file.read_bytes())
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
    click.echo(svg(_sound(file)))


@template.command("bpmn")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def to_bpmn(file: Path) -> None:
    """Print the process in a template FILE as BPMN 2.0 with its drawing."""
    click.echo(bpmn(_sound(file)), nl=False)


@template.command("convert")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def convert(file: Path) -> None:
    """Print a BPMN FILE as a template, and what is still to mend beside it. Exits with 1 when something of the file is
    not supported: that is named at its element, and nothing is printed.
    """
    checked = check_content(file.read_bytes())
    for mistake in checked.mistakes:
        click.echo(_line(mistake), err=True)
    if checked.definition is None:
        raise click.ClickException(_verdict(checked))
    click.echo(json.dumps(as_json(checked.definition), ensure_ascii=False, indent=1))


@template.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--area", required=True, help="Code of the area that offers it.")
@click.option("--user", required=True, help="User name of its author, who drafts there.")
@click.option("--json", "as_json_", is_flag=True, help="Report as JSON.")
def take_in(file: Path, area: str, user: str, as_json_: bool) -> None:
    """Take a template FILE in as a draft: a new template, or the next version of the one with its code."""
    checked = check_content(file.read_bytes())
    if checked.definition is None or checked.errors:
        raise click.ClickException(f"{_verdict(checked)} Ask `casework template check {file.name}` where.")
    try:
        with transaction():
            version = _drafted(checked.definition, area, user)
            code = db.session.get_one(ProcessTemplate, version.template_id).code
            said = {"code": code, "version": version.no, "steps": len(checked.definition.steps)}
    except Refused as refusal:
        raise click.ClickException(" ".join(reason.text % dict(reason.values) for reason in refusal.reasons)) from None
    except CaseworkError:
        raise click.ClickException(
            f"{user} drafts no templates in {area}: name an officer or lead of that area."
        ) from None
    click.echo(json.dumps(said) if as_json_ else f"Drafted: {said['code']}, version {said['version']}.")


def _drafted(definition: Definition, area: str, user: str) -> TemplateVersion:
    now = utcnow()
    place = area_queries.by_code(area)
    author = db.session.scalar(sa.select(User.id).where(User.username == user))
    actor = actor_for(author, local_day(now)) if author else None
    if place is None or actor is None:
        raise click.ClickException(f"There is no {'area ' + area if place is None else 'user ' + user} here.")
    known = db.session.scalar(sa.select(ProcessTemplate).where(ProcessTemplate.code == definition.code))
    data = as_json(definition)
    if known is not None and definition.code:
        return templates.begin_next(known, definition=data, actor=actor, now=now)
    return templates.begin(data, place, source="import", actor=actor, now=now, code=definition.code)


@template.command("export")
@click.argument("code")
@click.option("--version", type=int, help="Number of the version; the newest without it.")
@click.option("--bpmn", "as_bpmn", is_flag=True, help="As BPMN 2.0 instead of JSON.")
def give_out(code: str, version: int | None, as_bpmn: bool) -> None:
    """Print the template with this CODE as the file that other offices take in."""
    known = db.session.scalar(sa.select(ProcessTemplate).where(ProcessTemplate.code == code))
    versions = queries.versions_of(known.id) if known else []
    found = next((one for one in versions if version in (None, one.no)), None)
    if found is None:
        raise click.ClickException(f"There is no template {code}{f', version {version}' if version else ''} here.")
    definition = queries.definition_of(found)
    if as_bpmn:
        click.echo(bpmn(definition), nl=False)
    else:
        click.echo(json.dumps(as_json(definition), ensure_ascii=False, indent=1))


def _sound(file: Path) -> Definition:
    checked = check_content(file.read_bytes())
    if checked.definition is None or checked.errors:
        raise click.ClickException(f"{_verdict(checked)} Ask `casework template check {file.name}` where.")
    return checked.definition


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
