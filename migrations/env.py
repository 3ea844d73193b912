"""Runs the migrations on either database: one transaction, one migrator at a time, plain type names."""

from __future__ import annotations

import importlib
from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app
from sqlalchemy.dialects import postgresql

from casework.kernel.db import Id, JSONType, UTCDateTime, _writing, db

PACKAGES = (
    "kernel",
    "audit",
    "areas",
    "accounts",
    "roster",
    "enterprises",
    "clocks",
    "files",
    "notifications",
    "cases",
    "routing",
    "coverage",
    "care",
    "visits",
    "negotiations",
    "supplies",
    "orders",
    "processes",
    "supervision",
    "review",
    "intake",
    "handover",
    "commons",
    "kpis",
    "exchange",
    "casefile",
    "registers",
    "search",
)
MIGRATORS = 7_210_502  # the advisory lock that migrators of one PostgreSQL database queue for
NOT_MAPPED = {"ix_search_docs_vector"}  # written by hand in a migration, as is everything called search_index

for package in PACKAGES:
    try:
        importlib.import_module(f"casework.{package}.models")
    except ModuleNotFoundError as error:
        if error.name not in {f"casework.{package}.models", f"casework.{package}"}:
            raise


def is_mapped(thing: Any, name: str | None, kind: str, reflected: bool, _compared: Any) -> bool:
    """Whether the drift check looks at it: the full-text index lives beside the mapped tables."""
    if not reflected or name is None:
        return True
    if kind == "table":
        return not name.startswith("search_index")
    if kind == "column":
        return (thing.table.name, name) != ("search_docs", "vector")
    return name not in NOT_MAPPED


def render_item(kind: str, thing: Any, _context: Any) -> str | bool:
    """Our types as plain SQLAlchemy, so that a migration does not change when our code does."""
    if kind != "type":
        return False
    if isinstance(thing, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if thing is JSONType or isinstance(thing, sa.JSON):
        return "JSON"
    if thing is Id or (isinstance(thing, sa.BigInteger) and thing._variant_mapping):
        return "ID"
    return "postgresql.JSONB()" if isinstance(thing, postgresql.JSONB) else False


def wait_for_turn(connection: sa.Connection) -> None:
    """Queue behind another migrator; once it is our turn, give up quickly on tables that are in use."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATORS})
        connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))


def _patient(connection: sa.Connection) -> sa.Connection:
    """On SQLite a second migrator waits until the first is through, however long its steps take."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA busy_timeout=60000")
    return connection


def run() -> None:
    """Migrate online. A SQLite migrator takes the write lock as it begins: two cannot interleave."""
    token = _writing.set(True)
    try:
        with db.engine.connect() as connection, _patient(connection).begin():
            wait_for_turn(connection)
            options = {**current_app.extensions["migrate"].configure_args}
            context.configure(
                connection=connection,
                target_metadata=db.metadata,
                include_object=is_mapped,
                render_item=render_item,
                **options,
            )
            with context.begin_transaction():
                context.run_migrations()
    finally:
        _writing.reset(token)


run()
