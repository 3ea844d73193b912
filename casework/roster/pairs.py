"""The lasting pair (AB岗): whenever one is away, the other stands in, unless an absence names somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import sqlalchemy as sa

from casework import audit
from casework.accounts.models import User
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.roster import queries
from casework.roster.events import PairSet
from casework.roster.models import Absence, Posting


def partners(user_ids: Iterable[int], day: date) -> dict[int, int]:
    """The other of the pair, by person, of those who have one today and whose other still serves."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return {}
    query = (
        sa.select(Posting.user_id, Posting.partner_id)
        .join(User, User.id == Posting.partner_id)
        .where(Posting.user_id.in_(wanted), queries.valid_on(day), User.disabled_at.is_(None))
        .order_by(Posting.id.desc())
    )
    return {user_id: partner_id for user_id, partner_id in db.session.execute(query) if partner_id}


def stand_ins(gone: Mapping[int, Absence], day: date) -> dict[int, int]:
    """Who stands in for each of those who are away: whom the absence names, else the other of the pair."""
    lasting = partners((user_id for user_id, row in gone.items() if row.deputy_id is None), day)
    found = {user_id: row.deputy_id or lasting.get(user_id) for user_id, row in gone.items()}
    return {user_id: deputy_id for user_id, deputy_id in found.items() if deputy_id}


def pair_up(posting: Posting, partner_id: int | None, *, actor: Actor, now: datetime) -> None:
    """Make two people of a unit a lasting pair, or part them; both sides change together.

    Raises:
        NotPermitted: the posting is neither in the actor's team nor in their district.
        Refused: the other does not serve in this unit today, or has a pair already.
    """
    authorise(actor, "duty.edit", posting)
    today = local_day(now)
    other = _posting_of(partner_id, posting.unit_id, today) if partner_id else None
    if partner_id and (other is None or partner_id == posting.user_id):
        raise Refused(because(N_("AB pair: pick a colleague of the same unit."), "partner_id"))
    if other and other.partner_id not in (None, posting.user_id):
        raise Refused(because(N_("AB pair: this colleague has a pair already; part the two first."), "partner_id"))
    if posting.partner_id and posting.partner_id != partner_id:
        former = _posting_of(posting.partner_id, posting.unit_id, today)
        if former and former.partner_id == posting.user_id:
            former.partner_id = None
    posting.partner_id = partner_id
    if other:
        other.partner_id = posting.user_id
    name = other.user.name if other else ""
    audit.record(PairSet(posting.user_id, posting.user.name, posting.unit.name, name), by=actor, at=now)


def _posting_of(user_id: int, unit_id: int, day: date) -> Posting | None:
    query = sa.select(Posting).where(
        Posting.user_id == user_id,
        Posting.unit_id == unit_id,
        Posting.role.in_(queries.HANDLERS),
        queries.valid_on(day),
    )
    return db.session.scalar(query.order_by(Posting.id).limit(1))
