"""Credit codes and names: tables of facts."""

from __future__ import annotations

import pytest

from casework.enterprises.rules import compact, name_key, uscc_fault
from casework.kernel.masking import masked


def said(code):
    fault = uscc_fault(code)
    return None if fault is None else fault.text % fault.values


@pytest.mark.parametrize(
    "code", ["91440300708461136T", "9144030071526726XG", " 9144 0300-708461136t ", "９1440300708461136T"]
)
def test_a_right_code_has_no_fault_however_it_is_typed(code):
    assert said(code) is None


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("9144", "4 characters"),
        ("91440300708461136", "17 characters"),
        ("A1440300708461136T", "Character 1 of the credit code is “A”: the first eight are digits"),
        ("91440300708461I36T", "Character 15 of the credit code is “I”, which no credit code has: it may be “1”"),
        ("91440300708461?36T", "Character 15 of the credit code is “?”"),
        ("91440300310585787M", "ends in “M”, by its other characters it would end in “7”"),
    ],
)
def test_a_wrong_code_is_told_where_it_is_wrong(code, part):
    assert part in (said(code) or "")


def test_every_changed_character_of_a_right_code_is_found():
    right = "91440300708461136T"
    for place, character in enumerate(right):
        other = "2" if character != "2" else "3"
        assert uscc_fault(right[:place] + other + right[place + 1 :]) is not None, place


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("腾讯科技（深圳）有限公司", "腾讯科技(深圳)有限公司"),
        (" 深圳市 卓宝\u3000科技 ", "深圳市卓宝科技"),
        ("ＡＢＣ Ltd", "abc ltd"),
        ("一—二", "一-二"),
    ],
)
def test_two_spellings_of_one_name_have_one_key(one, other):
    assert name_key(one).replace("—", "-") == name_key(other)


def test_two_names_have_two_keys():
    assert name_key("深圳市卓宝科技有限公司") != name_key("深圳市卓宝科技股份有限公司")


@pytest.mark.parametrize(
    ("phone", "shown"), [("13812341234", "138****1234"), ("26680000", "****0000"), ("12345", "****45"), ("", "")]
)
def test_a_number_is_shown_masked(phone, shown):
    assert masked(phone) == shown


def test_a_code_loses_blanks_dashes_and_a_leading_quote():
    assert compact("'9144 0300-7084 61136t") == "91440300708461136T"
