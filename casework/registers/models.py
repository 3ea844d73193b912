"""Who read a case without handling it: one row a case, day and person."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Id, Model


class CaseRead(Model):
    """Somebody opened a case that was not theirs to handle; ``first_at`` is when first that day."""

    __tablename__ = "case_reads"
    __table_args__ = (sa.Index("ix_case_reads_person", "user_id", "day"),)

    case_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("users.id"), primary_key=True, autoincrement=False)
    first_at: Mapped[datetime]
