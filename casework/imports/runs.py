"""An import asked for on a page: checked, told to go, carried on where it stopped. The edge, for views and job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.files import storage
from casework.imports import marks, running
from casework.imports.importing import Made, Setting, Source
from casework.imports.models import ENDED, MOVING, ImportRun, RunState
from casework.imports.report import Note, Report, packed, unpacked
from casework.kernel import paging
from casework.kernel.db import db, one, transaction
from casework.kernel.errors import Conflict, Reason, Refused
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from casework.roster.queries import actor_for
from casework.sheets import uploads

AT_ONCE = 500
"""Up to so many rows a page does the work itself (a second); beyond, the job does, with progress."""
CHECKED_AT_ONCE = 3_000
"""Up to so many rows a page checks by itself (two seconds); beyond, the job does, with progress."""
CHOICES = ("make_teams", "whole", "may_end", "take_over", "leave_doubles", "case")
"""What of a run's options the importers are told; the others say where the table stands."""


def visible_run(key: int, *, to: Actor) -> ImportRun:
    """A run of one's own.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    return one(sa.select(ImportRun).where(ImportRun.id == key, ImportRun.by_id == to.user_id), "import")


def runs_of(actor: Actor, at: paging.At, size: int = 50) -> paging.Page[ImportRun]:
    """One's own runs, newest first."""
    query = sa.select(ImportRun).where(ImportRun.by_id == actor.user_id)
    keys = (paging.Key(ImportRun.id, int, down=True),)
    return paging.page_of(query, keys, at, size, values=lambda run: [run.id], whole=True)


def apart(run: ImportRun) -> ImportRun:
    """A copy of what a check reads and writes of a run, which no transaction touches."""
    names = ("target", "filename", "sha256", "storage_key", "mapping", "options", "preview", "by_id")
    return ImportRun(**{name: getattr(run, name) for name in names})


def execute(key: int, *, now: datetime) -> bool:
    """Carry a run on from where it stands; whether it came to its end here.

    Raises:
        Conflict: another process carries it on.
    """
    with transaction():
        run = db.session.get(ImportRun, key)
        if run is None or run.status not in (RunState.WAITING, RunState.RUNNING):
            return False
        run.status, run.beat_at = RunState.RUNNING, now
        start, before = run.rows_done, unpacked(run.report) if run.report else None
        if run.cancel_at is not None:
            run.status, run.finished_at = RunState.CANCELLED, now
            return True
        actor = actor_for(run.by_id, local_day(now))
        job = _job(run, actor, now)
    if job is None:
        _finish(key, RunState.STOPPED)
        return True

    done_before = [start]
    stopped = [False]

    def after(so_far: Report, done: int, made: Sequence[Made]) -> bool:
        row = db.session.get(ImportRun, key)
        if row is None or row.rows_done != done_before[0]:
            raise Conflict("another process carries this import on")
        row.rows_done, row.report, row.beat_at = done, packed(so_far), utcnow()
        marks.keep(key, made)
        done_before[0], stopped[0] = done, row.cancel_at is not None and done < row.rows_total
        return stopped[0]

    try:
        running.run(job, start=start, before=before, after=after)
    except Refused as refusal:  # what the whole file is about has ended, or is no longer theirs: it will not be again
        _finish(key, RunState.CANCELLED, refusal.reasons)
        return True
    _finish(key, RunState.CANCELLED if stopped[0] else RunState.DONE)
    return True


def cancel(run: ImportRun, *, now: datetime) -> None:
    """Ask a run to stop: what is in stays, the batch that is on its way is finished. Asked twice is once."""
    if run.status == RunState.WAITING and not run.rows_done:
        run.status, run.finished_at = RunState.CANCELLED, now
    if run.status in MOVING and run.cancel_at is None:
        run.cancel_at = now


def earlier_runs(run: ImportRun) -> list[ImportRun]:
    """Runs of this very file for the same purpose that are in or on their way, newest first, whosoever they are."""
    query = (
        sa.select(ImportRun)
        .where(
            ImportRun.sha256 == run.sha256,
            ImportRun.target == run.target,
            ImportRun.id != run.id,
            ImportRun.status.in_((*MOVING, *ENDED)),
        )
        .order_by(ImportRun.id.desc())
    )
    same_case = run.options.get("case", "")
    return [other for other in db.session.scalars(query.limit(20)) if other.options.get("case", "") == same_case]


def _finish(key: int, state: RunState, why: Sequence[Reason] = ()) -> None:
    with transaction():
        run = db.session.get(ImportRun, key)
        if run is None:
            return
        run.status, run.finished_at = state, utcnow()
        if why:
            report = unpacked(run.report) if run.report else Report()
            for reason in why:
                report.note(Note(reason))
            run.report = packed(report)


def _job(run: ImportRun, actor: Actor | None, now: datetime) -> running.Job | None:
    """What is to be done; None when the file is gone or the person may no longer act."""
    if actor is None:
        return None
    try:
        content = storage.current().get(run.storage_key)
        source = read(content, run.filename, run.target, run.mapping, run.options)
    except (storage.Missing, Refused):
        return None
    return running.Job(run.target, source, setting_of(run.options, actor, now), run.filename, run.sha256)


def setting_of(options: Mapping[str, Any], actor: Actor, now: datetime) -> Setting:
    """What importers are told of a run."""
    return Setting(actor, now, **{name: options[name] for name in CHOICES if name in options})


def read(
    content: bytes, filename: str, target: str, mapping: Mapping[str, Any], options: Mapping[str, Any] | None = None
) -> Source:
    """The table in these bytes, its columns understood.

    Raises:
        Refused: it is no table, or not one of this kind.
    """
    with uploads.kept(content) as path:
        where = uploads.place_of(options or {})
        return running.open_source(path, filename, target, mapping or None, **where)
