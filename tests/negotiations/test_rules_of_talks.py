"""What talks, promises, agreements and receipts accept, as tables: one sentence a fault, at the field to mend."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.kernel.errors import Reason
from casework.negotiations.rules import (
    MOST_FEN,
    agreement_faults,
    position_faults,
    promise_faults,
    receipt_faults,
    round_faults,
    settling_faults,
    worth,
)
from casework.negotiations.shares import Firm, allocation_faults, received_above, shares_of
from casework.negotiations.words import Basis, Method, Promise, Side
from tests.factories import NOW
from tests.negotiations.deal import a_draft, a_position, a_promise_draft, some_terms

DAY = date(2020, 3, 16)  # the day of NOW
ONE = timedelta(days=1)
YEARS = timedelta(days=5 * 366)


def fields(faults: list[Reason]) -> list[str | None]:
    return [fault.field for fault in faults]


# -- rounds


@pytest.mark.parametrize(
    ("changes", "faulty"),
    [
        ({}, []),
        ({"at": NOW + timedelta(minutes=10)}, []),
        ({"at": NOW + timedelta(minutes=11)}, ["at"]),
        ({"at": NOW - YEARS}, []),
        ({"at": NOW - YEARS - ONE}, ["at"]),
        ({"until": NOW}, []),
        ({"until": NOW - timedelta(minutes=1)}, ["until"]),
        ({"next_on": DAY}, []),
        ({"next_on": DAY - ONE}, ["next_on"]),
        ({"next_on": DAY + YEARS}, []),
        ({"next_on": DAY + YEARS + ONE}, ["next_on"]),
        ({"said": " "}, ["said"]),
        ({"said": "", "objections": "还要还贷"}, []),
        ({"said": "", "positions": [a_position()]}, []),
        ({"said": "字" * 5_000}, []),
        ({"said": "字" * 5_001}, ["said"]),
        ({"objections": "字" * 5_001}, ["objections"]),
        ({"place": "字" * 201}, ["place"]),
        ({"next_step": "字" * 201}, ["next_step"]),
        ({"latitude": 90_000_000, "longitude": -180_000_000}, []),
        ({"latitude": 0, "longitude": 0}, []),
        ({"latitude": -90_000_001, "longitude": 0}, ["place"]),
        ({"latitude": 0, "longitude": 180_000_001}, ["place"]),
        ({"latitude": 1, "longitude": None}, ["place"]),
        ({"latitude": None, "longitude": 0}, ["place"]),
    ],
)
def test_a_round_is_taken_up_to_its_limits(changes: dict[str, Any], faulty: list[str]) -> None:
    assert fields(round_faults(a_draft(**changes), now=NOW, agreed_on=None)) == faulty


def test_everything_that_is_wrong_with_a_round_is_said_at_once() -> None:
    late = NOW + timedelta(hours=2)
    draft = a_draft(at=late, until=NOW, place="字" * 201, latitude=1, positions=[a_position(fen=-1)])
    found = fields(round_faults(draft, now=NOW, agreed_on=DAY - ONE))
    assert found == ["at", "until", "place", "place", "ask_amount", "ask_amount"]


@pytest.mark.parametrize(
    ("agreed_on", "positions", "faulty"),
    [
        (None, [a_position()], []),
        (DAY, [a_position()], []),
        (DAY - ONE, [a_position()], ["ask_amount"]),
        (DAY - ONE, [], []),
    ],
)
def test_sums_are_refused_only_after_the_day_of_the_agreement(
    agreed_on: date | None, positions: list[Any], faulty: list[str]
) -> None:
    assert fields(round_faults(a_draft(positions=positions), now=NOW, agreed_on=agreed_on)) == faulty


@pytest.mark.parametrize(
    ("fen", "changes", "faulty"),
    [
        (0, {}, []),
        (MOST_FEN, {}, []),
        (MOST_FEN + 1, {}, ["ask_amount"]),
        (-1, {}, ["ask_amount"]),
        (None, {}, ["ask_amount"]),
        (None, {"months_tenths": 1}, []),
        (None, {"months_tenths": 600}, []),
        (None, {"months_tenths": 601}, ["ask_months"]),
        (None, {"months_tenths": 0}, ["ask_months"]),
        (None, {"months_tenths": 10, "percent_bp": 10_000}, []),
        (None, {"months_tenths": 10, "percent_bp": 10_001}, ["ask_percent"]),
        (None, {"months_tenths": 10, "percent_bp": 0}, ["ask_percent"]),
        (None, {"percent_bp": 5_000}, ["ask_months"]),
        (1, {"percent_bp": 5_000}, []),
        (1, {"expires_on": DAY}, []),
        (1, {"expires_on": DAY - ONE}, ["ask_expires"]),
    ],
)
def test_an_ask_or_offer_is_a_sum_or_months_or_months_and_a_percentage(
    fen: int | None, changes: dict[str, Any], faulty: list[str]
) -> None:
    assert fields(list(position_faults(a_position(fen=fen, **changes), NOW))) == faulty


@pytest.mark.parametrize(
    ("fen", "changes", "rent", "worthy"),
    [
        (12_345, {}, 0, 12_345),
        (0, {}, 600_000, 0),
        (12_345, {"months_tenths": 20, "percent_bp": 5_000}, 600_000, 12_345),
        (None, {"months_tenths": 20}, 600_000, 1_200_000),
        (None, {"months_tenths": 15}, 600_000, 900_000),
        (None, {"months_tenths": 15, "percent_bp": 5_000}, 600_000, 450_000),
        (None, {"months_tenths": 10, "percent_bp": 3_333}, 100, 33),
        (None, {"months_tenths": 10, "percent_bp": 3_350}, 100, 34),
        (None, {"months_tenths": 5}, 1, 1),
        (None, {"months_tenths": 4}, 1, 0),
        (None, {"months_tenths": 20}, 0, None),
        (None, {"percent_bp": 5_000}, 600_000, None),
        (12_345, {"method": Method.DEFER}, 0, 0),
        (None, {"method": Method.DEFER, "months_tenths": 20}, 600_000, 0),
        (12_345, {"method": Method.OFFSET}, 0, 12_345),
    ],
)
def test_what_an_ask_or_offer_comes_to_in_fen(
    fen: int | None, changes: dict[str, Any], rent: int, worthy: int | None
) -> None:
    assert worth(a_position(Side.THEM, fen, **changes), rent) == worthy


@given(
    rent=st.integers(1, 10**11),
    months=st.integers(1, 600),
    percent=st.none() | st.integers(1, 10_000),
)
@settings(max_examples=200, deadline=None)
def test_months_of_rent_are_rounded_to_the_nearest_fen(rent: int, months: int, percent: int | None) -> None:
    fen = worth(a_position(fen=None, months_tenths=months, percent_bp=percent), rent)
    assert fen is not None
    assert abs(fen * 100_000 - rent * months * (percent or 10_000)) <= 50_000


# -- promises


@pytest.mark.parametrize(
    ("changes", "faulty"),
    [
        ({}, []),
        ({"due_on": DAY}, []),
        ({"due_on": DAY - ONE}, ["due_on"]),
        ({"due_on": DAY + YEARS + ONE}, ["due_on"]),
        ({"promised_on": DAY + ONE, "due_on": DAY + ONE}, ["promised_on"]),
        ({"promised_on": DAY - ONE, "due_on": DAY - ONE}, []),
        ({"what": " "}, ["what"]),
        ({"what": "字" * 300}, []),
        ({"what": "字" * 301}, ["what"]),
        ({"who": " "}, ["who"]),
        ({"who": "字" * 201}, ["who"]),
        ({"who": "", "what": "", "due_on": DAY - ONE}, ["what", "who", "due_on"]),
    ],
)
def test_a_promise_says_who_what_and_a_day_that_can_be(changes: dict[str, Any], faulty: list[str]) -> None:
    assert fields(promise_faults(a_promise_draft(**changes), today=DAY)) == faulty


@pytest.mark.parametrize(
    ("state", "target", "mine", "proven", "reason", "faulty"),
    [
        ("proven", Promise.KEPT, False, True, "", []),
        ("open", Promise.KEPT, False, False, "看到了", ["proof"]),
        ("proven", Promise.KEPT, True, True, "", [None]),
        ("open", Promise.BROKEN, True, False, "没做", [None]),
        ("open", Promise.RELEASED, True, False, "不要了", [None]),
        ("open", Promise.BROKEN, False, False, "没做", []),
        ("open", Promise.BROKEN, False, False, " ", ["reason"]),
        ("proven", Promise.RELEASED, False, True, "", ["reason"]),
        ("open", Promise.RELEASED, False, False, "不要了", []),
        ("kept", Promise.BROKEN, False, True, "没做", [None]),
        ("broken", Promise.KEPT, False, True, "", [None]),
        ("released", Promise.KEPT, True, False, "", [None, None, "proof"]),
    ],
)
def test_a_promise_ends_on_proof_or_a_reason_and_never_by_the_promiser(
    state: str, target: Promise, mine: bool, proven: bool, reason: str, faulty: list[str | None]
) -> None:
    assert fields(settling_faults(state, target, is_promiser=mine, proven=proven, reason=reason)) == faulty


# -- agreements, allocations, receipts


@pytest.mark.parametrize(
    ("changes", "faulty"),
    [
        ({}, []),
        ({"total_fen": 1}, []),
        ({"total_fen": MOST_FEN}, []),
        ({"total_fen": MOST_FEN + 1}, ["total"]),
        ({"total_fen": 0}, ["total"]),
        ({"total_fen": -1}, ["total"]),
        ({"terms": "字" * 5_001}, ["terms"]),
        ({"terms": " "}, ["terms"]),
        ({"agreed_on": DAY + ONE}, ["agreed_on"]),
        ({"from_on": DAY, "to_on": DAY}, []),
        ({"from_on": DAY, "to_on": DAY - ONE}, ["to_on"]),
        ({"to_on": DAY - ONE}, []),
    ],
)
def test_terms_are_taken_up_to_their_limits(changes: dict[str, Any], faulty: list[str]) -> None:
    assert fields(agreement_faults(some_terms(**changes), today=DAY)) == faulty


TWO = [Firm(1, "甲", rent_fen=3, area_cm2=5), Firm(2, "乙", rent_fen=0, area_cm2=None)]


@pytest.mark.parametrize(
    ("basis", "firms", "by_hand", "faulty"),
    [
        (Basis.RENT, TWO, None, []),
        (Basis.EQUAL, TWO, None, []),
        (Basis.AREA, TWO, None, ["basis"]),
        (Basis.RENT, TWO[1:], None, ["basis"]),
        (Basis.EQUAL, [], None, ["basis"]),
        (Basis.HAND, [], {}, ["basis"]),
        (Basis.HAND, TWO, {1: 1_000, 2: 0}, []),
        (Basis.HAND, TWO, None, ["shares"]),
        (Basis.HAND, TWO, {1: 1_001, 2: -1}, ["shares"]),
        (Basis.HAND, TWO, {1: MOST_FEN + 1, 2: 0}, ["shares"]),
        (Basis.HAND, TWO, {1: 999, 2: 0}, ["shares"]),
        (Basis.HAND, TWO, {1: 999, 2: 2}, ["shares"]),
    ],
)
def test_a_sum_is_shared_when_everybody_has_a_figure_and_it_adds_up(
    basis: Basis, firms: list[Firm], by_hand: dict[int, int] | None, faulty: list[str]
) -> None:
    assert fields(allocation_faults(basis, 1_000, firms, by_hand)) == faulty


@given(total=st.integers(0, 10**12), figures=st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)),
       min_size=1, max_size=60), basis=st.sampled_from([Basis.RENT, Basis.AREA, Basis.EQUAL]))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_every_way_either_says_what_is_missing_or_adds_up(
    total: int, figures: list[tuple[int, int]], basis: Basis
) -> None:
    firms = [Firm(place, "户", rent, area) for place, (rent, area) in enumerate(figures)]
    if allocation_faults(basis, total, firms):
        assert not any(figure[basis is Basis.AREA] for figure in figures)
        return
    shares = shares_of(basis, total, firms)
    assert sum(share for _, share in shares) == total
    assert all(weight or not share for weight, share in shares)


@pytest.mark.parametrize(
    ("amount", "left", "on", "faulty"),
    [
        (100, 100, DAY, []),
        (1, 100, DAY, []),
        (0, 100, DAY, []),
        (101, 100, DAY, ["amount"]),
        (-1, 100, DAY, ["amount"]),
        (0, 0, DAY, ["amount"]),
        (1, -5, DAY, ["amount"]),
        (100, 100, DAY + ONE, ["received_on"]),
        (100, 100, DAY - 2 * ONE, ["received_on"]),
        (100, 100, DAY - ONE, []),
    ],
)
def test_a_receipt_is_at_most_what_is_outstanding_on_a_day_that_can_be(
    amount: int, left: int, on: date, faulty: list[str]
) -> None:
    found = receipt_faults(amount, left, received_on=on, agreed_on=DAY - ONE, today=DAY, name="甲")
    assert fields(found) == faulty


def test_a_version_gives_nobody_less_than_has_arrived() -> None:
    names = {1: "甲", 2: "乙", 3: "丙"}
    assert received_above({1: 100, 2: 50}, {1: 100, 2: 49}, names) == []
    (fault,) = received_above({1: 99, 2: 50}, {1: 100, 2: 50, 3: 1}, names)
    assert (fault.values["n"], fault.values["names"]) == (2, "甲、丙"), "a firm that left has a share of nothing"
    assert received_above({}, {3: 0}, names) == [], "a receipt corrected to nothing holds nobody back"
