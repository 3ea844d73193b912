"""Append to a chain, in the transaction of the change."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was just written on the chain of a case, as those who are told of it see it."""

    fact: Fact
    id: int
    case_id: int


# Who is told of new entries of cases, in the transaction that makes them: filled by higher packages in the wiring.
AFTER_RECORD: list[Callable[[Sequence[Recorded], Actor | None, datetime], None]] = []
origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 - frozen


# Carried out on the connection, not the session: an import writes thousands, and nobody works on the rows.
_ADD = sa.insert(Event)
_SAY = sa.insert(EventPayload)
_BEGIN = sa.insert(ChainHead)
_GO_ON = sa.update(ChainHead).where(ChainHead.chain == sa.bindparam("of"))


def record(fact: Fact, *, by: Actor | None, at: datetime, case_id: int | None = None, new: bool = False) -> int:
    """Append a fact to the chain of the case, or of security when there is none; returns the entry's id.

    The chain's head is locked until the transaction ends. ``new`` spares the look-up for a chain that
    cannot exist yet (a case made in this transaction).
    """
    [entry] = _append([(fact, case_id)], by, at, new=new)
    return entry


def record_all(facts: Sequence[Fact], *, by: Actor | None, at: datetime) -> None:
    """Append many facts to the security chain at once, in their order, as an import does: two statements, not two each.

    The entries are those that ``record`` would have made one by one.
    """
    _append([(fact, None) for fact in facts], by, at)


def record_each(facts: Sequence[tuple[Fact, int]], *, by: Actor | None, at: datetime, new: bool = False) -> list[int]:
    """Append facts to the chains of cases at once, in their order, as a sweep does; returns the ids of the entries.

    ``new`` as in ``record``: none of the chains can exist yet.
    """
    return _append(facts, by, at, new=new)


def _append(
    facts: Sequence[tuple[Fact, int | None]], by: Actor | None, at: datetime, *, new: bool = False
) -> list[int]:
    if not facts:
        return []
    ends = {} if new else _ends({_chain(case_id) for _, case_id in facts})
    known = set(ends)
    rows, payloads = [], []
    for fact, case_id in facts:
        chain = _chain(case_id)
        seq, prev = ends.get(chain, (0, GENESIS))
        row, said, salt = _entry(fact, chain, seq, prev, by.user_id if by else None, at, case_id)
        ends[chain] = (row["seq"], row["hash"])
        rows.append(row)
        payloads.append({"payload": said, "salt": salt})
    db.session.flush()  # what the entries tell of is written before them, and the story may be read in this transaction
    ids = _store(rows, payloads)
    _move(ends, known)
    told = [Recorded(fact, key, case_id) for (fact, case_id), key in zip(facts, ids, strict=True) if case_id]
    for teller in AFTER_RECORD if told else ():
        teller(told, by, at)
    return ids


def _store(rows: Sequence[dict[str, Any]], payloads: Sequence[dict[str, Any]]) -> list[int]:
    connection = db.session.connection()
    if len(rows) == 1:
        ids = [connection.execute(_ADD.returning(Event.id), rows[0]).scalar_one()]
    else:
        connection.execute(_ADD, rows)
        ids = _ids(rows)
    connection.execute(_SAY, [{"event_id": key, **payload} for key, payload in zip(ids, payloads, strict=True)])
    return ids


def _ids(rows: Sequence[dict[str, Any]]) -> list[int]:
    """The ids of entries that were just written: rows that return them cost both databases several times as much."""
    chains, first = {row["chain"] for row in rows}, min(row["seq"] for row in rows)
    asked = sa.select(Event.chain, Event.seq, Event.id).where(Event.chain.in_(sorted(chains)), Event.seq >= first)
    places = {(chain, seq): key for chain, seq, key in db.session.connection().execute(asked)}
    return [places[row["chain"], row["seq"]] for row in rows]


def _move(ends: Mapping[str, tuple[int, str]], known: Collection[str]) -> None:
    """Let the heads of the chains stand at their new ends; a new chain gets one."""
    connection = db.session.connection()
    if made := [
        {"chain": chain, "seq": ends[chain][0], "hash": ends[chain][1]} for chain in ends if chain not in known
    ]:
        connection.execute(_BEGIN, made)
    if moved := [{"of": chain, "seq": ends[chain][0], "hash": ends[chain][1]} for chain in sorted(known)]:
        connection.execute(_GO_ON, moved)


def _chain(case_id: int | None) -> str:
    return f"case:{case_id}" if case_id else SECURITY


def _ends(chains: Collection[str]) -> dict[str, tuple[int, str]]:
    """Where some chains end, their heads locked in one order; nothing of those that do not exist yet."""
    query = sa.select(ChainHead.chain, ChainHead.seq, ChainHead.hash).where(ChainHead.chain.in_(sorted(chains)))
    found = db.session.execute(query.order_by(ChainHead.chain).with_for_update())
    return {chain: (seq, digest) for chain, seq, digest in found}


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
