"""With whose rights a command acts, and how it says that it was refused."""

from __future__ import annotations

import click

from casework.accounts import queries as accounts
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from casework.roster.queries import actor_for

NO_PERSON = N_("There is no account %(username)s that can be used.")


def acting(username: str) -> Actor | None:
    """The person of this user name with today's duties; without a name nobody, as the system itself.

    Raises:
        Refused: there is no such account, or it cannot be used.
    """
    if not username:
        return None
    user = accounts.by_username(username)
    actor = actor_for(user.id, local_day(utcnow())) if user else None
    if actor is None:
        raise Refused(because(NO_PERSON, username=username))
    return actor


def unable(refusal: Refused) -> click.ClickException:
    """A refusal as a command ends with it: on one line, in the reader's language."""
    return click.ClickException(" ".join(str(reason) for reason in refusal.reasons))
