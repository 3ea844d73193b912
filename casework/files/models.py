"""The attachment: a row names the bytes, their hash seals them. Neither is ever changed or deleted."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Model, key, ref


class Attachment(Model):
    """A file on a case. ``token`` stands in its address, ``kind`` is the evidence it is, or empty."""

    __tablename__ = "attachments"
    __table_args__ = (
        sa.UniqueConstraint("token"),
        sa.UniqueConstraint("storage_key"),
        sa.UniqueConstraint("thumbnail_key"),
        sa.CheckConstraint("size > 0", name="size_positive"),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_whole"),
    )

    id: Mapped[int] = key()
    case_id: Mapped[int | None] = ref("cases.id", null=True, index=True)
    token: Mapped[str] = mapped_column(sa.String(43))
    name: Mapped[str] = mapped_column(sa.String(200))
    content_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    storage_key: Mapped[str] = mapped_column(sa.String(80))
    thumbnail_key: Mapped[str | None] = mapped_column(sa.String(80))
    thumbnail_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(30), default="")
    uploaded_by_id: Mapped[int | None] = ref("users.id", null=True)
    uploaded_at: Mapped[datetime]

    @property
    def is_image(self) -> bool:
        """Whether a browser can show it as a picture."""
        return self.content_type.startswith("image/")
