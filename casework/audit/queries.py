"""Read the chains: a case's timeline, the security log, and the proof that nothing was bent."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.audit.models import GENESIS, SECURITY, ChainHead, Event, EventPayload
from casework.audit.rules import commitment, entry_hash
from casework.audit.vocabulary import VOCABULARY
from casework.kernel import paging
from casework.kernel.db import db


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a story, ready to be shown. ``data`` is empty when it was erased by law."""

    id: int
    seq: int
    at: datetime
    actor_id: int | None
    channel: str
    verb: str
    kind: str
    data: dict[str, Any]
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``verify`` found: entries read, and the first bad one as ``chain#seq: what is wrong``."""

    entries: int
    first_bad: str | None

    @property
    def ok(self) -> bool:
        return self.first_bad is None


def timeline(case_id: int, *, kind: str | None = None, before: int | None = None, limit: int = 50) -> list[Entry]:
    """The newest entries of a case, newest first; ``before`` is the id to go on from."""
    chosen = Event.case_id == case_id
    return _newest(sa.and_(chosen, Event.kind == kind) if kind else chosen, before, limit)


def security_log(at: paging.At = paging.FIRST, *, size: int = 50) -> paging.Page[Entry]:
    """A page of the security chain, newest first."""
    keys = (paging.Key(Event.id, int, down=True),)
    found = paging.page_of(_entries_with_words(Event.chain == SECURITY), keys, at, size, values=lambda row: [row.id])
    return replace(found, rows=[_entry(row) for row in found.rows])


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries of all chains a register shows: their verbs; by whom, of which case and when, if that is asked."""

    verbs: tuple[str, ...]
    actor_id: int | None = None
    case_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def register(sought: Sought, at: paging.At = paging.FIRST, *, size: int = 50) -> paging.Page[Entry]:
    """A page of the entries of some verbs over all chains, newest first: of each verb the beginning of one index."""
    found = _register(sought, at, size)
    return _register(sought, paging.FIRST, size) if found.first and at != paging.FIRST else found


def _register(sought: Sought, at: paging.At, size: int) -> paging.Page[Entry]:
    keys = (paging.Key(Event.id, int, down=True),)
    chosen = Event.id.in_(_beginnings(sought, at, size))
    found = paging.page_of(_entries_with_words(chosen), keys, at, size, values=lambda row: [row.id])
    return replace(found, rows=[_entry(row) for row in found.rows])


def _beginnings(sought: Sought, at: paging.At, size: int) -> sa.CompoundSelect[Any]:
    """Of each verb as many ids as a page can need, read from where the page begins."""
    back = at.after is None and at.before is not None
    place = paging.decode(at.before if back else at.after, [int])
    conditions = [
        column == value
        for column, value in ((Event.actor_id, sought.actor_id), (Event.case_id, sought.case_id))
        if value is not None
    ]
    conditions += [Event.at >= sought.since] if sought.since else []
    conditions += [Event.at < sought.until] if sought.until else []
    if place is not None:
        conditions.append(Event.id > place[0] if back else Event.id < place[0])
    order = Event.id.asc() if back and place is not None else Event.id.desc()
    parts = [
        sa.select(Event.id).where(Event.verb == verb, *conditions).order_by(order).limit(size + 1).subquery()
        for verb in sought.verbs
    ]
    return sa.union_all(*(sa.select(part.c.id) for part in parts))


def how_many(sought: Sought, most: int) -> int:
    """How many entries a register has, counted no further than ``most``."""
    found = _beginnings(sought, paging.FIRST, most - 1).subquery()
    return min(most, int(db.session.scalar(sa.select(sa.func.count()).select_from(found)) or 0))


def _newest(chosen: sa.ColumnElement[bool], before: int | None, limit: int) -> list[Entry]:
    query = _entries_with_words(chosen)
    if before:
        query = query.where(Event.id < before)
    return [_entry(row) for row in db.session.execute(query.order_by(Event.id.desc()).limit(limit))]


def _entries_with_words(chosen: sa.ColumnElement[bool]) -> sa.Select[Any]:
    columns = (
        Event.id,
        Event.seq,
        Event.at,
        Event.actor_id,
        Event.channel,
        Event.verb,
        Event.kind,
        Event.case_id,
        EventPayload.payload,
    )
    return sa.select(*columns).outerjoin(EventPayload, EventPayload.event_id == Event.id).where(chosen)


def _entry(row: Any) -> Entry:
    return Entry(row.id, row.seq, row.at, row.actor_id, row.channel, row.verb, row.kind, row.payload or {}, row.case_id)


@dataclass(frozen=True, slots=True)
class Linked:
    """An entry with its place in the chain: its hash binds it to all before it."""

    entry: Entry
    hash: str


def chain_of(case_id: int) -> list[Linked]:
    """The whole chain of a case, oldest first, as a file of it needs it."""
    query = _entries_with_words(Event.case_id == case_id).add_columns(Event.hash).order_by(Event.seq)
    return [Linked(_entry(row), row.hash) for row in db.session.execute(query)]


def still_holds(case_id: int, seq: int, digest: str) -> bool:
    """Whether the chain of a case has this hash at this place: nothing up to there was changed since."""
    query = sa.select(Event.hash).where(Event.chain == f"case:{case_id}", Event.seq == seq)
    return db.session.scalar(query) == digest


def length(case_id: int) -> int:
    """How many entries the chain of a case has."""
    head = sa.select(ChainHead.seq).where(ChainHead.chain == f"case:{case_id}")
    return int(db.session.scalar(head) or 0)


def kinds(case_id: int) -> dict[str, int]:
    """How many entries of each kind a case has."""
    query = sa.select(Event.kind, sa.func.count()).where(Event.case_id == case_id).group_by(Event.kind)
    return {kind: count for kind, count in db.session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def verify(case_id: int | None = None) -> Verdict:
    """Recompute every chain, or one case's: order, hashes, payloads and heads."""
    seen: dict[str, tuple[int, str]] = {}
    count = 0
    with closing(_entries(case_id)) as entries:
        for event, payload, salt in entries:
            count += 1
            seq, prev = seen.get(event.chain, (0, GENESIS))
            if fault := _fault(event, payload, salt, seq, prev):
                return Verdict(count, f"{event.chain}#{event.seq}: {fault}")
            seen[event.chain] = (event.seq, event.hash)
    return Verdict(count, _cut_tail(seen, case_id))


def _entries(case_id: int | None) -> Generator[tuple[Any, dict[str, Any] | None, str | None], None, None]:
    query = (
        sa.select(
            Event.chain,
            Event.seq,
            Event.at,
            Event.actor_id,
            Event.channel,
            Event.request_id,
            Event.verb,
            Event.kind,
            Event.case_id,
            Event.alg,
            Event.commitment,
            Event.prev,
            Event.hash,
            EventPayload.payload,
            EventPayload.salt,
        )
        .outerjoin(EventPayload, EventPayload.event_id == Event.id)
        .order_by(Event.chain, Event.seq)
        .execution_options(yield_per=2000)
    )
    if case_id is not None:
        query = query.where(Event.chain == f"case:{case_id}")
    # Named, so that the server's cursor is closed also when the reader stops at the first bad entry.
    with closing(db.session.execute(query)) as rows:
        for row in rows:
            yield row, row.payload, row.salt


def _fault(event: Any, payload: dict[str, Any] | None, salt: str | None, seq: int, prev: str) -> str | None:
    if event.seq != seq + 1:
        return "an entry before it is missing"
    if event.prev != prev:
        return "it does not follow its predecessor"
    if payload is None or salt is None:
        return "its payload is missing"
    if commitment(payload, salt) != event.commitment:
        return "its payload was changed"
    if not _is_filed_right(event):
        return "it was filed elsewhere"
    expected = entry_hash(
        chain=event.chain,
        seq=event.seq,
        at=event.at,
        actor_id=event.actor_id,
        channel=event.channel,
        request_id=event.request_id,
        verb=event.verb,
        commitment=event.commitment,
        prev=event.prev,
    )
    return None if expected == event.hash else "the entry itself was changed"


def _is_filed_right(event: Any) -> bool:
    """Whether the columns outside the hash say what follows from those inside: where it shows on which timeline."""
    chain = SECURITY if event.case_id is None else f"case:{event.case_id}"
    fact = VOCABULARY.get(event.verb)
    return event.chain == chain and event.alg == "sha256" and (fact is None or event.kind == fact.kind)


def _cut_tail(seen: dict[str, tuple[int, str]], case_id: int | None) -> str | None:
    query = sa.select(ChainHead.chain, ChainHead.seq, ChainHead.hash).order_by(ChainHead.chain)
    if case_id is not None:
        query = query.where(ChainHead.chain == f"case:{case_id}")
    heads = {chain: (seq, digest) for chain, seq, digest in db.session.execute(query)}
    for chain in sorted(heads.keys() | seen.keys()):
        if heads.get(chain) != seen.get(chain):
            return f"{chain}#{seen.get(chain, (0, ''))[0] + 1}: the end of the chain was cut or its head changed"
    return None


def entries_with(ids: Iterable[int]) -> dict[int, Entry]:
    """The entries with these ids; whether the reader may know of them is the caller's question."""
    query = _entries_with_words(Event.id.in_(sorted(ids)))
    return {row.id: _entry(row) for row in db.session.execute(query)}
