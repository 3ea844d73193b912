"""One history for both databases: up, down, without drift, and the event chains sealed by it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import check, downgrade, upgrade

from casework.audit.models import Event, EventPayload
from casework.config import ROOT, Settings
from casework.kernel.db import db

FOLDER = str(ROOT / "migrations")
NOON = datetime(2020, 2, 14, 4, tzinfo=UTC)
SEALED_STATEMENTS = (
    "UPDATE events SET at = at",
    "UPDATE events SET actor_id = 7 WHERE id = 1",
    "DELETE FROM events",
    "UPDATE event_payloads SET salt = 'x'",
    "DELETE FROM event_payloads",
)
REPLACING = (
    "INSERT OR REPLACE INTO events SELECT * FROM events",
    "INSERT OR REPLACE INTO event_payloads SELECT * FROM event_payloads",
    """INSERT OR REPLACE INTO events SELECT id + 9, chain, seq, case_id, at, actor_id, channel, request_id, verb,
    kind, commitment, prev, hash, alg FROM events""",
)


@pytest.fixture
def bare_app(empty_database_url: str, make_app: Callable[[Settings], Flask]) -> Flask:
    return make_app(Settings(database_url=empty_database_url, secret_key="x" * 40, testing=True))


def test_up_without_drift_down_and_up_again(bare_app: Flask) -> None:
    with bare_app.app_context():
        upgrade(directory=FOLDER)
        check(directory=FOLDER)
        downgrade(directory=FOLDER, revision="base")
        assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade(directory=FOLDER)
        assert "cases" in sa.inspect(db.engine).get_table_names()


def test_firms_that_are_there_get_the_keys_by_which_they_are_found(bare_app: Flask) -> None:
    with bare_app.app_context():
        upgrade(directory=FOLDER, revision="0004")
        area = "INSERT INTO areas (id, code, name, level, full_name, path, version) VALUES "
        db.session.execute(sa.text(f"{area} (1, '99', '江城市', 'city', '江城市', '江城市', 1)"))
        firm = "INSERT INTO enterprises (name, name_key, address, size, industry, active, created_at, area_id, city_id, version)"
        row = "'江城老盐张面馆', '江城老盐张面馆', '', '', '', true, '2020-02-14 04:00:00+00', 1, 1, 1"
        db.session.execute(sa.text(f"{firm} VALUES ({row})"))
        db.session.commit()
        db.session.remove()
        upgrade(directory=FOLDER)
        found = db.session.execute(sa.text("SELECT initials, brand_key, brand_pinyin FROM enterprises")).one()
        assert tuple(found) == ("jclyzmg", "老盐张面馆", "laoyanzhangmianguan")


def test_a_column_that_no_migration_makes_is_noticed(app: Flask) -> None:
    db.session.execute(sa.text("ALTER TABLE areas ADD COLUMN extra INTEGER"))
    db.session.commit()
    with pytest.raises(SystemExit):
        check(directory=FOLDER)


def test_two_migrators_at_once_do_no_harm(empty_database_url: str, bare_app: Flask) -> None:
    environment = {**os.environ, "CASEWORK_DATABASE_URL": empty_database_url, "CASEWORK_SECRET_KEY": "x" * 40}
    command = [ROOT / "bin" / "casework", "db", "upgrade"]
    both = [subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait(timeout=240) for one in both] == [0, 0]
    with bare_app.app_context():
        check(directory=FOLDER)


@pytest.fixture
def entry(app: Flask) -> Event:
    event = Event(
        chain="security",
        seq=1,
        at=NOON,
        channel="cli",
        request_id="-",
        verb="Tried",
        kind="system",
        commitment="c" * 64,
        prev="0" * 64,
        hash="h" * 64,
    )
    db.session.add(event)
    db.session.flush()
    db.session.add(EventPayload(event_id=event.id, payload={"a": 1}, salt="5" * 64))
    db.session.commit()
    return event


@pytest.mark.parametrize("statement", SEALED_STATEMENTS)
def test_an_entry_cannot_be_changed_or_removed(entry: Event, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        db.session.execute(sa.text(statement))
    db.session.rollback()


def test_an_entry_cannot_be_replaced(entry: Event, database_kind: str) -> None:
    for statement in REPLACING if database_kind == "sqlite" else ("TRUNCATE events CASCADE",):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.session.execute(sa.text(statement))
        db.session.rollback()


def test_the_engine_of_sqlite_is_safe(app: Flask, database_kind: str) -> None:
    if database_kind != "sqlite":
        pytest.skip("pragmas are SQLite's")
    found = {
        name: db.session.execute(sa.text(f"PRAGMA {name}")).scalar()
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
