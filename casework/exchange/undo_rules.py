"""What every kind of thing is asked before it is taken back: whether anybody has touched it since."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.exchange.models import ImportMark
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


@dataclass(slots=True)
class Setting:
    """Who takes back what, why, and what was looked up for a batch."""

    actor: Actor
    now: datetime
    reason: str
    run_id: int
    used: dict[str, set[int]] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)

    def look_up(self, found: Collection[ImportMark]) -> None:
        """Read at once what is asked of each thing of a batch."""
        self.used, self.touched = {}, set()
        for kind, (table, spared) in OWNED.items():
            ids = [mark.thing_id for mark in found if mark.kind == kind]
            self.used[kind] = referred_to(table, ids, spared) if ids else set()
        for look in LOOK_UPS:
            look(self, found)


LOOK_UPS: list[Any] = []
"""What a kind of thing reads for a batch beside what refers to it."""

OWNED: dict[str, tuple[str, frozenset[str]]] = {
    "enterprise": ("enterprises", frozenset(("contacts",))),
    "team": ("units", frozenset(("postings",))),
    "account": ("users", frozenset(("postings",))),
}
"""Kinds that are taken back only while nothing refers to them: their table, and what is theirs and does not count."""


def referred_to(table: str, ids: Collection[int], spared: Iterable[str]) -> set[int]:
    """Which of some rows another table names by a foreign key, whatever table that is."""
    metadata = db.metadata
    found: set[int] = set()
    for other in metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table.name == table and other.name not in spared:
                column = key.parent
                found |= set(db.session.scalars(sa.select(column).where(column.in_(ids)).distinct()))
    return found


def same(row: Any, after: dict[str, Any]) -> bool:
    """Whether the fields of a row are still what the import wrote."""
    return all((getattr(row, name) or "") == (value or "") for name, value in after.items())
