"""Sums as people write them, and as contracts write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.kernel.money import capitals

DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (12, "壹角贰分"),
        (500, "伍元整"),
        (1_000, "壹拾元整"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (10_050_000, "壹拾万零伍佰元整"),
        (61_234_567, "陆拾壹万贰仟叁佰肆拾伍元陆角柒分"),
        (100_000_000, "壹佰万元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (1_234_000_000_000, "壹佰贰拾叁亿肆仟万元整"),
    ],
)
def test_a_contract_says_a_sum_in_capitals(fen: int, said: str) -> None:
    assert capitals(fen) == said


def value_of(said: str) -> int:
    """Read capitals back, in fen."""
    yuan, _, rest = said.rpartition("元")
    total = group = digit = 0
    for sign in yuan:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in PLACES:
            group, digit = group + digit * PLACES[sign], 0
        elif sign == "亿":
            total, group, digit = (total + group + digit) * 10**8, 0, 0
        else:
            total, group, digit = total + (group + digit) * 10**4, 0, 0
    parts = {unit: DIGITS[sign] for sign, unit in re.findall("(.)([角分])", rest)}
    return (total + group + digit) * 100 + parts.get("角", 0) * 10 + parts.get("分", 0)


@given(st.integers(0, 10**12))
def test_capitals_read_back_as_the_sum(fen: int) -> None:
    said = capitals(fen)
    assert value_of(said) == fen
    assert said.endswith(("整", "分"))
    assert "零零" not in said
    assert re.fullmatch("[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整]+", said)
