"""Where a run stands: joins, skips, returns, and that none is ever stuck."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from casework.processes.flow import Standing, Submission, refusals, standing
from casework.processes.words import Result, Stand
from tests.processes.drafts import a_step, a_template, defined, random_submission, random_template, shipping

APPLY = Submission(step="apply", answers={"weight": 5, "cold": "no"})
CHECK = Submission(step="check", result=Result.APPROVE)
PROMISE = Submission(step="promise")
INSPECT = Submission(step="inspect", result=Result.APPROVE)
BACK = Submission(step="inspect", result=Result.RETURN, to="apply")


def after(*sent: Submission) -> Standing:
    return standing(defined(shipping()), sent)


def test_a_run_begins_with_the_steps_that_wait_for_nothing() -> None:
    assert after().ready == ["apply"]


def test_parallel_steps_are_ready_at_once() -> None:
    assert after(APPLY).ready == ["check", "promise"]


@pytest.mark.parametrize("first", [CHECK, PROMISE])
def test_a_join_waits_for_every_branch(first: Submission) -> None:
    assert "inspect" not in after(APPLY, first).ready
    assert after(APPLY, CHECK, PROMISE).ready == ["inspect"]


def test_a_step_whose_condition_does_not_hold_is_skipped_and_what_follows_goes_on() -> None:
    now = after(APPLY, CHECK, PROMISE, INSPECT)
    assert now.stands["chill"] is Stand.SKIPPED
    assert now.ready == ["slip"]


def test_a_step_whose_condition_holds_takes_place() -> None:
    cold = Submission(step="apply", answers={"weight": 5, "cold": "yes"})
    assert after(cold, CHECK, PROMISE, INSPECT).ready == ["chill"]


def test_a_run_ends_when_every_step_has_passed() -> None:
    now = after(APPLY, CHECK, PROMISE, INSPECT, Submission(step="slip"))
    assert now.has_ended
    assert now.ready == []


def test_a_rejection_ends_the_run() -> None:
    now = after(APPLY, CHECK, PROMISE, Submission(step="inspect", result=Result.REJECT))
    assert now.has_ended
    assert now.rejected_at == "inspect"
    assert now.ready == []


def test_a_return_opens_the_earlier_step_and_holds_what_relied_on_it() -> None:
    now = after(APPLY, CHECK, PROMISE, BACK)
    assert now.ready == ["apply"]
    assert now.stands["check"] is Stand.HELD
    assert now.stands["inspect"] is Stand.WAITING


def test_answers_that_come_back_unchanged_leave_the_approvals_standing() -> None:
    now = after(APPLY, CHECK, PROMISE, BACK, APPLY)
    assert now.ready == ["inspect"]
    assert now.stands["check"] is Stand.DONE
    assert now.void == {0}


def test_answers_that_come_back_changed_void_the_approvals_that_relied_on_them() -> None:
    changed = Submission(step="apply", answers={"weight": 9, "cold": "no"})
    now = after(APPLY, CHECK, PROMISE, BACK, changed)
    assert now.ready == ["check", "promise"]
    assert now.void == {0, 1, 2}
    assert now.answers["apply"]["weight"] == 9


def test_a_return_to_a_step_on_one_branch_leaves_the_other_alone() -> None:
    back = Submission(step="inspect", result=Result.RETURN, to="check")
    other = Submission(step="check", result=Result.APPROVE, answers={"note": "改"})
    now = after(APPLY, CHECK, PROMISE, back, other)
    assert now.ready == ["inspect"]
    assert now.stands["promise"] is Stand.DONE


def test_returned_twice_before_it_is_filled_the_outer_change_voids_the_inner_one() -> None:
    to_check = Submission(step="inspect", result=Result.RETURN, to="check")
    to_apply = Submission(step="check", result=Result.RETURN, to="apply")
    changed = Submission(step="apply", answers={"weight": 9, "cold": "no"})
    now = after(APPLY, CHECK, PROMISE, to_check, to_apply, changed)
    assert now.void == {0, 1, 2}
    assert now.ready == ["check", "promise"]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (Submission(step="nowhere"), "no such step"),
        (APPLY, "not open any more"),
        (INSPECT, "or not yet"),
        (Submission(step="promise", result=Result.APPROVE), "cannot end like this"),
        (Submission(step="check"), "cannot end like this"),
        (Submission(step="check", result=Result.REJECT), "cannot end like this"),
        (Submission(step="check", result=Result.RETURN, to="promise"), "cannot end like this"),
    ],
)
def test_what_may_not_be_sent_now_is_refused_in_one_sentence(sent: Submission, said: str) -> None:
    definition = defined(shipping())
    assert [said in reason.text for reason in refusals(definition, standing(definition, [APPLY]), sent)] == [True]


def test_nothing_is_taken_after_the_end() -> None:
    definition = defined(a_template(a_step("only")))
    ended = standing(definition, [Submission(step="only")])
    assert ["has ended" in reason.text for reason in refusals(definition, ended, Submission(step="only"))] == [True]


def test_a_return_to_a_skipped_step_is_refused() -> None:
    data = shipping()
    data["steps"][5]["decision"] = {"return_to": ["chill"]}
    definition = defined(data)
    now = standing(definition, [APPLY, CHECK, PROMISE, INSPECT])
    back = Submission(step="slip", result=Result.RETURN, to="chill")
    assert ["was skipped" in reason.text for reason in refusals(definition, now, back)] == [True]


def run_of(definition: Any, dice: Random, most: int) -> int:
    sent: list[Submission] = []
    for _ in range(most):
        now = standing(definition, sent)
        if now.has_ended:
            break
        assert now.ready, "stuck"
        assert all(definition.by_key[key].actor for key in now.ready)
        step = random_submission(dice, definition, now)
        assert refusals(definition, now, step) == []
        sent.append(step)
        passed = {key for key, stand in standing(definition, sent).stands.items() if stand in ("done", "skipped")}
        assert all(passed.issuperset(definition.by_key[key].after) for key in passed)
    return len(sent)


def test_no_run_of_any_valid_template_is_ever_stuck() -> None:
    dice, taken = Random(20200210), 0
    while taken < 10_000:
        taken += run_of(defined(random_template(dice, dice.randint(1, 14))), dice, 60)


def test_two_hundred_steps_in_eight_lanes_run_to_the_end() -> None:
    steps = [a_step("s0", actor="enterprise")]
    for phase in range(25):
        before = [step["key"] for step in steps[-8:]] if phase else ["s0"]
        steps += [a_step(f"p{phase}_{lane}", *before) for lane in range(8)]
    definition = defined(a_template(*steps))
    sent: list[Submission] = []
    while ready := standing(definition, sent).ready:
        sent += [Submission(step=key) for key in ready]
    assert len(sent) == 201
    assert standing(definition, sent).has_ended
