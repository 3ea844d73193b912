"""First passwords for a team: random, shown once on a list, good for seven days and for one sign-in before a change.

Only for those who never had a password, or whose first one ran out: nobody is locked out or taken over by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from casework.accounts import service as accounts
from casework.accounts.models import User
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, Role, authorise
from casework.kernel.time import local_day
from casework.roster import queries
from casework.roster.models import Posting, Unit
from casework.roster.policy import ADMIN_ROLES

PERMISSION = "person.first_password"
MOST = 60
"""So many at once: each costs a hash that is slow on purpose."""
_BY_LEAD = frozenset((Role.OFFICER, Role.HELPER))


@dataclass(frozen=True, slots=True)
class Slip:
    """A line of the list that is printed: whose, and the password in clear, kept nowhere else."""

    user_id: int
    name: str
    username: str
    password: str


def waiting(unit: Unit, *, actor: Actor, now: datetime) -> list[User]:
    """Those of a unit who cannot sign in yet, by name; a lead sees officers and helpers, nobody an administrator."""
    today = local_day(now)
    never = sa.or_(User.password_hash == "", User.first_until < now)
    here = sa.select(Posting.user_id).where(Posting.unit_id == unit.id, queries.valid_on(today))
    barred = [role for role in Role if role in ADMIN_ROLES or (_leads_only(actor, unit) and role not in _BY_LEAD)]
    query = sa.select(User).where(
        User.id.in_(here),
        never,
        User.disabled_at.is_(None),
        User.id != actor.user_id,
        User.id.not_in(_held(barred, today)),
    )
    return list(db.session.scalars(query.order_by(User.name, User.id).limit(500)))


def _leads_only(actor: Actor, unit: Unit) -> bool:
    return not any(
        duty.role is Role.SYSADMIN or (duty.role is Role.DISTRICT_ADMIN and duty.area_id in unit.area_ids)
        for duty in actor.duties
    )


def _held(roles: Sequence[Role], today: date) -> sa.Select[int]:
    lasting = sa.or_(Posting.to_on.is_(None), Posting.to_on >= today)
    return sa.select(Posting.user_id).where(Posting.role.in_(roles), lasting)


def hand_out(unit: Unit, passwords: dict[int, accounts.Secret], *, actor: Actor, now: datetime) -> list[Slip]:
    """Give people of a unit the first passwords that were made for them; returns the list to be printed once.

    Raises:
        NotPermitted: the unit is neither the actor's team nor in their district.
        Refused: somebody has a password by now, or does not belong here; nothing is changed.
    """
    authorise(actor, PERMISSION, unit)
    known = {user.id: user for user in waiting(unit, actor=actor, now=now)}
    if not passwords:
        raise Refused(because(N_("Pick at least one person."), "people"))
    if passwords.keys() - known.keys():
        raise Refused(
            because(N_("Somebody has a password by now, or left the unit: look at the list again."), "people")
        )
    slips = []
    for user_id, secret in passwords.items():
        user = known[user_id]
        accounts.give_first_password(user, secret, actor=actor, now=now)
        slips.append(Slip(user.id, user.name, user.username, secret.plain))
    return sorted(slips, key=lambda slip: (slip.name, slip.user_id))
