"""What this package does by itself."""

from __future__ import annotations

from datetime import datetime

import structlog

from casework.exchange import runs
from casework.kernel.errors import CaseworkError

log = structlog.get_logger()


def run_imports(now: datetime) -> int:
    """Carry on the imports that wait or were left half-way; returns how many came to their end."""
    ended = 0
    for key in runs.due(now):
        try:
            ended += runs.execute(key, now=now)
        except CaseworkError as error:
            log.warning("an import was put off", run=key, error=str(error)[:200])
    return ended
