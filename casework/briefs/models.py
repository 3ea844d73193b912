"""A brief as it was asked for and what became of it, the plans that ask for briefs, the counters of their numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.areas.models import Placed
from casework.briefs.words import BriefState, Kind, Reach
from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref


class BriefSchedule(Placed, Versioned, Model):
    """Asks for a brief again and again with the rights of whoever made it, until it is stopped.

    ``next_at`` is the occasion that comes next; ``tell`` are the ids of those who are told. ``minute`` counts from
    midnight; ``weekday`` from Monday 0, empty where every working day counts.
    """

    __tablename__ = "brief_schedules"
    __table_args__ = (
        closed_set(Kind, "kind"),
        closed_set(Reach, "reach"),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name="minute_of_a_day"),
        sa.CheckConstraint("(kind = 'weekly') = (weekday IS NOT NULL)", name="weekly_has_a_weekday"),
        sa.Index("ix_brief_schedules_next", "stopped_at", "next_at"),
        sa.Index("ix_brief_schedules_district", "district_id", "id"),
    )

    id: Mapped[int] = key()
    kind: Mapped[str] = mapped_column(sa.String(8))
    reach: Mapped[str] = mapped_column(sa.String(10))
    unit_id: Mapped[int | None] = ref("units.id", null=True)
    type_id: Mapped[int | None] = ref("case_types.id", null=True)
    minute: Mapped[int]
    weekday: Mapped[int | None]
    locale: Mapped[str] = mapped_column(sa.String(10))
    red_head: Mapped[bool] = mapped_column(default=True)
    tell: Mapped[list[Any]] = mapped_column(default=list)
    by_id: Mapped[int] = ref("users.id")
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    stopped_by_id: Mapped[int | None] = ref("users.id", null=True)


class Brief(Placed, Versioned, Model):
    """One brief; once written it never changes. A newer edition names the one that it replaces.

    ``counted_at``: the moment of its figures. ``figures`` and ``told`` (the sentences, by language) are its archive,
    ``sha256`` seals both; the files are attachments with hashes of their own. ``beat_at`` tells one that goes on from
    one whose process was killed.
    """

    __tablename__ = "briefs"
    __table_args__ = (
        closed_set(Kind, "kind"),
        closed_set(Reach, "reach"),
        closed_set(BriefState, "status"),
        sa.UniqueConstraint("schedule_id", "due_at"),  # one brief an occasion, whatever is doubled
        sa.UniqueConstraint("replaces_id"),
        sa.CheckConstraint("first_on <= last_on", name="days_in_order"),
        sa.CheckConstraint(
            "status <> 'done' OR (sha256 <> '' AND figures IS NOT NULL AND pdf_id IS NOT NULL)", name="done_is_sealed"
        ),
        sa.Index("ix_briefs_district", "district_id", "id"),
        sa.Index("ix_briefs_district_kind", "district_id", "kind", "id"),
        sa.Index("ix_briefs_subdistrict", "subdistrict_id", "id"),
        sa.Index("ix_briefs_community", "community_id", "id"),
        sa.Index("ix_briefs_unit", "unit_id", "id"),
        sa.Index("ix_briefs_status", "status", "id"),
    )

    id: Mapped[int] = key()
    kind: Mapped[str] = mapped_column(sa.String(8))
    reach: Mapped[str] = mapped_column(sa.String(10))
    unit_id: Mapped[int | None] = ref("units.id", null=True)
    type_id: Mapped[int | None] = ref("case_types.id", null=True)
    first_on: Mapped[date]
    last_on: Mapped[date]
    year: Mapped[int]
    issue: Mapped[int]
    edition: Mapped[int] = mapped_column(default=1)
    replaces_id: Mapped[int | None] = ref("briefs.id", null=True)
    schedule_id: Mapped[int | None] = ref("brief_schedules.id", null=True)
    due_at: Mapped[datetime | None]
    locale: Mapped[str] = mapped_column(sa.String(10))
    red_head: Mapped[bool] = mapped_column(default=True)
    by_id: Mapped[int] = ref("users.id")
    office: Mapped[str] = mapped_column(sa.String(200), default="")
    status: Mapped[str] = mapped_column(sa.String(10), default=BriefState.WAITING)
    step: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    beat_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]
    made_at: Mapped[datetime | None]
    figures: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    told: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    pdf_id: Mapped[int | None] = ref("attachments.id", null=True)
    docx_id: Mapped[int | None] = ref("attachments.id", null=True)
    xlsx_id: Mapped[int | None] = ref("attachments.id", null=True)


class BriefCounter(Model):
    """The last number given to a kind of brief of a place in a year; ``unit_id`` is 0 where all of it is counted."""

    __tablename__ = "brief_counters"

    area_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("areas.id"), primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
