"""The stated rounding rule, case by case: who gets the fen that are left where remainders are equal."""

from __future__ import annotations

import pytest

from casework.negotiations.shares import shared


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (0, [1, 2], [0, 0]),
        (7, [5], [7]),
        (1, [1, 2], [0, 1]),
        (2, [1, 3], [0, 2]),  # both remainders are a half: the larger weight comes first, though it stands last
        (2, [3, 1], [2, 0]),
        (6, [3, 1, 1, 3], [2, 1, 1, 2]),  # 2.25, 0.75, 0.75, 2.25: the larger remainders come before the weights
        (1, [1, 1, 1], [1, 0, 0]),  # all alike: the earlier in the list
        (5, [1, 1, 1], [2, 2, 1]),
        (1, [0, 1, 0], [0, 1, 0]),
        (3, [0, 1, 1, 0], [0, 2, 1, 0]),
        (10**12, [1, 1, 1], [333_333_333_334, 333_333_333_333, 333_333_333_333]),
    ],
)
def test_the_fen_that_are_left_go_where_the_rule_says(total: int, weights: list[int], shares: list[int]) -> None:
    assert shared(total, weights) == shares


def test_five_thousand_firms_and_a_fen_less_than_there_are_firms() -> None:
    shares = shared(4_999, [1] * 5_000)
    assert (shares[:4_999], shares[4_999]) == ([1] * 4_999, 0)
