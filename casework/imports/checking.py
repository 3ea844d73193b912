"""The check of a long file, by the job: the page says how far it is, and it can be stopped. Nothing is imported."""

from __future__ import annotations

from datetime import datetime

from casework.files import storage
from casework.imports import looking, runs
from casework.imports.models import ImportRun, RunState
from casework.kernel.db import db, transaction
from casework.kernel.errors import Conflict, Refused
from casework.kernel.time import local_day, utcnow
from casework.roster.queries import actor_for
from casework.sheets import uploads
from casework.sheets.reading import Table


def stop(run: ImportRun) -> None:
    """Check it no further: its columns can be changed, and it can be checked again."""
    run.status, run.rows_done, run.beat_at = RunState.DRAFT, 0, None


def execute(key: int, *, now: datetime) -> bool:
    """Check a file from its first row; whether it came to its end here.

    Raises:
        Conflict: it was stopped meanwhile, or another process is at it.
    """
    with transaction():
        run = db.session.get(ImportRun, key)
        if run is None or run.status != RunState.CHECKING:
            return False
        run.beat_at, run.rows_done = now, 0
        db.session.flush()  # its version is what tells whether anybody else was at it
        version = run.version
        actor = actor_for(run.by_id, local_day(now))
        tried = runs.apart(run)
    checked = _Progress(key, version)
    try:
        if actor is None:
            raise storage.Missing("nobody")
        looking.check(tried, _table(tried), actor, now, beat=checked.beat)
    except (storage.Missing, Refused) as fault:
        checked.end(RunState.STOPPED if isinstance(fault, storage.Missing) else RunState.DRAFT, None)
    else:
        checked.end(RunState.CHECKED, tried)
    return True


def _table(run: ImportRun) -> Table:
    return uploads.table(storage.current().get(run.storage_key), run.filename, run.options)


class _Progress:
    """How far the check is, written now and then; what changed it meanwhile ends the check."""

    def __init__(self, key: int, version: int) -> None:
        self.key, self.version = key, version

    def beat(self, done: int) -> None:
        """So many rows were looked at."""
        with transaction():
            run = self._mine()
            run.rows_done, run.beat_at = done, utcnow()
            db.session.flush()  # the version that it has now
            self.version = run.version

    def end(self, state: RunState, found: ImportRun | None) -> None:
        """It is over: what an import would do can be seen, or the columns have to be looked at."""
        with transaction():
            run = self._mine()
            run.status, run.rows_done, run.beat_at = state, 0, None
            if found is not None:
                run.preview, run.rows_total = found.preview, found.rows_total
            if state == RunState.STOPPED:
                run.finished_at = utcnow()

    def _mine(self) -> ImportRun:
        run = db.session.get(ImportRun, self.key)
        if run is None or run.status != RunState.CHECKING or run.version != self.version:
            raise Conflict("the check was stopped, or another process is at it")
        return run
