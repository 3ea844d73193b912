"""Definitions for the tests: a small good one to break, and random valid ones with random answers."""

from __future__ import annotations

from random import Random
from typing import Any

from casework.processes.checker import check
from casework.processes.definition import FORMAT, Definition, Step
from casework.processes.flow import Standing, Submission
from casework.processes.words import Result


def a_step(key: str, *after: str, actor: str = "officer", **more: Any) -> dict[str, Any]:
    """A step as a file holds it, with all that it must have."""
    step: dict[str, Any] = {"key": key, "title": {"zh": key, "en": key}, "actor": actor, "after": list(after)}
    return step | ({} if actor == "enterprise" else {"limit": {"minutes": 60}}) | more


def a_field(key: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    """A field as a file holds it."""
    return {"key": key, "kind": kind, "label": {"zh": key, "en": key}} | more


YES_NO = [{"key": "yes", "label": {"zh": "是", "en": "Yes"}}, {"key": "no", "label": {"zh": "否", "en": "No"}}]


def a_template(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A template as a file holds it."""
    return {"format": FORMAT, "name": {"zh": "测试", "en": "Test"}, "steps": list(steps)} | more


def shipping() -> dict[str, Any]:
    """Apply, then check and promise at once, then inspect with a return, and a slip."""
    return a_template(
        a_step("apply", actor="enterprise", fields=[a_field("weight", "number"), a_field("cold", "choice", choices=YES_NO)]),
        a_step("check", "apply", decision={"return_to": ["apply"]}),
        a_step("promise", "apply", actor="enterprise"),
        a_step("inspect", "check", "promise", actor="authority:transport",
               decision={"return_to": ["apply", "check"], "reject": True}),
        a_step("chill", "inspect", when={"field": "apply.cold", "op": "=", "value": "yes"}),
        a_step("slip", "chill", actor="authority:transport"),
    )  # fmt: skip


def defined(data: dict[str, Any]) -> Definition:
    """The definition in a file that has no mistake."""
    checked = check(data)
    assert checked.errors == []
    assert checked.definition is not None
    return checked.definition


def random_template(dice: Random, steps: int) -> dict[str, Any]:
    """A valid template: any earlier steps to wait for, conditions on what was asked before, returns, rejections."""
    made: list[dict[str, Any]] = []
    before: dict[str, set[str]] = {}
    for number in range(steps):
        key = f"s{number}"
        after = dice.sample(sorted(before), k=min(len(before), dice.choice((0, 1, 1, 1, 2, 3))))
        before[key] = set(after).union(*(before[one] for one in after))
        actor = dice.choice(("enterprise", "officer", "lead", "authority:transport"))
        step = a_step(key, *after, actor=actor, fields=[a_field("a", "choice", choices=YES_NO, required=False)])
        if before[key] and dice.random() < 0.4:
            step["when"] = _random_condition(dice, sorted(before[key]), 2)
        if actor != "enterprise" and dice.random() < 0.5:
            back = dice.sample(sorted(before[key]), k=min(len(before[key]), dice.randint(0, 3)))
            step["decision"] = {"return_to": back, "reject": dice.random() < 0.1}
        made.append(step)
    dice.shuffle(made)  # the order of a file means nothing
    return a_template(*made)


def _random_condition(dice: Random, readable: list[str], deep: int) -> dict[str, Any]:
    if deep and dice.random() < 0.4:
        inside = [_random_condition(dice, readable, deep - 1) for _ in range(2)]
        return dice.choice(({"all": inside}, {"any": inside}, {"not": inside[0]}))
    path = f"{dice.choice(readable)}.a"
    return dice.choice(
        (
            {"field": path, "op": "=", "value": "yes"},
            {"field": path, "op": "!=", "value": "no"},
            {"field": path, "op": "in", "value": ["yes", "no"]},
            {"field": path, "op": "empty"},
        )
    )


def random_submission(dice: Random, definition: Definition, now: Standing) -> Submission:
    """Something that one of those who may act now could send."""
    step = definition.by_key[dice.choice(now.ready)]
    answers = dice.choice(({}, {"a": "yes"}, {"a": "no"}))
    return _decided(dice, step, now, answers) if step.decision else Submission(step=step.key, answers=answers)


def _decided(dice: Random, step: Step, now: Standing, answers: dict[str, Any]) -> Submission:
    assert step.decision is not None
    back = [key for key in step.decision.return_to if now.stands[key] == "done"]
    if back and dice.random() < 0.3:
        return Submission(step=step.key, result=Result.RETURN, to=dice.choice(back))
    if step.decision.reject and dice.random() < 0.1:
        return Submission(step=step.key, result=Result.REJECT)
    return Submission(step=step.key, result=Result.APPROVE, answers=answers)
