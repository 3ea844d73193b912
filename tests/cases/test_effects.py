"""What an action changes beside the state: who holds it, what its clocks do, what another case learns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.audit import queries as audit
from casework.cases import queries
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.clocks.kinds import Clock
from casework.clocks.queries import deadlines_of
from casework.kernel.db import db
from casework.kernel.errors import Refused
from casework.kernel.time import at_local
from tests.cases.test_service import clocks, later, reasons_of
from tests.factories import NOW, Office, a_case, a_type, take

DAY = timedelta(days=1)
FRIDAY, MONDAY = at_local(date(2020, 3, 20), 18), at_local(date(2020, 3, 23), 18)
UNREACHED = {"result": "unreached", "contacted": "", "solved": "", "satisfied": ""}


def custody(case: Case) -> list[tuple[int, str, bool, str]]:
    """Who ever held it: person, part, accepted, how it ended."""
    return [
        (held.user_id, held.part, held.accepted_at is not None, held.ended_by) for held in queries.assignments(case.id)
    ]


def due(case: Case, clock: Clock = Clock.RESOLVE) -> Any:
    return [deadline.due_at for deadline in deadlines_of(case.id) if deadline.clock == clock][-1]


def test_waiting_for_somebody_else_stops_the_case_clock_and_resuming_moves_it(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    before = due(case)
    take(office, case, "wait", now=NOW)
    assert (case.state, case.left_state) == (State.WAITING, State.IN_PROGRESS)
    assert clocks(case)["resolve"] == "paused"
    assert clocks(case)["first_contact"] == "running", "first contact never stops"
    assert clocks(case)["answer"] == "running"
    take(office, case, "resume", now=NOW + DAY)
    assert (case.state, case.left_state, case.waiting) == (State.IN_PROGRESS, None, None)
    assert (clocks(case)["resolve"], clocks(case)["answer"]) == ("running", "met")
    assert (before, due(case)) == (FRIDAY, MONDAY), "one working day later"


def test_waiting_for_our_own_capacity_lets_the_clock_run(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    before = due(case)
    take(office, case, "wait", code="workload")
    assert (clocks(case)["resolve"], due(case)) == ("running", before)


def test_asking_for_more_brings_the_case_back_to_the_desk(office: Office) -> None:
    case = a_case(office)
    take(office, case, "supplement")
    assert (case.state, clocks(case)["resolve"]) == (State.WAITING, "paused")
    take(office, case, "resume", by="desk")
    assert (case.state, clocks(case)["resolve"]) == (State.SUBMITTED, "running")


def test_an_overruled_objection_binds_the_officer(office: Office) -> None:
    case = a_case(office, State.OBJECTED)
    assert clocks(case)["acknowledge"] == "met"
    take(office, case, "rule")
    assert (case.state, case.lead_id) == (State.IN_PROGRESS, office.people["officer"].id)
    assert custody(case) == [(office.people["officer"].id, "lead", True, "")]


def test_an_upheld_objection_goes_to_another_unit(office: Office) -> None:
    case = a_case(office, State.OBJECTED)
    unit, officer = office.units["team2"].id, office.people["officer3"].id
    take(office, case, "rule", ruling="upheld", unit=unit, officer=officer)
    assert (case.state, case.unit_id, case.lead_id) == (State.DISPATCHED, unit, officer)
    assert clocks(case)["acknowledge"] == "running"
    assert clocks(case)["resolve"] == "running", "the case clock never stops between units"


def test_an_upheld_objection_names_another_unit_and_its_officer(office: Office) -> None:
    case = a_case(office, State.OBJECTED)
    missing = reasons_of(office, case, "rule", ruling="upheld")
    assert [field for _, field in missing] == ["unit", "officer"]
    same = {"unit": office.units["team"].id, "officer": office.people["officer"].id}
    [(text, field)] = reasons_of(office, case, "rule", ruling="upheld", **same)
    assert (text, field) == ("Lead unit: pick another unit, as the objection is upheld.", "unit")


@pytest.mark.parametrize("name", ["transfer", "level_up"])
@pytest.mark.parametrize("state", [State.DISPATCHED, State.IN_PROGRESS])
def test_a_handed_on_case_is_acknowledged_anew_on_the_same_clock(office: Office, name: str, state: State) -> None:
    case = a_case(office, state)
    before = due(case)
    take(office, case, name, now=later(30))
    officer, officer3 = office.people["officer"].id, office.people["officer3"].id
    assert (case.state, case.lead_id, case.unit_id) == (State.DISPATCHED, officer3, office.units["team2"].id)
    assert (clocks(case)["acknowledge"], due(case)) == ("running", before)
    assert [(user, ended) for user, _, _, ended in custody(case)] == [(officer, "handed on"), (officer3, "")]
    assert (case.handler_ids, set(case.handled_by)) == ([officer3], {officer, officer3})


def test_a_new_lead_and_support_are_named_inside_the_unit(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    officer, officer2, helper = (office.people[name].id for name in ("officer", "officer2", "helper"))
    take(office, case, "assign", officer=officer2, support=[helper])
    assert (case.lead_id, case.handler_ids) == (officer2, sorted([officer2, helper]))
    assert (helper, "support", False, "") in custody(case)
    assert (officer, "lead", True, "reassigned") in custody(case)


def test_support_is_theirs_once_they_accept(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    take(office, case, "assign")
    take(office, case, "join", by="officer2")
    assert (office.people["officer2"].id, "support", True, "") in custody(case)
    with pytest.raises(Refused):
        take(office, case, "join", by="officer2")


def test_an_assignment_says_who(office: Office) -> None:
    from casework.cases import service

    case = a_case(office, State.IN_PROGRESS)
    with pytest.raises(Refused):
        service.take(case, "assign", {"reason": "换人"}, actor=office.actor("lead"), now=NOW)


def test_a_granted_extension_moves_the_due_day_by_working_days(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    before = due(case)  # five working days: Friday, end of work
    take(office, case, "extend", days=2)
    assert due(case) == before, "asking moves nothing"
    take(office, case, "grant_extension")
    assert before == at_local(date(2020, 3, 20), 18)
    assert due(case) == at_local(date(2020, 3, 24), 18)
    assert case.extension is None
    take(office, case, "extend")
    take(office, case, "refuse_extension")
    assert (due(case), case.extension) == (at_local(date(2020, 3, 24), 18), None)


def test_a_parked_case_rests_and_comes_back(office: Office) -> None:
    case = a_case(office, State.PARKED)
    assert (clocks(case)["resolve"], clocks(case)["parked"]) == ("paused", "running")
    take(office, case, "unpark", now=NOW + DAY)
    assert (case.state, case.waiting) == (State.IN_PROGRESS, None)
    assert (clocks(case)["resolve"], clocks(case)["parked"]) == ("running", "met")


def test_returned_work_keeps_its_clock(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    before = due(case)
    for step in ("contact", "evidence", "submit_result"):
        take(office, case, step)
    take(office, case, "return", now=NOW + DAY)
    assert (case.state, clocks(case)["resolve"], clocks(case)["review"]) == (State.IN_PROGRESS, "running", "met")
    assert (before, due(case)) == (FRIDAY, MONDAY), "the day of the review is not the officer's"
    assert len([deadline for deadline in deadlines_of(case.id) if deadline.clock == Clock.RESOLVE]) == 1
    take(office, case, "submit_result", now=NOW + DAY)
    assert clocks(case)["review"] == "running"


def test_three_calls_without_an_answer_close_the_case(office: Office) -> None:
    case = a_case(office, State.CALLBACK)
    for tries in (1, 2):
        take(office, case, "callback", **UNREACHED)
        assert (case.state, case.callback_tries) == (State.CALLBACK, tries)
    take(office, case, "callback", **UNREACHED)
    assert (case.state, case.outcome, case.rating) == (State.CLOSED, "solved", None)


@pytest.mark.parametrize("answer", [{"satisfied": "2"}, {"solved": "no"}])
def test_a_dissatisfied_call_back_goes_back_to_work_with_a_new_clock(office: Office, answer: dict[str, str]) -> None:
    case = a_case(office, State.CALLBACK)
    take(office, case, "callback", **answer)
    assert (case.state, case.is_open, case.closed_at) == (State.IN_PROGRESS, True, None)
    assert (clocks(case)["rework"], clocks(case)["callback"]) == ("running", "met")
    assert clocks(case)["resolve"] == "met", "the first result keeps the time that it took"


def test_reworked_cases_get_three_calls_again(office: Office) -> None:
    case = a_case(office, State.CALLBACK)
    take(office, case, "callback", **UNREACHED)
    take(office, case, "callback", **UNREACHED)
    take(office, case, "callback", solved="no")
    for step in ("submit_result", "approve"):
        take(office, case, step)
    take(office, case, "callback", **UNREACHED)
    assert case.state == State.CALLBACK


def test_a_reopened_case_is_work_again_and_says_what_it_was(office: Office) -> None:
    case = a_case(office, State.CLOSED)
    take(office, case, "reopen", now=NOW + DAY)
    assert (case.state, case.is_open, case.outcome, case.closed_at) == (State.IN_PROGRESS, True, None, None)
    assert clocks(case)["rework"] == "running"
    entry = audit.timeline(case.id)[0]
    assert entry.data["answer"] == {"reason": "企业说没有收到", "outcome_before": "solved"}
    assert entry.actor_id == office.people["regulator"].id


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_PROGRESS, State.UNDER_REVIEW, State.PARKED])
def test_a_withdrawn_case_judges_no_clock(office: Office, state: State) -> None:
    case = a_case(office, state)
    open_before = [deadline.id for deadline in deadlines_of(case.id) if deadline.done_at is None]
    take(office, case, "withdraw")
    assert (case.state, case.is_open, case.closed_at) == (State.WITHDRAWN, False, NOW)
    assert {deadline.cancelled for deadline in deadlines_of(case.id) if deadline.id in open_before} == {True}
    assert case.next_clock is None


def test_a_declined_case_tells_the_route(office: Office) -> None:
    case = a_case(office, State.DECLINED)
    assert case.outcome == "statutory_route"
    assert audit.timeline(case.id)[0].data["answer"] == {
        "code": "in_court", "route": "court", "reason": "法院已经立案",
    }  # fmt: skip


def test_a_merged_case_points_to_the_other_which_learns_of_it(office: Office) -> None:
    case, other = a_case(office), a_case(office, State.IN_PROGRESS)
    take(office, case, "merge", other=other.number)
    assert (case.state, case.merged_into_id) == (State.MERGED, other.id)
    entry = audit.timeline(other.id)[0]
    assert (entry.verb, entry.data["number"], entry.actor_id) == (
        "CaseReceived", case.number, office.people["desk"].id,
    )  # fmt: skip
    assert other.state == State.IN_PROGRESS


def test_a_merge_wants_an_open_case_that_the_person_knows(office: Office) -> None:
    case, closed = a_case(office), a_case(office, State.WITHDRAWN)
    from casework.cases import service
    from tests.factories import a_draft

    foreign = service.submit(draft=a_draft(office, area="8802001"), actor=office.actor("desk_b"), now=NOW)
    for number in (case.number, closed.number, foreign.number, "8801-2020-009999"):
        [(_, field)] = reasons_of(office, case, "merge", other=number)
        assert field == "other"


def test_a_split_makes_a_case_of_its_own(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    take(office, case, "split")
    made = db.session.scalar(sa.select(Case).where(Case.split_from_id == case.id))
    assert made is not None
    assert (made.title, made.state, made.requester) == ("另一件事", State.SUBMITTED, case.requester)
    assert (made.source, made.created_by_id) == ("split", office.people["desk"].id)
    assert case.state == State.IN_PROGRESS
    assert audit.timeline(case.id)[0].data["answer"]["new_number"] == made.number
    assert [entry.verb for entry in audit.timeline(made.id)] == ["CaseSubmitted"]


def test_a_contact_after_the_first_stops_nothing(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    take(office, case, "contact", now=later(10))
    take(office, case, "contact", now=later(20))
    assert case.contacted_at == later(10)
    assert [entry.data.get("first", False) for entry in audit.timeline(case.id)[:2]] == [False, True]


def test_the_limits_of_the_type_rule_the_clocks(office: Office) -> None:
    limits = {"resolve": {"minutes": 60, "calendar": "always"}, "first_contact": {"minutes": 30, "calendar": "always"}}
    a_type("other", limits=limits)
    case = a_case(office)
    assert due(case, Clock.FIRST_CONTACT) == later(30)
    assert due(case, Clock.RESOLVE) == later(60)
