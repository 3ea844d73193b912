"""When two reports are likely the same matter: without a database."""

from __future__ import annotations

from casework.intake.likeness import Report, likely

OTHERS = [
    Report(2, "房东不肯减租", "南贤广场的房东一分租金都不减，三家店撑不住了。", firm="7"),
    Report(3, "口罩没有到货", "订的口罩一直没到，员工没法上岗。", firm="8"),
    Report(4, "门岗不让进", "园区门岗夜里不让送货车进。", firm="9"),
    Report(5, "贷款到期", "贷款下月到期，想展期。", firm="1"),
]


def test_the_same_matter_in_other_words_is_found_and_says_why() -> None:
    found = likely(Report(1, "租金一分不减", "我们在南贤广场开店，房东不肯减租金。", firm="6"), OTHERS)
    assert [one.key for one in found] == [2]
    assert found[0].why == ("text",)


def test_one_firm_with_another_trouble_is_no_repeat() -> None:
    assert likely(Report(1, "电费欠了", "电费欠了两个月，怕停电。", firm="8"), OTHERS) == []


def test_one_firm_with_few_words_in_common_is_a_repeat_and_the_nearest_comes_first() -> None:
    found = likely(Report(1, "口罩", "口罩还没到，房东也催租金。", firm="8", phone="1"), OTHERS)
    assert found[0].key == 3
    assert "firm" in found[0].why


def test_nothing_in_common_finds_nothing() -> None:
    assert likely(Report(1, "abc", "xyz"), OTHERS) == []
