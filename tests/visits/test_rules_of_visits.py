"""When a visit is due and in which order one goes: tables of facts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from casework.kernel.rhythm import Rhythm, due_on
from casework.kernel.time import at_local
from casework.roster.rules import who_goes
from casework.visits.rules import Part, PlanDraft, appointment_objections, by_numbers, moved, part_of, plan_objections

MONDAY = date(2020, 3, 16)
NOW = at_local(MONDAY, 9)


@pytest.mark.parametrize(
    ("every", "weekday", "last", "due"),
    [
        (7, None, MONDAY, date(2020, 3, 23)),
        (1, None, MONDAY, date(2020, 3, 17)),
        (10, 2, MONDAY, date(2020, 3, 24)),  # a Tuesday within ten days, not the one after
        (10, 4, MONDAY, date(2020, 3, 26)),  # day ten is a Thursday itself
        (2, 5, MONDAY, date(2020, 3, 18)),  # no Friday within two days: it does not count
        (7, 1, MONDAY, date(2020, 3, 23)),
        (3, 1, None, MONDAY),  # never visited: at once
    ],
)
def test_a_visit_is_due_so_many_days_after_the_last_or_a_little_earlier(
    every: int, weekday: int | None, last: date | None, due: date
) -> None:
    assert due_on(Rhythm(every, weekday), last=last, since=MONDAY) == due


@pytest.mark.parametrize(
    ("people", "out", "goes"),
    [
        ((None, 1, 2), {}, 1),
        ((3, 1, 2), {}, 3),  # whom the plan names
        ((None, 1, 2), {1: None}, 2),  # the officer is away: the deputy
        ((None, 1, 2), {1: 9, 2: None}, 9),  # both are away: who stands in
        ((None, 1, None), {1: 9}, 9),
        ((None, 1, None), {1: None}, 1),  # nobody is there: it stays on somebody's list
        ((3, 1, 2), {3: None, 1: None}, 2),
        ((None, 1, 2), {1: 2, 2: None}, 1),  # who stands in is away too
        ((None, None, None), {}, None),
    ],
)
def test_who_goes_is_the_first_who_is_there(
    people: tuple[int | None, ...], out: dict[int, int | None], goes: int
) -> None:
    assert who_goes(people, out) == goes


@pytest.mark.parametrize(
    ("days", "part"), [(-3, Part.OVERDUE), (0, Part.TODAY), (1, Part.AHEAD), (7, Part.AHEAD), (8, None)]
)
def test_a_week_ahead_is_shown_and_no_more(days: int, part: Part | None) -> None:
    assert part_of(MONDAY + timedelta(days=days), MONDAY) is part


def test_house_nine_stands_before_house_twelve() -> None:
    houses = ["桥东路 12 号", "桥东路 9 号", "桥东路", "桥东路 9 号 3 楼"]
    assert sorted(houses, key=by_numbers) == ["桥东路", "桥东路 9 号", "桥东路 9 号 3 楼", "桥东路 12 号"]


@pytest.mark.parametrize(
    ("key", "up", "order"),
    [("b", True, "bac"), ("b", False, "acb"), ("a", True, "abc"), ("c", False, "abc"), ("x", True, "abc")],
)
def test_a_stop_goes_up_or_down_by_one(key: str, up: bool, order: str) -> None:
    assert moved("abc", key, up) == list(order)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (PlanDraft(every_days=0), "every_days"),
        (PlanDraft(every_days=366), "every_days"),
        (PlanDraft(every_days=7, weekday=8), "weekday"),
        (PlanDraft(every_days=7, begins=600), "begins"),
        (PlanDraft(every_days=7, begins=600, ends=600), "ends"),
    ],
)
def test_a_plan_that_cannot_be_names_the_field(draft: PlanDraft, field: str) -> None:
    assert [reason.field for reason in plan_objections(draft)] == [field]
    assert plan_objections(PlanDraft(every_days=365, weekday=7, begins=540, ends=600)) == []


def test_a_visit_is_agreed_for_a_time_to_come_within_a_year() -> None:
    assert appointment_objections(NOW + timedelta(hours=1), NOW) == []
    for at in (None, NOW - timedelta(hours=1), NOW + timedelta(days=400)):
        assert [reason.field for reason in appointment_objections(at, NOW)] == ["at"]
