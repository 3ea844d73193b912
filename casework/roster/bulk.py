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
    made = db.session.execute(sa.insert(Unit).returning(Unit.code, Unit.id), rows)
    ids = {code: key for code, key in made}  # noqa: C416 - rows are no pairs to mypy
    audit.record_all([UnitMade(ids[one.code], one.name) for one in wanted], by=actor, at=now)
    return ids


def post_all(wanted: Sequence[NewPosting], *, actor: Actor | None, now: datetime) -> list[int]:
    """Make postings; their ids in the same order. No two of them are the same person's in the same place."""
    if not wanted:
        return []
    rows = [
        {"user_id": one.user_id, "unit_id": one.unit_id, "role": one.role, "area_id": one.area_id}
        | {"from_on": one.from_on, "to_on": one.to_on, "sent_by": one.sent_by, "version": 1}
        for one in wanted
    ]
    columns = (Posting.user_id, Posting.unit_id, Posting.role, Posting.area_id)
    made = db.session.execute(sa.insert(Posting).returning(Posting.id, *columns), rows)
    ids = {tuple(place): key for key, *place in made}
    facts = [
        PostingMade(one.user_id, one.username, one.unit_id, one.unit, one.role, one.area_id, one.from_on, one.to_on)
        for one in wanted
    ]
    audit.record_all(facts, by=actor, at=now)
    return [ids[one.user_id, one.unit_id, one.role, one.area_id] for one in wanted]


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
