"""Answers are kept in one form however they were typed; what is none gets one sentence at its field."""

from __future__ import annotations

from typing import Any

import pytest

from casework.processes.answers import check
from casework.processes.conditions import holds
from casework.processes.patterns import BadPattern, matches, read
from tests.processes.drafts import YES_NO, a_field, a_step, a_template, defined


def asked(given: object, kind: str, **more: Any) -> tuple[Any, list[str]]:
    if kind in ("choice", "choices"):
        more.setdefault("choices", YES_NO)
    if kind == "declaration":
        more.setdefault("text", "承诺属实")
    step = defined(a_template(a_step("s", fields=[a_field("f", kind, **more)]))).steps[0]
    kept, wrong = check(step, {"f": given})
    assert [reason.field for reason in wrong] in ([], ["f"])
    return kept.get("f"), [reason.text for reason in wrong]


KEPT = [
    ("text", " 冷冻水产 ", "冷冻水产"),
    ("number", "１８．６", 18.6),
    ("number", "1,200", 1200),
    ("money", "8,800.5元", 880_050),
    ("money", "3万", 3_000_000),
    ("date", "2020年2月9日", "2020-02-09"),
    ("date", "2020/2/9", "2020-02-09"),
    ("time", "7:05", "07:05"),
    ("time", "１７：３０", "17:30"),
    ("choice", "yes", "yes"),
    ("choices", ["no", "yes"], ["yes", "no"]),
    ("phone", "+86 138 0013 8000", "13800138000"),
    ("phone", "0755-8812 3456", "0755-88123456"),
    ("plate", "粤b·12345", "粤B12345"),
    ("plate", "粤BD12345", "粤BD12345"),
    ("uscc", " 91440300708461136t ", "91440300708461136T"),
    ("people", "张三 1234 13800138000\n\n李四，567x", [
        {"name": "张三", "id_tail": "1234", "phone": "13800138000"}, {"name": "李四", "id_tail": "567X"}]),
    ("declaration", "y", True),
    ("photo", [3, 4], [3, 4]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "kept"), KEPT)
def test_an_answer_is_kept_in_one_form(kind: str, given: object, kept: object) -> None:
    assert asked(given, kind) == (kept, [])


REFUSED = [
    ("number", "很多", {}, "write a number"),
    ("number", "1e9", {}, "write a number"),
    ("number", "-1", {"min": 0}, "at least"),
    ("number", "101", {"max": 100}, "at most"),
    ("money", "-5", {}, "write the sum"),
    ("date", "2020-02-30", {}, "write the day"),
    ("date", "昨天", {}, "write the day"),
    ("time", "25:00", {}, "write the time"),
    ("choice", "maybe", {}, "choose one"),
    ("choices", ["yes", "maybe"], {}, "choose among"),
    ("phone", "138001380", {}, "mobile number"),
    ("plate", "12345", {}, "number plate"),
    ("uscc", "123", {}, "write all 18"),
    ("people", "张三 abc", {}, "neither a mobile number"),
    ("people", "张三\n李四", {"max": 1}, "at most"),
    ("text", "x" * 201, {}, "at most"),
    ("text", "ab", {"pattern": "[A-Z]{2}"}, "the form asked for"),
    ("photo", [1], {"min": 2}, "at least"),
    ("file", ["../x"], {}, "attach the file again"),
    ("declaration", "", {}, "tick it"),
    ("text", "  ", {}, "still missing"),
]


@pytest.mark.parametrize(("kind", "given", "more", "said"), REFUSED)
def test_what_is_no_answer_gets_one_sentence_at_its_field(
    kind: str, given: object, more: dict[str, Any], said: str
) -> None:
    kept, wrong = asked(given, kind, **more)
    assert kept is None
    assert [said in text for text in wrong] == [True]


def test_what_need_not_be_answered_may_stay_empty() -> None:
    assert asked("", "number", required=False) == (None, [])


def test_an_answer_that_nobody_asked_for_is_left_out() -> None:
    step = defined(a_template(a_step("s", fields=[a_field("f", required=False)]))).steps[0]
    assert check(step, {"f": "x", "state": "approved"}) == ({"f": "x"}, [])


ANSWERS = {"a": {"n": 5, "c": "yes", "m": ["x", "y"], "d": "2020-02-09"}}
CONDITIONS = [
    ({"field": "a.n", "op": ">", "value": 4}, True),
    ({"field": "a.n", "op": "<=", "value": 4}, False),
    ({"field": "a.d", "op": "<", "value": "2020-02-10"}, True),
    ({"field": "a.c", "op": "in", "value": ["no", "yes"]}, True),
    ({"field": "a.m", "op": "=", "value": "y"}, True),
    ({"field": "a.m", "op": "!=", "value": "z"}, True),
    ({"field": "a.gone", "op": "=", "value": "x"}, False),
    ({"field": "a.gone", "op": "!=", "value": "x"}, True),
    ({"field": "a.gone", "op": "<", "value": 1}, False),
    ({"field": "a.gone", "op": "in", "value": ["x"]}, False),
    ({"field": "b.n", "op": "empty"}, True),
    ({"not": {"field": "a.n", "op": "empty"}}, True),
    ({"all": [{"field": "a.n", "op": "=", "value": 5}, {"field": "a.c", "op": "=", "value": "no"}]}, False),
    ({"any": [{"field": "a.n", "op": "=", "value": 5}, {"field": "a.c", "op": "=", "value": "no"}]}, True),
    (None, True),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS)
def test_a_condition_holds_for_the_answers_given(condition: Any, expected: bool) -> None:
    assert holds(condition, ANSWERS) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("[A-Z]{2}\\d{6}", "LJ440913", True),
        ("[A-Z]{2}\\d{6}", "LJ44091", False),
        ("[A-Z]{2}\\d{6}", "LJ4409131", False),
        ("粤?\\w{1,3}", "粤B1", True),
        ("a{0,9}a{0,9}a{0,9}b", "a" * 27, False),
        ("[-x]{2}", "-x", True),
        ("\\.\\d", ".5", True),
        ("", "", True),
    ],
)
def test_a_pattern_must_match_the_whole_answer(pattern: str, text: str, fits: bool) -> None:
    assert matches(pattern, text) is fits


@pytest.mark.parametrize("pattern", ["a+", "(a)", "a|b", "[^a]", "[z-a]", "[]", "a{3", "a{5,2}", "a{101}", "\\b", "\\"])
def test_what_is_not_of_the_grammar_is_no_pattern(pattern: str) -> None:
    with pytest.raises(BadPattern):
        read(pattern)


def test_a_hostile_pattern_ends_soon() -> None:
    assert not matches("a{0,100}" * 59 + "b", "a" * 200)
