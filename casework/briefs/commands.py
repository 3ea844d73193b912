"""``casework brief write``: a brief written now, with somebody's rights."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import click

from casework.areas import queries as areas
from casework.briefs import making, queries, service
from casework.briefs.models import Brief
from casework.briefs.policy import WRITE
from casework.briefs.rules import days_of
from casework.briefs.scopes import read
from casework.briefs.words import STEPS, BriefState, Kind
from casework.kernel.db import db, transaction
from casework.kernel.errors import NotFound, Refused
from casework.kernel.time import utcnow
from casework.roster.acting import acting, unable
from casework.roster.queries import unit_by_code

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("brief")
def brief() -> None:
    """Briefs: written now."""


@brief.command()
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), default="weekly", show_default=True)
@click.option("--area", "code", default="", metavar="CODE", help="The area.")
@click.option("--unit", "unit", default="", metavar="CODE", help="A team; or, with --area, an authority.")
@click.option("--on", type=DAY, help="The day, or a day of the week.")
@click.option("--from", "first", type=DAY, help="The first day of a special brief.")
@click.option("--to", "last", type=DAY, help="The last day of a special brief.")
@click.option("--language", "locale", type=click.Choice(["zh-CN", "en"]), default="zh-CN", show_default=True)
@click.option("--as", "username", required=True, metavar="USER", help="With whose rights.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def write(
    kind: str,
    code: str,
    unit: str,
    on: datetime | None,
    first: datetime | None,
    last: datetime | None,
    locale: str,
    username: str,
    as_json: bool,
) -> None:
    """Write a brief, with its files, and say where it is."""
    now = utcnow()
    days = _days(kind, on, first, last)
    try:
        with transaction():
            actor = acting(username)
            if actor is None:
                raise click.ClickException("Name with --as whose brief it is.")
            counted = read(_scope(code, unit), None, actor, WRITE)
            wanted = service.Wanted(kind=kind, counted=counted, first=days[0], last=days[1], locale=locale)
            key = service.ask(wanted, actor=actor, now=now).id
    except Refused as refusal:
        raise unable(refusal) from refusal
    except NotFound as error:
        raise click.ClickException(
            f"{username} may not write briefs of this area or unit, or there is none."
        ) from error
    making.execute(key, now=now, tell=lambda step: click.echo(STEPS[step], err=True))
    result, sentence = _said(key)
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else sentence)


def _days(kind: str, on: datetime | None, first: datetime | None, last: datetime | None) -> tuple[date, date]:
    """The days that a brief of this kind is about, from the options."""
    start, end = (first, last) if kind == Kind.SPECIAL else (on, on)
    if start is None or end is None:
        needed = "--from and --to" if kind == Kind.SPECIAL else "--on"
        raise click.ClickException(f"A {kind} brief needs {needed}, such as 2020-02-12.")
    return (start.date(), end.date()) if kind == Kind.SPECIAL else days_of(kind, start.date())


def _scope(code: str, unit_code: str) -> str:
    area, unit = areas.by_code(code) if code else None, unit_by_code(unit_code) if unit_code else None
    if (code and area is None) or (unit_code and unit is None):
        raise NotFound("scope")
    if unit is None:
        return f"a{area.id}" if area else ""
    return f"q{unit.id}-{area.id}" if area else f"u{unit.id}"


def _said(key: int) -> tuple[dict[str, Any], str]:
    made = db.session.get_one(Brief, key)
    if made.status != BriefState.DONE:
        raise click.ClickException("The brief is not written yet: the job goes on with it, see /reports.")
    place = queries.places_of([made])[key]
    said = {
        "brief": key,
        "kind": made.kind,
        "of": place.unit or place.area,
        "first": made.first_on.isoformat(),
        "last": made.last_on.isoformat(),
        "issue": made.issue,
        "sha256": made.sha256,
        "path": f"/reports/{key}",
    }
    return (
        said,
        f"{made.kind} {made.year}-{made.issue} of {said['of']}, {said['first']} to {said['last']}: /reports/{key}",
    )
