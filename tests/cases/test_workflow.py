"""Who may take which action, generated from the permission matrix; and the shape of the table of actions."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from casework.cases import policy, rules, workflow
from casework.cases.workflow import ACTIONS, ENDS, OPEN, Action, State
from casework.kernel.permissions import Actor, Duty, Role, can
from tests.factories import PATHS

ME, UNIT, AREA, DOMAIN = 7, 70, 700, "housing"

# The matrix of the security design in its own words: action → role → how far it reaches.
# O assigned to me · T my team's · R and D my areas · Q my authority in my area.
DESK, DESK_LEAD = {"desk": "R"}, {"desk": "R", "lead": "T"}
HANDLER, REVIEW = {"officer": "O", "lead": "O"}, {"lead": "T", "regulator": "Q"}
MATRIX: dict[str, dict[str, str]] = {
    "accept": DESK,
    "decline": DESK,
    "supplement": DESK,
    "dispatch": DESK_LEAD,
    "acknowledge": HANDLER,
    "object": HANDLER,
    "rule": {"district_admin": "D"},
    "contact": HANDLER,
    "plan": HANDLER,
    "assign": DESK_LEAD,
    "join": {"officer": "O", "lead": "O", "helper": "O"},
    "wait": {"officer": "O", "lead": "OT"},
    "resume": {"officer": "O", "lead": "OT", "desk": "R"},
    "extend": HANDLER,
    "grant_extension": REVIEW,
    "refuse_extension": REVIEW,
    "transfer": DESK_LEAD,
    "level_up": DESK_LEAD,
    "submit_result": HANDLER,
    "approve": REVIEW,
    "return": REVIEW,
    "countersign": {"regulator": "Q", "area_leader": "R"},
    "ask_proof": REVIEW,
    "give_proof": HANDLER,
    "callback": DESK_LEAD,
    "reopen": {"regulator": "Q"},
    "withdraw": DESK_LEAD,
    "merge": DESK_LEAD,
    "split": DESK_LEAD,
    "park": {"lead": "T"},
    "unpark": {"lead": "T"},
}


def an_actor(role: Role, user_id: int = ME) -> Actor:
    return Actor(user_id, "某人", (Duty(role, UNIT, "第一小组", AREA, "subdistrict", frozenset({DOMAIN})),))


def a_subject(reached_by: str, **changes: Any) -> Any:
    """A case that only these scopes reach: ``O`` I hold it, ``T`` my unit leads it, ``R`` it is in my area, ``Q`` its
    domain is my authority's too."""
    values: dict[str, Any] = {
        "holder_ids": frozenset({ME} if "O" in reached_by else {1}),
        "lead_id": ME if "O" in reached_by else 1,
        "unit_ids": frozenset({UNIT if "T" in reached_by else 2}),
        "area_ids": frozenset({AREA, 9} if set("RDQ") & set(reached_by) else {3, 9}),
        "domain": DOMAIN if "Q" in reached_by else "tax",
        "handled_by": [],
        "result_by_id": None,
        "signed_by_id": None,
        "extension": None,
        "reviewer": "lead",
        "state": State.IN_PROGRESS,
        "is_open": True,
        "unit_id": UNIT,
    }
    return SimpleNamespace(**{**values, **changes})


def everything_but(letters: str) -> str:
    """All scopes that do not follow from one of these."""
    if set("RD") & set(letters):
        return "OT".translate({ord(letter): None for letter in letters})
    return "".join(letter for letter in "OTRQ" if letter not in letters)


def reaches() -> Iterator[Any]:
    for action in ACTIONS:
        for role in Role:
            letters = MATRIX.get(action.name, {}).get(role.value, "")
            for letter in letters:
                yield pytest.param(action, role, letter, True, id=f"{action.name}-{role}-{letter}")
            yield pytest.param(action, role, everything_but(letters), False, id=f"{action.name}-{role}-beyond")


@pytest.mark.parametrize(("action", "role", "reached_by", "allowed"), list(reaches()))
def test_the_matrix_says_who_may_take_an_action(action: Action, role: Role, reached_by: str, allowed: bool) -> None:
    assert can(an_actor(role), action.permission, a_subject(reached_by)) is allowed


def test_the_matrix_names_every_action() -> None:
    assert set(MATRIX) == {action.name for action in ACTIONS}


def test_without_a_duty_nothing_is_allowed() -> None:
    nobody = Actor(ME, "某人", ())
    assert not [action.name for action in ACTIONS if can(nobody, action.permission, a_subject("OTRQ"))]


@pytest.mark.parametrize("role", [Role.AREA_LEADER, Role.REGULATOR])
@pytest.mark.parametrize("mine", [{"result_by_id": ME}, {"handled_by": [1, ME]}, {"signed_by_id": ME}])
def test_the_second_signature_is_never_of_who_wrote_handled_or_signed_it(role: Role, mine: dict[str, Any]) -> None:
    assert can(an_actor(role), "case.countersign", a_subject("RQ", signed_by_id=1))
    assert not can(an_actor(role), "case.countersign", a_subject("RQ", **mine))


@pytest.mark.parametrize("action", ["approve", "return", "ask_proof"])
@pytest.mark.parametrize("role", [Role.LEAD, Role.REGULATOR])
@pytest.mark.parametrize("mine", [{"result_by_id": ME}, {"handled_by": [1, ME]}])
def test_nobody_reviews_what_they_wrote_or_handled(action: str, role: Role, mine: dict[str, Any]) -> None:
    assert can(an_actor(role), f"case.{action}", a_subject("TQ"))
    assert not can(an_actor(role), f"case.{action}", a_subject("TQ", **mine))


@pytest.mark.parametrize("action", ["approve", "return"])
def test_a_lead_reviews_only_where_the_type_says_so(action: str) -> None:
    subject = a_subject("TQ", reviewer="regulator")
    assert not can(an_actor(Role.LEAD), f"case.{action}", subject)
    assert can(an_actor(Role.REGULATOR), f"case.{action}", subject)


def test_a_lead_who_regulates_elsewhere_is_no_regulator_here() -> None:
    lead = an_actor(Role.LEAD).duties[0]
    elsewhere = Duty(Role.REGULATOR, 5, "交通运输局", AREA, "subdistrict", frozenset({"transport"}))
    both = Actor(ME, "某人", (lead, elsewhere))
    assert not can(both, "case.approve", a_subject("TRQ", reviewer="regulator"))


@pytest.mark.parametrize("role", [Role.DESK, Role.LEAD])
def test_nobody_calls_back_what_they_handled(role: Role) -> None:
    assert can(an_actor(role), "case.callback", a_subject("TR"))
    assert not can(an_actor(role), "case.callback", a_subject("TR", handled_by=[ME]))


@pytest.mark.parametrize("action", ["grant_extension", "refuse_extension"])
@pytest.mark.parametrize("role", [Role.LEAD, Role.REGULATOR])
def test_nobody_answers_the_extension_that_they_asked_for(action: str, role: Role) -> None:
    assert can(an_actor(role), f"case.{action}", a_subject("TQ", extension={"by": 1, "days": 3}))
    assert not can(an_actor(role), f"case.{action}", a_subject("TQ", extension={"by": ME, "days": 3}))


@pytest.mark.parametrize("action", ["acknowledge", "object"])
def test_support_does_not_answer_for_the_lead_officer(action: str) -> None:
    assert not can(an_actor(Role.OFFICER), f"case.{action}", a_subject("O", lead_id=1))


@pytest.mark.parametrize(
    ("role", "reached_by", "changes", "allowed"),
    [
        (Role.DESK, "R", {"unit_id": None, "state": State.SUBMITTED}, True),
        (Role.DESK, "R", {"unit_id": None, "state": State.WAITING}, True),
        (Role.DESK, "R", {"state": State.DISPATCHED}, False),
        (Role.DESK, "R", {"state": State.WAITING}, False),
        (Role.OFFICER, "O", {}, True),
        (Role.OFFICER, "TR", {}, False),
        (Role.LEAD, "T", {}, True),
        (Role.DISTRICT_ADMIN, "D", {}, True),
        (Role.OFFICER, "O", {"is_open": False, "state": State.CLOSED}, False),
        (Role.DISTRICT_ADMIN, "D", {"is_open": False, "state": State.CLOSED}, False),
        (Role.AREA_LEADER, "R", {}, False),
        (Role.REGULATOR, "Q", {}, False),
    ],
)
def test_fields_are_corrected_by_whoever_has_the_case(
    role: Role, reached_by: str, changes: dict[str, Any], allowed: bool
) -> None:
    assert can(an_actor(role), "case.edit", a_subject(reached_by, **changes)) is allowed


def test_the_duty_at_another_place_does_not_lend_the_desk_a_dispatched_case() -> None:
    desk = an_actor(Role.DESK).duties[0]
    elsewhere = Duty(Role.OFFICER, 5, "第五小组", 55, "subdistrict")
    assert not can(Actor(ME, "某人", (desk, elsewhere)), "case.edit", a_subject("R", state=State.IN_PROGRESS))


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_administrators_of_the_system_read_no_case(role: Role) -> None:
    assert role not in policy.READERS
    assert not can(an_actor(role), "case.read", a_subject("OTRQ"))


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_an_action_leaves_only_its_own_states(action: Action, state: State) -> None:
    facts = rules.CaseFacts(state=state)
    [*reasons] = rules.objections(action, facts, {})
    wrong_state = [reason for reason in reasons if reason.text.startswith("The case is now")]
    assert bool(wrong_state) is (state not in action.sources)
    if wrong_state:
        assert reasons == wrong_state, "what else is wrong does not matter then"


def test_every_state_can_be_reached_and_every_open_one_left() -> None:
    assert set(PATHS) == set(State)
    for state in OPEN:
        assert any(target in ENDS for action in workflow.actions_from(state) for target in action.targets)


def test_what_ended_only_reopens() -> None:
    assert [action.name for action in workflow.actions_from(State.CLOSED)] == ["reopen"]
    assert not [state for state in ENDS - {State.CLOSED} if workflow.actions_from(state)]


def test_an_unknown_action_is_none() -> None:
    assert workflow.action_named("close_quietly") is None
