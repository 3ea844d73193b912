"""An import as it was asked for, what became of it, what it made, and how a layout of columns was read before."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref


class RunState(StrEnum):
    """Uploaded, being checked by the job when it is long, checked, told to go, on its way, done, stopped by its owner,
    given up because the file is no longer there; and what came of taking it back.
    """

    DRAFT = "draft"
    CHECKING = "checking"
    CHECKED = "checked"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    UNDOING = "undoing"
    UNDONE = "undone"


MOVING = (RunState.WAITING, RunState.RUNNING)
ENDED = (RunState.DONE, RunState.CANCELLED)


class ImportRun(Versioned, Model):
    """One file for one target. ``rows_done`` and ``report`` move with the rows, in the same transactions;
    ``beat_at`` tells a run that goes on from one that was killed. ``options`` are what was chosen beside the file.
    ``cancel_at`` is when its owner asked to stop; ``undo_reason`` why it was taken back.
    """

    __tablename__ = "import_runs"
    __table_args__ = (
        closed_set(RunState, "status"),
        sa.Index("ix_import_runs_by_id_id", "by_id", "id"),
        sa.Index("ix_import_runs_status", "status"),
        sa.Index("ix_import_runs_file", "sha256", "target"),
        sa.Index(  # one file for one purpose is on its way once at a time
            "uq_import_runs_moving",
            "sha256",
            "target",
            unique=True,
            sqlite_where=sa.text("status IN ('waiting', 'running')"),
            postgresql_where=sa.text("status IN ('waiting', 'running')"),
        ),
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
    cancel_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undo_reason: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")


class Undo(StrEnum):
    """What became of a thing when its import was taken back: nothing yet, taken back, or left as it is."""

    KEPT = "kept"
    UNDONE = "undone"
    STAYS = "stays"


class ImportMark(Model):
    """One thing that a run made or changed, so that exactly this can be taken back.

    ``before`` and ``after`` are the values of what was changed; ``why`` says why a thing stays.
    """

    __tablename__ = "import_marks"
    __table_args__ = (
        closed_set(Undo, "state"),
        sa.Index("ix_import_marks_run_id", "run_id", "state", "id"),
        sa.Index("ix_import_marks_row", "run_id", "row", "id"),
        sa.Index("ix_import_marks_thing", "kind", "thing_id"),
    )

    id: Mapped[int] = key()
    run_id: Mapped[int] = ref("import_runs.id")
    kind: Mapped[str] = mapped_column(sa.String(20))
    thing_id: Mapped[int] = mapped_column(Id)
    row: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    state: Mapped[str] = mapped_column(sa.String(8), default=Undo.KEPT)
    why: Mapped[dict[str, Any] | None]


class ImportLayout(Versioned, Model):
    """How the columns of a layout (``print``: a digest of its headers) were read last, in a unit.

    Who is in another unit of the district is offered it too, while theirs has none of its own.
    """

    __tablename__ = "import_layouts"
    __table_args__ = (
        sa.UniqueConstraint("target", "print", "unit_id"),
        sa.Index("ix_import_layouts_district_id", "district_id", "target", "print"),
    )

    id: Mapped[int] = key()
    target: Mapped[str] = mapped_column(sa.String(20))
    print: Mapped[str] = mapped_column(sa.String(64))
    unit_id: Mapped[int] = ref("units.id")
    district_id: Mapped[int | None] = ref("areas.id", null=True)
    mapping: Mapped[dict[str, Any]]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    by_id: Mapped[int] = ref("users.id")
    at: Mapped[datetime]
