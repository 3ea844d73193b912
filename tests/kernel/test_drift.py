"""A clock that jumps holds the jobs back until it is right again or somebody says so; a nudge is no jump."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from casework import scheduler
from casework.jobs import JOBS
from casework.kernel import drift, leases
from casework.kernel.db import db, transaction
from casework.kernel.drift import Watch
from casework.kernel.models import JobState
from casework.kernel.time import utcnow
from tests.factories import an_office, signed_in

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
UP = timedelta(hours=5)


def test_a_clock_that_goes_as_time_goes_is_believed() -> None:
    watch, now = Watch(), utcnow()
    for tick in range(5):
        assert watch.drift(now + tick * HOUR, UP + tick * HOUR, now + tick * HOUR) == timedelta()


def test_a_clock_that_is_nudged_a_little_each_hour_is_no_alarm() -> None:
    watch, now = Watch(), utcnow()
    for tick in range(100):
        wall = now + tick * (HOUR + 10 * SECOND)
        assert watch.drift(wall, UP + tick * HOUR, wall) == timedelta()


@pytest.mark.parametrize("jump", [24 * HOUR, HOUR, -HOUR, -24 * HOUR, timedelta(seconds=90)])
def test_a_jump_is_seen_and_so_is_the_way_back(jump: timedelta) -> None:
    watch, now = Watch(), utcnow()
    watch.drift(now, UP, now)
    assert watch.drift(now + jump + SECOND, UP + SECOND, now + jump + SECOND) == jump
    assert watch.drift(now + 2 * SECOND, UP + 2 * SECOND, now + 2 * SECOND) == timedelta()


def test_a_clock_that_differs_from_the_databases_is_not_believed() -> None:
    now = utcnow()
    assert Watch().drift(now, UP, now - HOUR) == HOUR


def look(watch: Watch, node: str, *, jump: timedelta = timedelta(), up: timedelta = UP) -> bool:
    now = utcnow() + jump
    with transaction():
        return watch.look(node, now, up, now, now=now)


def test_jobs_wait_while_a_clock_is_off_and_go_on_when_it_is_back(app: Flask) -> None:
    watch, other = Watch(), Watch()
    assert look(watch, "a")
    assert not look(watch, "a", jump=24 * HOUR)
    assert not look(watch, "a", jump=24 * HOUR)
    assert not look(other, "b")  # what one scheduler cannot believe, no other acts on
    assert look(watch, "a")
    assert look(other, "b")
    assert len(drift.alarms()) == 1


def test_somebody_says_that_the_clock_is_right(app: Flask) -> None:
    watch = Watch()
    look(watch, "a")
    assert not look(watch, "a", jump=HOUR)
    with transaction():
        assert drift.settle(by=1, now=utcnow()) == 1
    assert look(watch, "a", jump=HOUR)
    assert drift.open_alarm() is None


def test_the_scheduler_asks_before_it_runs_anything(app: Flask) -> None:
    watch = Watch()
    assert scheduler.believed(app, watch, wall=utcnow(), up=UP, node="a")
    assert not scheduler.believed(app, watch, wall=utcnow() + HOUR, up=UP, node="a")
    assert app.test_client().get("/readyz").get_json()["clock_believed"] is False


def test_the_page_of_jobs_shows_how_they_went_and_runs_one_now(app: Flask, client: FlaskClient) -> None:
    office = an_office()
    scheduler.run_due(app, jobs=JOBS[:1], node="a")
    admin = signed_in(client, office.people["sysadmin"])
    shown = admin.get("/settings/jobs").get_data(as_text=True)
    assert JOBS[0].name in shown
    assert "尚未运行" in shown  # the others
    db.session.get_one(JobState, JOBS[0].name)
    assert leases.take(JOBS[0].name, node="b") is None
    assert admin.post(f"/settings/jobs/{JOBS[0].name}/run").status_code == 303
    assert leases.take(JOBS[0].name, node="b") is not None
    assert admin.post("/settings/jobs/nothing/run").status_code == 404


def test_the_alarm_is_ended_on_the_page(app: Flask, client: FlaskClient) -> None:
    office = an_office()
    watch = Watch()
    look(watch, "node-7")
    look(watch, "node-7", jump=HOUR)
    admin = signed_in(client, office.people["sysadmin"])
    assert "node-7" in admin.get("/settings/jobs").get_data(as_text=True)
    assert admin.post("/settings/jobs/clock").status_code == 303
    assert drift.open_alarm() is None


def test_each_failure_is_counted(app: Flask) -> None:
    held = leases.take("j", node="a")
    assert held
    leases.finish(held, every=timedelta(), error="broken")
    again = leases.take("j", node="a")
    assert again
    leases.finish(again, every=timedelta(), count=3)
    state = db.session.get_one(JobState, "j")
    assert (state.failures, state.runs, state.last_count, state.last_error) == (1, 2, 3, "")


def test_every_job_says_what_it_does() -> None:
    assert [job.name for job in JOBS if not job.label] == []
