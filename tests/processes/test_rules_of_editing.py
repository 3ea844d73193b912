"""Changes to a draft: each returns a new one, leaves nothing that reads what is gone, and refuses in one sentence."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from casework.kernel.errors import Refused
from casework.processes import editing
from casework.processes.checker import check
from casework.processes.reading import read
from casework.processes.shapes import MOST_FIELDS, MOST_STEPS
from tests.processes.drafts import a_step, shipping


def keys(draft: dict[str, Any]) -> list[str]:
    return [step["key"] for step in draft["steps"]]


def waits(draft: dict[str, Any], key: str) -> list[str]:
    return list(editing.step_in(draft, key).get("after", ()))


def test_a_step_put_behind_another_is_what_its_followers_wait_for() -> None:
    made, key = editing.insert_after(shipping(), "apply")
    assert waits(made, key) == ["apply"]
    assert waits(made, "check") == waits(made, "promise") == [key]


def test_a_branch_leaves_the_others_waiting_as_they_did() -> None:
    made, key = editing.add_step(shipping(), after=["apply"])
    assert waits(made, key) == ["apply"]
    assert waits(made, "check") == ["apply"]


def test_a_step_beside_another_waits_for_the_same() -> None:
    made, key = editing.add_step(shipping(), beside="inspect")
    assert waits(made, key) == ["check", "promise"]


def test_without_a_step_its_followers_wait_for_what_it_waited_for_and_nothing_reads_it() -> None:
    made = editing.remove_step(shipping(), "apply")
    assert waits(made, "check") == []
    assert "when" not in editing.step_in(made, "chill")
    assert editing.step_in(made, "inspect")["decision"]["return_to"] == ["check"]
    assert check(made).errors == []


def test_without_a_field_no_condition_reads_it() -> None:
    made = editing.remove_field(shipping(), "apply", "cold")
    assert "when" not in editing.step_in(made, "chill")
    assert check(made).errors == []


def test_the_order_of_the_list_changes_and_what_waits_for_what_does_not() -> None:
    made = editing.move_step(shipping(), "slip", 0)
    assert keys(made)[0] == "slip"
    assert waits(made, "slip") == ["chill"]
    assert keys(editing.shift_step(shipping(), "apply", -1))[0] == "apply"


def test_a_field_loses_what_its_new_kind_has_no_use_for() -> None:
    made = editing.set_field(shipping(), "apply", "cold", {"kind": "date", "required": True})
    assert "choices" not in editing.step_in(made, "apply")["fields"][1]


@pytest.mark.parametrize(
    "change",
    [
        lambda draft: editing.remove_step(draft, "gone"),
        lambda draft: editing.shift_step(draft, "gone", 1),
        lambda draft: editing.set_step(draft, "gone", {}),
        lambda draft: editing.remove_field(draft, "apply", "gone"),
        lambda draft: editing.add_field(draft, "gone"),
        lambda draft: editing.add_step(draft, beside="gone"),
        lambda draft: editing.move_field(draft, "apply", "gone", 0),
        lambda draft: editing.set_field(draft, "apply", "gone", {}),
        lambda draft: editing.set_issue(draft, "apply", 0, None),
        lambda draft: editing.set_issue(draft, "apply", 1, {}),
        lambda draft: editing.set_issue(draft, "apply", -1, {}),
    ],
)
def test_what_is_not_there_any_more_is_refused_in_one_sentence(change: Callable[[Any], Any]) -> None:
    with pytest.raises(Refused) as refused:
        change(shipping())
    assert len(refused.value.reasons) == 1


@pytest.mark.parametrize("seed", range(25))
def test_any_row_of_changes_leaves_a_draft_that_can_be_read_and_the_one_before_untouched(seed: int) -> None:
    dice = Random(seed)
    draft: dict[str, Any] = shipping()
    for _ in range(40):
        before = copy.deepcopy(draft)
        made = _changed(draft, dice)
        assert draft == before
        definition, mistakes = read(made)
        assert definition is not None or not made["steps"]
        assert not [one for one in mistakes if "means nothing" in one.reason.text]
        draft = made


def _changed(draft: dict[str, Any], dice: Random) -> dict[str, Any]:
    listed = keys(draft)
    if len(listed) < 2:
        return editing.add_step(draft, after=listed)[0]
    key = dice.choice(listed)
    fields = [field["key"] for field in editing.step_in(draft, key).get("fields", ())]
    acts: list[Callable[[], dict[str, Any]]] = [
        lambda: editing.insert_after(draft, key)[0],
        lambda: editing.add_step(draft, beside=key)[0],
        lambda: editing.remove_step(draft, key),
        lambda: editing.shift_step(draft, key, dice.choice((-1, 1))),
        lambda: editing.add_field(draft, key)[0],
        lambda: editing.set_issue(draft, key, 0, {"title": {"zh": "单"}, "series": "临", "valid_hours": 1}),
    ]
    if editing.step_in(draft, key).get("issues"):
        acts.append(lambda: editing.set_issue(draft, key, 0, None))
    if fields:
        acts.append(lambda: editing.remove_field(draft, key, dice.choice(fields)))
        acts.append(lambda: editing.shift_field(draft, key, dice.choice(fields), 1))
    return dice.choice(acts)()


def test_what_others_lost_with_a_step_is_said() -> None:
    slip = {"title": {"zh": "单"}, "series": "临", "valid_hours": 1, "facts": ["apply.weight"]}
    draft = editing.set_issue(shipping(), "slip", 0, slip)
    said = [str(reason) for reason in editing.dropped(draft, editing.remove_step(draft, "apply"), "zh")]
    assert said == [
        "“check” returns to it no more.",
        "“inspect” returns to it no more.",
        "“chill” has no condition any more: it read what is gone.",
        "The document of “slip” shows it no more.",
    ]
    assert editing.dropped(draft, editing.remove_step(draft, "slip"), "zh") == []


def test_documents_are_added_changed_and_taken_away_at_their_place() -> None:
    one, two = ({"title": {"zh": word}, "series": word, "valid_hours": 1, "layout": "a.docx"} for word in "甲乙")
    draft = editing.set_issue(editing.set_issue(shipping(), "slip", 0, one), "slip", 1, two)
    issues = editing.step_in(draft, "slip")["issues"]
    assert [issue["key"] for issue in issues] == ["paper_1", "paper_2"]
    changed = editing.set_issue(draft, "slip", 1, {"title": {"zh": "丙"}, "series": "丙", "valid_hours": 2})
    assert editing.step_in(changed, "slip")["issues"][1] == {
        "key": "paper_2", "title": {"zh": "丙"}, "series": "丙", "valid_hours": 2,
    }  # fmt: skip
    left = editing.set_issue(draft, "slip", 0, None)
    assert [issue["series"] for issue in editing.step_in(left, "slip")["issues"]] == ["乙"]


def test_a_field_goes_to_any_place_of_its_step() -> None:
    moved = editing.move_field(shipping(), "apply", "cold", 0)
    assert [field["key"] for field in editing.step_in(moved, "apply")["fields"]] == ["cold", "weight"]
    assert editing.move_field(moved, "apply", "cold", 99) == shipping()


def test_a_draft_that_is_full_takes_no_more() -> None:
    draft = shipping()
    for _ in range(editing.MOST_ISSUES):
        number = len(editing.step_in(draft, "slip").get("issues", ()))
        draft = editing.set_issue(draft, "slip", number, {"title": {"zh": "单"}, "series": "临", "valid_hours": 1})
    with pytest.raises(Refused, match="at most"):
        editing.set_issue(draft, "slip", editing.MOST_ISSUES, {})
    for _ in range(MOST_FIELDS - 2):
        draft, _ = editing.add_field(draft, "apply")
    with pytest.raises(Refused, match="at most"):
        editing.add_field(draft, "apply")
    draft["steps"] = [a_step(f"s{number}") for number in range(MOST_STEPS)]
    with pytest.raises(Refused, match="at most"):
        editing.add_step(draft)
