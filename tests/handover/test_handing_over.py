"""What somebody holds goes to successors who accept it; until then it stays, and it is told to whom it concerns."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.audit.models import Event, EventPayload
from casework.audit.queries import timeline, verify
from casework.cases.models import Assignment, Case
from casework.cases.workflow import State
from casework.clocks.queries import open_deadlines
from casework.coverage import queries as coverage
from casework.enterprises.models import Enterprise, Liaison
from casework.handover import answering, jobs, queries, service, sharing
from casework.handover.models import HandoverItem
from casework.handover.things import held_by
from casework.handover.words import Answer, Stage
from casework.intake.queries import talk
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.negotiations.models import Commitment
from casework.roster import duty
from casework.roster.models import DutyShift
from tests.factories import NOW, Office, a_case, a_firm, a_liaison, a_posting, take
from tests.handover.conftest import TODAY, a_promise, a_whole_desk, begun, items, sent, some_firms

LATER = NOW + timedelta(hours=2)


def officer_of(firm: Enterprise) -> tuple[int, int | None]:
    row = db.session.scalars(
        sa.select(Liaison)
        .where(Liaison.enterprise_id == firm.id, Liaison.to_on.is_(None))
        .execution_options(populate_existing=True)
    ).one()
    return row.officer_id, row.deputy_id


def told(case: Case) -> list[str]:
    return [entry.verb for entry in timeline(case.id)]


def test_nothing_moves_before_the_successor_accepts(office: Office) -> None:
    firms, case, owed = a_whole_desk(office)
    handover = sent(office, "officer2")
    leaver = office.people["officer"].id
    assert handover.stage == Stage.SENT
    assert {officer_of(firm)[0] for firm in firms} == {leaver}
    assert (case.lead_id, owed.promiser_id) == (leaver, leaver)
    assert "HandedOver" not in told(case)


def test_accepting_moves_everything_at_once_and_each_case_says_it_in_one_entry(office: Office) -> None:
    firms, case, owed = a_whole_desk(office)
    handover = sent(office, "officer2")
    clocks = [(one.clock, one.due_at) for one in open_deadlines(case.id)]
    before = len(told(case))
    found = answering.accept_all(handover, actor=office.actor("officer2"), now=LATER)
    db.session.commit()
    successor = office.people["officer2"].id
    assert (found.accepted, found.refused, found.gone) == (5, 0, 0)
    assert {officer_of(firm)[0] for firm in firms} == {successor}
    assert (case.lead_id, case.state, case.handler_ids) == (successor, State.IN_PROGRESS, [successor])
    assert (owed.promiser_id, owed.who) == (successor, "陆景明")
    assert [(one.clock, one.due_at) for one in open_deadlines(case.id)] == clocks
    entries = timeline(case.id)
    assert len(entries) == before + 1
    assert entries[0].data["parts"] == ["firm", "case", "promise"]
    assert handover.stage == Stage.DONE
    assert verify().ok


def test_the_assignment_ends_as_the_next_begins_and_the_firm_has_no_day_without_officer(office: Office) -> None:
    firms, case, _ = a_whole_desk(office)
    answering.accept_all(sent(office, "officer2"), actor=office.actor("officer2"), now=LATER)
    db.session.commit()
    held = db.session.scalars(sa.select(Assignment).where(Assignment.case_id == case.id).order_by(Assignment.id)).all()
    assert [(one.to_at, one.ended_by) for one in held] == [(LATER, "handed over"), (None, "")]
    assert held[1].from_at == LATER
    rows = db.session.scalars(sa.select(Liaison).where(Liaison.enterprise_id == firms[0].id).order_by(Liaison.id)).all()
    assert [(row.from_on, row.to_on) for row in rows][1:] == [(TODAY, None)]
    assert rows[0].to_on == TODAY - timedelta(days=1)


def test_a_deputy_is_replaced_and_the_officer_stays(office: Office) -> None:
    firm = some_firms(office, 1, officer="officer2", deputy="officer")[0]
    handover = sent(office, "lead")
    answering.accept_all(handover, actor=office.actor("lead"), now=LATER)
    assert officer_of(firm) == (office.people["officer2"].id, office.people["lead"].id)


def test_a_deputy_who_becomes_the_officer_leaves_that_place_free(office: Office) -> None:
    firm = some_firms(office, 1, deputy="officer2")[0]
    answering.accept_all(sent(office, "officer2"), actor=office.actor("officer2"), now=LATER)
    assert officer_of(firm) == (office.people["officer2"].id, None)


def test_the_officer_of_a_firm_cannot_be_its_deputy_too(office: Office) -> None:
    some_firms(office, 1, officer="officer2", deputy="officer")
    handover = begun(office)
    with pytest.raises(Refused, match="does not serve"):
        service.give(handover, lambda _: True, office.people["officer2"].id, actor=office.actor("officer"), now=NOW)


def test_support_goes_over_and_the_lead_stays(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    take(office, case, "assign", support=[office.people["officer2"].id])
    take(office, case, "join")
    db.session.commit()
    handover = begun(office, "officer2")
    service.give(handover, lambda _: True, office.people["helper"].id, actor=office.actor("officer2"), now=NOW)
    service.send(handover, "", actor=office.actor("officer2"), now=NOW)
    answering.accept_all(handover, actor=office.actor("helper"), now=LATER)
    assert case.lead_id == office.people["officer"].id
    assert set(case.handler_ids) == {office.people["officer"].id, office.people["helper"].id}


def test_a_case_still_to_be_acknowledged_is_to_be_acknowledged_by_the_successor(office: Office) -> None:
    case = a_case(office, State.DISPATCHED)
    answering.accept_all(sent(office, "officer2"), actor=office.actor("officer2"), now=LATER)
    assert case.state == State.DISPATCHED
    take(office, case, "acknowledge", by="officer2", now=LATER)
    assert case.state == State.IN_PROGRESS


def test_who_takes_over_a_promise_works_on_the_case_even_if_another_leads_it(office: Office) -> None:
    _, case, owed = a_whole_desk(office, firms=1)
    handover = sent(office, "officer2")
    [promise] = items(handover, "promise")
    answering.answer(handover, [promise.id], {}, actor=office.actor("officer2"), now=LATER)
    assert case.lead_id == office.people["officer"].id
    assert office.people["officer2"].id in case.handler_ids
    assert owed.promiser_id == office.people["officer2"].id


def test_shifts_from_tomorrow_go_over_and_todays_stays(office: Office) -> None:
    desk, actor = office.units["desk"], office.actor("district_admin")
    for start in (NOW + timedelta(hours=3), NOW + timedelta(days=1)):
        duty.plan_shifts(
            desk,
            user_id=office.people["desk"].id,
            begins_at=start,
            ends_at=start + timedelta(hours=8),
            actor=actor,
            now=NOW,
        )
    db.session.flush()
    handover = begun(office, "desk")
    service.give(handover, lambda _: True, office.people["desk2"].id, actor=office.actor("desk"), now=NOW)
    service.send(handover, "", actor=office.actor("desk"), now=NOW)
    assert answering.accept_all(handover, actor=office.actor("desk2"), now=LATER).accepted == 1
    owners = db.session.scalars(sa.select(DutyShift.user_id).order_by(DutyShift.begins_at)).all()
    assert owners == [office.people["desk"].id, office.people["desk2"].id]


def test_what_is_refused_goes_back_and_the_lead_names_another(office: Office) -> None:
    firms, _, _ = a_whole_desk(office)
    handover = sent(office, "officer2")
    rows = items(handover, "firm")
    found = answering.answer(
        handover, [rows[0].id], {rows[1].id: "离得太远"}, actor=office.actor("officer2"), now=LATER
    )
    db.session.commit()
    assert (found.accepted, found.refused) == (1, 1)
    assert officer_of(firms[1])[0] == office.people["officer"].id
    assert [(one.id, count) for one, count in queries.refused_to(office.actor("lead"))] == [(handover.id, 1)]
    assert queries.refused_to(office.actor("lead2")) == []
    given = service.give(handover, lambda thing: True, office.people["lead"].id, actor=office.actor("lead"), now=LATER)
    assert given.count == 1  # what waits for somebody is not taken from them
    answering.accept_all(handover, actor=office.actor("lead"), now=LATER)
    assert officer_of(firms[1])[0] == office.people["lead"].id


def test_a_refusal_needs_a_reason(office: Office) -> None:
    a_whole_desk(office)
    handover = sent(office, "officer2")
    with pytest.raises(Refused, match="Why you refuse"):
        answering.answer(handover, [], {items(handover)[0].id: "  "}, actor=office.actor("officer2"), now=LATER)


def test_calling_off_keeps_what_was_accepted_and_leaves_the_rest(office: Office) -> None:
    firms, case, _ = a_whole_desk(office)
    handover = sent(office, "officer2")
    first = items(handover, "firm")[0]
    answering.answer(handover, [first.id], {}, actor=office.actor("officer2"), now=LATER)
    with pytest.raises(Refused, match="write why"):
        service.call_off(handover, "", actor=office.actor("lead"), now=LATER)
    service.call_off(handover, "借调延长三个月", actor=office.actor("lead"), now=LATER)
    db.session.commit()
    assert officer_of(firms[0])[0] == office.people["officer2"].id
    assert officer_of(firms[1])[0] == office.people["officer"].id
    assert case.lead_id == office.people["officer"].id
    assert handover.stage == Stage.CALLED_OFF
    with pytest.raises(Refused, match="called off"):
        answering.accept_all(handover, actor=office.actor("officer2"), now=LATER)


def test_only_a_successor_answers_and_only_for_what_is_theirs(office: Office) -> None:
    a_whole_desk(office)
    handover = sent(office, "officer2", "lead")
    theirs = next(row for row in items(handover) if row.successor_id == office.people["lead"].id)
    with pytest.raises(Refused, match="does not wait for you"):
        answering.answer(handover, [theirs.id], {}, actor=office.actor("officer2"), now=LATER)
    with pytest.raises(NotPermitted):
        answering.answer(handover, [theirs.id], {}, actor=office.actor("regulator"), now=LATER)


def test_one_begins_for_oneself_ones_team_or_ones_district_and_for_nobody_else(office: Office) -> None:
    some_firms(office)
    for stranger in ("officer2", "lead2", "regulator"):
        with pytest.raises(NotPermitted):
            begun(office, by=stranger)
    made = begun(office, by="district_admin")
    with pytest.raises(Refused, match="under way already"):
        begun(office, by="lead")
    assert made.unit_id == office.units["team"].id


def test_who_holds_nothing_has_nothing_to_hand_over(office: Office) -> None:
    with pytest.raises(Refused, match="holds nothing"):
        begun(office)


def test_it_is_not_sent_before_everything_has_a_successor_who_serves_there(office: Office) -> None:
    some_firms(office)
    handover = begun(office)
    actor = office.actor("officer")
    with pytest.raises(Refused, match="have no successor"):
        service.send(handover, "", actor=actor, now=NOW)
    with pytest.raises(Refused, match="does not serve where these"):
        service.give(handover, lambda _: True, office.people["officer3"].id, actor=actor, now=NOW)
    service.give(handover, lambda _: True, office.people["officer2"].id, actor=actor, now=NOW)
    posting = queries.posting_of(office.people["officer2"].id, TODAY)
    assert posting is not None
    posting.to_on = TODAY  # the successor leaves as well, before the day
    db.session.flush()
    with pytest.raises(Refused, match="choose another"):
        service.send(handover, "", actor=actor, now=NOW)


def test_what_was_settled_otherwise_is_let_go_and_the_rest_goes_over(office: Office) -> None:
    _, case, owed = a_whole_desk(office)
    handover = sent(office, "officer2")
    take(office, case, "withdraw", now=LATER)
    db.session.commit()
    assert jobs.sweep(LATER) == 2  # the case, and the promise on it
    found = answering.accept_all(handover, actor=office.actor("officer2"), now=LATER)
    assert (found.accepted, found.gone) == (3, 0)
    assert handover.stage == Stage.DONE
    assert case.lead_id == office.people["officer"].id
    assert owed.promiser_id == office.people["officer"].id


def test_a_firm_that_got_another_officer_meanwhile_is_left_alone(office: Office) -> None:
    firms, _, _ = a_whole_desk(office)
    handover = sent(office, "officer2")
    from casework.enterprises.service import hand_over

    hand_over(firms[:1], office.people["lead"].id, None, TODAY)
    db.session.commit()
    found = answering.accept_all(handover, actor=office.actor("officer2"), now=LATER)
    assert (found.accepted, found.gone) == (4, 1)
    assert officer_of(firms[0])[0] == office.people["lead"].id


def test_the_requester_reads_the_new_contact_on_the_page_of_the_case(office: Office) -> None:
    _, case, _ = a_whole_desk(office)
    office.units["team"].phone = "0999-8123-0017"
    answering.accept_all(sent(office, "officer2"), actor=office.actor("officer2"), now=LATER)
    db.session.commit()
    [line] = talk(case)
    assert "陆景明" in line.text
    assert "0999-8123-0017" in line.text


def test_a_promise_alone_tells_the_requester_nothing(office: Office) -> None:
    _, case, _ = a_whole_desk(office)
    handover = sent(office, "officer2")
    answering.answer(handover, [items(handover, "promise")[0].id], {}, actor=office.actor("officer2"), now=LATER)
    assert told(case)[0] == "HandedOver"
    assert talk(case) == []


def test_firms_without_an_open_case_wait_to_be_told_by_the_successor(office: Office) -> None:
    firms, _, _ = a_whole_desk(office)
    handover = sent(office, "officer2")
    actor = office.actor("officer2")
    answering.accept_all(handover, actor=actor, now=LATER)
    open_rows = queries.to_tell(actor, handover, told=False)
    assert [row.ref_id for row in open_rows] == [firm.id for firm in firms[1:]]
    answering.mark_told(handover, [open_rows[0].id], told=True, actor=actor, now=LATER)
    db.session.flush()
    assert len(queries.to_tell(actor, handover, told=False)) == 1
    answering.mark_told(handover, [open_rows[0].id], told=False, actor=actor, now=LATER)
    db.session.flush()
    assert len(queries.to_tell(actor, handover, told=False)) == 2


def test_the_security_log_names_who_got_how_many_firms(office: Office) -> None:
    a_whole_desk(office)
    answering.accept_all(sent(office, "officer2"), actor=office.actor("officer2"), now=LATER)
    db.session.commit()
    rows = db.session.execute(
        sa.select(Event.verb, EventPayload.payload)
        .join(EventPayload, EventPayload.event_id == Event.id)
        .where(Event.case_id.is_(None), Event.at >= LATER)
    ).all()
    facts = {row.verb: row.payload for row in rows}
    assert facts["LiaisonsAssigned"]["count"] == 3
    assert facts["HandoverAnswered"]["accepted"] == 5


def test_the_board_counts_the_firms_that_are_being_handed_over(office: Office) -> None:
    from casework.roster.rules import Limits

    firms, _, _ = a_whole_desk(office)
    community, district = office.areas["8801001001"].id, office.areas["8801"]
    handover = sent(office, "officer2")
    board = coverage.board(district, TODAY, TODAY, Limits())
    assert (board.cells[community].handing, board.total.handing) == (3, 3)
    rows = db.session.execute(coverage.firms_in(district, "handing", today=TODAY, limits=Limits())).all()
    assert {row[0].id for row in rows} == {firm.id for firm in firms}
    answering.accept_all(handover, actor=office.actor("officer2"), now=LATER)
    db.session.commit()
    assert coverage.board(district, TODAY, TODAY, Limits()).total.handing == 0


def test_sharing_out_is_even_and_a_case_goes_with_its_firm(office: Office) -> None:
    firms, case, owed = a_whole_desk(office, firms=7)
    handover = begun(office)
    found = held_by(office.people["officer"].id, NOW)
    proposal = sharing.proposal(found, queries.candidates(handover, TODAY), TODAY)
    assert len(proposal) == 9
    by_person: dict[int, int] = {}
    for firm in firms:
        user_id = proposal["firm", firm.id]
        by_person[user_id] = by_person.get(user_id, 0) + 1
    assert sorted(by_person.values()) == [3, 4]
    assert proposal["case", case.id] == proposal["firm", firms[0].id] == proposal["promise", owed.id]
    assert office.people["officer"].id not in proposal.values()


def test_notes_go_with_the_things_and_a_long_one_is_refused(office: Office) -> None:
    firms = some_firms(office)
    handover = begun(office)
    actor = office.actor("officer")
    service.write_notes(handover, {("firm", firms[0].id): "找老板娘"}, actor=actor, now=NOW)
    with pytest.raises(Refused, match="shorten"):
        service.write_notes(handover, {("firm", firms[0].id): "长" * 501}, actor=actor, now=NOW)
    service.give(handover, lambda _: True, office.people["officer2"].id, actor=actor, now=NOW)
    service.send(handover, "", actor=actor, now=NOW)
    assert [row.note for row in items(handover)] == ["找老板娘", "", ""]


def test_a_successor_in_another_team_takes_the_case_to_that_team(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    a_posting(office, "officer3", unit="team2", role="officer", area="8801001")
    handover = sent(office, "officer3")
    answering.accept_all(handover, actor=office.actor("officer3"), now=LATER)
    assert (case.lead_id, case.unit_id) == (office.people["officer3"].id, office.units["team2"].id)


def test_a_successor_whose_posting_ended_is_told_to_refuse(office: Office) -> None:
    a_whole_desk(office)
    handover = sent(office, "officer2")
    a_posting(office, "officer2", unit="team2", role="officer", area="8801002")
    posting = next(
        one for one in queries.postings_of(office.people["officer2"].id) if one.area_id == office.areas["8801001"].id
    )
    posting.to_on = TODAY - timedelta(days=1)
    db.session.commit()
    with pytest.raises(Refused, match="You do not serve"):
        answering.accept_all(handover, actor=office.actor("officer2"), now=LATER)
    assert {row.state for row in items(handover)} == {Answer.WAITING}


def test_what_was_promised_twice_is_counted_twice(office: Office) -> None:
    _, case, _ = a_whole_desk(office)
    a_promise(office, case)
    db.session.commit()
    handover = sent(office, "officer2")
    answering.accept_all(handover, actor=office.actor("officer2"), now=LATER)
    db.session.commit()
    assert db.session.scalars(sa.select(Commitment.promiser_id)).all() == [office.people["officer2"].id] * 2
    assert told(case).count("HandedOver") == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(HandoverItem)) == 6


def test_a_firm_out_of_reach_is_passed_over_and_said(office: Office) -> None:
    some_firms(office, 2)
    a_liaison(a_firm(office, name="柳堤的店", area="8801002001"), office.people["officer"])
    db.session.flush()
    given = service.give(
        begun(office), lambda _: True, office.people["officer2"].id, actor=office.actor("officer"), now=NOW
    )
    assert (given.count, given.unfit) == (2, 1)
