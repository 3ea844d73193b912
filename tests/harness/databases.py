"""A database of its own for every test, copied from one that was migrated once in each worker."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

from casework.kernel.db import sqlite_module
from tests.harness.postgres import ROLE, address

Migrate = Callable[[str], None]


class Databases(Protocol):
    """What a test asks of a kind of database."""

    def empty(self) -> str:
        """The address of a new database with nothing in it."""

    def migrated(self) -> str:
        """The address of a new database with all tables."""

    def drop(self, url: str) -> None:
        """Remove it."""


class SQLiteFiles:
    """SQLite: the migrated file is copied."""

    def __init__(self, folder: Path, migrate: Migrate) -> None:
        self._folder = folder
        self._migrate = migrate
        self._numbers = itertools.count(1)
        self._template: Path | None = None

    def empty(self) -> str:
        return f"sqlite:///{self._next()}"

    def migrated(self) -> str:
        if self._template is None:
            path = self._folder / "template.db"
            self.drop(f"sqlite:///{path}")  # half made, when a migration failed
            self._migrate(f"sqlite:///{path}")
            with closing(sqlite_module().connect(path)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._template = path
        path = self._next()
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        path = url.removeprefix("sqlite:///")
        for name in (path, f"{path}-wal", f"{path}-shm", f"{path}-journal"):
            Path(name).unlink(missing_ok=True)

    def _next(self) -> Path:
        return self._folder / f"t{next(self._numbers)}.db"


class PostgresDatabases:
    """PostgreSQL: ``CREATE DATABASE ... TEMPLATE``, one template a worker."""

    def __init__(self, socket: str, migrate: Migrate) -> None:
        self._socket = socket
        self._migrate = migrate
        self._numbers = itertools.count(1)
        self._worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self._template: str | None = None

    def empty(self) -> str:
        return self._create("template0")

    def migrated(self) -> str:
        if self._template is None:
            name = f"casework_template_{self._worker}"
            self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # half made, when a migration failed
            self._run(f"CREATE DATABASE {name} TEMPLATE template0")
            self._migrate(address(self._socket, name))
            self._template = name
        return self._create(self._template)

    def drop(self, url: str) -> None:
        name = url.split("/")[3].split("?")[0]
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _create(self, template: str) -> str:
        name = f"t_{self._worker}_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return address(self._socket, name)

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(host=self._socket, user=ROLE, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)
