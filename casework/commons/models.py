"""The common issue, which cases belonged to it from when to when, and each move that was made for many of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.cases.workflow import Outcome
from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref
from casework.kernel.time import local


class IssueState(StrEnum):
    """Being worked on, or settled for all of its cases."""

    OPEN = "open"
    SETTLED = "settled"


class MoveState(StrEnum):
    """Waits for the job, is on its way, or has been tried for each case."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


class StepState(StrEnum):
    """One case in a move: not tried yet, moved, or left where it was, with the reasons."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


class CommonIssue(Versioned, Model):
    """One obstacle of many cases. ``domain``, of the case it began with, says which authority reads it."""

    __tablename__ = "common_issues"
    __table_args__ = (
        closed_set(IssueState, "state"),
        closed_set(Outcome, "outcome"),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_at IS NOT NULL AND outcome IS NOT NULL)", name="settled_with_an_outcome"
        ),
        sa.Index("ix_common_issues_district_id_state", "district_id", "state", "id"),
        sa.Index("ix_common_issues_unit_id", "unit_id", "state", "id"),
        sa.Index("ix_common_issues_lead_id", "lead_id", "state", "id"),
    )

    id: Mapped[int] = key()
    title: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    district_id: Mapped[int] = ref("areas.id")
    city_id: Mapped[int | None] = ref("areas.id", null=True)
    domain: Mapped[str] = mapped_column(sa.String(30))
    unit_id: Mapped[int | None] = ref("units.id", null=True)
    lead_id: Mapped[int | None] = ref("users.id", null=True)
    state: Mapped[str] = mapped_column(sa.String(10), default=IssueState.OPEN)
    outcome: Mapped[str | None] = mapped_column(sa.String(20))
    outcome_text: Mapped[str] = mapped_column(sa.Text, default="")
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int | None] = ref("users.id", null=True)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = ref("users.id", null=True)

    @property
    def number(self) -> str:
        """What people call it: G, the year, and its own number."""
        return f"G{local(self.opened_at).year}-{self.id:04d}"

    @property
    def is_open(self) -> bool:
        """Whether it is still being worked on."""
        return self.state == IssueState.OPEN

    @property
    def area_ids(self) -> frozenset[int]:
        """The district, and the city that it lies in."""
        return frozenset(area for area in (self.district_id, self.city_id) if area)

    @property
    def unit_ids(self) -> frozenset[int]:
        """The unit that leads."""
        return frozenset({self.unit_id} if self.unit_id else ())

    @property
    def holder_ids(self) -> frozenset[int]:
        """The person who leads."""
        return frozenset({self.lead_id} if self.lead_id else ())


class Membership(Versioned, Model):
    """A case belonged to an issue from a moment to a moment, with who said so and why. A case is in one at a time."""

    __tablename__ = "common_issue_cases"
    __table_args__ = (
        sa.Index("ix_common_issue_cases_issue_id", "issue_id", "to_at", "case_id"),
        sa.Index("ix_common_issue_cases_case_id", "case_id", "to_at"),
        sa.Index(
            "uq_common_issue_cases_current",
            "case_id",
            unique=True,
            sqlite_where=sa.text("to_at IS NULL"),
            postgresql_where=sa.text("to_at IS NULL"),
        ),
    )

    id: Mapped[int] = key()
    issue_id: Mapped[int] = ref("common_issues.id")
    case_id: Mapped[int] = ref("cases.id")
    from_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = ref("users.id", null=True)
    added_why: Mapped[str] = mapped_column(sa.String(300), default="")
    to_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = ref("users.id", null=True)
    removed_why: Mapped[str] = mapped_column(sa.String(300), default="")


class CommonMove(Model):
    """One action for many cases. ``answer`` is what was filled in, days as text; ``files`` are ids of stored files with
    what they prove; ``beat_at`` tells a move that goes on from one that was cut off.

    Its cases are those of an issue, or were chosen from the list by somebody: ``filters`` are the words of its address
    then. ``undoes_id`` is the move that this one takes back.
    """

    __tablename__ = "common_moves"
    __table_args__ = (
        closed_set(MoveState, "status"),
        sa.Index("ix_common_moves_issue_id", "issue_id", "id"),
        sa.Index("ix_common_moves_status", "status"),
        sa.Index("ix_common_moves_by_id", "by_id", "id"),
        sa.Index("ix_common_moves_undoes_id", "undoes_id"),
    )

    id: Mapped[int] = key()
    issue_id: Mapped[int | None] = ref("common_issues.id", null=True)
    filters: Mapped[dict[str, Any] | None]
    undoes_id: Mapped[int | None] = ref("common_moves.id", null=True)
    action: Mapped[str] = mapped_column(sa.String(30))
    answer: Mapped[dict[str, Any]]
    files: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(sa.String(10))
    by_id: Mapped[int] = ref("users.id")
    at: Mapped[datetime]
    beat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class CommonStep(Model):
    """What a move did with one case: kept in the transaction that moved it, so that no case is moved twice.

    ``before`` is what the case was like, as far as taking it back needs that.
    """

    __tablename__ = "common_steps"
    __table_args__ = (closed_set(StepState, "status"), sa.Index("ix_common_steps_status", "move_id", "status"))

    move_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("common_moves.id"), primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(sa.String(10))
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    at: Mapped[datetime | None]
