"""Small readings that every page repeats and that change rarely, kept a few seconds in each process."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from casework.kernel.db import db

Read = TypeVar("Read")
SECONDS = 15
AT_MOST = 1_000
_kept: dict[tuple[Hashable, ...], tuple[float, Any]] = {}


def keep(read: Callable[[], Read], *asked: Hashable, seconds: int = SECONDS) -> Read:
    """What ``read`` gives, at most so many seconds old for the same question on the same database.

    Only for what may be a little old, as the choices of a filter; never for a decision.
    """
    question = (str(db.engine.url), *asked)
    found = _kept.get(question)
    if found is None or found[0] < time.monotonic():
        if len(_kept) > AT_MOST:
            _kept.clear()
        found = _kept[question] = (time.monotonic() + seconds, read())
    reading: Read = found[1]
    return reading


def forget() -> None:
    """Read everything anew."""
    _kept.clear()
