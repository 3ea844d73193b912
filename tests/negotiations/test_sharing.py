"""A sum is shared to the fen, for any total, any number of firms and any weights."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.negotiations.shares import Firm, allocation_faults, shared, shares_of
from casework.negotiations.words import Basis

TOTALS = st.integers(min_value=0, max_value=10**12)
WEIGHTS = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=300).filter(any)


@given(total=TOTALS, weights=WEIGHTS)
@settings(max_examples=200, deadline=None)
def test_the_shares_sum_to_the_fen_and_nobody_is_off_by_a_whole_fen(total: int, weights: list[int]) -> None:
    shares = shared(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    for weight, share in zip(weights, shares, strict=True):
        assert abs(share - Fraction(total * weight, whole)) < 1
        assert weight or not share


@given(total=TOTALS, weights=WEIGHTS)
@settings(max_examples=100, deadline=None)
def test_the_same_input_always_gives_the_same_shares_and_more_weight_never_less(total: int, weights: list[int]) -> None:
    shares = shared(total, weights)
    assert shares == shared(total, weights)
    ranked = sorted(zip(weights, shares, strict=True))
    by_weight = [max(share for weight, share in ranked if weight == one) for one in sorted(set(weights))]
    assert all(low <= high for low, high in pairwise(by_weight))


@given(
    total=st.integers(min_value=1, max_value=10**11),
    count=st.sampled_from([1, 2, 37, 1_000, 5_000]),
    step=st.integers(min_value=0, max_value=10**6),
    basis=st.sampled_from(list(Basis)),
)
@settings(max_examples=25, deadline=None)
def test_every_way_of_sharing_sums_to_the_fen_for_up_to_five_thousand_firms(
    total: int, count: int, step: int, basis: Basis
) -> None:
    firms = [Firm(n, f"第 {n} 户", rent_fen=n * step + 1, area_cm2=(n % 7) * step + 1) for n in range(1, count + 1)]
    by_hand = {firm.id: 0 for firm in firms} | {1: total}
    assert allocation_faults(basis, total, firms, by_hand) == []
    assert sum(share for _, share in shares_of(basis, total, firms, by_hand)) == total


def test_the_37_tenants_of_the_plaza_get_what_the_paper_says() -> None:
    rents = [880_000, 562_000, 1_010_000, 374_000, 458_000, 678_000]
    shares = shared(61_234_567, [*rents, 32_000_000 - sum(rents)])
    assert shares[:6] == [1_683_951, 1_075_432, 1_932_716, 715_679, 876_420, 1_297_407]


def test_six_hundred_thousand_over_37_equal_tenants_is_exact() -> None:
    shares = shared(60_000_000, [1] * 37)
    assert sum(shares) == 60_000_000
    assert set(shares) == {1_621_621, 1_621_622}
    assert shares == sorted(shares, reverse=True)  # of equals who joined first gets the fen


@pytest.mark.parametrize("weights", [[], [0, 0], [3, -1]])
def test_what_cannot_be_shared_is_an_error_and_not_a_guess(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        shared(100, weights)


def test_shares_by_hand_that_do_not_add_up_name_the_gap() -> None:
    firms = [Firm(1, "甲"), Firm(2, "乙")]
    (less,) = allocation_faults(Basis.HAND, 1_000, firms, {1: 400, 2: 500})
    (more,) = allocation_faults(Basis.HAND, 1_000, firms, {1: 700, 2: 500})
    (none,) = allocation_faults(Basis.HAND, 1_000, firms, {1: 1_000})
    assert (less.text.partition(",")[2], less.values["gap"]) == (" %(gap)s less than agreed: add it.", "1.00")
    assert (more.values["given"], more.values["gap"]) == ("12.00", "2.00")
    assert "乙" in str(none)


def test_rents_that_nobody_knows_are_named_and_not_taken_for_nothing() -> None:
    (fault,) = allocation_faults(Basis.RENT, 1_000, [Firm(1, "甲", rent_fen=5), Firm(2, "乙")])
    assert "乙" in str(fault)
    (zero,) = allocation_faults(Basis.AREA, 1_000, [Firm(1, "甲", area_cm2=0)])
    assert "0" in str(zero)
