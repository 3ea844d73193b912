"""Rows in bulk, with ids that are ours alone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from casework.kernel.db import db

Rows = dict[type[Any], list[dict[str, Any]]]


def ids(model: type[Any], count: int) -> int:
    """The first of so many ids that are ours alone. On SQLite the open transaction keeps others out."""
    table = model.__table__
    if db.engine.dialect.name == "sqlite":
        return int(db.session.scalar(sa.select(sa.func.max(table.c.id))) or 0) + 1
    sequence = sa.func.pg_get_serial_sequence(table.name, "id")  # a renamed table keeps the sequence of its old name
    first = int(db.session.scalar(sa.select(sa.func.nextval(sequence))) or 0)
    db.session.execute(sa.select(sa.func.setval(sequence, first + count - 1)))
    return first


def give_ids(model: type[Any], rows: Rows) -> None:
    if not rows[model]:
        return
    first = ids(model, len(rows[model]))
    for number, row in enumerate(rows[model], first):
        row["id"] = number


def insert(model: type[Any], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    if db.engine.dialect.name == "sqlite":
        db.session.execute(sa.insert(model.__table__), rows)
        return
    from psycopg.types.json import Jsonb

    names = list(rows[0])
    driver: Any = db.session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {model.__tablename__} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([Jsonb(value) if isinstance(value, dict | list) else value for value in map(row.get, names)])
