"""The files of a form: taken in before the transaction, made rows inside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from werkzeug.datastructures import FileStorage

from casework.files import service
from casework.files.models import Attachment
from casework.kernel.errors import N_, Refused, because
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor

MOST_FILES = 10
MAX_UPLOAD = 210 << 20
"""Bytes that a request of an officer may have: ten large photos, or one scan of twenty megabytes beside nine."""
PUBLIC_UPLOAD = 60 << 20
"""Bytes that a request of somebody without an account may have."""


class Upload:
    """What somebody attached to a form. ``sealed`` is empty until ``take_in``."""

    def __init__(self, sent: Iterable[Any] | None, *, field: str = "files", most: int = MOST_FILES) -> None:
        """``sent`` is the data of the file field: where nothing was chosen, a file without a name."""
        self.chosen = [file for file in sent or () if isinstance(file, FileStorage) and file.filename]
        self._field = field
        self._most = most
        self.sealed: list[service.Sealed] = []

    def take_in(self) -> None:
        """Check and store the bytes.

        Raises:
            Refused: too many, or one that is not taken; the reason stands at the field.
        """
        if len(self.chosen) > self._most:
            raise Refused(because(N_("Attach at most %(most)s files."), self._field, most=self._most))
        try:
            self.sealed = [service.take_in(file.stream, file.filename or "") for file in self.chosen]
        except Refused as refusal:
            raise Refused([replace(reason, field=self._field) for reason in refusal.reasons]) from refusal

    def attach(self, case_id: int | None = None, kind: str = "") -> list[Attachment]:
        """Make them rows of a case, or of nothing yet; the caller records what they belong to."""
        by, now = current_actor().user_id, utcnow()
        return [service.attach(sealed=item, case_id=case_id, kind=kind, actor_id=by, now=now) for item in self.sealed]
