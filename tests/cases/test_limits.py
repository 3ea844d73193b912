"""A changed limit of a type, tried on the cases that were closed lately before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases import limits, types
from casework.cases.models import Case
from casework.cases.type_views import LIMIT_LABELS
from casework.cases.workflow import State
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline
from casework.kernel.db import db
from casework.kernel.time import utcnow
from tests.factories import NOW, Office, a_case
from tests.harness.statements import Statements

HOUR = timedelta(hours=1)


def closed_after(office: Office, minutes: int) -> Case:
    """A closed case whose first contact took so many minutes of working time, with an hour to do it in."""
    case = a_case(office, State.CLOSED)
    contact = db.session.scalars(
        sa.select(Deadline).where(Deadline.case_id == case.id, Deadline.clock == Clock.FIRST_CONTACT)
    ).one()
    contact.started_at, contact.done_at = NOW, NOW + timedelta(minutes=minutes)
    contact.met, contact.due_at = minutes <= 60, NOW + HOUR
    db.session.commit()
    return case


def tried(office: Office, minutes: int, *, by: str = "district_admin", **more: Any) -> limits.Preview:
    kind = types.type_with("other")
    given = {**kind.limits, "first_contact": {"minutes": minutes, "calendar": "working"}, **more}
    return limits.preview(kind, given, actor=office.actor(by), now=NOW + 5 * HOUR)


@pytest.fixture
def three(office: Office) -> list[Case]:
    kind = types.type_with("other")
    kind.limits = {**kind.limits, "first_contact": {"minutes": 60, "calendar": "working"}}
    return [closed_after(office, minutes) for minutes in (20, 50, 90)]


def test_a_shorter_limit_says_which_cases_would_have_been_late(office: Office, three: list[Case]) -> None:
    found = tried(office, 30)
    [one] = found.clocks
    assert (found.cases, one.clock, one.decided, one.late_before, one.late_after) == (3, "first_contact", 3, 1, 2)
    assert [(row.number, row.late) for row in found.shown] == [(three[1].number, True)]
    assert found.shown[0].after == NOW + HOUR / 2


def test_a_longer_limit_says_which_would_have_been_on_time(office: Office, three: list[Case]) -> None:
    found = tried(office, 120)
    assert (found.clocks[0].late_before, found.clocks[0].late_after) == (1, 0)
    assert [(row.number, row.late) for row in found.shown] == [(three[2].number, False)]


def test_only_clocks_that_change_are_tried_and_nothing_is_judged_anew(office: Office, three: list[Case]) -> None:
    assert (tried(office, 60).clocks, tried(office, 60).cases) == ([], 0)
    before = db.session.scalars(sa.select(Deadline.met).order_by(Deadline.id)).all()
    tried(office, 1)
    assert not db.session.dirty
    assert db.session.scalars(sa.select(Deadline.met).order_by(Deadline.id)).all() == before


def test_other_types_open_cases_old_ones_and_other_districts_do_not_count(office: Office, three: list[Case]) -> None:
    a_case(office, State.IN_PROGRESS)
    three[0].closed_at = NOW - timedelta(days=100)
    db.session.commit()
    assert tried(office, 30).cases == 2
    for stranger in ("lead", "desk_b", "sysadmin"):
        assert tried(office, 30, by=stranger).cases == 0


def test_only_so_many_of_the_newest_are_worked_out_and_it_says_so(
    office: Office, three: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WORKED_OUT", 2)  # a limit, not our code
    found = tried(office, 30)
    assert (found.cases, found.whole) == (2, False)


def test_it_costs_the_same_for_many_cases(
    office: Office, three: list[Case], query_count: Callable[[], AbstractContextManager[Statements]]
) -> None:
    def cost() -> int:
        db.session.expire_all()
        kind, actor = types.type_with("other"), office.actor("district_admin")
        given = {**kind.limits, "first_contact": {"minutes": 30, "calendar": "working"}}
        with query_count() as sent:
            limits.preview(kind, given, actor=actor, now=NOW + 5 * HOUR)
        return len(sent)

    before = cost()
    for minutes in (10, 40, 70, 100):
        closed_after(office, minutes)
    assert cost() == before <= 4


def test_the_newest_cases_of_a_type_are_read_from_an_index(office: Office, database_kind: str) -> None:
    if database_kind != "sqlite":
        db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    explain = "EXPLAIN QUERY PLAN" if database_kind == "sqlite" else "EXPLAIN"
    query = f"{explain} SELECT id FROM cases WHERE district_id = 2 AND type_id = 1 ORDER BY id DESC LIMIT 2000"
    plan = " ".join(str(row) for row in db.session.execute(sa.text(query)))
    assert "ix_cases_district_type" in plan
    assert "TEMP B-TREE" not in plan.upper()


def test_the_page_shows_it_before_saving_and_keeps_what_was_typed(office: Office, as_: Any) -> None:
    admin = as_("district_admin")
    kind = types.type_with("other")
    form = {
        "version": str(kind.version), "zh": kind.zh, "en": kind.en, "hint_zh": "", "hint_en": "",
        "domain": kind.domain, "reviewer": kind.reviewer, "outcomes": ["solved"], "active": "y", "evidence": "",
        "checklist": "", "tries": "3", "do": "show", **{f"limit_{clock}": "77" for clock in LIMIT_LABELS},
        **{f"calendar_{clock}": "always" for clock in LIMIT_LABELS},
        **{f"unit_{clock}": "minutes" for clock in LIMIT_LABELS},
    }  # fmt: skip
    answer = admin.post("/settings/case-types/other", data=form)
    assert answer.status_code == 200
    assert "最近 90 天" in answer.text
    assert 'value="77"' in answer.text
    assert types.type_with("other").version == kind.version
    case = a_case(office, State.CLOSED, now=utcnow())
    db.session.commit()
    assert case.number
    assert "最近 90 天办结了 1 件这类诉求" in admin.post("/settings/case-types/other", data=form).text
