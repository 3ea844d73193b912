"""What happens by itself: JOBS is the table. A process of its own, never in a web worker.

APScheduler only ticks. What is due stands in the database, so that a missed tick is caught up; a lease on
each job keeps two schedulers from doubling anything, and the jobs ask the state again in the transaction of
each effect.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

import sqlalchemy as sa
import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from casework.accounts.models import AuthSession
from casework.audit.service import Origin, origin
from casework.kernel import leases, once, throttle
from casework.kernel.db import db, transaction
from casework.kernel.time import utcnow

log = structlog.get_logger()
TICK = 15  # seconds
SESSIONS_KEPT = timedelta(days=180)
JobFunction = Callable[..., int]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done again and again. ``path`` is ``module:function``, imported when it is run."""

    name: str
    every: timedelta
    path: str

    def load(self) -> JobFunction:
        """The function: takes ``now``, opens its own transactions and returns how much it did."""
        module, _, function = self.path.partition(":")
        loaded: JobFunction = getattr(importlib.import_module(module), function)
        return loaded


JOBS = (
    Job("cases.auto_acknowledge", timedelta(seconds=15), "casework.cases.jobs:auto_acknowledge"),
    Job("cases.bring_back", timedelta(seconds=60), "casework.cases.jobs:bring_back"),
    Job("cases.follow_calendars", timedelta(seconds=15), "casework.cases.jobs:follow_calendars"),
    Job("exchange.run_imports", timedelta(seconds=15), "casework.exchange.jobs:run_imports"),
    Job("exchange.seal_documents", timedelta(minutes=5), "casework.exchange.jobs:seal_documents"),
    Job("files.sweep", timedelta(hours=6), "casework.files.service:sweep_orphans"),
    Job("handover.sweep", timedelta(minutes=10), "casework.handover.jobs:sweep"),
    Job("intake.tidy", timedelta(hours=6), "casework.intake.jobs:tidy"),
    Job("notifications.deliver", timedelta(seconds=15), "casework.notifications.jobs:deliver"),
    Job("notifications.tidy", timedelta(hours=6), "casework.notifications.jobs:tidy"),
    Job("supervision.sweep", timedelta(seconds=15), "casework.supervision.jobs:sweep"),
    Job("kernel.tidy", timedelta(hours=1), "casework.scheduler:tidy"),
)


def tidy(now: datetime) -> int:
    """Drop what has served its time: ended windows of attempts, answered forms, old sign-ins."""
    with transaction():
        old = sa.delete(AuthSession).where(AuthSession.expires_at < now - SESSIONS_KEPT)
        sessions = int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]
        return throttle.forget_old(now) + once.forget_old(now) + sessions


def node_name() -> str:
    """What this process is called among all schedulers of the database."""
    return f"{socket.gethostname()[:50]}:{os.getpid()}"


def run_due(app: Flask, *, jobs: tuple[Job, ...] = JOBS, node: str = "") -> dict[str, int]:
    """Run each job that is due and free, one by one; what each did. A job that breaks stops no other."""
    done: dict[str, int] = {}
    for job in jobs:
        with app.app_context():
            token = origin.set(Origin(channel="job"))
            try:
                count = _run(job, app, node or node_name())
            except Exception as error:
                log.error("the scheduler could not reach its table", job=job.name, error=str(error)[:300])
                continue
            finally:
                origin.reset(token)
                db.session.remove()
            if count is not None:
                done[job.name] = count
    return done


def _run(job: Job, app: Flask, node: str) -> int | None:
    lease = leases.take(job.name, node=node)
    if lease is None:
        return None
    count, fault = 0, ""
    with leases.kept(lease, app):
        try:
            count = job.load()(now=utcnow())
        except Exception as error:
            db.session.rollback()
            fault = f"{type(error).__name__}: {error}"
            log.error("a job broke off", job=job.name, error=fault[:300])
    if not leases.finish(lease, every=job.every, error=fault):
        log.warning("the lease was lost while the job ran", job=job.name, fence=lease.fence)
    if count:
        log.info("a job did something", job=job.name, count=count)
    return count


def serve(app: Flask, *, heed_interrupt: bool = True) -> None:
    """Tick until SIGTERM or Ctrl-C. A job that runs then gets a second; its lease ends by itself."""
    running = threading.Lock()
    scheduler = BlockingScheduler(timezone=UTC)

    def tick() -> None:
        with running:
            run_due(app)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        running.acquire(timeout=1)
        sys.stdout.flush()
        # A thread in the middle of a long job would hold the exit up; its transaction goes back.
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop if heed_interrupt else signal.SIG_IGN)
    late_is_fine: dict[str, Any] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler.add_job(tick, "interval", seconds=TICK, next_run_time=utcnow(), **late_is_fine)
    scheduler.start()


def end_with_parent() -> None:
    """End this process when the one that holds the other end of standard input is gone, however it went."""

    def watch() -> None:
        while sys.stdin.buffer.read(1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
