"""Small tables that every package may need: counted attempts, and forms that were already answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Id, Model, key


class Attempt(Model):
    """A counter in a window of time, shared by all processes and nodes (sign-in throttling, limits)."""

    __tablename__ = "attempts"

    bucket: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    count: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)


class DoneOnce(Model):
    """A form or request that took effect, so that a second click shows the first answer.

    ``content`` is the digest of what was sent; "" where it is not compared. ``answer`` is the whole answer that
    another program got, which it gets again.
    """

    __tablename__ = "done_once"
    __table_args__ = (sa.UniqueConstraint("principal", "key"),)

    id: Mapped[int] = key()
    principal: Mapped[str] = mapped_column(sa.String(40))
    key: Mapped[str] = mapped_column(sa.String(64))
    location: Mapped[str] = mapped_column(sa.String(300))
    content: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    answer: Mapped[dict[str, Any] | None]
    at: Mapped[datetime] = mapped_column(index=True)


class JobState(Model):
    """One row a job: when it is due next, who holds the lease, how the last run went and how many failed."""

    __tablename__ = "job_states"

    job: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    next_due: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    node: Mapped[str] = mapped_column(sa.String(80), default="")
    last_start: Mapped[datetime | None]
    last_end: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(sa.String(300), default="")
    last_count: Mapped[int] = mapped_column(default=0, server_default="0")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    runs: Mapped[int] = mapped_column(default=0)


class ClockAlarm(Model):
    """The clock of a scheduler's machine was not believed: since when, by how much, and until when or whose word."""

    __tablename__ = "clock_alarms"

    id: Mapped[int] = key()
    node: Mapped[str] = mapped_column(sa.String(80))
    found_at: Mapped[datetime]
    offset_seconds: Mapped[int] = mapped_column(sa.BigInteger)
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_by: Mapped[int | None] = mapped_column(Id)


class SearchDoc(Model):
    """The tokens of a text, for the filter: see kernel/search.py."""

    __tablename__ = "search_docs"
    __table_args__ = (
        sa.UniqueConstraint("kind", "ref_id", "part"),
        sa.Index("ix_search_docs_case_id", "case_id"),
    )

    id: Mapped[int] = key()
    kind: Mapped[str] = mapped_column(sa.String(20))
    ref_id: Mapped[int] = mapped_column(Id)
    part: Mapped[int] = mapped_column(default=0)
    case_id: Mapped[int | None] = mapped_column(Id)
    tokens: Mapped[str] = mapped_column(sa.Text)
