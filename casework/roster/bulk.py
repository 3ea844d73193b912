"""Many units and postings at once, for a list of thousands: one statement a table, the same facts as one by one.

The caller has asked ``rules`` and ``policy`` for each row; what is left here is to write it down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from casework import audit
from casework.kernel.db import db
from casework.kernel.permissions import Actor
from casework.roster.events import PostingEnded, PostingMade, UnitMade
from casework.roster.models import Posting, Unit


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit to be made."""

    code: str
    name: str
    kind: str
    area_id: int
    phone: str = ""
    sent_by: str = ""


@dataclass(frozen=True, slots=True)
class NewPosting:
    """A posting to be made, with the names for the log."""

    user_id: int
    username: str
    unit_id: int
    unit: str
    role: str
    area_id: int
    from_on: date
    to_on: date | None = None
    sent_by: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """A posting that ends on a day, with the names for the log."""

    posting_id: int
    user_id: int
    username: str
    unit_id: int
    unit: str
    role: str
    on: date


def add_units(wanted: Sequence[NewUnit], *, actor: Actor | None, now: datetime) -> dict[str, int]:
    """Make units; their ids by code."""
    if not wanted:
        return {}
    rows = [
        {"code": one.code, "name": one.name, "kind": one.kind, "area_id": one.area_id, "domains": []}
        | {"phone": one.phone, "sent_by": one.sent_by, "version": 1}
        for one in wanted
    ]
    ids = db.session.scalars(sa.insert(Unit).returning(Unit.id, sort_by_parameter_order=True), rows).all()
    audit.record_all([UnitMade(key, one.name) for key, one in zip(ids, wanted, strict=True)], by=actor, at=now)
    return {one.code: key for key, one in zip(ids, wanted, strict=True)}


def post_all(wanted: Sequence[NewPosting], *, actor: Actor | None, now: datetime) -> list[int]:
    """Make postings; their ids in the same order."""
    if not wanted:
        return []
    rows = [
        {"user_id": one.user_id, "unit_id": one.unit_id, "role": one.role, "area_id": one.area_id}
        | {"from_on": one.from_on, "to_on": one.to_on, "sent_by": one.sent_by, "version": 1}
        for one in wanted
    ]
    ids = db.session.scalars(sa.insert(Posting).returning(Posting.id, sort_by_parameter_order=True), rows).all()
    facts = [
        PostingMade(one.user_id, one.username, one.unit_id, one.unit, one.role, one.area_id, one.from_on, one.to_on)
        for one in wanted
    ]
    audit.record_all(facts, by=actor, at=now)
    return list(ids)


def end_all(wanted: Sequence[Ending], *, actor: Actor | None, now: datetime) -> None:
    """Let postings end on their days; one that would end sooner by itself is left."""
    if not wanted:
        return
    by_day: dict[date, list[int]] = {}
    for one in wanted:
        by_day.setdefault(one.on, []).append(one.posting_id)
    for on, keys in by_day.items():
        for start in range(0, len(keys), 500):
            later = sa.or_(Posting.to_on.is_(None), Posting.to_on > on)
            change = sa.update(Posting).where(Posting.id.in_(keys[start : start + 500]), later)
            db.session.execute(change.values(to_on=on, version=Posting.version + 1), execution_options=_PLAIN)
    facts = [PostingEnded(one.user_id, one.username, one.unit_id, one.unit, one.role, one.on) for one in wanted]
    audit.record_all(facts, by=actor, at=now)


def pair_all(partners: Mapping[int, int]) -> None:
    """Give postings (by id) their lasting partner (a person's id)."""
    rows = [{"key": posting_id, "partner": user_id} for posting_id, user_id in sorted(partners.items())]
    if rows:
        table = Posting.metadata.tables[Posting.__tablename__]
        change = (
            sa.update(table)
            .where(table.c.id == sa.bindparam("key"))
            .values(partner_id=sa.bindparam("partner"), version=table.c.version + 1)
        )
        db.session.connection().execute(change, rows)


_PLAIN = {"synchronize_session": False}
