"""Every write to units and postings, and the accounts that administrators make; each leaves a security fact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from casework import audit
from casework.accounts import service as account
from casework.accounts.models import User
from casework.areas.models import Area
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.roster import queries, rules
from casework.roster.events import PostingEnded, PostingMade, UnitEdited, UnitMade
from casework.roster.models import Posting, Unit
from casework.roster.policy import ADMIN_ROLES, posting_permission

UNIT_FIELDS = ("name", "kind", "area_id", "domains", "phone", "sent_by")


def add_unit(
    *,
    code: str,
    name: str,
    kind: str,
    area: Area,
    domains: Sequence[str] = (),
    phone: str = "",
    sent_by: str = "",
    actor: Actor | None,
    now: datetime,
) -> Unit:
    """A unit in an area; the actor must administer that area (None: an operator at the command line).

    Raises:
        NotPermitted: the area lies outside the actor's district.
        Refused: the code is taken, or the name missing.
    """
    if actor:
        authorise(actor, "unit.edit", area)
    if reasons := _unit_faults(code.strip(), name.strip()):
        raise Refused(reasons)
    unit = Unit(
        code=code.strip(),
        name=name.strip(),
        kind=kind,
        area_id=area.id,
        area=area,
        domains=sorted(set(domains)),
        phone=phone.strip(),
        sent_by=sent_by.strip(),
    )
    db.session.add(unit)
    db.session.flush()  # the log names its id
    audit.record(UnitMade(unit.id, unit.name), by=actor, at=now)
    return unit


def _unit_faults(code: str, name: str) -> list[Reason]:
    reasons = []
    if not name:
        reasons.append(because(N_("Write the name of the unit."), "name"))
    if not code or queries.unit_by_code(code):
        reasons.append(because(N_("Write a code that no other unit has."), "code"))
    return reasons


def edit_unit(
    unit: Unit,
    *,
    name: str,
    kind: str,
    area: Area,
    domains: Sequence[str],
    phone: str,
    sent_by: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Change a unit; both its old and its new place must be the actor's.

    Raises:
        NotPermitted: one of the places is not.
        Refused: the name is missing.
    """
    authorise(actor, "unit.edit", unit)
    authorise(actor, "unit.edit", area)
    if not name.strip():
        raise Refused(because(N_("Write the name of the unit."), "name"))
    wanted = {
        "name": name.strip(),
        "kind": kind,
        "area_id": area.id,
        "domains": sorted(set(domains)),
        "phone": phone.strip(),
        "sent_by": sent_by.strip(),
    }
    changed = tuple(field for field in UNIT_FIELDS if getattr(unit, field) != wanted[field])
    for field in changed:
        setattr(unit, field, wanted[field])
    if changed:
        audit.record(UnitEdited(unit.id, unit.name, changed), by=actor, at=now)


def post(
    user: User,
    *,
    unit: Unit,
    role: str,
    area: Area,
    from_on: date,
    to_on: date | None = None,
    sent_by: str = "",
    actor: Actor | None,
    now: datetime,
) -> Posting:
    """Give a person a role in a unit for an area, from a day to a day.

    Raises:
        NotPermitted: the role, the unit or the area is not the actor's to give, or it is for the actor themself.
        Refused: days the wrong way round, a second of the three administrators, or an area outside the unit's.
    """
    if actor:
        _may_post(actor, user, role, (unit, area))
    today = local_day(now)
    reasons = rules.posting_objections(
        role,
        held=queries.roles_held(user.id, today),
        from_on=from_on,
        to_on=to_on,
        today=today,
        area_fits=unit.area_id in area.area_ids or role in ADMIN_ROLES,
    )
    if reasons:
        raise Refused(reasons)
    posting = Posting(
        user_id=user.id,
        unit_id=unit.id,
        role=role,
        area_id=area.id,
        from_on=from_on,
        to_on=to_on,
        sent_by=sent_by.strip(),
    )
    db.session.add(posting)
    fact = PostingMade(user.id, user.username, unit.id, unit.name, role, area.id, from_on, to_on)
    audit.record(fact, by=actor, at=now)
    return posting


def _may_post(actor: Actor, user: User, role: str, places: Sequence[Unit | Area]) -> None:
    for place in places:
        authorise(actor, posting_permission(role), place)
    if actor.user_id == user.id:  # four eyes: nobody widens their own scope
        raise NotPermitted("own posting")


def end_posting(posting: Posting, *, on: date, actor: Actor, now: datetime) -> None:
    """Let a posting end on a day: today or later, or yesterday to end it at once.

    Raises:
        NotPermitted: it is not the actor's to end.
        Refused: it is over already, or the day lies before yesterday or before it began.
    """
    authorise(actor, posting_permission(posting.role), posting)
    today = local_day(now)
    if posting.to_on and posting.to_on < today:
        raise Refused(because(N_("This posting is over already.")))
    if on < today - timedelta(days=1):
        raise Refused(because(N_("The last day is past: choose yesterday, today or a later day."), "to_on"))
    if on < posting.from_on:
        raise Refused(because(N_("The last day lies before the first: choose a later one."), "to_on"))
    posting.to_on = on
    fact = PostingEnded(posting.user_id, posting.user.username, posting.unit_id, posting.unit.name, posting.role, on)
    audit.record(fact, by=actor, at=now)


def make_person(*, username: str, name: str, phone: str, secret: account.Secret, actor: Actor, now: datetime) -> User:
    """An account without a posting, with a first password.

    Raises:
        NotPermitted: the actor is not the system administrator.
        Refused: see ``accounts.service.make_user``.
    """
    authorise(actor, "person.make")
    user = account.make_user(username=username, name=name, phone=phone, password=secret.plain, actor=actor, now=now)
    account.give_first_password(user, secret, actor=actor, now=now)
    return user


def edit_person(user: User, *, name: str, phone: str, reason: str = "", actor: Actor, now: datetime) -> None:
    """Another name or phone; ``reason`` is kept with the entry.

    Raises:
        NotPermitted: the actor is not the system administrator.
        Refused: the name is missing.
    """
    authorise(actor, "person.edit")
    account.edit_user(user, name=name, phone=phone, reason=reason, actor=actor, now=now)


def disable_person(user: User, *, actor: Actor, now: datetime) -> None:
    """Shut an account at once.

    Raises:
        NotPermitted: the actor is not the system administrator.
        Refused: it is one's own, or shut already.
    """
    authorise(actor, "person.disable")
    account.disable(user, actor=actor, now=now)


def enable_person(user: User, *, actor: Actor, now: datetime) -> None:
    """Open a disabled account again.

    Raises:
        NotPermitted: the actor is not the system administrator.
        Refused: it is not disabled.
    """
    authorise(actor, "person.disable")
    account.enable(user, actor=actor, now=now)


def may_set_password(actor: Actor, user_id: int, today: date) -> bool:
    """Never one's own, which asks for the old one, nor an administrator's, whose rights would come with it."""
    if actor.user_id == user_id or queries.roles_held(user_id, today) & ADMIN_ROLES:
        return False
    try:
        authorise(actor, "person.password")
    except NotPermitted:
        return False
    return True


def set_password(user: User, secret: account.Secret, *, actor: Actor, now: datetime) -> None:
    """A first password again, for somebody who forgot theirs.

    Raises:
        NotPermitted: see ``may_set_password``.
    """
    if not may_set_password(actor, user.id, local_day(now)):
        raise NotPermitted("person.password")
    account.give_first_password(user, secret, actor=actor, now=now)
