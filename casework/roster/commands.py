"""``casework user add|passwd|disable``: people, from the command line. The app's context is pushed by the caller."""

from __future__ import annotations

import json
import sys

import click

from casework.accounts import passwords
from casework.accounts import service as accounts
from casework.accounts.commands import one_sentence, user_named
from casework.areas import queries as areas
from casework.areas.models import Area
from casework.kernel.db import transaction
from casework.kernel.permissions import Role
from casework.kernel.time import local_day, utcnow
from casework.roster import queries, service
from casework.roster.models import Unit, UnitKind


@click.group()
def user() -> None:
    """People who sign in."""


def _password(given: bool) -> tuple[str, bool]:
    """A password read from standard input, or a new first one; and whether it is new."""
    if not given:
        return passwords.initial(), True
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True)), False
    return sys.stdin.readline().rstrip("\r\n"), False


def _report(as_json: bool, username: str, done: str, password: str | None, **more: object) -> None:
    if as_json:
        click.echo(json.dumps({"user": username, "done": done, "password": password, **more}, ensure_ascii=False))
        return
    click.echo(f"{username}: {done}.")
    if password:
        click.echo(f"First password, shown this once: {password}")


@user.command("add")
@click.option("--username", required=True, help="Small letters, digits, dots or dashes.")
@click.option("--name", required=True, help="The person's name.")
@click.option("--phone", default="")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="With --unit: a posting from today.")
@click.option("--unit", "unit_code", help="The code of the unit.")
@click.option(
    "--area", "area_code", help="The code of the area that the posting reaches; the unit's own when left out."
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def add(
    username: str,
    name: str,
    phone: str,
    role: str | None,
    unit_code: str | None,
    area_code: str | None,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Make an account, with a posting when --role and --unit are given."""
    if bool(role) != bool(unit_code):
        raise click.ClickException("Give --role and --unit together, or neither.")
    password, is_new = _password(password_stdin)
    now = utcnow()
    with one_sentence(), transaction():
        made = accounts.make_user(username=username, name=name, phone=phone, password=password, actor=None, now=now)
        user_id = made.id
        if role and unit_code:
            unit = _unit(unit_code)
            service.post(
                made,
                unit=unit,
                role=role,
                area=_area(area_code) if area_code else unit.area,
                from_on=local_day(now),
                actor=None,
                now=now,
            )
    _report(as_json, username, "made", password if is_new else None, id=user_id, role=role, unit=unit_code)


def _unit(code: str) -> Unit:
    unit = queries.unit_by_code(code)
    if unit is None:
        raise click.ClickException(f"There is no unit with the code {code!r}.")
    return unit


def _area(code: str) -> Area:
    area = areas.by_code(code)
    if area is None:
        raise click.ClickException(f"There is no area with the code {code!r}.")
    return area


@user.command("passwd")
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def passwd(username: str, password_stdin: bool, as_json: bool) -> None:
    """Set a new password and end every sign-in of the account."""
    password, is_new = _password(password_stdin)
    with one_sentence(), transaction():
        accounts.set_password(user_named(username), password, actor=None, now=utcnow())
    _report(as_json, username, "has a new password", password if is_new else None)


@user.command("disable")
@click.argument("username")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def disable(username: str, as_json: bool) -> None:
    """Shut an account at once; what it did stays."""
    with one_sentence(), transaction():
        accounts.disable(user_named(username), actor=None, now=utcnow())
    _report(as_json, username, "disabled", None)


@click.group()
def unit() -> None:
    """Units that people serve in: teams, desks, authorities, offices."""


@unit.command("add")
@click.option("--code", required=True, help="A short code of your own, as in team-17.")
@click.option("--name", required=True)
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in UnitKind]))
@click.option("--area", "area_code", required=True, help="The code of the area that it serves.")
@click.option("--domain", "domains", multiple=True, help="Of an authority, as in --domain housing; may be repeated.")
@click.option("--phone", default="")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def add_unit(
    code: str, name: str, kind: str, area_code: str, domains: tuple[str, ...], phone: str, as_json: bool
) -> None:
    """Make a unit, as the first one of a new installation."""
    with one_sentence(), transaction():
        place = areas.by_code(area_code)
        if place is None:
            raise click.ClickException(f"There is no area {area_code}: import the areas first.")
        service.add_unit(
            code=code, name=name, kind=kind, area=place, domains=domains, phone=phone, actor=None, now=utcnow()
        )
    click.echo(json.dumps({"unit": code, "done": "made"}) if as_json else f"{code}: made.")
