"""What was typed, what is marked, what stays hidden."""

from __future__ import annotations

import pytest

from casework.kernel.words import phrases, tokens
from casework.search.rules import Asked, hidden, marked, numbers_ending, read, snippet, spoken, worth


def said(pieces: list[tuple[str, bool]]) -> str:
    return "".join(f"[{text}]" if hit else text for text, hit in pieces)


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("南贤广场请求减免租金", ["租金"], "南贤广场请求减免[租金]"),
        ("南贤广场请求减免租金", ["租"], "南贤广场请求减免[租]金"),
        ("ＫＮ９５口罩与 kn95 滤棉", ["kn95"], "[ＫＮ９５]口罩与 [kn95] 滤棉"),
        ("N95 口罩", ["n95口罩"], "[N95 口罩]"),
        ("XN95", ["n95"], "XN95"),
        ("租金减免", ["租金", "金减"], "[租金减]免"),
        ("<b>租金</b>", ["租金", "b"], "<[b]>[租金]</[b]>"),
        ("没有", ["，。"], "没有"),
    ],
)
def test_hits_are_marked_whatever_their_width_and_case(text: str, words: list[str], shown: str) -> None:
    assert said(marked(text, words)) == shown


def test_a_snippet_begins_near_the_first_hit_and_hides_numbers_of_people() -> None:
    text = "前" * 300 + "减免租金，请拨打13812345678，身份证11010519491231002X" + "后" * 300
    shown = said(snippet(text, ["租金"]))
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "[租金]" in shown
    assert "138****5678" in shown
    assert "13812345678" not in shown
    assert "11010519491231002" not in shown
    assert hidden("订单 20260305001 共 12 件，座机 0755-88881234") == "订单 20260305001 共 12 件，座机 075****1234"


def test_what_the_index_holds_can_be_said_again() -> None:
    assert spoken(f"{tokens('合同编号 HT-2020，租')} ｋfile") == "合同编号 ht 2020 租"


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (" １２３４ ", {"tail": "1234", "number": "1234"}),
        ("138 1234 5678", {"phone": "13812345678"}),
        ("abcd-efgh-jkmn", {"code": "ABCDEFGHJKMN"}),
        ("8801-2020-000042", {"number": "8801-2020-000042"}),
        ("南贤\u200b 租金\x00 租金", {"text": "南贤 租金 租金", "words": ("南贤", "租金")}),
        ("，。", {"words": ()}),
        ("尾号1234", {"tail": "1234", "number": "1234"}),
        ("手机后四位：1234", {"tail": "1234", "number": "1234"}),
        ("138****1234", {"tail": "1234", "number": "1234"}),
        ("南贤1234", {"words": ("南贤", "1234")}),
        ("南贤，尾号1234", {"words": ("南贤", "1234")}),
        ("口罩2,000只、南贤", {"words": ("口罩2,000只", "南贤")}),
    ],
)
def test_numbers_and_codes_are_known_by_their_form(typed: str, wanted: dict[str, object]) -> None:
    asked = read(typed)
    assert {name: getattr(asked, name) for name in wanted} == wanted
    for name in ("tail", "phone", "code", "number"):
        assert name in wanted or not getattr(Asked("南贤"), name)


def test_a_short_number_means_that_case_in_each_of_ones_districts_and_years() -> None:
    assert numbers_ending("42", ["8801", "8802"], [2020, 2019]) == [
        "8801-2020-000042",
        "8801-2019-000042",
        "8802-2020-000042",
        "8802-2019-000042",
    ]
    assert numbers_ending("2020-42", ["8801"], [2020, 2019]) == ["8801-2020-000042"]
    assert numbers_ending("1-2-3", ["8801"], [2020]) == numbers_ending("12345678", ["8801"], [2020]) == []


def test_a_word_in_the_title_counts_more_than_one_far_down_and_often_more_than_once() -> None:
    words = phrases("租金")
    title, once = tokens("减免租金" + "事" * 200), tokens("事" * 200 + "减免租金")
    often = tokens("事" * 200 + "租金租金租金")
    assert worth(title, words) > worth(often, words) > worth(once, words) > worth(tokens("事" * 200), words)
