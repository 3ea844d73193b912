"""Append to a chain, in the transaction of the change."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from casework.audit.models import GENESIS, SECURITY, ChainHead, Event, EventPayload
from casework.audit.rules import commitment, entry_hash
from casework.audit.vocabulary import Fact
from casework.kernel.db import db
from casework.kernel.permissions import Actor


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change comes from: the channel (web, api, job, cli, import) and the request."""

    channel: str = "cli"
    request_id: str = "-"


# Who is told of an entry of a case, in the transaction that makes it: filled by higher packages in the wiring.
AFTER_RECORD: list[Callable[[Fact, int, int, Actor | None, datetime], None]] = []
origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 - frozen


def record(fact: Fact, *, by: Actor | None, at: datetime, case_id: int | None = None, new: bool = False) -> int:
    """Append a fact to the chain of the case, or of security when there is none; returns the entry's id.

    The chain's head is locked until the transaction ends. ``new`` spares the look-up for a chain that
    cannot exist yet (a case made in this transaction).
    """
    chain = f"case:{case_id}" if case_id else SECURITY
    head = None if new else db.session.scalar(sa.select(ChainHead).where(ChainHead.chain == chain).with_for_update())
    if head is None:
        head = ChainHead(chain=chain, seq=0, hash=GENESIS)
    event = _entry(fact, head, by.user_id if by else None, at, case_id)
    head.seq, head.hash = event.seq, event.hash
    db.session.add_all((head, event))
    db.session.flush()  # the next record in this transaction needs the head, and the story may be read in it
    if case_id:
        for told in AFTER_RECORD:
            told(fact, event.id, case_id, by, at)
    return event.id


def _entry(fact: Fact, head: ChainHead, actor_id: int | None, at: datetime, case_id: int | None) -> Event:
    said, salt = fact.payload(), secrets.token_hex(32)
    where = origin.get()
    sealed = commitment(said, salt)
    verb = type(fact).__name__
    digest = entry_hash(
        chain=head.chain,
        seq=head.seq + 1,
        at=at,
        actor_id=actor_id,
        channel=where.channel,
        request_id=where.request_id,
        verb=verb,
        commitment=sealed,
        prev=head.hash,
    )
    return Event(
        chain=head.chain,
        seq=head.seq + 1,
        case_id=case_id,
        at=at,
        actor_id=actor_id,
        channel=where.channel,
        request_id=where.request_id,
        verb=verb,
        kind=fact.kind,
        commitment=sealed,
        prev=head.hash,
        hash=digest,
        payload=EventPayload(payload=said, salt=salt),
    )
