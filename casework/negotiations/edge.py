"""What the views of the negotiation log share: the case that one may negotiate for, files taken in, who clicks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, url_for
from werkzeug.datastructures import FileStorage

from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.files import service as files
from casework.files.models import Attachment
from casework.kernel.errors import N_, NotPermitted, Refused, because
from casework.kernel.permissions import can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, site_address

MOST_FILES = 10
MAX_UPLOAD = 210 * 1024 * 1024


def case_for(number: str, permission: str) -> Case:
    """The case, if it exists for the reader and they may.

    Raises:
        NotFound: it does not exist for them.
        NotPermitted: they may see it, but not do this.
    """
    case = case_queries.visible_case(number, to=current_actor())
    if not can(current_actor(), permission, case):
        raise NotPermitted(permission)
    return case


def address(case: Case, anchor: str = "") -> str:
    """The page of a case, at a place of it."""
    return url_for("cases.show", number=case.number, _anchor=anchor or None)


def link_key() -> str:
    """The server's key, with which the tokens of links are made again."""
    return str(current_app.secret_key)


def link_url(token: str) -> str:
    """The whole address of a one-time link."""
    return f"{site_address()}/confirm/{token}"


class Upload:
    """The files of a form: taken in before the transaction, made part of the case inside it."""

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

    def attach(self, case: Case, kind: str = "") -> list[Attachment]:
        """Make them part of the case; the caller records them with what they belong to."""
        return [
            files.attach(sealed=item, case_id=case.id, kind=kind, actor_id=current_actor().user_id, now=utcnow())
            for item in self._sealed
        ]
