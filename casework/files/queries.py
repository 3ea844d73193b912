"""Reads. Whether the asker may see the case is the case's question: ask it first."""

from __future__ import annotations

import sqlalchemy as sa

from casework.files.models import Attachment
from casework.kernel.db import db, one


def attachments_of(case_id: int) -> list[Attachment]:
    """The files of a case, oldest first."""
    mine = sa.select(Attachment).where(Attachment.case_id == case_id)
    return list(db.session.scalars(mine.order_by(Attachment.id)))


def attachment_of(case_id: int, token: str) -> Attachment:
    """One file of a case by the token in its address.

    Raises:
        NotFound: this case has no such file.
    """
    mine = sa.select(Attachment).where(Attachment.case_id == case_id)
    return one(mine.where(Attachment.token == token), "attachment")


def keys_in_use(keys: list[str]) -> set[str]:
    """Those of the storage keys that some row names."""
    found = db.session.execute(
        sa.select(Attachment.storage_key, Attachment.thumbnail_key).where(
            sa.or_(Attachment.storage_key.in_(keys), Attachment.thumbnail_key.in_(keys))
        )
    )
    return {key for row in found for key in row if key}
