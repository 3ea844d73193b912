"""Tables of the event chains. Entries are append-only by trigger (migration 0001)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.kernel.db import Id, Model, key, ref

SECURITY = "security"
GENESIS = "0" * 64


class Event(Model):
    """One entry: who did what when, the commitment to its payload, and the hash of its predecessor."""

    __tablename__ = "events"
    __table_args__ = (
        sa.UniqueConstraint("chain", "seq"),
        sa.Index("ix_events_case_id_id", "case_id", "id"),
        sa.Index("ix_events_verb_id", "verb", "id"),
    )

    id: Mapped[int] = key()
    chain: Mapped[str] = mapped_column(sa.String(40))
    seq: Mapped[int]
    case_id: Mapped[int | None] = ref("cases.id", null=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = ref("users.id", null=True)
    channel: Mapped[str] = mapped_column(sa.String(10))
    request_id: Mapped[str] = mapped_column(sa.String(32))
    verb: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[str] = mapped_column(sa.String(10))
    commitment: Mapped[str] = mapped_column(sa.String(64))
    prev: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
    alg: Mapped[str] = mapped_column(sa.String(10), default="sha256")

    payload: Mapped[EventPayload | None] = relationship(lazy="raise")  # to write both at once; reads join


class EventPayload(Model):
    """What an entry says, apart from the entry, so that legal erasure leaves the chain whole."""

    __tablename__ = "event_payloads"

    event_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("events.id"), primary_key=True, autoincrement=False)
    payload: Mapped[dict[str, Any]]
    salt: Mapped[str] = mapped_column(sa.String(64))


class ChainHead(Model):
    """The last entry of a chain; locked while one is appended, so that a chain never forks."""

    __tablename__ = "chain_heads"

    chain: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))
