"""Two versions side by side: what came, went, moved and reads otherwise, told in words."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from casework.processes import comparing, editing
from tests.processes.drafts import YES_NO, a_field, a_step, a_template, random_template, shipping
from tests.processes.shipment import shipping as shipped

Rows = dict[str, tuple[str, str]]


def rows_of(old: dict[str, Any], new: dict[str, Any], locale: str = "en") -> Rows:
    """Every changed part by its label, of all steps together."""
    told = comparing.changes(old, new, locale, {"shipping": "Shipping"})
    return {str(label): (was, now) for change in told for label, was, now in change.rows}


@pytest.mark.parametrize("definition", [shipping(), shipped(), random_template(Random(1), 20)])
def test_nothing_differs_from_itself(definition: dict[str, Any]) -> None:
    assert comparing.changes(definition, definition, "zh") == []


def test_steps_that_came_and_went_are_told_by_their_titles() -> None:
    changed = editing.remove_step(shipping(), "slip")
    changed, _ = editing.add_step(changed, after=["inspect"], title="复核")
    told = [(change.kind, change.title) for change in comparing.changes(shipping(), changed, "zh")]
    assert ("gone", "slip") in told
    assert ("new", "复核") in told


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"title": {"zh": "电话核对", "en": "Call"}}, {"Name of the step": ("check", "Call"), "Name of the step in Chinese": ("check", "电话核对")}),
        ({"title": {"zh": "check", "en": "Ring"}}, {"Name of the step": ("check", "Ring")}),
        ({"actor": "authority:transport"}, {"Who acts": ("Liaison officer", "Transport")}),
        ({"limit": {"minutes": 150, "calendar": "working"}}, {"Time limit": ("1 h · around the clock", "2 h 30 min · working time")}),
        ({"limit": None}, {"Time limit": ("1 h · around the clock", "")}),
        ({"visit": {"slot_minutes": 30, "offers": 3}}, {"A visit on site": ("", "3 times to choose from, 30 minutes each")}),
        ({"decision": {"approve": True, "reject": True}}, {"May return to": ("apply", ""), "May reject": ("", "yes")}),
        ({"decision": None}, {"Decides": ("yes", ""), "May return to": ("apply", "")}),
        ({"when": {"field": "apply.cold", "op": "=", "value": "yes"}}, {"Only when": ("", "cold is 是")}),
        ({"after": []}, {"After which steps": ("apply", "")}),
        ({"help": {"zh": "打电话"}}, {"Help": ("", "打电话")}),
    ],
)  # fmt: skip
def test_a_changed_property_is_told_as_it_was_and_as_it_is(values: dict[str, Any], told: Rows) -> None:
    found = rows_of(shipping(), editing.set_step(shipping(), "check", values))
    assert {label: found[label] for label in told} == told


def test_a_field_that_changed_is_told_with_everything_that_it_asks() -> None:
    changed = editing.set_field(shipping(), "apply", "weight", {"unit": "吨", "min": 1, "max": 40, "required": False})
    assert rows_of(shipping(), changed)["Filled in"] == (
        "weight / weight · Number · required",
        "weight / weight · Number · 吨 · ≥ 1 · ≤ 40 · optional",
    )


def test_the_same_fields_in_another_order_are_told_once() -> None:
    changed = editing.shift_field(shipping(), "apply", "weight", 1)
    assert rows_of(shipping(), changed) == {"Order of what is filled in": ("weight、cold", "cold、weight")}


def test_a_document_is_told_with_what_anyone_may_check() -> None:
    paper = {"title": {"zh": "单", "en": "Slip"}, "series": "临发", "valid_hours": 24, "facts": ["apply.weight"]}
    changed = editing.set_issue(shipping(), "slip", 0, paper)
    assert rows_of(shipping(), changed)["Issued"] == ("", "Slip / 单 · 临发 · valid for 24 hours · weight")


def test_the_head_is_told_with_the_names_of_authority_and_case_types() -> None:
    changed = editing.set_head(shipping(), {"owner": "transport", "serves": ["shipping"], "basis": "通告"})
    found = rows_of(shipping(), changed)
    assert found == {
        "Owner": ("", "Transport"),
        "Legal basis": ("", "通告"),
        "Case types that it serves": ("", "Shipping"),
    }


def test_only_the_step_that_moved_is_told_as_moved() -> None:
    moved = editing.move_step(shipping(), "slip", 0)
    assert [(one.kind, one.title) for one in comparing.changes(shipping(), moved, "zh")] == [("moved", "slip")]
    twice = editing.move_step(moved, "apply", 5)
    [change] = comparing.changes(shipping(), twice, "zh")
    assert set(change.title.split("、")) == {"slip", "apply"}


def test_a_draft_with_a_key_twice_is_compared_all_the_same() -> None:
    twice = a_template(a_step("a"), a_step("a"), a_step("b", "a"))
    told = comparing.changes(twice, a_template(a_step("b"), a_step("a")), "zh")
    assert told


@pytest.mark.parametrize("nothing", [{}, {"steps": "no"}, {"name": 1, "steps": [1]}])
def test_what_cannot_be_read_is_compared_as_nothing(nothing: dict[str, Any]) -> None:
    assert {change.kind for change in comparing.changes(nothing, shipping(), "zh")} <= {"new", "changed"}


def test_choices_are_told_by_their_labels() -> None:
    asked = a_field("kind", "choice", choices=YES_NO)
    changed = editing.set_step(shipping(), "promise", {"fields": [asked]})
    assert rows_of(shipping(), changed, "zh")["Filled in"][1] == "kind / kind · One choice · 是 · 否 · required"
