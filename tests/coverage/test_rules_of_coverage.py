"""What a community looks like from its counts, and sharing out: without a database."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.coverage.rules import Cell, Firm, Held, Officer, Tone, cells, share_out, total

HERE, THERE, BOTH = frozenset({1, 10}), frozenset({2, 10}), frozenset({10})


def test_a_firm_whose_officer_no_longer_serves_is_not_covered() -> None:
    found = cells({5: 10}, [Held(5, 1, 4, 1), Held(5, 2, 3, 0)], {}, serving=frozenset({1}), most=60)
    cell = found[5]
    assert (cell.covered, cell.ended, cell.uncovered, cell.gaps, cell.no_deputy) == (4, 3, 3, 6, 3)


def test_who_has_too_many_over_the_whole_district_is_marked_wherever_they_have_some() -> None:
    found = cells({5: 40, 6: 30}, [Held(5, 1, 40, 40), Held(6, 1, 30, 30)], {}, serving=frozenset({1}), most=60)
    assert found[5].heavy == found[6].heavy == {1: 70}
    assert total(found.values()).heavy == {1: 70}


@pytest.mark.parametrize(
    ("cell", "has_leader", "tone"),
    [
        (Cell(firms=3, covered=3), True, Tone.OK),
        (Cell(firms=3, covered=2), True, Tone.GAP),
        (Cell(firms=3, covered=3), False, Tone.GAP),
        (Cell(firms=3, covered=3, stale=1), True, Tone.OLD),
        (Cell(firms=3, covered=3, heavy={1: 99}), True, Tone.HEAVY),
        (Cell(firms=3, covered=2, stale=3, heavy={1: 99}), True, Tone.GAP),
    ],
)
def test_a_community_shows_the_worst_that_holds(cell: Cell, has_leader: bool, tone: Tone) -> None:
    assert cell.tone(has_leader) is tone


def test_firms_that_few_reach_come_first_so_that_the_rest_evens_out() -> None:
    firms = [Firm(n, HERE) for n in range(6)] + [Firm(6 + n, THERE) for n in range(2)]
    given_to = share_out(firms, [Officer(1, frozenset({1}), 0), Officer(2, BOTH, 0)])
    assert Counter(given_to.values()) == {1: 4, 2: 4}


def test_of_equals_who_knows_the_trade_takes_the_firm() -> None:
    firms = [Firm(1, HERE, "餐饮")]
    officers = [Officer(1, BOTH, 3), Officer(2, BOTH, 3, frozenset({"餐饮"}))]
    assert share_out(firms, officers) == {1: 2}


def test_a_firm_that_nobody_reaches_is_left_and_said_so() -> None:
    assert share_out([Firm(1, HERE)], [Officer(1, frozenset({2}), 0)]) == {1: None}


def test_a_firm_goes_from_hand_to_hand_until_nothing_could_be_more_even() -> None:
    """The middle one reaches both sides: dealt in any order, all three end with four."""
    left, right = frozenset({1, 10}), frozenset({2, 10})
    officers = [Officer(1, frozenset({1}), 0), Officer(2, frozenset({1, 2}), 0), Officer(3, frozenset({2}), 0)]
    firms = [Firm(n, left) for n in range(4)] + [Firm(4 + n, right) for n in range(8)]
    assert Counter(share_out(firms, officers).values()) == {1: 4, 2: 4, 3: 4}


@settings(max_examples=80)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=80),
    st.lists(st.sets(st.integers(0, 5), min_size=1, max_size=3), min_size=2, max_size=8),
)
def test_no_two_officers_could_be_brought_nearer_by_handing_a_firm_on(
    places: list[int], reaches: list[set[int]]
) -> None:
    firms = [Firm(n, frozenset({place})) for n, place in enumerate(places)]
    officers = [Officer(n, frozenset(reach), 0) for n, reach in enumerate(reaches)]
    given_to = share_out(firms, officers)
    load = Counter(given_to.values())
    for firm in firms:
        holder = given_to[firm.id]
        for other in officers:
            if holder is not None and other.area_ids & firm.area_ids:
                assert load[holder] - load[other.user_id] <= 1
    assert all(
        (given_to[firm.id] is None) == (not any(one.area_ids & firm.area_ids for one in officers)) for firm in firms
    )


@settings(max_examples=60)
@given(st.integers(1, 300), st.lists(st.integers(0, 20), min_size=1, max_size=12))
def test_where_all_reach_all_the_loads_end_within_one_unless_somebody_had_more_before(
    count: int, loads: list[int]
) -> None:
    officers = [Officer(n, BOTH, load) for n, load in enumerate(loads)]
    given_to = share_out([Firm(n, HERE) for n in range(count)], officers)
    after = {one.user_id: one.load for one in officers}
    for user_id in given_to.values():
        assert user_id is not None
        after[user_id] += 1
    touched = [after[one] for one in set(given_to.values()) if one is not None]
    assert max(touched) - min(after.values()) <= 1
    assert sum(after.values()) == sum(loads) + count
