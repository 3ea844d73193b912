"""The database: one declarative base, safe types, and the one place that commits.

SQLite runs in WAL with synchronous=FULL and foreign keys; a unit that writes begins IMMEDIATE, so that two
writers queue instead of losing an update. PostgreSQL runs READ COMMITTED; row versions catch stale writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, orm
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from casework.kernel.errors import Conflict, NotFound, Unavailable

Row = TypeVar("Row")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out, on both databases; a naive value is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime must not reach the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


JSONType = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Base(DeclarativeBase):
    """The declarative base: constraint names, and the types behind the annotations."""

    # Flask-SQLAlchemy derives its Model from a copy of this body: a registry survives that, a bare type map does not.
    registry = orm.registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UTCDateTime(), dict[str, Any]: JSONType, list[Any]: JSONType},
    )


db = SQLAlchemy(model_class=Base, session_options={"autoflush": False})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def key() -> Mapped[int]:
    """A surrogate primary key, 64 bits on PostgreSQL."""
    return mapped_column(Id, primary_key=True)


def ref(target: str, *, null: bool = False, index: bool = False, ondelete: str | None = None) -> Any:
    """A foreign key by name, so that lower tables can point up without an import."""
    return mapped_column(Id, sa.ForeignKey(target, ondelete=ondelete), nullable=null, index=index)


def closed_set(enum: type[StrEnum], name: str) -> sa.CheckConstraint:
    """A check constraint that keeps a text column to the values of an enum. ``name`` is the column."""
    values = ", ".join(f"'{member.value}'" for member in enum)
    return sa.CheckConstraint(f"{name} IN ({values})", name=f"{name}_known")


class Versioned:
    """Mixin: the row version that forms carry and the mapper checks (409 when stale)."""

    version: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=1)

    @orm.declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]


_writing: ContextVar[bool] = ContextVar("writing", default=False)


def engine_options(url: str) -> dict[str, Any]:
    """Engine options for a database address: the bundled safe SQLite, or a pinged PostgreSQL pool."""
    if url.startswith("sqlite"):
        return {"module": sqlite_module(), "connect_args": {"timeout": 5, "check_same_thread": False}}
    return {
        "pool_pre_ping": True,
        "pool_size": 8,
        "connect_args": {"options": "-c statement_timeout=10000 -c lock_timeout=5000 -c timezone=UTC -c jit=off"},
    }


def sqlite_module() -> Any:
    """The SQLite build without the WAL-reset bug, where it can be loaded; else Python's own."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        import sqlite3 as dbapi2
    return dbapi2


def sqlite_is_safe(version: tuple[int, ...]) -> bool:
    """Whether a SQLite version is free of the WAL-reset bug (lost commits with two connections)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def guard_engine(engine: sa.Engine) -> None:
    """Give a SQLite engine its pragmas and its way to begin; PostgreSQL needs nothing here."""
    if engine.dialect.name != "sqlite":
        return
    safe = sqlite_is_safe(tuple(sqlite_module().sqlite_version_info))

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        # Without the fixed build WAL can lose commits: the rollback journal cannot.
        cursor.execute(f"PRAGMA journal_mode={'WAL' if safe else 'DELETE'}")
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=5000",
            "temp_store=MEMORY",
            # Each connection has one of its own; the system keeps the file in memory anyway.
            "cache_size=-8000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def one(query: sa.Select[Row], what: str = "") -> Row:
    """What a query finds first.

    Raises:
        NotFound: it finds nothing; ``what`` was asked for.
    """
    found: Row | None = db.session.scalar(query)
    if found is None:
        raise NotFound(what)
    return found


def grouped(query: sa.Executable) -> dict[Any, list[Any]]:
    """Of a query of two columns the second ones in lists by the first, in the order of the query."""
    found: dict[Any, list[Any]] = {}
    for key, value in db.session.execute(query):
        found.setdefault(key, []).append(value)
    return found


def insert_into(table: Any) -> Any:
    """An INSERT that may say what happens where the row is there already (``on_conflict_…``)."""
    return (sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert)(table)


@contextmanager
def planned_anew() -> Iterator[None]:
    """Within it PostgreSQL plans each statement for the tables as they are now.

    A connection keeps the plan of what it asks again and again: one from when a table was nearly empty reads the whole
    table, batch after batch of a long import.
    """
    if db.engine.dialect.name == "sqlite":
        yield
        return
    db.session.execute(sa.text("SET LOCAL plan_cache_mode = force_custom_plan"))
    yield
    db.session.execute(sa.text("SET LOCAL plan_cache_mode = auto"))


@contextmanager
def transaction() -> Iterator[None]:
    """One unit of work round one command: commits, or rolls back on any error.

    It ends the reading transaction first; what was loaded before is read again on use, so that the command
    decides on what is true now.

    Raises:
        Conflict: a row was changed by somebody else, or a unique rule is taken.
        Unavailable: the database is busy beyond the wait.
    """
    if _writing.get():
        raise RuntimeError("transaction() inside transaction(): only the edge opens one")
    session = db.session
    session.rollback()
    token = _writing.set(True)
    try:
        session.begin()
        session.connection()  # begin at the database now, so that the lock is taken before the first read
        yield
        session.commit()
    except StaleDataError as error:
        session.rollback()
        raise Conflict("stale row") from error
    except IntegrityError as error:
        session.rollback()
        raise Conflict(str(error.orig)) from error
    except OperationalError as error:
        session.rollback()
        raise Unavailable(str(error.orig)) from error
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)
