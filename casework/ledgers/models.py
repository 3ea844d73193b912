"""A list that somebody wants taken out, and a ledger that came back edited: as asked for, and what became of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref


class ExportState(StrEnum):
    """Waits for a second person, waits for its turn, on its way, done; or refused, or given up."""

    ASKED = "asked"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    STOPPED = "stopped"


class ListExport(Versioned, Model):
    """A list too long to leave at once, or with numbers in full. ``args`` are the words of its address.

    The bytes are kept until ``expires_at`` for whoever asked for them, their hash for ever; ``beat_at`` tells one that
    goes on from one that was killed.
    """

    __tablename__ = "list_exports"
    __table_args__ = (
        closed_set(ExportState, "status"),
        sa.CheckConstraint("second_id IS NULL OR second_id <> by_id", name="second_is_another"),
        sa.CheckConstraint("status <> 'done' OR sha256 <> ''", name="done_is_hashed"),
        sa.Index("ix_list_exports_by", "by_id", "id"),
        sa.Index("ix_list_exports_status", "status", "id"),
    )

    id: Mapped[int] = key()
    name: Mapped[str] = mapped_column(sa.String(20))
    args: Mapped[dict[str, Any]]
    form: Mapped[str] = mapped_column(sa.String(4))
    locale: Mapped[str] = mapped_column(sa.String(10))
    full: Mapped[bool] = mapped_column(default=False)
    purpose: Mapped[str] = mapped_column(sa.String(300), default="")
    status: Mapped[str] = mapped_column(sa.String(10))
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    storage_key: Mapped[str] = mapped_column(sa.String(80), default="")
    district_id: Mapped[int | None] = ref("areas.id", null=True)
    by_id: Mapped[int] = ref("users.id")
    asked_at: Mapped[datetime]
    second_id: Mapped[int | None] = ref("users.id", null=True)
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(sa.String(300), default="")
    beat_at: Mapped[datetime | None]
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class ReturnState(StrEnum):
    """Compared and shown, told to go, on its way, done."""

    COMPARED = "compared"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


class LedgerReturn(Versioned, Model):
    """A ledger that came back. Rows that say what was taken out are counted as ``unchanged`` and not kept."""

    __tablename__ = "ledger_returns"
    __table_args__ = (
        closed_set(ReturnState, "status"),
        sa.Index("ix_ledger_returns_by", "by_id", "id"),
        sa.Index("ix_ledger_returns_status", "status", "id"),
    )

    id: Mapped[int] = key()
    list_name: Mapped[str] = mapped_column(sa.String(20), server_default="cases")
    filename: Mapped[str] = mapped_column(sa.String(200))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    locale: Mapped[str] = mapped_column(sa.String(10))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    status: Mapped[str] = mapped_column(sa.String(10))
    rows_total: Mapped[int]
    unchanged: Mapped[int]
    by_id: Mapped[int] = ref("users.id")
    at: Mapped[datetime]
    beat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class RowKind(StrEnum):
    """What a row that differs is: it can be taken over, somebody changed the same meanwhile, or it cannot."""

    CHANGED = "changed"
    CONFLICT = "conflict"
    REFUSED = "refused"


class RowResult(StrEnum):
    """What became of a row: not yet taken up, taken over, left as it stands, or refused."""

    WAITING = "waiting"
    DONE = "done"
    KEPT = "kept"
    REFUSED = "refused"


class ReturnRow(Model):
    """A row that differs. ``changes`` is by column ``{"now", "mine", "seen", "conflict"}``: what stood when it was
    compared, what the file says, the digest of what stood. ``take`` says whether the file wins where both changed it.
    """

    __tablename__ = "ledger_return_rows"
    __table_args__ = (
        closed_set(RowKind, "kind"),
        closed_set(RowResult, "result"),
        sa.Index("ix_ledger_return_rows_result", "return_id", "result", "row"),
    )

    return_id: Mapped[int] = mapped_column(
        Id, sa.ForeignKey("ledger_returns.id"), primary_key=True, autoincrement=False
    )
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(sa.String(30), default="")
    kind: Mapped[str] = mapped_column(sa.String(10))
    changes: Mapped[dict[str, Any]]
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    take: Mapped[bool] = mapped_column(default=False)
    result: Mapped[str] = mapped_column(sa.String(10), default=RowResult.WAITING)
