"""Append to a chain, in the transaction of the change."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
    chain = _chain(case_id)
    head = None if new else db.session.scalar(sa.select(ChainHead).where(ChainHead.chain == chain).with_for_update())
    if head is None:
        head = ChainHead(chain=chain, seq=0, hash=GENESIS)
    row, said, salt = _entry(fact, head.chain, head.seq, head.hash, by.user_id if by else None, at, case_id)
    event = Event(**row, payload=EventPayload(payload=said, salt=salt))
    head.seq, head.hash = event.seq, event.hash
    db.session.add_all((head, event))
    db.session.flush()  # the next record in this transaction needs the head, and the story may be read in it
    if case_id:
        for told in AFTER_RECORD:
            told(fact, event.id, case_id, by, at)
    return event.id


def record_all(facts: Sequence[Fact], *, by: Actor | None, at: datetime) -> None:
    """Append many facts to the security chain at once, in their order, as an import does: two statements, not two each.

    The entries are those that ``record`` would have made one by one.
    """
    _append([(fact, None) for fact in facts], by, at)


def record_each(facts: Sequence[tuple[Fact, int]], *, by: Actor | None, at: datetime) -> list[int]:
    """Append facts to the chains of cases at once, in their order, as a sweep does; returns the ids of the entries."""
    made = _append(facts, by, at)
    for (fact, case_id), entry in zip(facts, made, strict=True):
        for told in AFTER_RECORD:
            told(fact, entry, case_id, by, at)
    return made


def _append(facts: Sequence[tuple[Fact, int | None]], by: Actor | None, at: datetime) -> list[int]:
    heads = _heads({_chain(case_id) for _, case_id in facts})
    rows, payloads = [], []
    for fact, case_id in facts:
        head = heads[_chain(case_id)]
        row, said, salt = _entry(fact, head.chain, head.seq, head.hash, by.user_id if by else None, at, case_id)
        head.seq, head.hash = row["seq"], row["hash"]
        rows.append(row)
        payloads.append({"payload": said, "salt": salt})
    if not rows:
        return []
    db.session.add_all(heads.values())
    db.session.flush()  # the next record in this transaction needs the heads
    # Told apart by their place in the chain: in the order of the parameters SQLite would return them one by one.
    made = db.session.execute(sa.insert(Event).returning(Event.chain, Event.seq, Event.id), rows)
    places = {(chain, seq): key for chain, seq, key in made}
    ids = [places[row["chain"], row["seq"]] for row in rows]
    told = [{"event_id": key, **payload} for key, payload in zip(ids, payloads, strict=True)]
    db.session.execute(sa.insert(EventPayload), told)
    return ids


def _chain(case_id: int | None) -> str:
    return f"case:{case_id}" if case_id else SECURITY


def _heads(chains: Collection[str]) -> dict[str, ChainHead]:
    """The heads of some chains, locked in one order; a new chain gets one."""
    query = sa.select(ChainHead).where(ChainHead.chain.in_(sorted(chains))).order_by(ChainHead.chain)
    found = {head.chain: head for head in db.session.scalars(query.with_for_update())}
    return {chain: found.get(chain) or ChainHead(chain=chain, seq=0, hash=GENESIS) for chain in sorted(chains)}


def _entry(
    fact: Fact, chain: str, seq: int, prev: str, actor_id: int | None, at: datetime, case_id: int | None
) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The columns of the entry that follows ``seq`` and ``prev``, its payload and the salt."""
    said, salt = fact.payload(), secrets.token_hex(32)
    where = origin.get()
    hashed = {
        "chain": chain,
        "seq": seq + 1,
        "at": at,
        "actor_id": actor_id,
        "channel": where.channel,
        "request_id": where.request_id,
        "verb": type(fact).__name__,
        "commitment": commitment(said, salt),
        "prev": prev,
    }
    digest = entry_hash(**hashed)  # type: ignore[arg-type]
    return {**hashed, "case_id": case_id, "kind": fact.kind, "alg": "sha256", "hash": digest}, said, salt
