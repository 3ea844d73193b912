"""What a past day must be able to prove of a firm: that it was in business, and when one of us last spoke with it.

Called by ``service`` alone, in the transaction of the change.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.enterprises.models import ContactDay, Enterprise, Liaison
from casework.kernel.db import db, insert_into


def in_business(day: date) -> sa.ColumnElement[bool]:
    """That a firm was in business on a past day, as far as this goes by when it closed."""
    return sa.or_(Enterprise.active.is_(True), Enterprise.closed_on > day)


def fresh(day: date, before: date) -> sa.ColumnElement[bool]:
    """That a row is the newest contact of its firm on a day, and is not older than ``before``."""
    return sa.and_(
        ContactDay.day >= before,
        ContactDay.day <= day,
        sa.or_(ContactDay.until_on.is_(None), ContactDay.until_on > day),
    )


def contacted(enterprise_id: int, day: date) -> None:
    """Keep that somebody spoke with the firm on a day; the contact before counts until then. Twice a day is once."""
    later = sa.select(sa.func.min(ContactDay.day)).where(
        ContactDay.enterprise_id == enterprise_id, ContactDay.day > day
    )
    row = sa.select(
        Enterprise.id,
        sa.literal(day, sa.Date()),
        later.scalar_subquery(),
        Enterprise.district_id,
        Enterprise.community_id,
    ).where(Enterprise.id == enterprise_id)
    columns = ["enterprise_id", "day", "until_on", "district_id", "community_id"]
    db.session.execute(insert_into(ContactDay).from_select(columns, row).on_conflict_do_nothing())
    db.session.execute(
        sa.update(ContactDay)
        .where(
            ContactDay.enterprise_id == enterprise_id,
            ContactDay.day < day,
            sa.or_(ContactDay.until_on.is_(None), ContactDay.until_on > day),
        )
        .values(until_on=day)
        .execution_options(synchronize_session=False)
    )


def set_closed(enterprise: Enterprise, today: date) -> None:
    """Keep since when a firm is out of business; none while it is in business."""
    if enterprise.active:
        enterprise.closed_on = None
    elif enterprise.closed_on is None:
        enterprise.closed_on = today


def follow(enterprise: Enterprise, today: date) -> None:
    """Contact days and past liaisons lie where the firm lies; the newest day counts until the firm closes.

    So a past day is counted by where its firms lie now: each firm once, and in one place.
    """
    set_closed(enterprise, today)
    mine = ContactDay.enterprise_id == enterprise.id
    where = {"district_id": enterprise.district_id, "community_id": enterprise.community_id}
    quiet: Any = {"synchronize_session": False}
    db.session.execute(sa.update(ContactDay).where(mine).values(**where).execution_options(**quiet))
    past = sa.update(Liaison).where(Liaison.enterprise_id == enterprise.id, Liaison.to_on.is_not(None))
    db.session.execute(past.values(**where).execution_options(**quiet))
    if not enterprise.active:
        open_ = sa.update(ContactDay).where(mine, ContactDay.until_on.is_(None))
        db.session.execute(open_.values(until_on=today).execution_options(**quiet))
