"""What search does by itself: read the documents that came, and bring into the index what was there before it."""

from __future__ import annotations

import time
from datetime import datetime

import structlog

from casework.files import texts
from casework.kernel.db import db
from casework.kernel.errors import CaseworkError
from casework.search import backlog

log = structlog.get_logger()
SECONDS = 3
"""No new one is begun after so long, so that other jobs come round and a stop is not held up."""
AT_ONCE = 50


def read_files(now: datetime) -> int:
    """Read the text of documents that wait; returns how many were read."""
    begun = time.monotonic()
    done = 0
    keys = texts.waiting(AT_ONCE)
    db.session.rollback()
    for key in keys:
        if time.monotonic() - begun > SECONDS:
            break
        try:
            done += texts.read_one(key, now=now)
        except CaseworkError as error:
            log.warning("the text of a file was put off", file=key, error=str(error)[:200])
    return done


def catch_up(now: datetime) -> int:
    """Bring older rows into the index, for a while; returns how many."""
    begun = time.monotonic()
    done = 0
    open_steps = [what for what, rows in backlog.left().items() if rows]
    db.session.rollback()
    for what in open_steps:
        while time.monotonic() - begun < SECONDS and (count := backlog.portion(what)):
            done += count
    return done
