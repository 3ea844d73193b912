"""What falls due by itself happens once, whoever runs the job and however often."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from casework.audit import queries as audit
from casework.cases import jobs
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import at_local
from tests.cases.test_service import clocks
from tests.factories import NOW, Office, a_case
from tests.harness.threads import at_once

LIMIT = timedelta(minutes=120)


def moves(case: Case) -> list[tuple[str, bool, int | None]]:
    return [
        (entry.data["action"], entry.data.get("automatic", False), entry.actor_id)
        for entry in audit.timeline(case.id)
        if entry.verb == "CaseMoved"
    ]


def test_what_nobody_answers_is_acknowledged_after_the_limit(office: Office) -> None:
    case = a_case(office, State.DISPATCHED)
    assert jobs.auto_acknowledge(NOW + LIMIT) == 0, "not before it"
    assert jobs.auto_acknowledge(NOW + LIMIT + timedelta(minutes=1)) == 1
    assert case.state == State.IN_PROGRESS
    assert moves(case)[0] == ("acknowledge", True, None)


def test_running_twice_acknowledges_once(office: Office) -> None:
    case = a_case(office, State.DISPATCHED)
    later = NOW + LIMIT * 2
    assert [jobs.auto_acknowledge(later), jobs.auto_acknowledge(later)] == [1, 0]
    assert [move[0] for move in moves(case)].count("acknowledge") == 1


def test_two_jobs_at_once_acknowledge_each_case_once(app: Flask, office: Office) -> None:
    cases = [a_case(office, State.DISPATCHED) for _ in range(4)]
    ids = [case.id for case in cases]
    assert sum(at_once(app, [lambda: jobs.auto_acknowledge(NOW + LIMIT * 2)] * 2)) == 4
    for case_id in ids:
        case = db.session.get_one(Case, case_id)
        assert case.state == State.IN_PROGRESS
        assert [move[0] for move in moves(case)].count("acknowledge") == 1
    assert audit.verify().ok


def test_an_acknowledged_case_is_left_alone(office: Office) -> None:
    a_case(office, State.IN_PROGRESS)
    a_case(office, State.OBJECTED)
    assert jobs.auto_acknowledge(NOW + timedelta(days=9)) == 0


@pytest.mark.parametrize("state", [State.PARKED, State.WAITING])
def test_what_rests_comes_back_on_its_day(office: Office, state: State) -> None:
    case = a_case(office, state)
    assert jobs.bring_back(at_local(date(2020, 3, 19), 17)) == 0
    back = at_local(date(2020, 3, 19), 18, 1)
    assert [jobs.bring_back(back), jobs.bring_back(back)] == [1, 0]
    assert (case.state, clocks(case)["resolve"]) == (State.IN_PROGRESS, "running")
    assert moves(case)[0][1:] == (True, None)


def test_more_than_one_batch_is_worked_through(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    for _ in range(5):
        a_case(office, State.DISPATCHED)
    assert jobs.auto_acknowledge(NOW + LIMIT * 2) == 5


def test_a_case_that_cannot_move_does_not_hold_up_the_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from casework.clocks.kinds import Clock
    from casework.clocks.models import Deadline

    monkeypatch.setattr(jobs, "BATCH", 1)
    stuck = a_case(office, State.WITHDRAWN)
    row = Deadline(
        case_id=stuck.id, clock=Clock.ACKNOWLEDGE, started_at=NOW - LIMIT,
        limit_minutes=1, extension_minutes=0, cancelled=False, due_at=NOW - LIMIT,
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    case = a_case(office, State.DISPATCHED)
    assert jobs.auto_acknowledge(NOW + LIMIT * 2) == 1
    assert (case.state, stuck.state) == (State.IN_PROGRESS, State.WITHDRAWN)
