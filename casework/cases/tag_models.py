"""The words that officers put on cases to find them again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Model, key, ref


class CaseTag(Model):
    """A word on a case, with who put it there and when; what was taken off stays on the story only."""

    __tablename__ = "case_tags"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "word"),
        sa.Index("ix_case_tags_district", "district_id", "word"),
        sa.Index("ix_case_tags_word", "word", "case_id"),
    )

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id")
    district_id: Mapped[int] = ref("areas.id")
    word: Mapped[str] = mapped_column(sa.String(20))
    by_id: Mapped[int] = ref("users.id")
    at: Mapped[datetime]
