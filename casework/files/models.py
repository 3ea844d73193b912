"""The attachment: a row names the bytes, their hash seals them. Neither is ever changed or deleted."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Id, Model, closed_set, key, ref


class Reading(StrEnum):
    """How far the text of a file has been read: waits, was read, or why there is none."""

    WAITING = "waiting"
    READ = "read"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    GONE = "gone"


class FileText(Model):
    """The mark of a file whose text is searched for: once it is not waiting, the text was read or never will be.

    ``tries`` counts the beginnings, so that a file that takes the reader down with it is left alone in the end;
    ``characters`` is how much was taken.
    """

    __tablename__ = "file_texts"
    __table_args__ = (
        closed_set(Reading, "state"),
        sa.Index(
            "ix_file_texts_waiting",
            "attachment_id",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
    )

    attachment_id: Mapped[int] = mapped_column(
        Id, sa.ForeignKey("attachments.id"), primary_key=True, autoincrement=False
    )
    state: Mapped[str] = mapped_column(sa.String(12), default=Reading.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    characters: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime | None]


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
