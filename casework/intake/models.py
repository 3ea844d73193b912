"""A report on its way through the portal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Model, key, ref


class PortalReport(Model):
    """What somebody has filled in so far. The browser holds the token, we hold its hash.

    Once sent it names its case and the ``digest`` of what was said: the same report within a day is the same case.
    """

    __tablename__ = "portal_reports"
    __table_args__ = (
        sa.UniqueConstraint("token_sha256"),
        sa.Index("ix_portal_reports_digest", "digest"),
        sa.Index("ix_portal_reports_updated_at", "updated_at"),
    )

    id: Mapped[int] = key()
    token_sha256: Mapped[str] = mapped_column(sa.String(64))
    answers: Mapped[dict[str, Any]]
    case_id: Mapped[int | None] = ref("cases.id", null=True)
    digest: Mapped[str | None] = mapped_column(sa.String(64))
    updated_at: Mapped[datetime]
