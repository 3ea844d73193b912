"""How many files that come to nothing somebody may send in an hour: each may cost a minute of another process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from casework.kernel import throttle
from casework.kernel.db import transaction
from casework.kernel.errors import N_, Refused, because
from casework.kernel.time import local

WINDOW = timedelta(hours=1)
MOST = 20
TOO_OFTEN = N_(
    "%(most)s files that you sent within an hour could not be used. Wait until %(until)s, and meanwhile look at the "
    "file with somebody who knows how it was made."
)


@contextmanager
def reading(user_id: int, *, now: datetime) -> Iterator[None]:
    """Within it a file is read that somebody sent: counted beforehand, so that many at once are too, and not counted
    any more when it was of use. Opens transactions of its own, before and after.

    Raises:
        Refused: the limit is reached; or what the reading raises.
    """
    bucket = f"refused file:{user_id}"
    with transaction():
        times = throttle.count(bucket, window=WINDOW, now=now)
        until = throttle.attempts(bucket, now=now)[1]
    if times > MOST:
        raise Refused(because(TOO_OFTEN, most=MOST, until=f"{local(until or now + WINDOW):%H:%M}"))
    try:
        yield
    except Refused:
        raise
    except BaseException:  # a fault of ours is not theirs
        _forget(bucket, now)
        raise
    _forget(bucket, now)


def _forget(bucket: str, now: datetime) -> None:
    with transaction():
        throttle.count(bucket, window=WINDOW, now=now, times=-1)
