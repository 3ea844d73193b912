"""What this package does by itself."""

from __future__ import annotations

from datetime import datetime

import structlog

from casework.exchange import checking, returns, runs, slip_views, undoing
from casework.kernel.errors import CaseworkError
from casework.processes import issuing

log = structlog.get_logger()


def run_imports(now: datetime) -> int:
    """Carry on the checks, imports and takings back that wait or were left half-way; returns how many ended."""
    ended = 0
    for key in checking.due(now):
        try:
            ended += checking.execute(key, now=now)
        except CaseworkError as error:
            log.warning("the check of an import was put off", run=key, error=str(error)[:200])
    for key in runs.due(now):
        try:
            ended += runs.execute(key, now=now)
        except CaseworkError as error:
            log.warning("an import was put off", run=key, error=str(error)[:200])
    for key in runs.undoing(now):
        try:
            ended += undoing.execute(key, now=now)
        except CaseworkError as error:
            log.warning("the taking back of an import was put off", run=key, error=str(error)[:200])
    return ended


def take_back_ledgers(now: datetime) -> int:
    """Carry on the edited ledgers that wait or were left half-way; returns how many came to their end."""
    ended = 0
    for key in returns.due(now):
        try:
            ended += returns.carry_on(key, now=now)
        except CaseworkError as error:
            log.warning("an edited ledger was put off", ledger=key, error=str(error)[:200])
    return ended


def seal_documents(now: datetime) -> int:
    """Write the files of documents whose issuing was cut off before; returns how many."""
    written = 0
    for document_id in issuing.unsealed():
        try:
            slip_views.seal(document_id, now=now)
            written += 1
        except CaseworkError as error:
            log.warning("a document waits for its files", document=document_id, error=str(error)[:200])
    return written
