"""What an entry must say, which batch goes out first, and what counts as short."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from casework.supplies import rules
from casework.supplies.forms import number_of
from casework.supplies.rules import Short
from casework.supplies.words import NEVER, SOON_DAYS

DAY = date(2020, 3, 16)
NEXT = DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("quantity", "zero", "right"),
    [(1, False, True), (0, False, False), (0, True, True), (-1, True, False), (None, False, False),
     (1_000_000, False, True), (1_000_001, False, False)],
)  # fmt: skip
def test_a_quantity_is_a_whole_number_within_reason(quantity: int | None, zero: bool, right: bool) -> None:
    assert (rules.quantity_faults(quantity, zero=zero) == []) is right


@pytest.mark.parametrize(
    ("text", "number"),
    [("2000", 2000), (" 2,000 ", 2000), ("２０００", 2000), ("2，000", 2000), ("", None), ("-3", None),
     ("1.5", None), ("两千", None), ("9" * 30, None), (None, None)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str | None, number: int | None) -> None:
    assert number_of(text) == number


def test_a_batch_can_be_given_out_on_its_last_day_and_not_after() -> None:
    assert rules.issue_faults(1, 5, DAY, DAY, "只") == []
    [fault] = rules.issue_faults(1, 5, DAY, NEXT, "只")
    assert "expired" in fault.text
    [fault] = rules.issue_faults(6, 5, NEVER, DAY, "只")
    assert fault.values == {"has": "5", "measure": "只"}


def test_soon_is_today_and_the_next_days() -> None:
    last = DAY + timedelta(days=SOON_DAYS)
    assert [rules.is_expiring(day, DAY) for day in (DAY - timedelta(days=1), DAY, last, last + timedelta(days=1))] == [
        False,
        True,
        True,
        False,
    ]


def test_what_comes_in_has_not_expired() -> None:
    assert rules.expiry_faults(NEVER, DAY) == rules.expiry_faults(DAY, DAY) == []
    assert [fault.field for fault in rules.expiry_faults(DAY, NEXT)] == ["expires_on"]
    assert [fault.field for fault in rules.expiry_faults(date(2999, 1, 1), DAY)] == ["expires_on"]


def test_short_is_what_a_units_cases_need_beyond_its_stock() -> None:
    needed = {(1, 10): 2000, (1, 20): 100, (2, 10): 5, (1, None): 7}
    usable = {(1, 10): 800, (1, 20): 900, (2, 10): 5}
    found = rules.shortages(needed, usable, {(1, 10): 500})
    assert found == [Short(1, 10, 2000, 800, 500, 800), Short(1, None, 7, 0, 0, 800)]
    assert [one.short for one in found] == [1200, 7]


def test_below_the_minimum_are_units_that_keep_the_item() -> None:
    usable = {(1, 10): 0, (1, 20): 499, (1, 30): 500, (2, 10): 0}
    assert rules.below_least(usable, {1: 500}) == [((1, 10), 0), ((1, 20), 499)]
