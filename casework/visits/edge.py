"""What the views of visits share: the stop that is one's own, files taken in, how a time of day is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import FileStorage

from casework.files import service as files
from casework.files.models import Attachment
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor
from casework.visits import policy, queries
from casework.visits.queries import Firm

MOST_FILES = 10
MAX_UPLOAD = 210 * 1024 * 1024


def my_stop(key: int) -> Firm:
    """A firm to which the reader goes, or somebody of their team.

    Raises:
        NotFound: there is none, or it is none of theirs.
    """
    return queries.visible_stop(key, to=current_actor(), day=local_day(utcnow()))


def planned_firm(key: int) -> Firm:
    """A firm whose visits the reader plans.

    Raises:
        NotFound: there is none, or it is none of theirs.
    """
    found = queries.stop_of(key, local_day(utcnow()))
    if found is None or not can(current_actor(), policy.PLAN, found):
        raise NotFound("firm")
    return found


def hours(begins: int | None, ends: int | None) -> str:
    """A stretch of the day as on a clock; empty when none is set."""
    if begins is None or ends is None:
        return ""
    return f"{begins // 60}:{begins % 60:02d}–{ends // 60}:{ends % 60:02d}"


class Upload:
    """The files of a form: taken in before the transaction, kept with the entry inside it."""

    def __init__(self, field: Any) -> None:
        self._sent: Sequence[FileStorage] = [
            file for file in field.data or [] if isinstance(file, FileStorage) and file.filename
        ]
        self._sealed: list[files.Sealed] = []

    def take_in(self) -> None:
        """Check and store the bytes.

        Raises:
            Refused: too many, or one that is not taken.
        """
        if len(self._sent) > MOST_FILES:
            raise Refused(because(N_("Photos and files: send at most ten at once."), "files"))
        try:
            self._sealed = [files.take_in(file.stream, file.filename or "") for file in self._sent]
        except Refused as refusal:
            raise Refused([because(reason.text, "files", **reason.values) for reason in refusal.reasons]) from refusal

    def attach(self) -> list[Attachment]:
        """Make them rows; the caller says what they belong to."""
        actor, now = current_actor(), utcnow()
        return [files.attach(sealed=item, case_id=None, actor_id=actor.user_id, now=now) for item in self._sealed]
