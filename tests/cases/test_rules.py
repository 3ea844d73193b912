"""Facts in, reasons out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from casework.cases import rules
from casework.cases.rules import BlockingItem, CaseFacts, objections
from casework.cases.workflow import ACTIONS, Action, Need, Outcome, State, action_named
from casework.kernel.errors import Reason, because

TODAY = date(2020, 3, 16)
RESULT = {"outcome": "solved", "text": "口罩已送到"}


def an_action(name: str) -> Action:
    found = action_named(name)
    assert found is not None
    return found


def texts(reasons: list[Reason]) -> list[str]:
    return [reason.text % dict(reason.values.items()) for reason in reasons]


def ready(**changes: Any) -> CaseFacts:
    facts: dict[str, Any] = {"state": State.IN_PROGRESS, "contacted": True, "today": TODAY}
    return CaseFacts(**{**facts, **changes})


def test_a_result_without_any_hindrance_is_lawful() -> None:
    assert objections(an_action("submit_result"), ready(), RESULT) == []


def test_an_open_commitment_holds_back_the_result() -> None:
    blocking = [BlockingItem(because("promise of 3 March"), "#promises")]
    [reason] = objections(an_action("submit_result"), ready(blocking=blocking), RESULT)
    assert reason.text == "Settle first: %(item)s."


def test_all_that_holds_back_the_result_is_said_at_once() -> None:
    facts = ready(
        contacted=False,
        missing_evidence=["减免协议", "清单"],
        blocking=[
            BlockingItem(because("two firms are pending"), "#money"),
            BlockingItem(because("an extension"), "#do"),
        ],
        outcomes=frozenset({"explained"}),
    )
    reasons = objections(an_action("submit_result"), facts, {"outcome": "solved"})
    assert [reason.text for reason in reasons] == [
        "%(field)s: fill this in.",
        "Log a contact with the enterprise first.",
        "Attach the closing evidence: %(item)s.",
        "Attach the closing evidence: %(item)s.",
        "Settle first: %(item)s.",
        "Settle first: %(item)s.",
        "This case type has no outcome “%(outcome)s”: pick another.",
    ]


REQUIRED = [(action, need) for action in ACTIONS for need in action.needs if need.required and need.kind != "checklist"]


@pytest.mark.parametrize(("action", "need"), REQUIRED, ids=lambda item: getattr(item, "name", ""))
def test_what_an_action_needs_is_asked_for_by_name(action: Action, need: Need) -> None:
    faults = rules.answer_faults(action, {}, TODAY)
    assert [fault.field for fault in faults if fault.field == need.name]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_an_unknown_field_is_refused_by_every_action(action: Action) -> None:
    [fault] = [fault for fault in rules.answer_faults(action, {"state": "closed"}, TODAY) if fault.field == "state"]
    assert fault.text == "Unknown field %(name)s: leave it out."


TEXTS = [(action, need) for action in ACTIONS for need in action.needs if need.kind == "text"]


@pytest.mark.parametrize(("action", "need"), TEXTS, ids=lambda item: getattr(item, "name", ""))
def test_a_text_of_five_thousand_characters_is_taken_and_one_more_refused(action: Action, need: Need) -> None:
    def about(length: int) -> list[str]:
        answer = {need.name: "长" * length}
        return [fault.text for fault in rules.answer_faults(action, answer, TODAY) if fault.field == need.name]

    assert about(5000) == []
    assert about(5001) == ["%(field)s: shorten it to %(limit)s characters."]


DAYS = [(action, need) for action in ACTIONS for need in action.needs if need.kind == "day"]


@pytest.mark.parametrize(("action", "need"), DAYS, ids=lambda item: getattr(item, "name", ""))
@pytest.mark.parametrize(("day", "fine"), [(date(2020, 3, 15), False), (TODAY, False), (date(2020, 3, 17), True)])
def test_a_day_lies_ahead(action: Action, need: Need, day: date, fine: bool) -> None:
    faults = [fault for fault in rules.answer_faults(action, {need.name: day}, TODAY) if fault.field == need.name]
    assert (faults == []) is fine


@pytest.mark.parametrize(("days", "fine"), [(-1, False), (0, False), (1, True), (30, True), (31, False)])
def test_an_extension_is_asked_for_in_days_from_one_to_thirty(days: int, fine: bool) -> None:
    answer = {"days": days, "reason": "厂家排产"}
    assert (objections(an_action("extend"), ready(), answer) == []) is fine


PICKS = [(action, need) for action in ACTIONS for need in action.needs if need.kind in rules.CHOICES]


@pytest.mark.parametrize(("action", "need"), PICKS, ids=lambda item: getattr(item, "name", ""))
def test_only_offered_answers_are_taken(action: Action, need: Need) -> None:
    def about(value: str) -> list[str]:
        return [
            fault.text for fault in rules.answer_faults(action, {need.name: value}, TODAY) if fault.field == need.name
        ]

    assert about(next(iter(rules.CHOICES[need.kind]))) == []
    assert about("nonsense") == ["%(field)s: pick one of the answers offered."]


CHECKLIST = {"signed": "协议有签字", "true": "记录属实"}


@pytest.mark.parametrize(
    ("marks", "missing"),
    [
        ({}, ["协议有签字", "记录属实"]),
        ({"signed": {"mark": "yes"}}, ["记录属实"]),
        ({"signed": {"mark": "yes"}, "true": {"mark": "unclear"}}, ["记录属实"]),
        ({"signed": {"mark": "no"}, "true": {"mark": "no"}}, ["协议有签字", "记录属实"]),
        ({"signed": {"mark": "yes"}, "true": {"mark": "yes"}}, []),
    ],
)
def test_an_approval_marks_every_item_as_met(marks: dict[str, Any], missing: list[str]) -> None:
    facts = ready(state=State.UNDER_REVIEW, checklist=CHECKLIST)
    reasons = objections(an_action("approve"), facts, {"checklist": marks})
    assert [reason.values["item"] for reason in reasons] == missing


@pytest.mark.parametrize(
    ("marks", "fine"),
    [({}, False), ({"signed": {"mark": "yes"}}, False), ({"signed": {"mark": "no"}}, True),
     ({"true": {"mark": "unclear"}}, True)],
)  # fmt: skip
def test_a_return_names_what_to_mend(marks: dict[str, Any], fine: bool) -> None:
    facts = ready(state=State.UNDER_REVIEW, checklist=CHECKLIST)
    reasons = objections(an_action("return"), facts, {"checklist": marks, "reason": "补签名"})
    assert (reasons == []) is fine


def test_an_extension_is_asked_for_once_and_answered_once() -> None:
    asked, answer = ready(extension_asked=True), {"days": 2, "reason": "厂家排产"}
    assert objections(an_action("extend"), asked, answer)
    assert objections(an_action("grant_extension"), asked, {}) == []
    assert objections(an_action("grant_extension"), ready(), {})
    assert not rules.is_offered(an_action("extend"), asked)
    assert not rules.is_offered(an_action("grant_extension"), ready())


def test_only_the_invited_accept_an_assignment() -> None:
    assert objections(an_action("join"), ready(), {})
    assert objections(an_action("join"), ready(invited=True), {}) == []


def test_a_merge_wants_another_open_case() -> None:
    answer = {"other": "8801-2020-000001", "reason": "同一件事"}
    [reason] = objections(an_action("merge"), ready(other_is_open=False), answer)
    assert reason.field == "other"
    assert objections(an_action("merge"), ready(), answer) == []


@pytest.mark.parametrize(
    ("answer", "tries", "state"),
    [
        ({"result": "reached", "solved": "yes", "satisfied": "5"}, 0, State.CLOSED),
        ({"result": "reached", "solved": "yes", "satisfied": "3"}, 0, State.CLOSED),
        ({"result": "reached", "solved": "yes", "satisfied": "2"}, 0, State.IN_PROGRESS),
        ({"result": "reached", "solved": "yes", "satisfied": "1"}, 2, State.IN_PROGRESS),
        ({"result": "reached", "solved": "no", "satisfied": "5"}, 0, State.IN_PROGRESS),
        ({"result": "unreached"}, 0, State.CALLBACK),
        ({"result": "unreached"}, 1, State.CALLBACK),
        ({"result": "unreached"}, 2, State.CLOSED),
        ({"result": "refused"}, 0, State.CLOSED),
    ],
)
def test_the_call_back_decides_where_the_case_goes(answer: dict[str, str], tries: int, state: State) -> None:
    facts = CaseFacts(state=State.CALLBACK, callback_tries=tries)
    assert rules.target(an_action("callback"), answer, facts) is state


def test_who_is_reached_answers_all_three_questions() -> None:
    facts = ready(state=State.CALLBACK)
    reasons = objections(an_action("callback"), facts, {"result": "reached"})
    assert [reason.field for reason in reasons] == ["contacted", "solved", "satisfied"]
    assert objections(an_action("callback"), facts, {"result": "unreached"}) == []


@pytest.mark.parametrize(("left", "back"), [(State.SUBMITTED, State.SUBMITTED), (None, State.IN_PROGRESS)])
def test_a_resumed_case_goes_back_to_where_it_was(left: State | None, back: State) -> None:
    assert rules.target(an_action("resume"), {}, CaseFacts(state=State.WAITING, left_state=left)) is back


@pytest.mark.parametrize(("ruling", "state"), [("upheld", State.DISPATCHED), ("overruled", State.IN_PROGRESS)])
def test_the_ruling_decides_where_the_case_goes(ruling: str, state: State) -> None:
    assert rules.target(an_action("rule"), {"ruling": ruling}, CaseFacts(state=State.OBJECTED)) is state


def test_a_type_that_names_no_outcome_has_all() -> None:
    assert rules.allowed_outcomes([]) == {outcome.value for outcome in Outcome}
    assert rules.allowed_outcomes(["solved"]) == {"solved"}


def test_a_reason_says_itself_in_english_when_nobody_reads_chinese() -> None:
    facts = ready(contacted=False)
    assert texts(objections(an_action("submit_result"), facts, RESULT)) == ["Log a contact with the enterprise first."]
