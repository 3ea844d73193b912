"""How often somebody may search: whole searches are counted one by one, suggestions by the score.

A suggestion is cheap and comes with every letter; to write to the database for each would cost more than the
suggestion. So each process counts and tells the shared counter once in twenty: k processes let at most k times
twenty through beyond the limit.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from casework.kernel import throttle
from casework.kernel.db import transaction
from casework.kernel.errors import TooMany

WINDOW = timedelta(minutes=1)
SEARCHES = 60
SUGGESTIONS = 300
SCORE = 20
PEOPLE = 10_000

_lock = threading.Lock()
_counted: OrderedDict[int, int] = OrderedDict()


def count_search(user_id: int, *, now: datetime) -> None:
    """Count one search; opens its own transaction.

    Raises:
        TooMany: more than sixty in a minute.
    """
    with transaction():
        times = throttle.count(f"search:{user_id}", window=WINDOW, now=now)
    if times > SEARCHES:
        raise TooMany(int(WINDOW.total_seconds()))


def count_suggestion(user_id: int, *, now: datetime) -> None:
    """Count one suggestion; every twentieth opens a transaction of its own.

    Raises:
        TooMany: more than three hundred in a minute, as far as the shared counter knows.
    """
    with _lock:
        times = _counted.pop(user_id, 0) + 1
        _counted[user_id] = times % SCORE
        if len(_counted) > PEOPLE:
            _counted.popitem(last=False)
    if times < SCORE:
        return
    with transaction():
        scores = throttle.count(f"suggest:{user_id}", window=WINDOW, now=now)
    if scores * SCORE > SUGGESTIONS:
        with _lock:
            _counted[user_id] = SCORE - 1  # the next one asks again, until the minute is over
        raise TooMany(int(WINDOW.total_seconds()))
