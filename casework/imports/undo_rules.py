"""What every kind of thing is asked before it is taken back: whether anybody has touched it since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from casework.imports.models import ImportMark, Undo
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason
from casework.kernel.permissions import Actor

TOUCHED = N_("Somebody has worked on it since.")
CHANGED = N_("It was changed since: what stands now is kept.")
USED = N_("Something refers to it since.")
GONE = N_("It is not as the import left it any more.")
OUTSIDE = N_("It lies outside your areas now.")


class Stays(Exception):
    """A thing is left as it is; the reason says why."""

    def __init__(self, text: str):
        self.reason = Reason(text)
        super().__init__(text)


SCAN_HOLDS = timedelta(seconds=30)
"""So long what a table without an index said holds: a long taking back reads it twice a minute, not with each batch."""


@dataclass(slots=True)
class Setting:
    """Who takes back what, why, and what was looked up for a batch."""

    actor: Actor
    now: datetime
    reason: str
    run_id: int
    used: dict[str, set[int]] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    held: list[Any] = field(default_factory=list)
    scanned: dict[str, tuple[datetime, set[int]]] = field(default_factory=dict)

    def look_up(self, found: Collection[ImportMark], *, at: datetime) -> None:
        """Read at once what is asked of each thing of a batch."""
        self.used, self.touched, self.held = {}, set(), []
        for kind, (table, spared) in OWNED.items():
            ids = [mark.thing_id for mark in found if mark.kind == kind]
            self.used[kind] = self._referred_to(kind, table, ids, spared, at) if ids else set()
        for look in LOOK_UPS:
            look(self, found)

    def _referred_to(
        self, kind: str, table: str, ids: Collection[int], spared: frozenset[str], at: datetime
    ) -> set[int]:
        """Which things another table names by a foreign key, whatever table that is. Where the key has an index it is
        asked for each batch; tables without one are read through for all things of the run, now and then.
        """
        by_index, by_reading = keys_to(table, spared)
        since, scanned = self.scanned.get(kind, (None, set()))
        if since is None or at - since > SCAN_HOLDS:
            mine = sa.select(ImportMark.thing_id).where(
                ImportMark.run_id == self.run_id, ImportMark.kind == kind, ImportMark.state == Undo.KEPT
            )
            scanned = _named(by_reading, mine)
            self.scanned[kind] = (at, scanned)
        return scanned | _named(by_index, ids)


LOOK_UPS: list[Any] = []
"""What a kind of thing reads for a batch beside what refers to it."""

OWNED: dict[str, tuple[str, frozenset[str]]] = {
    "enterprise": ("enterprises", frozenset(("contacts",))),
    "team": ("units", frozenset(("postings",))),
    "account": ("users", frozenset(("postings",))),
    "area": ("areas", frozenset(("areas",))),
}
"""Kinds that are taken back only while nothing refers to them: their table, and what is theirs and does not count."""


@cache
def keys_to(table: str, spared: frozenset[str]) -> tuple[list[sa.Column[Any]], list[sa.Column[Any]]]:
    """The foreign keys that name a table: those that begin an index, and those that do not."""
    by_index: list[sa.Column[Any]] = []
    by_reading: list[sa.Column[Any]] = []
    for other in db.metadata.sorted_tables:
        if other.name in spared:
            continue
        whole = [index for index in other.indexes if index.dialect_options["sqlite"]["where"] is None]
        unique = [one for one in other.constraints if isinstance(one, sa.UniqueConstraint | sa.PrimaryKeyConstraint)]
        first = {next(iter(one.columns), None) for one in (*whole, *unique)}
        for key in other.foreign_keys:
            if key.column.table.name == table:
                (by_index if key.parent in first else by_reading).append(key.parent)
    return by_index, by_reading


def _named(columns: Sequence[sa.Column[Any]], ids: Collection[int] | sa.Select[Any]) -> set[int]:
    """Which of some rows these columns name."""
    found: set[int] = set()
    for column in columns:
        found |= set(db.session.scalars(sa.select(column).where(column.in_(ids)).distinct()))
    return found


def same(row: Any, after: dict[str, Any]) -> bool:
    """Whether the fields of a row are still what the import wrote."""
    return all((getattr(row, name) or "") == (value or "") for name, value in after.items())
