"""Changes to a draft: each returns a new one, leaves nothing that reads what is gone, and refuses in one sentence."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from casework.kernel.errors import Refused
from casework.processes import comparing, editing, trial
from casework.processes.checker import check
from casework.processes.flow import Submission
from casework.processes.reading import read
from casework.processes.words import Result
from tests.processes.drafts import defined, shipping


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
        lambda: editing.set_issue(draft, key, 0, None),
    ]
    if fields:
        acts.append(lambda: editing.remove_field(draft, key, dice.choice(fields)))
        acts.append(lambda: editing.shift_field(draft, key, dice.choice(fields), 1))
    return dice.choice(acts)()


def test_two_versions_are_told_apart_in_words() -> None:
    changed = editing.remove_step(shipping(), "slip")
    changed = editing.set_step(changed, "check", {"title": {"zh": "电话核对", "en": "Call"}, "limit": {"minutes": 20}})
    changed, _ = editing.add_step(changed, after=["inspect"], title="复核")
    told = {(change.kind, change.title) for change in comparing.changes(shipping(), changed, "zh")}
    assert {("changed", "电话核对"), ("gone", "slip"), ("new", "复核")} <= told
    assert comparing.changes(shipping(), shipping(), "zh") == []


def test_a_try_run_refuses_what_a_real_one_would() -> None:
    definition = defined(shipping())
    apply = definition.by_key["apply"]
    with pytest.raises(Refused):
        trial.send(definition, [], apply, {}, Result.DONE, "", "zh")
    sent = trial.send(definition, [], apply, {"weight": "3", "cold": "no"}, Result.DONE, "", "zh")
    with pytest.raises(Refused, match="not open any more"):
        trial.send(definition, sent, apply, {"weight": "3", "cold": "no"}, Result.DONE, "", "zh")
    assert trial.read(trial.written(sent)) == sent


@pytest.mark.parametrize(
    "text", ["{", "[1]", '[{"step": 1}]', "[" * 5000, '[{"step":"a","result":"?","answers":{},"to":""}]']
)
def test_a_try_run_that_the_page_did_not_carry_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        trial.read(text)


def test_a_try_run_of_a_draft_that_changed_begins_again() -> None:
    with pytest.raises(Refused, match="changed since"):
        trial.standing(defined(shipping()), [Submission(step="gone")])
