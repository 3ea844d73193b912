"""What was written down and brought back from visits: the entries of a day, and their photos and papers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import sqlalchemy as sa

from casework.enterprises.models import ContactEntry, Enterprise
from casework.files.models import Attachment
from casework.kernel.db import db, grouped, one
from casework.visits.models import EntryFile


def logged_by(people: Collection[int], day: date) -> list[tuple[ContactEntry, str]]:
    """What some people wrote down on a day, with the firm's name, newest first; contacts on cases too."""
    query = (
        sa.select(ContactEntry, Enterprise.name)
        .join(Enterprise, Enterprise.id == ContactEntry.enterprise_id)
        .where(ContactEntry.by_id.in_(people), ContactEntry.day == day)
    )
    rows = db.session.execute(query.order_by(ContactEntry.id.desc()).limit(200))
    return [(row[0], row[1]) for row in rows]


def files_of(entry_ids: Sequence[int]) -> dict[int, list[Attachment]]:
    """Photos and papers by entry."""
    query = (
        sa.select(EntryFile.entry_id, Attachment)
        .join(Attachment, Attachment.id == EntryFile.attachment_id)
        .where(EntryFile.entry_id.in_(entry_ids))
    )
    return grouped(query.order_by(Attachment.id)) if entry_ids else {}


def file_of(enterprise_id: int, token: str) -> Attachment:
    """A file that was brought back from a visit to a firm.

    Raises:
        NotFound: there is none of this firm.
    """
    query = (
        sa.select(Attachment)
        .join(EntryFile, EntryFile.attachment_id == Attachment.id)
        .join(ContactEntry, ContactEntry.id == EntryFile.entry_id)
        .where(Attachment.token == token, ContactEntry.enterprise_id == enterprise_id)
    )
    return one(query, "file")
