"""``casework token add``: tokens for machines, from the command line. The app's context is pushed by the caller."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click

from casework.accounts import queries, service
from casework.accounts.models import User
from casework.kernel.db import transaction
from casework.kernel.errors import CaseworkError, Reason, Refused
from casework.kernel.time import utcnow


def plain(reason: Reason) -> str:
    """A reason in English, whatever the reader's language: commands are in English."""
    return reason.text % {name: str(value) for name, value in reason.values.items()} if reason.values else reason.text


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn a refusal into one clear sentence and an exit code that is not 0."""
    try:
        yield
    except Refused as refusal:
        raise click.ClickException(" ".join(plain(reason) for reason in refusal.reasons)) from None
    except CaseworkError as error:
        raise click.ClickException(f"Nothing was saved: {error or type(error).__name__}.") from None


def user_named(username: str) -> User:
    """The account with this user name.

    Raises:
        ClickException: there is none.
    """
    user = queries.by_username(username)
    if user is None:
        raise click.ClickException(
            f"There is no account {username!r}: see the page People, or make it with `user add`."
        )
    return user


@click.group()
def token() -> None:
    """Tokens for machines."""


@token.command("add")
@click.option("--user", "username", required=True, help="Whose rights the token has.")
@click.option("--scopes", default="read", show_default=True, help="read, write or both, with a comma between.")
@click.option("--days", default=30, show_default=True, help="How long it lasts, at most 90 days.")
@click.option("--from", "networks", multiple=True, help="A network it may be used from, like 10.8.0.0/16.")
@click.option("--for", "name", default="", help="Which program it is for.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def add_token(username: str, scopes: str, days: int, networks: tuple[str, ...], name: str, as_json: bool) -> None:
    """Make a token and print it, alone, this once."""
    with one_sentence(), transaction():
        user = user_named(username)
        wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
        made = service.issue_token(
            user, scopes=wanted, days=days, networks=networks, name=name.strip(), actor=None, now=utcnow()
        )
    click.echo(json.dumps({"user": username, "token": made, "scopes": wanted, "days": days}) if as_json else made)
