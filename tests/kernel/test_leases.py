"""One job, one place: who holds a lease, who lost it, and what the database's clock says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from casework import scheduler
from casework.config import Settings
from casework.kernel import leases
from casework.kernel.db import db, transaction
from casework.kernel.models import JobState
from casework.kernel.time import utcnow
from casework.scheduler import JOBS, Job
from tests.harness.threads import let_go

ENDED = timedelta(seconds=-1)
ran: list[str] = []


def state(job: str = "j") -> JobState:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(JobState, job)


def test_a_lease_that_is_held_is_given_to_nobody_else(app: Flask) -> None:
    held = leases.take("j", node="a")
    assert held is not None
    assert leases.take("j", node="b") is None
    assert leases.finish(held, every=timedelta())
    assert leases.take("j", node="b") is not None


def test_a_job_is_not_due_again_before_its_time(app: Flask) -> None:
    held = leases.take("j", node="a")
    assert held
    assert leases.finish(held, every=timedelta(hours=1))
    assert leases.take("j", node="a") is None
    assert (state().runs, state().lease_until) == (1, None)


def test_the_late_holder_finds_a_higher_number_and_is_refused(app: Flask) -> None:
    late = leases.take("j", node="a", length=ENDED)
    fresh = leases.take("j", node="b")
    assert late
    assert fresh
    assert fresh.fence == late.fence + 1
    assert not leases.renew(late)
    assert not leases.finish(late, every=timedelta(), error="late")
    assert (state().node, state().last_error, state().runs) == ("b", "", 0)


def test_a_renewed_lease_is_held_for_longer(app: Flask) -> None:
    held = leases.take("j", node="a", length=ENDED)
    assert held
    assert leases.renew(held)
    assert leases.take("j", node="b") is None


def test_a_lease_is_renewed_while_the_job_runs(app: Flask) -> None:
    held = leases.take("j", node="a", length=timedelta(seconds=0.3))
    assert held
    first = state().lease_until
    assert first
    with leases.kept(held, app, every=timedelta(seconds=0.02)):
        for _ in range(500):
            if (state().lease_until or first) > first:
                break
            threading.Event().wait(0.01)
    assert (state().lease_until or first) > first


def test_the_time_is_the_databases(app: Flask) -> None:
    there = db.session.scalar(sa.select(leases.database_now(timedelta(minutes=5))))
    assert there is not None
    assert abs(there - utcnow() - timedelta(minutes=5)) < timedelta(seconds=20)


def test_of_two_schedulers_at_once_one_runs_the_job(
    app: Flask, settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    ran.clear()
    job = Job("race", timedelta(hours=1), f"{__name__}:mark")
    apps = [app, make_app(settings)]
    let_go([partial(scheduler.run_due, one, jobs=(job,), node=str(id(one))) for one in apps])
    assert ran == ["mark"]
    assert state("race").runs == 1


def mark(now: object) -> int:
    ran.append("mark")
    return 1


def broken(now: object) -> int:
    with transaction():
        db.session.add(JobState(job="trace", next_due=utcnow()))
        raise ValueError("no")


def test_a_job_that_breaks_stops_no_other_and_leaves_its_reason(app: Flask) -> None:
    ran.clear()
    bad = Job("bad", timedelta(), f"{__name__}:broken")
    good = Job("good", timedelta(), f"{__name__}:mark")
    assert scheduler.run_due(app, jobs=(bad, good)) == {"bad": 0, "good": 1}
    assert state("bad").last_error == "ValueError: no"
    assert db.session.get(JobState, "trace") is None


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_can_be_loaded_and_finds_nothing_to_do_in_an_empty_database(app: Flask, job: Job) -> None:
    assert job.load()(now=utcnow()) == 0
