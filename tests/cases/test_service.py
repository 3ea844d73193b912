"""A case through its whole life, by plain calls: states, entries of the chain, clocks, and what is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.audit import queries as audit
from casework.cases import queries, service
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.clocks.models import Deadline
from casework.clocks.queries import deadlines_of
from casework.kernel.db import db, transaction
from casework.kernel.errors import Conflict, NotFound, NotPermitted, Refused
from casework.kernel.time import at_local
from tests.factories import NOW, Office, a_case, a_draft, a_file, a_firm, a_liaison, a_posting, a_type, an_answer, take

HOUR = timedelta(hours=1)


def clocks(case: Case) -> dict[str, str]:
    """How each clock of a case stands, the last run of it."""
    return {deadline.clock: standing(deadline) for deadline in deadlines_of(case.id)}


def standing(deadline: Deadline) -> str:
    if deadline.cancelled:
        return "cancelled"
    if deadline.done_at is not None:
        return "met" if deadline.met else "missed"
    return "running" if deadline.due_at else "paused"


def reasons_of(office: Office, case: Case, name: str, **given: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refusal:
        take(office, case, name, **given)
    return [(reason.text, reason.field) for reason in refusal.value.reasons]


def test_a_case_lives_from_report_to_closure_with_one_entry_a_step(office: Office) -> None:
    case = service.submit(draft=a_draft(office), actor=office.actor("desk"), now=NOW)
    running = {"first_contact": "running", "resolve": "running"}
    assert clocks(case) == running
    steps: list[tuple[str, str, dict[str, str]]] = [
        ("accept", "accepted", {}),
        ("dispatch", "dispatched", {"acknowledge": "running"}),
        ("acknowledge", "in_progress", {"acknowledge": "met"}),
        ("contact", "in_progress", {"first_contact": "met"}),
        ("submit_result", "under_review", {"resolve": "paused", "review": "running"}),
        ("approve", "callback", {"review": "met", "resolve": "met", "callback": "running"}),
        ("callback", "closed", {"callback": "met"}),
    ]
    expected = dict(running)
    for minutes, (name, state, changes) in enumerate(steps, start=1):
        now = NOW + timedelta(minutes=minutes)
        if name == "submit_result":
            file = a_file(case, kind="record", by=office.people["officer"].id, now=now)
            service.attach(case, [file], actor=office.actor("officer"), now=now)
        take(office, case, name, now=now)
        expected |= changes
        assert (case.state, clocks(case)) == (state, expected)
    db.session.commit()

    told = [(entry.verb, entry.data.get("action"), entry.actor_id) for entry in reversed(audit.timeline(case.id))]
    who = {name: user.id for name, user in office.people.items()}
    assert told == [
        ("CaseSubmitted", None, who["desk"]),
        ("CaseMoved", "accept", who["desk"]),
        ("CaseMoved", "dispatch", who["desk"]),
        ("CaseMoved", "acknowledge", who["officer"]),
        ("ContactLogged", None, who["officer"]),
        ("FilesAttached", None, who["officer"]),
        ("CaseMoved", "submit_result", who["officer"]),
        ("CaseMoved", "approve", who["lead"]),
        ("CaseMoved", "callback", who["desk"]),
    ]
    assert (case.outcome, case.rating, case.is_open) == ("solved", 5, False)
    assert case.closed_at == NOW + timedelta(minutes=7)
    assert case.next_clock is None
    assert audit.verify(case.id).ok


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_reached_and_its_chain_holds(office: Office, state: State) -> None:
    case = a_case(office, state)
    assert case.state == state
    assert audit.verify().ok


def test_submitting_starts_the_clocks_and_gives_a_code_to_the_requester(office: Office) -> None:
    case = a_case(office)
    assert case.number == "8801-2020-000001"
    assert len(case.code) == 12
    assert (case.next_clock, case.next_due_at) == ("first_contact", NOW + 4 * HOUR + timedelta(hours=2))


def test_urgent_halves_the_first_limit_and_counts_round_the_clock(office: Office) -> None:
    case = a_case(office, urgent=True)
    assert (case.next_clock, case.next_due_at) == ("first_contact", NOW + 2 * HOUR)


def test_a_case_lies_in_a_district_or_inside_one(office: Office) -> None:
    with pytest.raises(Refused) as refusal:
        service.submit(draft=a_draft(office, area="88"), actor=None, now=NOW)
    assert refusal.value.reasons[0].field == "area_id"
    assert a_case(office, area="8801").district_id == office.areas["8801"].id


def test_nobody_reports_for_a_place_that_is_not_theirs(office: Office) -> None:
    with pytest.raises(NotPermitted):
        service.submit(draft=a_draft(office), actor=office.actor("desk_b"), now=NOW)


def test_each_district_and_year_counts_from_one(office: Office) -> None:
    numbers = [a_case(office).number for _ in range(3)]
    there = service.submit(draft=a_draft(office, area="8802001"), actor=office.actor("desk_b"), now=NOW)
    new_year = at_local(date(2021, 1, 1))
    next_year = service.submit(draft=a_draft(office), actor=office.actor("desk"), now=new_year)
    assert numbers == ["8801-2020-000001", "8801-2020-000002", "8801-2020-000003"]
    assert (there.number, next_year.number) == ("8802-2020-000001", "8801-2021-000001")


def test_a_report_that_fails_leaves_no_gap_and_no_entry(office: Office) -> None:
    a_case(office)
    with pytest.raises(ZeroDivisionError), transaction():
        service.submit(draft=a_draft(office), actor=office.actor("desk"), now=NOW)
        raise ZeroDivisionError
    assert a_case(office).number == "8801-2020-000002"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Case)) == 2
    assert audit.verify().entries == 2


# -- refusals


def test_the_result_is_held_back_with_every_reason_at_once(office: Office) -> None:
    a_type("other", outcomes=["explained"])
    case = a_case(office, State.IN_PROGRESS, joint=True)
    take(office, case, "extend")
    assert reasons_of(office, case, "submit_result") == [
        ("Log a contact with the enterprise first.", None),
        ("Attach the closing evidence: %(item)s.", None),
        ("Settle first: %(item)s.", None),
        ("Settle first: %(item)s.", None),
        ("This case type has no outcome “%(outcome)s”: pick another.", "outcome"),
    ]
    assert case.state == State.IN_PROGRESS


def test_a_refused_action_changes_nothing_and_leaves_no_entry(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    before = (case.version, len(audit.timeline(case.id)))
    reasons_of(office, case, "submit_result")
    db.session.flush()
    assert (case.version, len(audit.timeline(case.id))) == before


@pytest.mark.parametrize("name", ["supplement", "wait", "park"])
def test_a_day_that_is_past_is_refused_naming_the_field(office: Office, name: str) -> None:
    state = State.SUBMITTED if name == "supplement" else State.IN_PROGRESS
    case = a_case(office, state)
    assert reasons_of(office, case, name, until=date(2020, 3, 15)) == [("%(field)s: pick a day after today.", "until")]


def test_an_unknown_answer_and_an_unknown_field_are_refused(office: Office) -> None:
    case = a_case(office)
    assert reasons_of(office, case, "decline", code="bored", outcome="solved") == [
        ("Unknown field %(name)s: leave it out.", "outcome"),
        ("%(field)s: pick one of the answers offered.", "code"),
    ]


def test_an_action_that_does_not_exist_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        service.take(a_case(office), "close", {}, actor=office.actor("desk"), now=NOW)


@pytest.mark.parametrize("text", ["", "  \n", "长" * 5001])
def test_a_note_is_a_sentence_of_at_most_five_thousand_characters(office: Office, text: str) -> None:
    case = a_case(office)
    with pytest.raises(Refused) as refusal:
        service.add_note(case, text, actor=office.actor("desk"), now=NOW)
    assert refusal.value.reasons[0].field == "text"


# -- nobody judges their own work


def test_the_author_of_a_result_does_not_approve_it(office: Office) -> None:
    a_posting(office, "officer", unit="team", role="lead", area="8801001")
    case = a_case(office, State.UNDER_REVIEW)
    with pytest.raises(NotPermitted):
        take(office, case, "approve", by="officer")
    with pytest.raises(NotPermitted):
        take(office, case, "return", by="officer")
    take(office, case, "approve", by="lead")


def test_who_handled_it_before_neither_approves_nor_calls_back(office: Office) -> None:
    a_posting(office, "officer2", unit="team", role="lead", area="8801001")
    case = a_case(office, State.IN_PROGRESS)
    take(office, case, "assign", support=[office.people["officer2"].id])
    take(office, case, "assign", support=[], officer=office.people["officer"].id)
    assert case.holder_ids == {office.people["officer"].id}, "support was released"
    for step in ("contact", "evidence", "submit_result"):
        take(office, case, step)
    with pytest.raises(NotPermitted):
        take(office, case, "approve", by="officer2")
    take(office, case, "approve")
    with pytest.raises(NotPermitted):
        take(office, case, "callback", by="officer2")


def test_an_extension_is_not_granted_by_its_asker(office: Office) -> None:
    a_posting(office, "officer", unit="team", role="lead", area="8801001")
    case = a_case(office, State.IN_PROGRESS)
    take(office, case, "extend")
    for name in ("grant_extension", "refuse_extension"):
        with pytest.raises(NotPermitted):
            take(office, case, name, by="officer")
    take(office, case, "grant_extension", by="lead")


def test_a_posting_that_ended_yesterday_gives_nothing(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    for user in (office.people["lead"], office.people["officer"]):
        db.session.execute(
            sa.update(a_posting_table()).where(a_posting_table().c.user_id == user.id).values(to_on=date(2020, 3, 15))
        )
    yesterday, today = date(2020, 3, 15), date(2020, 3, 16)
    for name in ("lead", "officer"):
        assert queries.visible_case(case.number, to=office.actor(name, yesterday)) is case
        with pytest.raises(NotFound):
            queries.visible_case(case.number, to=office.actor(name, today))
        with pytest.raises(NotPermitted):
            service.add_note(case, "还在", actor=office.actor(name, today), now=NOW)


def a_posting_table() -> sa.Table:
    from casework.roster.models import Posting

    table: Any = Posting.__table__
    return table  # type: ignore[no-any-return]


def test_only_those_who_serve_in_the_unit_today_are_assigned(office: Office) -> None:
    case = a_case(office, State.ACCEPTED)
    pick = ("Officer: pick someone who serves in that unit today.", "officer")
    assert reasons_of(office, case, "dispatch", officer=office.people["officer3"].id) == [pick]
    a_posting(office, "auditor", unit="team", role="area_leader", area="8801001")
    assert reasons_of(office, case, "dispatch", officer=office.people["auditor"].id) == [pick]
    office.people["officer"].disabled_at = NOW
    db.session.flush()
    assert reasons_of(office, case, "dispatch") == [pick]


# -- who knows of a case

EYES = (
    # in the team's subdistrict, dispatched to the first team and its first officer
    (
        {},
        State.IN_PROGRESS,
        {"officer", "officer2", "desk", "desk2", "lead", "area_leader", "regulator", "district_admin"},
    ),
    # not dispatched yet: nobody's but the desk's and those who lead the place
    ({}, State.SUBMITTED, {"desk", "desk2", "area_leader", "regulator", "district_admin"}),
    # another subdistrict, another authority's domain
    ({"area": "8801002001", "kind": "shipping"}, State.SUBMITTED, {"desk", "desk2", "regulator2", "district_admin"}),
)


@pytest.mark.parametrize(("changes", "state", "seen_by"), EYES)
def test_a_case_exists_for_those_whose_it_is(
    office: Office, changes: dict[str, str], state: State, seen_by: set[str]
) -> None:
    case = a_case(office, state, **changes)
    found = {name for name in office.people if sees(office, name, case)}
    assert found == seen_by


def sees(office: Office, name: str, case: Case) -> bool:
    query = sa.select(Case.id).where(Case.id == case.id, queries.visible_to(office.actor(name)))
    return db.session.scalar(query) is not None


def test_what_the_query_shows_the_table_lets_read(office: Office) -> None:
    from casework.kernel.permissions import can

    cases = [
        a_case(office, State.IN_PROGRESS),
        a_case(office),
        a_case(office, area="8801002001", kind="shipping"),
        a_case(office, State.WITHDRAWN),
    ]
    transferred = a_case(office, State.IN_PROGRESS)
    take(office, transferred, "transfer")
    for case in [*cases, transferred]:
        for name in office.people:
            assert sees(office, name, case) is can(office.actor(name), "case.read", case), (name, case.state)


def test_who_no_longer_holds_a_case_does_not_see_it(office: Office) -> None:
    a_posting(office, "officer2", unit="team2", role="officer", area="8801002")
    case = a_case(office, State.IN_PROGRESS)
    take(office, case, "transfer")
    assert not sees(office, "officer", case)
    assert sees(office, "officer3", case)
    assert sees(office, "officer2", case), "the new team sees it"


def test_the_officer_of_a_firm_sees_its_cases(office: Office) -> None:
    firm = a_firm(office)
    case = a_case(office, enterprise_id=firm.id)
    assert not sees(office, "officer3", case)
    liaison = a_liaison(firm, office.people["officer3"])
    assert sees(office, "officer3", case)
    liaison.to_on = date(2020, 3, 15)
    db.session.flush()
    assert not sees(office, "officer3", case)


# -- two at once


def test_a_stale_row_is_refused_and_leaves_no_entry(office: Office) -> None:
    case = a_case(office)
    stale = case.version
    with transaction():
        take(office, case, "accept")
    entries = len(audit.timeline(case.id))
    with pytest.raises(Conflict), transaction():
        db.session.refresh(case)
        sa.orm.attributes.set_committed_value(case, "version", stale)
        take(office, case, "dispatch")
    assert len(audit.timeline(case.id)) == entries
    assert case.state == State.ACCEPTED


def test_a_note_does_not_make_the_page_of_another_stale(office: Office) -> None:
    case = a_case(office)
    version = case.version
    with transaction():
        service.add_note(case, "企业来电催", actor=office.actor("desk"), now=NOW + HOUR)
    assert case.version == version
    assert (case.last_verb, case.last_at) == ("note", NOW + HOUR)


def test_a_look_at_the_full_number_is_on_the_story(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    assert service.reveal_phone(case, actor=office.actor("officer"), now=NOW) == "13900002206"
    assert audit.timeline(case.id)[0].verb == "ContactRevealed"
    with pytest.raises(NotPermitted):
        service.reveal_phone(case, actor=office.actor("officer2"), now=NOW)


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_the_answer_is_kept_with_names_beside_ids(office: Office) -> None:
    case = a_case(office, State.DISPATCHED)
    entry = audit.timeline(case.id)[0]
    assert entry.data["answer"] == {
        **an_answer(office, case, "dispatch"),
        "unit_name": "第一小组",
        "officer_name": "沈砚秋",
    }
