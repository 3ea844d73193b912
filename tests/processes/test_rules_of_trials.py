"""Trying a draft out: made-up answers get through, hostile pages do not, and a page carries what it was given."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.kernel.errors import Refused
from casework.processes import answers, trial
from casework.processes.checker import check
from casework.processes.definition import Definition
from casework.processes.flow import Submission
from casework.processes.words import FieldKind, Result
from tests.processes.drafts import YES_NO, a_field, a_step, a_template, defined, random_template, shipping
from tests.processes.shipment import shipping as shipped

LABELS = {"choices": YES_NO}


def every_kind() -> dict[str, Any]:
    """A step that asks for everything there is, and a step whose condition compares a number."""
    more = {"choice": LABELS, "choices": LABELS, "declaration": {"text": {"zh": "承诺", "en": "We declare"}}}
    fields = [a_field(kind.value, kind.value, **more.get(kind.value, {})) for kind in FieldKind]
    heavy = a_step("heavy", "apply", when={"field": "apply.number", "op": ">", "value": 5})
    return a_template(a_step("apply", actor="enterprise", fields=fields), heavy)


def through(definition: Definition) -> list[Submission]:
    """A whole try-run with the made-up answers as they are."""
    sent: list[Submission] = []
    while ready := trial.standing(definition, sent).ready:
        step = definition.by_key[ready[0]]
        result = Result.APPROVE if step.decision else Result.DONE
        sent = trial.send(definition, sent, step, trial.made_up(step), result, "", "zh")
    return sent


def test_made_up_answers_of_every_kind_are_taken() -> None:
    definition = defined(every_kind())
    [sent, _] = through(definition)
    assert set(sent.answers) == {kind.value for kind in FieldKind}


@pytest.mark.parametrize("seed", range(10))
def test_made_up_answers_lead_any_process_to_its_end(seed: int) -> None:
    definition = defined(random_template(Random(seed), 12))
    assert trial.standing(definition, through(definition)).has_ended


def test_the_shipped_procedure_goes_through_with_made_up_answers() -> None:
    definition = defined(shipped())
    assert trial.standing(definition, through(definition)).has_ended


def test_made_up_answers_keep_to_the_bounds_of_their_fields() -> None:
    bounded = [
        a_field("few", "choices", choices=YES_NO, min=2),
        a_field("crew", "people", min=2),
        a_field("cold", "number", min=-30, max=-18),
        a_field("code", "text", pattern="[A-Z]{2}\\d{6}", help={"zh": "例如 LJ440913", "en": "Such as LJ440913"}),
        a_field("long", "text", min=4),
    ]
    [step] = defined(a_template(a_step("apply", actor="enterprise", fields=bounded))).steps
    kept, wrong = answers.check(step, trial.made_up(step))
    assert wrong == []
    assert kept["cold"] == -30


def test_a_try_run_refuses_what_a_real_one_would() -> None:
    definition = defined(shipping())
    apply = definition.by_key["apply"]
    with pytest.raises(Refused):
        trial.send(definition, [], apply, {}, Result.DONE, "", "zh")
    sent = trial.send(definition, [], apply, {"weight": "3", "cold": "no"}, Result.DONE, "", "zh")
    with pytest.raises(Refused, match="not open any more"):
        trial.send(definition, sent, apply, {"weight": "3", "cold": "no"}, Result.DONE, "", "zh")
    assert trial.read(trial.written(sent)) == sent


def test_a_return_opens_the_earlier_step_again() -> None:
    definition = defined(shipping())
    sent = trial.send(definition, [], definition.by_key["apply"], {"weight": "3", "cold": "no"}, Result.DONE, "", "zh")
    sent = trial.send(definition, sent, definition.by_key["check"], {}, Result.RETURN, "apply", "zh")
    assert "apply" in trial.standing(definition, sent).ready


@pytest.mark.parametrize(
    "text",
    ["{", "{}", "1", "null", "[1]", "[null]", '[{"step": 1}]', "[" * 5000, "[]" + " " * trial.LONGEST,
     '[{"step":"a","result":"?","answers":{},"to":""}]', '[{"step":"a","result":"done","answers":[],"to":""}]'],
)  # fmt: skip
def test_what_no_page_carried_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        trial.standing(defined(shipping()), [*trial.read(text), Submission(step="gone")])


def test_a_try_run_of_a_draft_that_changed_begins_again() -> None:
    with pytest.raises(Refused, match="changed since"):
        trial.standing(defined(shipping()), [Submission(step="gone")])


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "number", "x"]), inner),
    max_leaves=5,
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from([kind.value for kind in FieldKind] + ["other"]), HOSTILE, max_size=4))
def test_answers_that_nobody_could_have_given_are_refused_and_never_compared(given: dict[str, Any]) -> None:
    definition = check(every_kind()).definition
    assert definition is not None
    page = json.dumps([{"step": "apply", "result": "done", "answers": given, "to": ""}])
    try:
        outcome = str(trial.standing(definition, trial.read(page)).stands["apply"])
    except Refused as refused:
        outcome = f"{len(refused.reasons)} reason"
    assert outcome in ("done", "1 reason")
