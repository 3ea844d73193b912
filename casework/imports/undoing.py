"""Taking an import back: exactly what it made and nobody has touched since; the rest stays, and is named with why.

Nothing is deleted that a chain tells of: a case is withdrawn, an enterprise closed, a posting ended, a stock entry
reversed. One function a kind of thing; ``take_back`` goes through the marks of a run from the last to the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.audit.service import Origin, origin
from casework.imports import marks, undo_cases, undo_firms, undo_places, undo_roster, undo_supplies
from casework.imports.events import ImportUndone
from casework.imports.models import ENDED, ImportMark, ImportRun, RunState, Undo
from casework.imports.undo_rules import OUTSIDE, Setting, Stays
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, Conflict, NotPermitted, Reason, Refused
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from casework.roster.queries import actor_for

BATCH = 200
NOT_NOW = N_("Only an import that is in can be taken back.")
Undoer = Callable[[ImportMark, Setting], None]
UNDOERS: dict[str, Undoer] = {
    **undo_cases.UNDOERS,
    **undo_firms.UNDOERS,
    **undo_roster.UNDOERS,
    **undo_places.UNDOERS,
    **undo_supplies.UNDOERS,
}
TOGETHER: dict[str, tuple[Callable[[ImportMark, Setting], Any], Callable[[Sequence[Any], Setting], None]]] = {
    **undo_cases.TOGETHER
}
"""Kinds of which there are thousands: what each is asked, changing nothing; and what takes back those that may be."""
AT_ONCE = 300
"""Up to so many things a page takes back by itself; beyond, the job does."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that is to be taken back: how many things it made."""

    things: int


def ask(run: ImportRun, reason: str, *, now: datetime) -> Asked:
    """Let a run be taken back.

    Raises:
        Refused: it is not in, or being taken back already.
    """
    if run.status not in ENDED:
        raise Refused(Reason(NOT_NOW))
    run.status, run.undo_reason, run.undone_at, run.beat_at = RunState.UNDOING, reason[:300], now, None
    count = sa.select(sa.func.count()).select_from(ImportMark).where(ImportMark.run_id == run.id)
    return Asked(db.session.scalar(count) or 0)


def execute(key: int, *, now: datetime) -> bool:
    """Carry the taking back on from where it stands; whether it came to its end here.

    Raises:
        Conflict: another process carries it on.
    """
    run = db.session.get(ImportRun, key)
    if run is None or run.status != RunState.UNDOING:
        return False
    actor = actor_for(run.by_id, local_day(now))
    if actor is None:  # whoever asked serves nowhere any more: what is left stays
        with transaction():
            left = sa.update(ImportMark).where(ImportMark.run_id == key, ImportMark.state == Undo.KEPT)
            db.session.execute(left.values(state=Undo.STAYS, why=Reason(OUTSIDE).kept()))
        _end(key, None, now)
        return True
    setting = Setting(actor, now, run.undo_reason, key)
    token = origin.set(Origin("import", origin.get().request_id))
    try:
        while _some(key, setting):
            continue
        _end(key, actor, now)
    finally:
        origin.reset(token)
    return True


def _some(key: int, setting: Setting) -> int:
    """Take back the last things that are left, in one transaction; how many were looked at."""
    with transaction():
        run = db.session.get_one(ImportRun, key)
        if run.status != RunState.UNDOING:
            raise Conflict("another process has ended it")
        run.beat_at = utcnow()
        query = (
            sa.select(ImportMark)
            .where(ImportMark.run_id == key, ImportMark.state == Undo.KEPT)
            .order_by(ImportMark.id.desc())
            .limit(BATCH)
        )
        found = list(db.session.scalars(query))
        setting.look_up(found, at=run.beat_at)
        for kind, marks_of_kind in groupby(found, key=lambda mark: mark.kind):
            if kind in TOGETHER:
                _together(kind, marks_of_kind, setting)
                continue
            for mark in marks_of_kind:
                _by_itself(mark, setting)
    return len(found)


def _by_itself(mark: ImportMark, setting: Setting) -> None:
    with _or_stays(mark), db.session.begin_nested():  # what cannot be taken back whole is left whole
        UNDOERS[mark.kind](mark, setting)
        db.session.flush()


def _together(kind: str, found: Iterable[ImportMark], setting: Setting) -> None:
    """Things of one kind that follow each other: each is asked by itself, then those that may be are taken back."""
    ask_of, carry_out = TOGETHER[kind]
    planned = []
    for mark in found:
        with _or_stays(mark):
            planned.append(ask_of(mark, setting))
    carry_out(planned, setting)


@contextmanager
def _or_stays(mark: ImportMark) -> Iterator[None]:
    """A thing is taken back, or stays for a reason."""
    try:
        yield
    except Stays as stays:
        mark.state, mark.why = Undo.STAYS, stays.reason.kept()
    except NotPermitted:
        mark.state, mark.why = Undo.STAYS, Reason(OUTSIDE).kept()
    except Refused as refusal:
        mark.state, mark.why = Undo.STAYS, refusal.reasons[0].kept()
    else:
        mark.state = Undo.UNDONE


def _end(key: int, actor: Actor | None, now: datetime) -> None:
    with transaction():
        run = db.session.get_one(ImportRun, key)
        if run.status != RunState.UNDOING:
            return
        counts = marks.counts(key)
        run.status, run.undone_at = RunState.UNDONE, utcnow()
        undone = sum(states.get(Undo.UNDONE, 0) for states in counts.values())
        stays = sum(states.get(Undo.STAYS, 0) for states in counts.values())
        fact = ImportUndone(run.target, run.filename, run.sha256, undone, stays, run.undo_reason)
        audit.record(fact, by=actor, at=now)


def made(run_id: int) -> Sequence[tuple[str, int]]:
    """How many things of each kind a run made and nobody took back."""
    return [(kind, states.get(Undo.KEPT, 0)) for kind, states in marks.counts(run_id).items()]
