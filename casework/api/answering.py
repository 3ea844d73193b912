"""How a request is answered: JSON, the chosen fields, a page with its cursor, and the version as ETag."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, current_app

from casework.api import asking
from casework.api.fields import Shape
from casework.kernel import once, paging
from casework.kernel.db import transaction
from casework.kernel.errors import N_, Conflict, Refused, Unfit, because
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor

MOST = 100
"""Rows of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer before it is written: its body, and what its headers say."""

    body: Any
    status: int = 200
    version: int | None = None
    location: str | None = None

    def response(self) -> Response:
        """As it leaves."""
        made = current_app.response_class(current_app.json.dumps(self.body), self.status, mimetype=asking.JSON)
        if self.version is not None:
            made.headers["ETag"] = f'"{self.version}"'
        if self.location is not None:
            made.headers["Location"] = self.location
        made.headers["Vary"] = "Accept-Language, Authorization"
        return made


def done_once(work: Callable[[], Answer], key: str, content: str, prepare: Callable[[], None] | None = None) -> Answer:
    """Carry out a command in one transaction; the same request under the same key gets the same answer.

    ``prepare`` runs before the transaction: files are taken in there.

    Raises:
        Unfit: the key came before with other content (422).
        Conflict: somebody else changed the same thing at this moment.
    """
    if known := earlier(key, content):
        return known
    if prepare is not None:
        prepare()
    try:
        with transaction():
            answer = work()
            once.remember(_who(), key, "", now=utcnow(), content=content, answer=asdict(answer))
        return answer
    except Conflict:
        if known := earlier(key, content):
            return known
        raise


def _who() -> str:
    """Keys belong to the owner of the token, so that a new token goes on where the old one stopped."""
    return f"api{current_actor().user_id}"


def earlier(key: str, content: str) -> Answer | None:
    """The answer that this key had before.

    Raises:
        Unfit: it came with other content (422).
    """
    try:
        found = once.earlier(_who(), key, content)
    except Refused:
        reused = because(N_("This key was used for another request: make a new key for each thing to be done."))
        raise Unfit(422, reused, kind="key-reused") from None
    return Answer(**found.answer) if found and found.answer else None


def chosen(fields: str | None, shape: type[Shape]) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """What leaves only the fields that were asked for; all, where none were.

    Raises:
        Unfit: there is no such field (422, by name).
    """
    if not fields:
        return lambda row: row
    known, wanted = shape().fields, [name.strip() for name in fields.split(",")]
    if strange := [name for name in wanted if name not in known]:
        text = N_("There is no “%(name)s”. There are: %(known)s.")
        reason = because(text, "fields", name=strange[0][:60], known=", ".join(known))
        raise Unfit(422, reason, kind="parameters")
    return lambda row: {name: row[name] for name in wanted if name in row}


FOREIGN = N_("This cursor is not one of this list in this order: begin without one, or send the “next” that it gave.")


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list, with the name that its cursors carry: one of another list is told apart."""

    name: str
    keys: Sequence[paging.Key]

    def at(self, cursor: str | None) -> paging.At:
        """Where a page begins.

        Raises:
            Unfit: the cursor is none of this list in this order (422).
        """
        if cursor is None:
            return paging.FIRST
        name, _, place = _opened(cursor).partition("|")
        if name != self.name or not paging.fits(place, self.keys):
            raise Unfit(422, because(FOREIGN, "cursor"), kind="cursor")
        return paging.At(after=place)

    def listed(self, found: paging.Page[Any], rows: Iterable[Any]) -> dict[str, Any]:
        """A page as it is sent."""
        sealed = base64.urlsafe_b64encode(f"{self.name}|{found.after}".encode()).decode().rstrip("=")
        return {"items": list(rows), "next": sealed if found.after else None}


def _opened(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (ValueError, binascii.Error):
        return ""
