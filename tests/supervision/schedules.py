"""Random schedules of sweepers that are doubled, killed with -9 and started again, over two hundred clocks.

The sweepers are processes of their own and hold no lease, so that two of them do run at once. Their time goes faster
than ours. ``run`` says what was missed, doubled, told early, or told of what had stopped.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from casework.audit.models import Event, EventPayload
from casework.cases.workflow import State
from casework.clocks import service as clocks
from casework.clocks.kinds import ALWAYS, WORKING, Clock, Limit
from casework.clocks.models import Deadline
from casework.config import Settings
from casework.kernel.db import db, transaction
from casework.kernel.errors import Unavailable
from casework.notifications.models import Notice
from casework.supervision import jobs, queries
from casework.supervision.models import Escalation
from casework.supervision.rules import PRESET
from tests.factories import NOW, a_case, an_office

DEADLINES, CASES, SECONDS, SPEED, KILLS, ENOUGH = 200, 20, 3.0, 24_000, 3, 100
"""Three seconds of ours are twenty hours of theirs; on a busy machine it goes on until so many levels were told."""
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["casework.wiring", __name__])


@dataclass(frozen=True)
class Found:
    """What went wrong in a schedule, and how much was told."""

    told: int
    by_the_killed: int
    kills: int
    missed: int
    doubled: int
    early: int
    after_the_end: int

    @property
    def faults(self) -> int:
        return self.missed + self.doubled + self.early + self.after_the_end


class Pace:
    """What time it is for the sweepers: theirs began at ``NOW`` when ours was ``began``, and until then they wait."""

    def __init__(self) -> None:
        self.began = PROCESSES.Value("d", 0.0)
        self._running = PROCESSES.Event()

    def begin(self) -> None:
        self.began.value = time.time()
        self._running.set()

    def wait(self) -> None:
        self._running.wait()

    @property
    def seconds(self) -> float:
        return time.time() - float(self.began.value)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds * SPEED)


@dataclass
class Sweepers:
    """The processes that run; only one that is up and sweeps is worth killing."""

    url: str
    pace: Pace
    running: list[tuple[Any, Any]] = field(default_factory=list)
    kills: int = 0

    def start(self) -> None:
        ready = PROCESSES.Event()
        process = PROCESSES.Process(target=sweeper, args=(self.url, self.pace, ready), daemon=True)
        process.start()
        self.running.append((process, ready))

    def kill(self, which: int) -> None:
        process, ready = self.running.pop(which)
        self.kills += ready.is_set()
        process.kill()
        process.join()

    def up(self) -> list[int]:
        return [place for place, (_, ready) in enumerate(self.running) if ready.is_set()]


def sweeper(url: str, pace: Pace, ready: Any) -> None:
    """Sweep and sweep until killed."""
    from casework import create_app

    app = create_app(Settings(database_url=url, secret_key="x" * 40, testing=True))
    with app.app_context():
        ready.set()
        pace.wait()
        while True:
            try:
                jobs.sweep(pace.now())
            except sa.exc.OperationalError:
                db.session.rollback()  # SQLite was busy for longer than it waits
            time.sleep(0.02)


def plant(chance: random.Random) -> None:
    """Two hundred orders on twenty cases, due from long ago to long after."""
    office = an_office()
    cases = [a_case(office, State.IN_PROGRESS) for _ in range(CASES)]
    for case in cases:
        clocks.cancel(case_id=case.id, now=NOW)
    for number in range(DEADLINES):
        case = cases[number % CASES]
        start = NOW - timedelta(minutes=chance.randrange(0, 4000))
        limit = Limit(chance.randrange(10, 4000), chance.choice((ALWAYS, WORKING)))
        clocks.start(
            case_id=case.id, clock=Clock.STEP, limit=limit, areas=case.area_ids, now=start, subject_id=number + 1
        )
    db.session.commit()


def run(app: Flask, url: str, seed: int) -> Found:
    """One schedule: sweepers come and are killed, clocks stop and are given more time meanwhile."""
    chance = random.Random(seed)
    plant(chance)
    db.session.remove()
    db.engine.dispose()
    sweepers = Sweepers(url, Pace())
    for _ in range(2):
        sweepers.start()
    for _, ready in sweepers.running:
        assert ready.wait(60), "a sweeper does not come up"
    sweepers.pace.begin()
    while sweepers.pace.seconds < SECONDS or sweepers.kills < KILLS or _told_by_now() < ENOUGH:
        if len(sweepers.running) < 2 or (len(sweepers.running) < 3 and chance.random() < 0.3):
            sweepers.start()
        time.sleep(chance.uniform(0.02, 0.3))
        if (up := sweepers.up()) and chance.random() < 0.4:
            sweepers.kill(chance.choice(up))
        with contextlib.suppress(Unavailable):  # SQLite is busy: they would do it later
            _meddle(chance, sweepers.pace)
    while sweepers.running:
        sweepers.kill(0)
    end = sweepers.pace.now()
    jobs.sweep(end)  # the one that is started in the end
    return _judged(end, sweepers.kills)


def _told_by_now() -> int:
    db.session.rollback()
    return int(db.session.scalar(sa.select(sa.func.count(Escalation.id))) or 0)


def _meddle(chance: random.Random, pace: Pace) -> None:
    """One clock stops, another gets more time, as officers would have it."""
    with transaction():
        query = sa.select(Deadline).where(Deadline.done_at.is_(None), Deadline.clock == Clock.STEP)
        found = list(db.session.scalars(query.order_by(Deadline.id)))
        stopped, moved = chance.sample(found, 2)
        for one in (stopped, moved):
            db.session.refresh(one, with_for_update=True)
        # Asked with the rows in hand: what a sweep told before that was told in time.
        clocks.stop(case_id=stopped.case_id, clock=Clock.STEP, now=pace.now(), subject_id=stopped.subject_id)
        moved.extension_minutes += 60
        clocks.derive(moved)
        db.session.flush()


def _judged(end: datetime, kills: int) -> Found:
    db.session.rollback()
    db.session.expire_all()
    deadlines = list(db.session.scalars(sa.select(Deadline).where(Deadline.clock == Clock.STEP)))
    told = list(db.session.scalars(sa.select(Escalation)))
    given = {(row.deadline_id, row.level, row.due_at): row.told_at for row in told}
    missed = early = after = 0
    for deadline in deadlines:
        case = db.session.get_one(queries.Case, deadline.case_id)
        planned = queries.plan_of(deadline, case, PRESET)
        late = any(level == "red" and at < end for level, at in planned)
        for level, at in planned:
            told_at = given.get((deadline.id, level, deadline.due_at))
            early += told_at is not None and told_at <= at
            expected = at < end and deadline.done_at is None and not (late and level == "yellow")
            missed += expected and told_at is None
    stopped = {deadline.id: deadline.done_at for deadline in deadlines if deadline.done_at}
    after = sum((row.told_at or NOW) > stopped[row.deadline_id] for row in told if row.deadline_id in stopped)
    return Found(
        len(told), sum((row.told_at or end) < end for row in told), kills, missed, _doubled(told), early, after
    )


def _doubled(told: list[Escalation]) -> int:
    """Rows, entries of the story and notices more than once for the same level and due time."""
    rows = Counter((row.deadline_id, row.level, row.due_at) for row in told)
    entries = db.session.scalar(
        sa.select(sa.func.count(Event.id))
        .join(EventPayload, EventPayload.event_id == Event.id)
        .where(Event.verb.in_(("DeadlineWarned", "DeadlineEscalated")))
    )
    notices = Counter(db.session.execute(sa.select(Notice.user_id, Notice.key).where(Notice.key.like("d%:%"))).all())
    return sum(n - 1 for n in (*rows.values(), *notices.values())) + abs(int(entries or 0) - len(told))
