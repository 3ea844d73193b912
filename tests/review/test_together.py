"""Several equal simple cases at once: only those, shown before, each on its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from casework.audit.models import Event
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.db import db
from tests.factories import Office, take
from tests.review.results import money, posted_marks, simple

SignIn = Callable[..., Any]


def a_post(cases: list[Case], mark: str = "yes") -> dict[str, Any]:
    marked = {name: value for name, value in posted_marks(cases[0], mark).items() if name != "version"}
    return {
        "cases": [case.number for case in cases],
        "versions": [f"{case.number}:{case.version}" for case in cases],
        **marked,
    }


def states(cases: list[Case]) -> list[str]:
    db.session.expire_all()
    return [case.state for case in cases]


def test_the_preview_says_what_goes_and_why_the_others_stay(office: Office, as_: SignIn) -> None:
    cases, deal = simple(office, 2), money(office)
    numbers = [case.number for case in (*cases, deal.case)]
    page = as_("regulator").get("/reviews/together", query_string={"cases": numbers}).text
    assert "可一并审核 2 件，另 1 件不能" in page
    assert "涉及金额或多家企业" in page
    assert "类型不同" in page


def test_equal_simple_cases_are_approved_each_with_an_entry_of_its_own(office: Office, as_: SignIn) -> None:
    cases = simple(office, 3)
    answer = as_("regulator").post("/reviews/together", data=a_post(cases))
    assert (answer.status_code, answer.location) == (303, "/reviews")
    assert states(cases) == [State.CALLBACK] * 3
    entries = sa.select(sa.func.count()).select_from(Event).where(Event.verb == "ApprovedTogether")
    assert db.session.scalar(entries) == 3


def test_the_checklist_must_be_met_for_all_of_them(office: Office, as_: SignIn) -> None:
    cases = simple(office, 2)
    answer = as_("regulator").post("/reviews/together", data=a_post(cases, "unclear"))
    assert answer.status_code == 422
    assert states(cases) == [State.UNDER_REVIEW] * 2


def test_what_changed_since_the_preview_stays_and_the_others_go(office: Office, as_: SignIn) -> None:
    cases = simple(office, 3)
    data = a_post(cases)
    take(office, cases[1], "withdraw")
    db.session.commit()
    answer = as_("regulator").post("/reviews/together", data=data)
    assert answer.status_code == 200
    assert "有人改动过" in answer.text
    assert states(cases) == [State.CALLBACK, State.WITHDRAWN, State.CALLBACK]


def test_money_never_goes_with_others_even_when_it_is_posted(office: Office, as_: SignIn) -> None:
    deal = money(office)
    answer = as_("regulator").post("/reviews/together", data=a_post([deal.case]))
    assert answer.status_code == 422
    assert states([deal.case]) == [State.UNDER_REVIEW]


def test_an_area_leader_countersigns_but_approves_nothing_together(office: Office, as_: SignIn) -> None:
    cases = simple(office, 1)
    assert as_("area_leader").post("/reviews/together", data=a_post(cases)).status_code == 403


def test_nothing_ticked_says_what_to_do(office: Office, as_: SignIn) -> None:
    assert "一并审核不了" in as_("regulator").get("/reviews/together").text
    assert as_("regulator").post("/reviews/together").location == "/reviews"
