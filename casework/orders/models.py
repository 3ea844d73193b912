"""The order with its cases, its rounds and what was handed in, the interviews under it, and the counters of numbers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.areas.models import Placed
from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref
from casework.orders.workflow import OPEN, STATE_LABELS, State

_OPEN_SQL = ", ".join(f"'{state.value}'" for state in sorted(OPEN))


class Series(StrEnum):
    """What a number counts: orders and interview notices each have their own line in a district and year."""

    ORDER = "order"
    INTERVIEW = "interview"


class InterviewState(StrEnum):
    """Called; held or not held as somebody recorded; called off before."""

    CALLED = "called"
    HELD = "held"
    NOT_HELD = "not_held"
    CALLED_OFF = "called_off"


class SupervisionOrder(Placed, Versioned, Model):
    """An order to a unit, on cases or on the unit itself. It lies where all of its cases lie, else where its unit is.

    ``due_at`` is that of the round that runs, kept so that the register can be sorted by it; empty while the unit has
    nothing to do. ``delister_unit_id`` is who takes it off the list; ``handed_by`` are those whose work it judges.
    """

    __tablename__ = "supervision_orders"
    __table_args__ = (
        closed_set(State, "state"),
        sa.UniqueConstraint("number"),
        sa.CheckConstraint(f"is_open = (state IN ({_OPEN_SQL}))", name="open_follows_state"),
        sa.CheckConstraint("listed_at IS NULL OR delister_unit_id IS NOT NULL", name="listed_by_whom_it_is_taken_off"),
        sa.Index("ix_supervision_orders_district_due", "district_id", "is_open", "due_at", "id"),
        sa.Index("ix_supervision_orders_district_new", "district_id", "id"),
        sa.Index("ix_supervision_orders_unit_due", "unit_id", "is_open", "due_at", "id"),
        sa.Index("ix_supervision_orders_unit_new", "unit_id", "id"),
        sa.Index("ix_supervision_orders_issuer_unit_id", "issuer_unit_id", "id"),
    )

    id: Mapped[int] = key()
    number: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(sa.String(120))
    demands: Mapped[str] = mapped_column(sa.Text)
    basis: Mapped[str] = mapped_column(sa.String(300), default="")
    domain: Mapped[str] = mapped_column(sa.String(30), default="")
    unit_id: Mapped[int] = ref("units.id")
    issuer_unit_id: Mapped[int] = ref("units.id")
    issued_by_id: Mapped[int] = ref("users.id")
    issued_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(12))
    is_open: Mapped[bool] = mapped_column(default=True)
    case_count: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=1)
    due_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    received_by_id: Mapped[int | None] = ref("users.id", null=True)
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = ref("users.id", null=True)
    ended_text: Mapped[str] = mapped_column(sa.Text, default="")
    listed_at: Mapped[datetime | None]
    listed_by_id: Mapped[int | None] = ref("users.id", null=True)
    listed_why: Mapped[str] = mapped_column(sa.Text, default="")
    delister_unit_id: Mapped[int | None] = ref("units.id", null=True)
    delisted_at: Mapped[datetime | None]
    delisted_by_id: Mapped[int | None] = ref("users.id", null=True)
    delisted_why: Mapped[str] = mapped_column(sa.Text, default="")
    handed_by: Mapped[list[Any]] = mapped_column(default=list)
    pdf_id: Mapped[int | None] = ref("attachments.id", null=True)
    docx_id: Mapped[int | None] = ref("attachments.id", null=True)

    @property
    def unit_ids(self) -> frozenset[int]:
        """The unit that is ordered."""
        return frozenset({self.unit_id})

    @property
    def holder_ids(self) -> frozenset[int]:
        """Whoever received it."""
        return frozenset({self.received_by_id} if self.received_by_id else ())

    @property
    def is_listed(self) -> bool:
        """Whether it stands on the list now."""
        return self.listed_at is not None and self.delisted_at is None

    @property
    def state_label(self) -> str:
        """Its state as a message id."""
        return STATE_LABELS[self.state]


class OrderCase(Model):
    """A case that the order is about."""

    __tablename__ = "supervision_order_cases"
    __table_args__ = (sa.Index("ix_supervision_order_cases_case_id", "case_id", "order_id"),)

    order_id: Mapped[int] = mapped_column(
        Id, sa.ForeignKey("supervision_orders.id"), primary_key=True, autoincrement=False
    )
    case_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("cases.id"), primary_key=True, autoincrement=False)


class OrderRound(Versioned, Model):
    """One run of the order's clock, what was reported in it, and what became of the report.

    ``due_at`` follows from the other columns and the calendar, as for a deadline of a case; ``met`` is judged when the
    report comes, and stays empty when the order was withdrawn before.
    """

    __tablename__ = "supervision_order_rounds"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "no"),
        sa.CheckConstraint("verdict IN ('verified', 'returned')", name="verdict_known"),
        sa.CheckConstraint("verdict IS NULL OR replied_at IS NOT NULL", name="judged_once_reported"),
        sa.Index(
            "ix_supervision_order_rounds_open",
            "calendar_id",
            "revision",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = key()
    order_id: Mapped[int] = ref("supervision_orders.id")
    no: Mapped[int]
    started_at: Mapped[datetime]
    limit_days: Mapped[int]
    limit_minutes: Mapped[int]
    calendar_id: Mapped[int | None] = ref("calendars.id", null=True)
    revision: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    met: Mapped[bool | None]
    reply: Mapped[str] = mapped_column(sa.Text, default="")
    replied_at: Mapped[datetime | None]
    replied_by_id: Mapped[int | None] = ref("users.id", null=True)
    verdict: Mapped[str | None] = mapped_column(sa.String(10))
    verdict_text: Mapped[str] = mapped_column(sa.Text, default="")
    verdict_at: Mapped[datetime | None]
    verdict_by_id: Mapped[int | None] = ref("users.id", null=True)


class OrderFile(Model):
    """A sealed file that was handed in with the report of a round."""

    __tablename__ = "supervision_order_files"

    round_id: Mapped[int] = mapped_column(
        Id, sa.ForeignKey("supervision_order_rounds.id"), primary_key=True, autoincrement=False
    )
    attachment_id: Mapped[int] = mapped_column(
        Id, sa.ForeignKey("attachments.id"), primary_key=True, autoincrement=False
    )


class Interview(Versioned, Model):
    """A notice that calls the heads of a unit to an interview under an order, and whether it was held."""

    __tablename__ = "supervision_interviews"
    __table_args__ = (
        closed_set(InterviewState, "state"),
        sa.UniqueConstraint("number"),
        sa.CheckConstraint("(state = 'called') = (closed_at IS NULL)", name="closed_by_somebody"),
        sa.Index("ix_supervision_interviews_order_id", "order_id", "id"),
        sa.Index("ix_supervision_interviews_at", "state", "at"),
    )

    id: Mapped[int] = key()
    order_id: Mapped[int] = ref("supervision_orders.id")
    number: Mapped[str] = mapped_column(sa.String(60))
    who: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime]
    place: Mapped[str] = mapped_column(sa.String(200))
    matter: Mapped[str] = mapped_column(sa.Text)
    called_at: Mapped[datetime]
    called_by_id: Mapped[int] = ref("users.id")
    issuer_unit_id: Mapped[int] = ref("units.id")
    state: Mapped[str] = mapped_column(sa.String(12), default=InterviewState.CALLED)
    record: Mapped[str] = mapped_column(sa.Text, default="")
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = ref("users.id", null=True)
    pdf_id: Mapped[int | None] = ref("attachments.id", null=True)
    docx_id: Mapped[int | None] = ref("attachments.id", null=True)


class OrderCounter(Model):
    """The last number of a series in a district and year; locked while one is given, so that none is skipped."""

    __tablename__ = "supervision_counters"

    district_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("areas.id"), primary_key=True, autoincrement=False)
    series: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
