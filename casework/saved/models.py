"""Saved views of lists, and who is told what is new in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref


class Reach(StrEnum):
    """For whom a view stands above the list."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


class Every(StrEnum):
    """How often somebody is told what is new."""

    DAY = "day"
    WEEK = "week"


class SavedView(Versioned, Model):
    """A name for the filter of a list. A team's has a unit, one for all a district; ``removed_at`` can be undone."""

    __tablename__ = "saved_views"
    __table_args__ = (
        closed_set(Reach, "reach"),
        sa.CheckConstraint(
            "(reach = 'team') = (unit_id IS NOT NULL) AND (reach = 'all') = (district_id IS NOT NULL)",
            name="reach_has_place",
        ),
        sa.Index("ix_saved_views_by", "by_id", "removed_at"),
        sa.Index("ix_saved_views_unit", "unit_id", "removed_at"),
        sa.Index("ix_saved_views_district", "district_id", "removed_at"),
    )

    id: Mapped[int] = key()
    list_name: Mapped[str] = mapped_column(sa.String(20), server_default="cases")
    name: Mapped[str] = mapped_column(sa.String(30))
    query: Mapped[dict[str, Any]]
    reach: Mapped[str] = mapped_column(sa.String(4))
    by_id: Mapped[int] = ref("users.id")
    unit_id: Mapped[int | None] = ref("units.id", null=True)
    district_id: Mapped[int | None] = ref("areas.id", null=True)
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class ViewSubscription(Model):
    """Somebody wants to be told what is new in a view, at ``next_at``. ``seen`` are the ids in it the last time."""

    __tablename__ = "view_subscriptions"
    __table_args__ = (closed_set(Every, "every"), sa.Index("ix_view_subscriptions_next", "next_at"))

    view_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("saved_views.id"), primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("users.id"), primary_key=True, autoincrement=False)
    every: Mapped[str] = mapped_column(sa.String(4))
    seen: Mapped[list[Any]]
    new: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
