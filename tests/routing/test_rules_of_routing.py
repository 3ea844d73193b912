"""Which rule fits, and who takes the case: without a database."""

from __future__ import annotations

from typing import Any

import pytest

from casework.kernel.words import listed
from casework.routing.rules import (
    AWAY,
    ENDED,
    LOADED,
    Candidate,
    Conditions,
    Matter,
    Way,
    choose,
    faults,
    fits,
    found_in,
    minute_of,
    size_of,
)

NIGHT = 2 * 60


def a_matter(**changes: Any) -> Matter:
    boring: dict[str, Any] = {
        "type_code": "shipping",
        "area_ids": frozenset({1, 7}),
        "text": "货车出不了城，客户催发货",
        "size": "micro",
        "minute": NIGHT,
    }
    return Matter(**{**boring, **changes})


def somebody(user_id: int, way: Way = Way.TEAM, **changes: Any) -> Candidate:
    return Candidate(user_id, f"人{user_id}", 5, way, **changes)


@pytest.mark.parametrize(
    ("kept", "fitting"),
    [
        ({}, True),
        ({"types": ["shipping", "rent"]}, True),
        ({"types": ["rent"]}, False),
        ({"areas": [7]}, True),
        ({"areas": [8]}, False),
        ({"words": ["口罩", "发货"]}, True),
        ({"words": ["口罩"]}, False),
        ({"sizes": ["micro"]}, True),
        ({"sizes": ["large"]}, False),
        ({"begin": 18 * 60, "end": 8 * 60}, True),
        ({"begin": 8 * 60, "end": 18 * 60}, False),
        ({"begin": NIGHT, "end": NIGHT + 1}, True),
        ({"begin": 0, "end": NIGHT}, False),
        ({"types": ["shipping"], "areas": [8]}, False),
    ],
)
def test_a_rule_fits_when_everything_that_it_asks_for_holds(kept: dict[str, Any], fitting: bool) -> None:
    assert fits(Conditions.read(kept), a_matter()) is fitting


def test_words_are_found_whatever_their_width_and_case_and_are_named_for_the_explanation() -> None:
    conditions = Conditions.read({"words": ["ＫＮ95", "发货", "口罩"]})
    assert found_in(conditions, a_matter(text="kn95 要发货")) == ("ＫＮ95", "发货")


def test_who_does_not_serve_or_is_away_or_full_is_passed_over_with_the_reason() -> None:
    choice = choose(
        [
            somebody(1, Way.OWN, serves=False),
            somebody(2, Way.DEPUTY, away=True),
            somebody(3, Way.NAMED, load=30),
            somebody(4, load=2),
            somebody(5, load=1),
        ],
        30,
    )
    assert choice.taken is not None
    assert choice.taken.user_id == 4, "those of the unit come in the order given"
    assert choice.passed == (("人1", ENDED), ("人2", AWAY), ("人3", LOADED))


def test_when_all_are_full_the_least_loaded_takes_it_and_is_not_said_to_be_passed_over() -> None:
    choice = choose([somebody(1, load=40), somebody(2, load=31), somebody(3, away=True)], 30)
    assert choice.taken is not None
    assert choice.taken.user_id == 2
    assert choice.passed == (("人1", LOADED), ("人3", AWAY))


def test_somebody_who_comes_up_twice_is_judged_once() -> None:
    choice = choose([somebody(1, Way.OWN, away=True), somebody(1, away=True)], 30)
    assert choice.taken is None
    assert choice.passed == (("人1", AWAY),)


@pytest.mark.parametrize(
    ("text", "minute"),
    [("18:00", 1080), ("7：30", 450), ("0:00", 0), ("24:00", None), ("8:60", None), ("8", None), ("八点", None)],
)
def test_a_time_is_read_as_people_write_it(text: str, minute: int | None) -> None:
    assert minute_of(text) == minute


def test_words_are_read_with_any_mark_between_and_each_once() -> None:
    assert listed("发货、出库，车辆 发货;\n通行证") == ["发货", "出库", "车辆", "通行证"]


@pytest.mark.parametrize(
    ("said", "size"),
    [("微型", "micro"), ("小微企业", "micro"), ("个体工商户", "sole_trader"), ("中型", "medium"), ("", "")],
)
def test_the_size_is_read_from_what_the_file_says(said: str, size: str) -> None:
    assert size_of(said) == size


@pytest.mark.parametrize(
    ("kept", "field"),
    [({"begin": 60}, "begin"), ({"begin": 60, "end": 60}, "end"), ({"words": ["长" * 21]}, "words")],
)
def test_wrong_conditions_are_named_at_their_field(kept: dict[str, Any], field: str) -> None:
    assert [reason.field for reason in faults(Conditions.read(kept))] == [field]
