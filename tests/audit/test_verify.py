"""Whatever is bent in a chain is found and the first bad entry named; an honest chain is never accused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from casework import audit
from casework.audit import queries
from casework.audit.models import Event
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.db import db, transaction
from tests.factories import NOW, Office, a_case, take

TABLES = ("events", "event_payloads")


def unseal() -> None:
    """Drop the triggers, as someone with the database in their hands can."""
    if db.engine.dialect.name == "sqlite":
        names = db.session.scalars(
            sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'event%'")
        ).all()
        assert names
        for name in names:
            db.session.execute(sa.text(f"DROP TRIGGER {name}"))
    else:
        for table in TABLES:
            db.session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


def run(statement: str, **values: object) -> None:
    result = db.session.execute(sa.text(statement), values)
    assert result.rowcount, statement  # type: ignore[attr-defined]


def at(seq: str) -> str:
    return f"WHERE chain = :chain AND seq = {seq}"


def payload_of(seq: int) -> str:
    return f"WHERE event_id = (SELECT id FROM events WHERE chain = :chain AND seq = {seq})"


def swap(chain: str) -> None:
    run(f"UPDATE events SET seq = 100 {at('2')}", chain=chain)
    run(f"UPDATE events SET seq = 2 {at('3')}", chain=chain)
    run(f"UPDATE events SET seq = 3 {at('100')}", chain=chain)


def delete(chain: str, seq: str) -> None:
    run(f"DELETE FROM event_payloads WHERE event_id IN (SELECT id FROM events {at(seq)})", chain=chain)
    run(f"DELETE FROM events {at(seq)}", chain=chain)


def insert(chain: str) -> None:
    """An entry of somebody's own making, put at the end."""
    run(
        "INSERT INTO events"
        " (chain, seq, case_id, at, actor_id, channel, request_id, verb, kind, commitment, prev, hash, alg)"
        f" SELECT chain, seq + 1, case_id, at, actor_id, channel, request_id, verb, kind, commitment, hash, hash, alg"
        f" FROM events {at('4')}",
        chain=chain,
    )
    run(
        "INSERT INTO event_payloads (event_id, payload, salt) SELECT made.id, old.payload, old.salt"
        " FROM events made, events source, event_payloads old WHERE made.chain = :chain AND made.seq = 5"
        " AND source.chain = :chain AND source.seq = 4 AND old.event_id = source.id",
        chain=chain,
    )


def set_(column: str, value: str, seq: int = 2) -> Callable[[str], None]:
    return lambda chain: run(f"UPDATE events SET {column} = {value} {at(str(seq))}", chain=chain)


EDITS: dict[str, tuple[Callable[[str], None], int]] = {
    "who": (set_("actor_id", "(SELECT id FROM users WHERE username = 'lead')"), 2),
    "nobody": (set_("actor_id", "NULL"), 2),
    "when": (set_("at", "'2019-12-31 00:00:00.000000'"), 2),
    "what": (set_("verb", "'NoteAdded'"), 2),
    "by which way": (set_("channel", "'job'"), 2),
    "in which request": (set_("request_id", "'x'"), 2),
    "which kind": (set_("kind", "'system'"), 2),
    "taken off the timeline": (set_("case_id", "NULL"), 2),
    "put on another case's timeline": (set_("case_id", "(SELECT max(id) FROM cases)"), 2),
    "another algorithm": (set_("alg", "'none'"), 2),
    "the commitment": (set_("commitment", "'" + "0" * 64 + "'"), 2),
    "the hash": (set_("hash", "'" + "0" * 64 + "'"), 2),
    "the predecessor": (set_("prev", "'" + "0" * 64 + "'", 3), 3),
    "the payload": (lambda chain: run(f"UPDATE event_payloads SET payload = '{{}}' {payload_of(3)}", chain=chain), 3),
    "the salt": (lambda chain: run(f"UPDATE event_payloads SET salt = '{'0' * 64}' {payload_of(3)}", chain=chain), 3),
    "a payload gone": (lambda chain: run(f"DELETE FROM event_payloads {payload_of(2)}", chain=chain), 2),
    "the first entry gone": (lambda chain: delete(chain, "1"), 2),
    "an entry gone": (lambda chain: delete(chain, "2"), 3),
    "the tail cut": (lambda chain: delete(chain, "4"), 4),
    "two swapped": (swap, 2),
    "an entry put in": (insert, 5),
    "the head moved": (lambda chain: run("UPDATE chain_heads SET seq = 9 WHERE chain = :chain", chain=chain), 5),
    "the head gone": (lambda chain: run("DELETE FROM chain_heads WHERE chain = :chain", chain=chain), 5),
}


@pytest.mark.parametrize("edit", list(EDITS))
def test_what_is_bent_is_found_and_named(office: Office, edit: str) -> None:
    case, other = a_case(office, State.IN_PROGRESS), a_case(office, State.IN_PROGRESS)
    audit.record(_a_fact(), by=None, at=NOW)
    db.session.commit()
    assert queries.verify().ok
    unseal()
    bend, seq = EDITS[edit]
    bend(f"case:{case.id}")
    db.session.commit()
    verdict = queries.verify()
    assert (verdict.first_bad or "").startswith(f"case:{case.id}#{seq}: ")
    assert queries.verify(other.id).ok, "the other case's chain is whole"
    if edit != "put on another case's timeline":
        assert not queries.verify(case.id).ok


def _a_fact() -> audit.Fact:
    from casework.cases.events import NoteAdded

    return NoteAdded(text="x")


def test_an_emptied_chain_is_missed(office: Office) -> None:
    case = a_case(office)
    unseal()
    delete(f"case:{case.id}", "1")
    db.session.commit()
    assert (queries.verify().first_bad or "").startswith(f"case:{case.id}#1: ")


def test_the_second_entry_of_two_that_are_bent_is_not_the_one_named(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    unseal()
    set_("verb", "'x'", 4)(f"case:{case.id}")
    set_("verb", "'x'", 2)(f"case:{case.id}")
    db.session.commit()
    assert (queries.verify().first_bad or "").startswith(f"case:{case.id}#2: ")


def test_honest_chains_verify(office: Office) -> None:
    for state in State:
        a_case(office, state)
    verdict = queries.verify()
    assert verdict.ok
    assert verdict.entries == db.session.scalar(sa.select(sa.func.count()).select_from(Event))


SEALED = [
    "UPDATE events SET verb = 'x'",
    "DELETE FROM events",
    "UPDATE event_payloads SET payload = '{}'",
    "DELETE FROM event_payloads",
]
BY_KIND = {
    "sqlite": [
        "INSERT OR REPLACE INTO events SELECT * FROM events",
        "INSERT OR REPLACE INTO event_payloads SELECT * FROM event_payloads",
        (
            "REPLACE INTO events (chain, seq, case_id, at, channel, request_id, verb, kind, commitment, prev, hash,"
            " alg)"
            " SELECT chain, seq, case_id, at, channel, request_id, 'x', kind, commitment, prev, hash, alg FROM events"
        ),
    ],
    "postgresql": ["TRUNCATE events CASCADE", "TRUNCATE event_payloads"],
}


def test_the_database_itself_takes_no_entry_back(office: Office, database_kind: str) -> None:
    a_case(office)
    for statement in [*SEALED, *BY_KIND[database_kind]]:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.session.execute(sa.text(statement))
        db.session.rollback()
    assert queries.verify().ok


def test_a_chain_never_forks(office: Office) -> None:
    case = a_case(office)
    copy = (
        "INSERT INTO events (chain, seq, case_id, at, channel, request_id, verb, kind, commitment, prev, hash, alg)"
        " SELECT chain, seq, case_id, at, channel, request_id, verb, kind, commitment, prev, hash, alg FROM events"
        " WHERE case_id = :case"
    )
    with pytest.raises(sa.exc.DBAPIError):
        db.session.execute(sa.text(copy), {"case": case.id})
    db.session.rollback()


def test_a_change_that_fails_leaves_neither_entry_nor_change(office: Office) -> None:
    case = a_case(office)
    with pytest.raises(ZeroDivisionError), transaction():
        take(office, case, "accept")
        raise ZeroDivisionError
    assert db.session.get_one(Case, case.id).state == State.SUBMITTED
    assert [entry.verb for entry in queries.timeline(case.id)] == ["CaseSubmitted"]
    assert queries.verify().ok


def test_the_story_is_read_newest_first_in_pieces(office: Office) -> None:
    case = a_case(office, State.CLOSED)
    whole = queries.timeline(case.id)
    first = queries.timeline(case.id, limit=3)
    rest = queries.timeline(case.id, before=first[-1].id)
    assert [entry.seq for entry in whole] == sorted((entry.seq for entry in whole), reverse=True)
    assert [*first, *rest] == whole
    assert {entry.kind for entry in queries.timeline(case.id, kind="note")} == {"note"}
    assert sum(queries.kinds(case.id).values()) == len(whole)
