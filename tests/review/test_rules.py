"""Which limit holds, what goes together, and that a sample can be drawn again: pure rules."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from casework.kernel.errors import Reason
from casework.review import rules
from casework.review.rules import Candidate, Limit

COMMUNITY, DISTRICT, CITY, RENT = 3, 2, 1, 70
NEAREST_FIRST = [COMMUNITY, DISTRICT, CITY]


@pytest.mark.parametrize(
    ("limits", "holds"),
    [
        ([], None),
        ([Limit(CITY, None, 100)], 100),
        ([Limit(CITY, None, 100), Limit(DISTRICT, None, 200)], 200),
        ([Limit(DISTRICT, RENT, 300), Limit(DISTRICT, None, 200)], 300),
        ([Limit(CITY, RENT, 300), Limit(DISTRICT, None, 200)], 200),
        ([Limit(9, None, 50)], None),
    ],
)
def test_the_nearest_area_sets_the_limit_and_there_the_type_before_all_types(limits: Any, holds: int | None) -> None:
    assert rules.limit_for(limits, NEAREST_FIRST) == holds


def a_candidate(**changes: Any) -> Candidate:
    simple = {"type_id": 1, "amount_fen": 0, "has_talks": False, "joint": False, "signed": False, "returned": False,
              "urgent": False}  # fmt: skip
    return Candidate(**{**simple, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"type_id": 2}, "another type"),
        ({"amount_fen": 1}, "Money"),
        ({"joint": True}, "several firms"),
        ({"has_talks": True}, "Money"),
        ({"signed": True}, "second signature"),
        ({"returned": True}, "returned before"),
        ({"missing": ["签收单"]}, "evidence is missing"),
        ({"blocking": [Reason("a promise")]}, "Settle first"),
        ({"may": False}, "not yours"),
    ],
)
def test_whatever_makes_a_case_unlike_the_others_keeps_it_from_going_with_them(changes: Any, said: str) -> None:
    assert rules.why_not_together(a_candidate(), 1) == []
    [reason] = rules.why_not_together(a_candidate(**changes), 1)
    assert said in reason.text


def test_every_reason_is_named_at_once() -> None:
    assert len(rules.why_not_together(a_candidate(type_id=2, amount_fen=5, signed=True), 1)) == 3


def test_the_seed_draws_the_same_cases_whatever_the_order_and_another_seed_draws_others() -> None:
    numbers = [f"990104-2020-{n:06d}" for n in range(500)]
    drawn = rules.draw("三月", numbers, 20)
    assert drawn == rules.draw("三月", reversed(numbers), 20)  # type: ignore[arg-type]
    assert len(set(drawn)) == 20
    assert drawn != rules.draw("四月", numbers, 20)
    by_hand = sorted(numbers, key=lambda number: hashlib.sha256(f"三月:{number}".encode()).hexdigest())
    assert drawn == by_hand[:20], "as the page tells how it is done"


def test_each_case_has_the_same_chance() -> None:
    numbers = [f"990104-2020-{n:06d}" for n in range(50)]
    times = dict.fromkeys(numbers, 0)
    for seed in range(2000):
        for number in rules.draw(str(seed), numbers, 10):
            times[number] += 1
    assert min(times.values()) > 320, times
    assert max(times.values()) < 480, times
