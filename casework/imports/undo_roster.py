"""Taking back a roster: postings end or go on, pairs are as they were, unused accounts are shut, empty teams closed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.accounts import service as accounts
from casework.accounts.models import User
from casework.imports.models import ImportMark
from casework.imports.undo_rules import CHANGED, GONE, TOUCHED, USED, Setting, Stays
from casework.kernel.db import db
from casework.kernel.permissions import authorise
from casework.kernel.time import local_day
from casework.roster.events import PairSet, PostingEnded, PostingMade, UnitEdited
from casework.roster.models import Posting, Unit
from casework.roster.policy import posting_permission


def end_posting(mark: ImportMark, setting: Setting) -> None:
    """A posting: over since yesterday, tonight when it began today; one that has not begun never does."""
    posting = db.session.get(Posting, mark.thing_id)
    today = local_day(setting.now)
    if posting is None or (posting.to_on is not None and posting.to_on < today):
        raise Stays(GONE)
    authorise(setting.actor, posting_permission(posting.role), posting)
    on = max(today - timedelta(days=1), posting.from_on)
    if posting.from_on > today:  # it gave nobody any right yet; the chain tells that it was made and ended
        db.session.delete(posting)
        on = today
    else:
        posting.to_on = on
    fact = PostingEnded(posting.user_id, posting.user.username, posting.unit_id, posting.unit.name, posting.role, on)
    audit.record(fact, by=setting.actor, at=setting.now)


def go_on(mark: ImportMark, setting: Setting) -> None:
    """A posting that the import ended: as long as it would have been, unless somebody set another end."""
    posting = db.session.get(Posting, mark.thing_id)
    if posting is None or posting.to_on != _day(mark.after, "to_on"):
        raise Stays(CHANGED)
    authorise(setting.actor, posting_permission(posting.role), posting)
    posting.to_on = _day(mark.before, "to_on")
    who, where = posting.user, posting.unit
    fact = PostingMade(
        who.id, who.username, where.id, where.name, posting.role, posting.area_id, posting.from_on, posting.to_on
    )
    audit.record(fact, by=setting.actor, at=setting.now)


def unpair(mark: ImportMark, setting: Setting) -> None:
    """The other of a pair: who it was before, unless it was changed again."""
    posting = db.session.get(Posting, mark.thing_id)
    if posting is None or posting.partner_id != (mark.after or {}).get("partner"):
        raise Stays(CHANGED)
    authorise(setting.actor, posting_permission(posting.role), posting)
    posting.partner_id = (mark.before or {}).get("partner")
    partner = db.session.get(User, posting.partner_id) if posting.partner_id else None
    fact = PairSet(posting.user_id, posting.user.name, posting.unit.name, partner.name if partner else "")
    audit.record(fact, by=setting.actor, at=setting.now)


def shut(mark: ImportMark, setting: Setting) -> None:
    """An account: shut, while nobody has handed out a password for it and it has no other posting."""
    user = db.session.get(User, mark.thing_id)
    if user is None or user.disabled_at is not None:
        raise Stays(GONE)
    if user.password_hash or user.id in setting.used["account"]:
        raise Stays(TOUCHED)
    today = local_day(setting.now)
    open_ = sa.or_(Posting.to_on.is_(None), Posting.to_on > today)
    if db.session.scalar(sa.select(Posting.id).where(Posting.user_id == user.id, open_).limit(1)):
        raise Stays(USED)
    authorise(setting.actor, "roster.post")
    accounts.disable(user, actor=setting.actor, now=setting.now)


def close(mark: ImportMark, setting: Setting) -> None:
    """A team: closed, while nobody is in it and nothing refers to it."""
    unit = db.session.get(Unit, mark.thing_id)
    if unit is None or unit.closed_on is not None:
        raise Stays(GONE)
    today = local_day(setting.now)
    open_ = sa.or_(Posting.to_on.is_(None), Posting.to_on > today)
    if unit.id in setting.used["team"] or db.session.scalar(
        sa.select(Posting.id).where(Posting.unit_id == unit.id, open_).limit(1)
    ):
        raise Stays(USED)
    authorise(setting.actor, "unit.edit", unit)
    unit.closed_on = today
    audit.record(UnitEdited(unit.id, unit.name, ("closed_on",)), by=setting.actor, at=setting.now)


def _day(values: dict[str, Any] | None, name: str) -> date | None:
    said = (values or {}).get(name)
    return date.fromisoformat(said) if said else None


UNDOERS = {"posting": end_posting, "posting_end": go_on, "pair": unpair, "account": shut, "team": close}
