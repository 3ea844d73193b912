"""The text inside documents, read after they arrived, so that it can be searched for. Each file has a mark."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from casework.files import service
from casework.files.models import Attachment, FileText, Reading
from casework.files.rules import WITH_TEXT
from casework.kernel import scratch, search
from casework.kernel.db import db, transaction

MOST = 200_000
"""Characters of a file that are read: some 130 pages of Chinese."""
MEMORY_MB = 768
WALL_SECONDS = 60
TRIES = 2
"""A file that brought down whoever read it so often is left alone."""
TEXT = 1
"""The part of a file in the index that its text is; its name is part 0."""


def waiting(limit: int) -> list[int]:
    """The files whose text has not been read, oldest first."""
    query = sa.select(FileText.attachment_id).where(FileText.state == Reading.WAITING)
    return list(db.session.scalars(query.order_by(FileText.attachment_id).limit(limit)))


def read_one(attachment_id: int, *, now: datetime) -> bool:
    """Read the text of one file and let it be searched for; opens its own transactions.

    The beginning is marked first: a file that takes this process with it is given up in the end. True when it was
    read now.
    """
    with transaction():
        mark = db.session.get(FileText, attachment_id, with_for_update=True)
        if mark is None or mark.state != Reading.WAITING:
            return False
        mark.tries += 1
        given_up = mark.tries > TRIES
        if given_up:
            mark.state, mark.at = Reading.TOO_LARGE, now
    if given_up:
        return False
    state, text = _text_of(db.session.get_one(Attachment, attachment_id))
    with transaction():
        mark = db.session.get_one(FileText, attachment_id)
        attachment = db.session.get_one(Attachment, attachment_id)
        mark.state, mark.characters, mark.at = state, len(text), now
        if text:
            search.put("file", attachment_id, TEXT, attachment.case_id, text)
    return state is Reading.READ


def _text_of(attachment: Attachment) -> tuple[Reading, str]:
    kind = WITH_TEXT[attachment.content_type]
    try:
        content = service.open_bytes(attachment)
    except service.NoLongerWhole:
        return Reading.GONE, ""
    db.session.rollback()  # reading takes its time: no transaction stays open meanwhile
    with scratch.holding(content, f".{kind}") as path:
        return extract(path, kind)


def extract(path: Path, kind: str) -> tuple[Reading, str]:
    """The text of a pdf, docx or xlsx, or why there is none; read in a process of its own."""
    script = Path(__file__).with_name("text_child.py")
    command = [sys.executable, "-I", str(script), str(path), kind, str(MEMORY_MB), str(MOST)]
    try:
        done = subprocess.run(  # noqa: S603 - our own script; the path is an argument, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Reading.TOO_LARGE, ""
    word, _, text = done.stdout.decode("utf-8", "replace").partition("\n")
    if done.returncode != 0 or word not in set(Reading):
        return Reading.TOO_LARGE, ""  # it had no time or no room
    return Reading(word), text
