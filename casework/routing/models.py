"""The rules that say where cases go."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.areas.models import Area
from casework.kernel.db import Model, Versioned, key, ref
from casework.kernel.permissions import OfPlace
from casework.roster.models import Unit


class RoutingRule(OfPlace, Versioned, Model):
    """One rule of a district. The first live one that fits, by ``position``, decides.

    ``conditions`` may hold ``types`` (codes), ``areas`` (ids), ``words``, ``sizes`` and ``begin``/``end`` (minutes of
    the day in Asia/Shanghai); one without any fits every case: the fallback. ``by_itself``: a report from the
    portal is accepted and dispatched at once, else the desk sees a suggestion. ``tried_at`` is cleared by each
    change: what was not tried does not go live.
    """

    __tablename__ = "routing_rules"
    __table_args__ = (sa.Index("ix_routing_rules_district_id_position", "district_id", "position"),)

    id: Mapped[int] = key()
    district_id: Mapped[int] = ref("areas.id")
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(80))
    conditions: Mapped[dict[str, Any]]
    unit_id: Mapped[int] = ref("units.id")
    officer_id: Mapped[int | None] = ref("users.id", null=True)
    co_unit_ids: Mapped[list[Any]] = mapped_column(default=list)
    own_officer: Mapped[bool] = mapped_column(default=True)
    urgent: Mapped[bool] = mapped_column(default=False)
    by_itself: Mapped[bool] = mapped_column(default=True)
    live: Mapped[bool] = mapped_column(default=False)
    tried_at: Mapped[datetime | None]
    district: Mapped[Area] = relationship()
    unit: Mapped[Unit] = relationship()

    @property
    def area_ids(self) -> frozenset[int]:
        """Its district, and what that lies in."""
        return self.district.area_ids
