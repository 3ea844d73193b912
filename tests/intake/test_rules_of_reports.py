"""What the portal asks for, suggests, and reads from an address: without a database."""

from __future__ import annotations

from typing import Any

import pytest

from casework.intake.rules import (
    STEPS,
    Spot,
    digest_of,
    faults,
    first_open,
    phone_of,
    places_in,
    suggested,
    title_of,
)

WHOLE: dict[str, Any] = {
    "text": "房东不肯减租，三家店都快撑不住了。",
    "kind": "rent",
    "firm": "阿芝热干面馆",
    "area_id": 7,
    "name": "何秀芝",
    "phone": "139 0000 2206",
}
WORDS = [("rent", ["租金", "房东", "减租"]), ("shipping", ["发货", "货车"]), ("pass", ["出入证"])]
DISTRICT, NAN, LIU = frozenset({1}), frozenset({1, 2}), frozenset({1, 3})
SPOTS = [
    Spot(1, "临江", 1, frozenset(), "临江区"),
    Spot(2, "南贤", 2, DISTRICT, "临江区 ▸ 南贤街道"),
    Spot(3, "柳堤", 2, DISTRICT, "临江区 ▸ 柳堤街道"),
    Spot(4, "桥东", 3, NAN, "临江区 ▸ 南贤街道 ▸ 桥东社区"),
    Spot(5, "和平", 3, NAN, "临江区 ▸ 南贤街道 ▸ 和平社区"),
    Spot(6, "和平", 3, LIU, "临江区 ▸ 柳堤街道 ▸ 和平社区"),
    Spot(7, "临江", 3, LIU, "临江区 ▸ 柳堤街道 ▸ 临江社区"),
    Spot(8, "桥东北", 3, NAN, "临江区 ▸ 南贤街道 ▸ 桥东北社区"),
]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("139 0000 2206", "13900002206"),
        ("＋86 139-0000-2206", "13900002206"),
        ("0755-2668 0000", "075526680000"),
        ("400-800-1234", "4008001234"),
        ("12345", ""),
        ("1390000220", ""),
        ("没有电话", ""),
    ],
)
def test_a_phone_is_kept_as_digits_when_it_can_be_called(typed: str, kept: str) -> None:
    assert phone_of(typed) == kept


@pytest.mark.parametrize("step", STEPS)
def test_what_is_missing_sends_one_back_to_its_step(step: str) -> None:
    gone = {"what": "text", "kind": "kind", "firm": "firm", "place": "area_id", "contact": "phone"}[step]
    answers = {**WHOLE, gone: ""}
    assert first_open(answers) == step
    assert [reason.field for reason in faults(step, answers)] == [gone]


def test_a_whole_report_is_ready_to_be_checked() -> None:
    assert first_open(WHOLE) == "check"


def test_the_title_is_the_first_sentence_cut_where_it_is_long() -> None:
    assert title_of("\n房东不肯减租。三家店") == "房东不肯减租"
    assert len(title_of("很" * 90)) == 40
    assert title_of("很" * 90).endswith("…")


def test_the_same_report_is_known_however_it_is_spaced_and_whatever_its_width() -> None:
    assert digest_of(WHOLE) == digest_of({**WHOLE, "phone": "＋86 13900002206", "text": f" {WHOLE['text']} \n"})
    assert digest_of(WHOLE) != digest_of({**WHOLE, "phone": "13900002207"})


@pytest.mark.parametrize(
    ("text", "first"),
    [("房东说租金一分不减", "rent"), ("货车上不了高速，发货要违约", "shipping"), ("门岗要出入证", "pass")],
)
def test_the_words_of_a_text_suggest_its_type(text: str, first: str) -> None:
    assert suggested(text, WORDS)[0] == first


def test_a_text_that_says_nothing_suggests_nothing() -> None:
    assert suggested("老板心情不好", WORDS) == []


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("临江区南贤街道桥东社区解放路 12 号", [4]),
        ("桥东社区", [4]),
        ("南贤街道和平社区", [5]),
        ("和平社区", [6, 5]),
        ("临江区", [1]),
        ("柳堤街道南贤路 3 号", [3]),
        ("临江区南贤街道柳堤路 9 号", [2]),
        ("临江社区 3 号", [7]),
        ("南贤街道桥东北社区", [8]),
        ("南贤街道和平路 1 号", [2]),
        ("和平路 1 号", [5, 6]),
        ("火星基地", []),
    ],
)
def test_an_address_leads_to_the_finest_place_that_it_names(address: str, found: list[int]) -> None:
    assert {spot.id for spot in places_in(address, SPOTS)} == set(found)
