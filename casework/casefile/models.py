"""A file of a case as it was asked for, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Model, Versioned, closed_set, key, ref


class FileState(StrEnum):
    """Asked for, on its way, done, or given up."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class CaseFile(Versioned, Model):
    """One printing of a case. ``code`` stands on the paper; ``head_seq``, ``head_hash``: the end of the chain then.

    ``done`` of ``total`` documents are set; ``beat_at`` tells one that goes on from one that was killed. The bytes are
    kept until ``expires_at`` for whoever asked for them, their hash for ever.
    """

    __tablename__ = "case_files"
    __table_args__ = (
        closed_set(FileState, "status"),
        sa.UniqueConstraint("code"),
        sa.CheckConstraint("status <> 'done' OR (sha256 <> '' AND pages > 0 AND head_seq > 0)", name="done_is_sealed"),
        sa.Index("ix_case_files_case", "case_id", "id"),
        sa.Index("ix_case_files_status", "status", "id"),
    )

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id")
    code: Mapped[str] = mapped_column(sa.String(26))
    by_id: Mapped[int] = ref("users.id")
    office: Mapped[str] = mapped_column(sa.String(200), default="")
    locale: Mapped[str] = mapped_column(sa.String(10))
    full: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    status: Mapped[str] = mapped_column(sa.String(10), default=FileState.WAITING)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    head_seq: Mapped[int] = mapped_column(default=0)
    head_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    storage_key: Mapped[str] = mapped_column(sa.String(80), default="")
    asked_at: Mapped[datetime]
    beat_at: Mapped[datetime | None]
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
