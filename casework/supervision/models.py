"""The ladder of each district, what was told at which level, to whom, and who urged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref
from casework.supervision.words import Level

_UNSEEN = sa.text("seen_at IS NULL")


class LadderRow(Versioned, Model):
    """The ladder of a district that set its own; gaps are ``{level: {"amount": int, "unit": "hours" | "days"}}``."""

    __tablename__ = "escalation_ladders"

    district_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("areas.id"), primary_key=True, autoincrement=False)
    yellow_percent: Mapped[int]
    yellow_minutes: Mapped[int]
    gaps: Mapped[dict[str, Any]]
    urgent_gaps: Mapped[dict[str, Any]]


class Escalation(Model):
    """What was told of a deadline: one row for each level and due time, so that nothing is told twice.

    A due time that moves leaves the rows of the old one behind, and they no longer count. Without ``told_at`` nobody
    was told: it was late before there was a ladder.
    """

    __tablename__ = "escalations"
    __table_args__ = (
        closed_set(Level, "level"),
        sa.UniqueConstraint("deadline_id", "level", "due_at"),
        sa.Index("ix_escalations_case", "case_id", "id"),
    )

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id")
    deadline_id: Mapped[int] = ref("deadlines.id")
    level: Mapped[str] = mapped_column(sa.String(12))
    due_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class EscalationReader(Model):
    """Somebody before whom a late case was brought; ``seen_at`` takes it off their desk and nobody else's."""

    __tablename__ = "escalation_readers"
    __table_args__ = (
        sa.Index(
            "ix_escalation_readers_unseen",
            "user_id",
            "escalation_id",
            sqlite_where=_UNSEEN,
            postgresql_where=_UNSEEN,
        ),
    )

    escalation_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("escalations.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("users.id"), primary_key=True)
    seen_at: Mapped[datetime | None]


class Urge(Model):
    """Somebody urged; ``by_id`` is null for the requester."""

    __tablename__ = "urges"
    __table_args__ = (sa.Index("ix_urges_case", "case_id", "at"),)

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id")
    by_id: Mapped[int | None] = ref("users.id", null=True)
    reason: Mapped[str] = mapped_column(sa.String(300))
    at: Mapped[datetime]
