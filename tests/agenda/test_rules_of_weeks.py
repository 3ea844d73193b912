"""Which week an address means, and on which day something can be put."""

from __future__ import annotations

from datetime import date

import pytest

from casework.agenda import rules
from casework.kernel.errors import Reason
from casework.kernel.time import at_local

MONDAY = date(2020, 3, 16)
TODAY = date(2020, 3, 18)


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        ("", MONDAY),
        ("2020-W12", MONDAY),
        ("2020-w13", date(2020, 3, 23)),
        ("2020W01", date(2019, 12, 30)),
        ("2020-03-22", MONDAY),
        ("2020-02-29", date(2020, 2, 24)),
        ("2020-W54", MONDAY),
        ("2020-13-01", MONDAY),
        ("0001-01-01", MONDAY),
        ("9999-12-31", MONDAY),
        ("x" * 500, MONDAY),
    ],
)
def test_a_week_is_named_by_its_number_or_any_of_its_days_and_is_else_the_present_one(text: str, monday: date) -> None:
    assert rules.monday_of(text, TODAY) == monday


def test_a_week_has_seven_days_and_is_found_again_by_its_name() -> None:
    for monday in (MONDAY, date(2019, 12, 30), date(2021, 1, 4)):
        assert [day.weekday() for day in rules.days_of(monday)] == list(range(7))
        assert rules.monday_of(rules.week_name(monday), TODAY) == monday


def test_on_another_day_it_keeps_its_time_of_day_or_takes_the_one_that_is_given() -> None:
    evening = at_local(MONDAY, 23, 30)  # still Monday in Shanghai, whatever day it is elsewhere
    assert rules.on_day(evening, TODAY) == at_local(TODAY, 23, 30)
    assert rules.on_day(evening, TODAY, 9 * 60 + 5) == at_local(TODAY, 9, 5)


@pytest.mark.parametrize(
    ("day", "off", "sure", "said"),
    [
        (TODAY, None, False, ""),
        (MONDAY, None, False, "past"),
        (MONDAY, "Sat", True, "past"),
        (None, None, True, "write one"),
        (date(2020, 3, 21), "Sat", False, "not a working day (Sat)"),
        (date(2020, 3, 21), "Sat", True, ""),
    ],
)
def test_a_past_day_is_refused_and_a_day_that_does_not_count_is_asked_about(
    day: date | None, off: str | None, sure: bool, said: str
) -> None:
    found = rules.day_objections(day, TODAY, Reason(off) if off else None, sure=sure)
    assert [said in str(reason) for reason in found] == ([True] if said else [])
