"""How often a firm is visited, what was agreed for a day and time, and what changed on one day's route."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref


class VisitPlan(Versioned, Model):
    """A firm is visited every so many days. When it is next due follows from its last contact and is kept nowhere.

    ``visitor_id`` is who goes instead of the liaison officer; ``begins`` and ``ends`` are minutes of the day that suit.
    """

    __tablename__ = "visit_plans"
    __table_args__ = (
        sa.CheckConstraint("every_days BETWEEN 1 AND 365", name="every_days_of_a_year"),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_known"),
        sa.CheckConstraint("begins < ends", name="ends_after_it_begins"),
        sa.UniqueConstraint("enterprise_id"),
        sa.Index("ix_visit_plans_visitor_id", "visitor_id"),
    )

    id: Mapped[int] = key()
    enterprise_id: Mapped[int] = ref("enterprises.id")
    every_days: Mapped[int]
    weekday: Mapped[int | None]
    begins: Mapped[int | None]
    ends: Mapped[int | None]
    ask: Mapped[str] = mapped_column(sa.String(300), default="")
    visitor_id: Mapped[int | None] = ref("users.id", null=True)
    since: Mapped[date]


class VisitPreset(Model):
    """How often firms of a size are visited in a district that have no plan of their own; no size: all others."""

    __tablename__ = "visit_presets"
    __table_args__ = (
        sa.CheckConstraint("every_days BETWEEN 1 AND 365", name="every_days_of_a_year"),
        sa.UniqueConstraint("district_id", "size"),
    )

    id: Mapped[int] = key()
    district_id: Mapped[int] = ref("areas.id")
    size: Mapped[str] = mapped_column(sa.String(20))
    every_days: Mapped[int]
    since: Mapped[date]


class AppointmentState(StrEnum):
    """It stands, somebody went, or it was called off."""

    AGREED = "agreed"
    KEPT = "kept"
    CANCELLED = "cancelled"


class Appointment(Versioned, Model):
    """A visit that was agreed with a firm for a day and time. Who goes: ``visitor_id``, else whoever answers for it."""

    __tablename__ = "appointments"
    __table_args__ = (
        closed_set(AppointmentState, "state"),
        sa.Index("ix_appointments_enterprise_id_state", "enterprise_id", "state", "at"),
        sa.Index("ix_appointments_visitor_id_state", "visitor_id", "state", "at"),
    )

    id: Mapped[int] = key()
    enterprise_id: Mapped[int] = ref("enterprises.id")
    visitor_id: Mapped[int | None] = ref("users.id", null=True)
    at: Mapped[datetime]
    with_whom: Mapped[str] = mapped_column(sa.String(120), default="")
    about: Mapped[str] = mapped_column(sa.String(300), default="")
    state: Mapped[str] = mapped_column(sa.String(10), default=AppointmentState.AGREED)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")


class DayTurn(Model):
    """A stop of one day: given to somebody else for that day, or put at a place of the route by hand."""

    __tablename__ = "day_turns"
    __table_args__ = (
        sa.CheckConstraint("(enterprise_id IS NULL) <> (resident_id IS NULL)", name="one_subject"),
        sa.UniqueConstraint("day", "enterprise_id"),
        sa.UniqueConstraint("day", "resident_id"),
        sa.Index("ix_day_turns_to_user_id_day", "to_user_id", "day"),
        sa.Index("ix_day_turns_enterprise_id_day", "enterprise_id", "day"),
    )

    id: Mapped[int] = key()
    day: Mapped[date]
    enterprise_id: Mapped[int | None] = ref("enterprises.id", null=True)
    resident_id: Mapped[int | None] = ref("residents.id", null=True)
    to_user_id: Mapped[int | None] = ref("users.id", null=True)
    position: Mapped[int | None]


class EntryFile(Model):
    """A photo or paper that was brought back from a visit."""

    __tablename__ = "entry_files"

    entry_id: Mapped[int] = mapped_column(
        Id, sa.ForeignKey("contact_entries.id"), primary_key=True, autoincrement=False
    )
    attachment_id: Mapped[int] = mapped_column(
        Id, sa.ForeignKey("attachments.id"), primary_key=True, autoincrement=False
    )
