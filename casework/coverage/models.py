"""Leaders and their places."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, relationship

from casework.accounts.models import User
from casework.kernel.db import Model, Versioned, key, ref


class Coverage(Versioned, Model):
    """A leader answers for a place from a day to a day (both included). One that was replaced on its first day ends
    the day before and never counts.
    """

    __tablename__ = "coverages"
    __table_args__ = (
        sa.Index("ix_coverages_district_id_to_on", "district_id", "to_on"),
        sa.Index("ix_coverages_leader_id", "leader_id"),
        sa.Index(
            "uq_coverages_current",
            "area_id",
            unique=True,
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        ),
    )

    id: Mapped[int] = key()
    area_id: Mapped[int] = ref("areas.id")
    district_id: Mapped[int] = ref("areas.id")
    leader_id: Mapped[int] = ref("users.id")
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    leader: Mapped[User] = relationship()
