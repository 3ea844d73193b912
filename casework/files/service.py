"""Taking a file in: the bytes first, outside any transaction, then the row that names and seals them."""

from __future__ import annotations

import hashlib
import io
import secrets
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from casework.files import images, queries, rules, storage, zips
from casework.files.models import Attachment, FileText
from casework.kernel import search
from casework.kernel.db import db
from casework.kernel.errors import CaseworkError

ORPHAN_AGE = timedelta(hours=24)
_PIECE = 256 * 1024


class NoLongerWhole(CaseworkError):
    """The stored bytes are gone or are not those that were sealed: they are never served."""

    status = 410


@dataclass(frozen=True, slots=True)
class Sealed:
    """Bytes that are stored and hashed, but not yet part of any case."""

    name: str
    content_type: str
    size: int
    sha256: str
    storage_key: str
    thumbnail_key: str | None
    thumbnail_sha256: str | None


def take_in(stream: IO[bytes], name: str) -> Sealed:
    """Check, hash and store an uploaded file. Call it before the transaction: it writes no row.

    What no row names within a day is swept away, so a form that fails afterwards leaves nothing behind.

    Raises:
        Refused: not a file that is taken, with the remedy; nothing is stored.
        Unavailable: the storage does not answer.
    """
    shown = rules.clean_name(name)
    promised = rules.kind_by_name(shown)
    with tempfile.TemporaryFile() as file:
        size, sha256 = _receive(stream, file, shown)
        found = _kind_by_content(file, shown, promised)
        shown = rules.agreed_name(shown, promised, found)
        small = images.thumbnail(file, shown) if found.is_image else None
        place = storage.current()
        key = place.put(file)
    small_key = place.put(io.BytesIO(small)) if small else None
    small_sha256 = hashlib.sha256(small).hexdigest() if small else None
    return Sealed(shown, found.content_type, size, sha256, key, small_key, small_sha256)


def attach(*, sealed: Sealed, case_id: int | None, kind: str = "", actor_id: int | None, now: datetime) -> Attachment:
    """Make stored bytes part of a case, in the caller's transaction; the caller authorises and records it.

    ``kind`` is the key of the evidence that it is, or empty.
    """
    attachment = Attachment(
        case_id=case_id,
        token=secrets.token_urlsafe(24),
        name=sealed.name,
        content_type=sealed.content_type,
        size=sealed.size,
        sha256=sealed.sha256,
        storage_key=sealed.storage_key,
        thumbnail_key=sealed.thumbnail_key,
        thumbnail_sha256=sealed.thumbnail_sha256,
        kind=kind,
        uploaded_by_id=actor_id,
        uploaded_at=now,
    )
    db.session.add(attachment)
    db.session.flush()  # the event that the caller records names the id
    if case_id is not None:
        make_findable(attachment)
    return attachment


def make_findable(attachment: Attachment) -> None:
    """Let the name of a file of a case be searched for, and its text once it has been read."""
    search.put("file", attachment.id, 0, attachment.case_id, attachment.name, new=True)
    if attachment.content_type in rules.WITH_TEXT:
        db.session.add(FileText(attachment_id=attachment.id))


def open_bytes(attachment: Attachment, *, thumbnail: bool = False) -> bytes:
    """The sealed bytes, or those of the small copy; hashed again before they leave.

    Raises:
        NoLongerWhole: they are gone, or differ from what was sealed.
        Unavailable: the storage does not answer.
    """
    small = thumbnail and attachment.thumbnail_key is not None
    key = attachment.thumbnail_key if small else attachment.storage_key
    expected = attachment.thumbnail_sha256 if small else attachment.sha256
    try:
        content = storage.current().get(key or "")
    except storage.Missing as error:
        raise NoLongerWhole(attachment.token) from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise NoLongerWhole(attachment.token)
    return content


def sweep_orphans(*, now: datetime) -> int:
    """Remove stored bytes older than a day that no row names; how many. Running it twice is harmless."""
    place = storage.current()
    old = [stored.key for stored in place.all() if stored.written_at < now - ORPHAN_AGE]
    swept = 0
    for start in range(0, len(old), 500):
        some = old[start : start + 500]
        for key in set(some) - queries.keys_in_use(some):
            place.delete(key)
            swept += 1
    return swept


def _receive(stream: IO[bytes], file: IO[bytes], name: str) -> tuple[int, str]:
    """Copy at most the limit, hashing on the way: (size, SHA-256)."""
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(_PIECE):
        if size == 0:
            rules.check_head(piece[:1024], name)
        size += len(piece)
        if size > rules.MAX_BYTES:
            raise rules.refuse(rules.TOO_LARGE, name)
        digest.update(piece)
        file.write(piece)
    if size == 0:
        raise rules.refuse(rules.EMPTY, name)
    return size, digest.hexdigest()


def _kind_by_content(file: IO[bytes], name: str, promised: rules.Kind) -> rules.Kind:
    if promised.is_image:
        return images.image_kind(file, name)
    file.seek(0)
    if promised is rules.PDF:
        rules.check_pdf(file.read(), name)
        return rules.PDF
    if not file.read(4).startswith(rules.ZIP):
        raise rules.refuse(rules.OTHER_CONTENT, name)
    archive = zips.check_zip(file)
    return rules.office_kind(zips.content_types(archive), archive.namelist(), name)
