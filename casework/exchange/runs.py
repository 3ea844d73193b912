"""An import asked for on a page: checked, told to go, carried on where it stopped. The edge, for views and job."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from casework.exchange import running
from casework.exchange.importing import COUNTS, Note, Refusal, Report, Setting, Source
from casework.exchange.models import ImportRun, RunState
from casework.files import storage
from casework.kernel import paging
from casework.kernel.db import db, transaction
from casework.kernel.errors import Conflict, NotFound, Reason, Refused
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from casework.roster.queries import actor_for

AT_ONCE = {"areas": 2000, "enterprises": 2000, "people": 2000, "cases": 500}
"""Up to so many rows a page does the work itself (some ten seconds); beyond, the job does."""
SILENCE = timedelta(minutes=2)
KEPT_CELLS = 2000
"""Of so many refused rows the cells are kept, to be downloaded with remarks."""


def visible_run(key: int, *, to: Actor) -> ImportRun:
    """A run of one's own.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    run = db.session.scalar(sa.select(ImportRun).where(ImportRun.id == key, ImportRun.by_id == to.user_id))
    if run is None:
        raise NotFound("import")
    return run


def runs_of(actor: Actor, at: paging.At, size: int = 50) -> paging.Page[ImportRun]:
    """One's own runs, newest first."""
    query = sa.select(ImportRun).where(ImportRun.by_id == actor.user_id)
    keys = (paging.Key(ImportRun.id, int, down=True),)
    return paging.page_of(query, keys, at, size, values=lambda run: [run.id], whole=True)


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
        actor = actor_for(run.by_id, local_day(now))
        job = _job(run, actor, now)
    if job is None:
        _finish(key, RunState.STOPPED)
        return True

    done_before = [start]

    def after(so_far: Report, done: int) -> None:
        row = db.session.get(ImportRun, key)
        if row is None or row.rows_done != done_before[0]:
            raise Conflict("another process carries this import on")
        row.rows_done, row.report, row.beat_at = done, packed(so_far), utcnow()
        done_before[0] = done

    running.run(job, start=start, before=before, after=after)
    _finish(key, RunState.DONE)
    return True


def _finish(key: int, state: RunState) -> None:
    with transaction():
        run = db.session.get(ImportRun, key)
        if run is not None:
            run.status, run.finished_at = state, utcnow()


def _job(run: ImportRun, actor: Actor | None, now: datetime) -> running.Job | None:
    """What is to be done; None when the file is gone or the person may no longer act."""
    if actor is None:
        return None
    try:
        content = storage.current().get(run.storage_key)
        source = read(content, run.filename, run.target, run.mapping)
    except (storage.Missing, Refused):
        return None
    return running.Job(run.target, source, Setting(actor, now, **run.options), run.filename, run.sha256)


def read(content: bytes, filename: str, target: str, mapping: Mapping[str, Any]) -> Source:
    """The table in these bytes, its columns understood.

    Raises:
        Refused: it is no table, or not one of this kind.
    """
    with tempfile.NamedTemporaryFile(suffix=".upload") as kept:
        kept.write(content)
        kept.flush()
        return running.open_source(Path(kept.name), filename, target, mapping or None)


def due(now: datetime) -> list[int]:
    """Runs that wait, and those whose process has gone silent."""
    stuck = sa.and_(ImportRun.status == RunState.RUNNING, ImportRun.beat_at < now - SILENCE)
    query = sa.select(ImportRun.id).where(sa.or_(ImportRun.status == RunState.WAITING, stuck))
    return list(db.session.scalars(query.order_by(ImportRun.id)))


def packed(report: Report) -> dict[str, Any]:
    """A report as JSON that keeps its sentences unsaid, so that each reader gets their own language."""
    refused = [
        {
            "row": one.row,
            "field": one.field,
            "column": one.column,
            "reason": _pack(one.reason),
            "remedy": _pack(one.remedy),
            "cells": list(one.cells) if at < KEPT_CELLS else [],
        }
        for at, one in enumerate(report.refused)
    ]
    notes = [{"reason": _pack(note.reason), "row": note.row, "times": note.times} for note in report.notes.values()]
    counts = {name: getattr(report, name) for name in COUNTS}
    beside = {"effects": report.effects, "named": report.named}
    return {**counts, "refused": refused, "unmapped": report.unmapped, "notes": notes, **beside}


def unpacked(kept: Mapping[str, Any]) -> Report:
    """The report that was packed."""
    report = Report(**{name: kept.get(name, 0) for name in COUNTS}, unmapped=list(kept.get("unmapped", [])))
    report.effects, report.named = dict(kept.get("effects", {})), dict(kept.get("named", {}))
    report.refused = [
        Refusal(
            one["row"], one["field"], _unpack(one["reason"]), _unpack(one["remedy"]), one["column"], tuple(one["cells"])
        )
        for one in kept.get("refused", [])
    ]
    for note in kept.get("notes", []):
        report.note(Note(_unpack(note["reason"]), note["row"], note["times"]))
    return report


def _pack(reason: Reason) -> dict[str, Any]:
    values = {name: value if isinstance(value, int | str) else str(value) for name, value in reason.values.items()}
    return {"text": reason.text, "values": values}


def _unpack(kept: Mapping[str, Any]) -> Reason:
    return Reason(kept["text"], kept["values"])
