"""An import as it was asked for, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Model, Versioned, closed_set, key, ref


class RunState(StrEnum):
    """Looked at, told to go, on its way, done, or given up because the file is no longer there."""

    CHECKED = "checked"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class ImportRun(Versioned, Model):
    """One file for one target. ``rows_done`` and ``report`` move with the rows, in the same transactions;
    ``beat_at`` tells a run that goes on from one that was killed. ``options`` are what was ticked beside the file.
    """

    __tablename__ = "import_runs"
    __table_args__ = (
        closed_set(RunState, "status"),
        sa.Index("ix_import_runs_by_id_id", "by_id", "id"),
        sa.Index("ix_import_runs_status", "status"),
    )

    id: Mapped[int] = key()
    target: Mapped[str] = mapped_column(sa.String(20))
    filename: Mapped[str] = mapped_column(sa.String(200))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    storage_key: Mapped[str] = mapped_column(sa.String(80))
    mapping: Mapped[dict[str, Any]]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(sa.String(10))
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    preview: Mapped[dict[str, Any]]
    report: Mapped[dict[str, Any]]
    by_id: Mapped[int] = ref("users.id")
    at: Mapped[datetime]
    beat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
