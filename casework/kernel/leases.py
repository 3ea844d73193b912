"""One job runs at one place at a time: a lease on a row, granted by one UPDATE, with a number.

The time is the database's own, so that nodes whose clocks differ agree on who holds what. Each grant carries
a higher ``fence``; whoever comes back after the lease ran out finds another number in the row and is refused.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from casework.kernel.db import UTCDateTime, db, insert_into, transaction
from casework.kernel.errors import CaseworkError
from casework.kernel.models import JobState

LENGTH = timedelta(seconds=30)
RENEWAL = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run a job until the lease ends or is taken by a higher ``fence``."""

    job: str
    node: str
    fence: int


def database_now(plus: timedelta = timedelta()) -> sa.ColumnElement[datetime]:
    """The clock of the database, some time from now, as it stores times."""
    if db.engine.dialect.name == "sqlite":
        # Six digits as the type writes them: times are compared as text.
        shift = f"{plus.total_seconds():+.3f} seconds"
        return sa.func.strftime("%Y-%m-%d %H:%M:%f000", "now", shift, type_=UTCDateTime())
    moment: sa.ColumnElement[datetime] = sa.func.clock_timestamp(type_=UTCDateTime())
    return moment + sa.cast(plus, sa.Interval()) if plus else moment


def take(job: str, *, node: str, length: timedelta = LENGTH) -> Lease | None:
    """The lease of a job that is due and that nobody holds, or None."""
    known = db.session.get(JobState, job) is not None
    with transaction():
        if not known:
            _introduce(job)
        now = database_now()
        free = sa.or_(JobState.lease_until.is_(None), JobState.lease_until < now)
        fence = db.session.scalar(
            sa.update(JobState)
            .where(JobState.job == job, JobState.next_due <= now, free)
            .values(lease_until=database_now(length), node=node, fence=JobState.fence + 1, last_start=now)
            .returning(JobState.fence)
            .execution_options(synchronize_session=False)
        )
    return Lease(job, node, fence) if fence is not None else None


def _introduce(job: str) -> None:
    values = {"job": job, "next_due": database_now(), "fence": 0, "node": "", "last_error": "", "runs": 0}
    db.session.execute(insert_into(JobState).values(values).on_conflict_do_nothing())


def renew(lease: Lease, *, length: timedelta = LENGTH) -> bool:
    """Hold it for longer; False when it was lost to somebody else."""
    return _write(lease, lease_until=database_now(length))


def finish(lease: Lease, *, every: timedelta, error: str = "", count: int = 0) -> bool:
    """Give it back and set when the job is due again; False, and nothing written, when it was lost."""
    return _write(
        lease,
        lease_until=None,
        next_due=database_now(every),
        last_end=database_now(),
        last_error=error[:300],
        last_count=count,
        failures=JobState.failures + (1 if error else 0),
        runs=JobState.runs + 1,
    )


def _write(lease: Lease, **values: Any) -> bool:
    statement = (
        sa.update(JobState)
        .where(JobState.job == lease.job, JobState.fence == lease.fence, JobState.node == lease.node)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    with transaction():
        return bool(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def hasten(job: str) -> bool:
    """Let a job be due now, for whichever scheduler comes first; False when there is no such job yet."""
    due = sa.update(JobState).where(JobState.job == job).values(next_due=database_now())
    return bool(db.session.execute(due.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def read_database_clock() -> datetime:
    """What the clock of the database shows."""
    return db.session.execute(sa.select(database_now())).scalar_one()


@contextmanager
def kept(lease: Lease, app: Flask, *, length: timedelta = LENGTH, every: timedelta = RENEWAL) -> Iterator[None]:
    """Renew a lease from a thread of its own for as long as the block runs."""
    over = threading.Event()

    def keep() -> None:
        with app.app_context():
            while not over.wait(every.total_seconds()):
                try:
                    if not renew(lease, length=length):
                        return
                except CaseworkError:
                    continue  # a busy database: there is time for two more tries before the lease ends
                finally:
                    db.session.remove()

    thread = threading.Thread(target=keep, name=f"lease of {lease.job}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
