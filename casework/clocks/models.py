"""Calendars with the dates on which they differ from the weekday; deadlines and their pauses.

``due_at`` is derived from the other columns by the rules and stored only so that the sweep can find it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.clocks.kinds import Clock, DayKind
from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref

_OPEN = sa.text("done_at IS NULL")
_LOOKED_AT = sa.text("look_at IS NOT NULL")
_UNENDED = sa.text("to_at IS NULL")


class WorkCalendar(Versioned, Model):
    """Which time counts, under a code that limits name. That of an area comes before the one for everywhere.

    ``hours`` is a list of ``{"from": "2026-06-01" | "", "spans": [["09:00", "12:00"], …]}``, the first without a day;
    ``week`` the weekdays that count (0 is Monday). With ``holidays`` it follows the statutory ones, and its own days
    come on top. ``why`` is what the last change rested on; ``revision`` grows with each change; a deadline that was
    derived under an older one is derived anew.
    """

    __tablename__ = "calendars"
    __table_args__ = (
        sa.UniqueConstraint("code", "area_id"),
        sa.Index(
            "uq_calendars_everywhere",
            "code",
            unique=True,
            sqlite_where=sa.text("area_id IS NULL"),
            postgresql_where=sa.text("area_id IS NULL"),
        ),
    )

    id: Mapped[int] = key()
    code: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(60))
    area_id: Mapped[int | None] = ref("areas.id", null=True)
    hours: Mapped[list[Any]]
    week: Mapped[list[Any]]
    holidays: Mapped[bool] = mapped_column(default=True)
    why: Mapped[str] = mapped_column(sa.String(300), default="")
    revision: Mapped[int] = mapped_column(default=1)


class CalendarDay(Versioned, Model):
    """A date on which a calendar differs. ``official`` is false while the yearly notice is not out."""

    __tablename__ = "calendar_days"
    __table_args__ = (closed_set(DayKind, "kind"),)

    calendar_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("calendars.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    name: Mapped[str] = mapped_column(sa.String(60), default="")
    official: Mapped[bool] = mapped_column(sa.Boolean, default=True)


class Deadline(Model):
    """One run of one clock of a case. A clock that is started again after it stopped is a new row.

    ``subject_id`` tells steps, promises and orders of one case apart (0: the case itself). Without ``calendar_id``
    every minute counts. ``limit_days`` is the limit where it was given in days: ``limit_minutes`` follows from it.
    ``done_at`` is when it stopped, for whatever reason: ``met`` then says whether in time, and is null when
    it was ``cancelled``. ``due_at`` is null while an open pause holds it back. ``look_at`` is when the ladder of
    reminders looks at it next; whatever moves the due time sets it back to the start, so that it looks at once.
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        closed_set(Clock, "clock"),
        sa.CheckConstraint("limit_minutes >= 0", name="limit_minutes_positive"),
        sa.CheckConstraint("NOT cancelled OR done_at IS NOT NULL", name="cancelled_is_stopped"),
        sa.Index(
            "uq_deadlines_open",
            "case_id",
            "clock",
            "subject_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        sa.Index("ix_deadlines_sweep", "clock", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_deadlines_calendar", "calendar_id", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_deadlines_look", "look_at", "id", sqlite_where=_LOOKED_AT, postgresql_where=_LOOKED_AT),
        sa.Index("ix_deadlines_done", "calendar_id", "done_at"),
        sa.Index("ix_deadlines_stale", "calendar_id", "revision", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id", index=True)
    clock: Mapped[str] = mapped_column(sa.String(20))
    subject_id: Mapped[int] = mapped_column(Id, default=0)
    calendar_id: Mapped[int | None] = ref("calendars.id", null=True)
    revision: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    limit_minutes: Mapped[int]
    limit_days: Mapped[int | None]
    extension_minutes: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    met: Mapped[bool | None]
    cancelled: Mapped[bool] = mapped_column(default=False)

    pauses: Mapped[list[Pause]] = relationship(
        back_populates="deadline", order_by="Pause.from_at", cascade="all, delete-orphan"
    )


class Pause(Model):
    """Time that does not count for a deadline; at most one is open. ``reason`` is a message id."""

    __tablename__ = "deadline_pauses"
    __table_args__ = (
        sa.CheckConstraint("to_at IS NULL OR to_at >= from_at", name="ends_after_it_begins"),
        sa.Index(
            "uq_deadline_pauses_open",
            "deadline_id",
            unique=True,
            sqlite_where=_UNENDED,
            postgresql_where=_UNENDED,
        ),
    )

    id: Mapped[int] = key()
    deadline_id: Mapped[int] = ref("deadlines.id", index=True, ondelete="CASCADE")
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.String(200), default="")

    deadline: Mapped[Deadline] = relationship(back_populates="pauses")
