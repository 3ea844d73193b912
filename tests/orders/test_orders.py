"""Supervision orders through the services: who does what in which order, clocks, rounds, the list, the story."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.agenda.entries import Ask
from casework.areas.models import Area
from casework.audit.models import Event
from casework.cases.workflow import State as CaseState
from casework.clocks import revising
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline, WorkCalendar
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import at_local
from casework.notifications.feed import appointments
from casework.notifications.models import Notice
from casework.orders import feed, interviews, jobs, notices, queries, rules, service
from casework.orders.models import Interview, OrderRound, SupervisionOrder
from casework.orders.register import Filters
from casework.orders.workflow import ACTIONS
from casework.roster.models import Unit
from tests.factories import NOW, Office, a_case, a_posting, take
from tests.orders.office import a_draft, act, an_order, in_progress

LATER = NOW + timedelta(days=1)


def reasons(raised: pytest.ExceptionInfo[Refused]) -> str:
    return " ".join(str(reason) for reason in raised.value.reasons)


def deadlines(order: SupervisionOrder) -> list[Deadline]:
    query = sa.select(Deadline).where(Deadline.clock == Clock.ORDER, Deadline.subject_id == order.id)
    return list(db.session.scalars(query.order_by(Deadline.id)))


def told(office: Office, name: str) -> list[str]:
    query = sa.select(Notice.kind).where(Notice.user_id == office.people[name].id, Notice.subject == "order")
    return list(db.session.scalars(query.order_by(Notice.id)))


def test_an_order_goes_from_issued_to_written_off(office: Office) -> None:
    order = an_order(office, in_progress(office, 2))
    assert order.number == "临江督〔2020〕1号"
    assert (order.state, order.case_count, order.unit_id) == ("issued", 2, office.units["team"].id)
    assert order.issuer_unit_id == office.units["housing"].id
    assert order.due_at == at_local(date(2020, 3, 18), 18), "three working days from Monday nine o'clock"
    act(office, order, "receive")
    act(office, order, "report", now=LATER)
    assert order.due_at is None
    act(office, order, "return", now=LATER)
    assert (order.state, order.round) == ("returned", 2)
    assert order.due_at == at_local(date(2020, 3, 18), 18), "two working days from Tuesday nine o'clock"
    act(office, order, "report", now=LATER + timedelta(days=5))
    act(office, order, "verify", now=LATER + timedelta(days=5))
    act(office, order, "write_off", now=LATER + timedelta(days=5))
    assert (order.state, order.is_open) == ("written_off", False)
    second, first = queries.rounds_of(order.id)
    assert (first.met, first.verdict) == (True, "returned")
    assert (second.met, second.verdict) == (False, "verified"), "the second report came late"
    assert second.reply
    assert first.reply


def test_numbers_count_without_gaps_in_a_district_and_year(office: Office) -> None:
    cases = in_progress(office, 3)
    numbers = [an_order(office, [case]).number for case in cases]
    with pytest.raises(Refused):
        an_order(office, [cases[0]], title="")
    db.session.rollback()
    numbers.append(an_order(office, [cases[0]]).number)
    assert numbers == [f"临江督〔2020〕{n}号" for n in (1, 2, 3, 4)]


def test_a_selection_gives_each_lead_unit_an_order_of_its_own(office: Office) -> None:
    mine = in_progress(office, 2)
    (theirs,) = in_progress(office)
    take(office, theirs, "transfer")
    ids = [case.id for case in (*mine, theirs)]
    made = service.issue_for_cases(ids, a_draft(), actor=office.actor("district_admin"), now=NOW)
    assert [(order.unit_id, order.case_count) for order in made] == [
        (office.units["team"].id, 2),
        (office.units["team2"].id, 1),
    ]


def test_a_case_without_a_unit_and_one_that_ended_cannot_be_ordered(office: Office) -> None:
    submitted, closed = a_case(office), a_case(office, CaseState.CLOSED)
    with pytest.raises(Refused) as raised:
        an_order(office, [submitted, closed])
    assert submitted.number in reasons(raised)
    assert closed.number in reasons(raised)


def test_each_missing_word_is_named_at_its_field(office: Office) -> None:
    with pytest.raises(Refused) as raised:
        an_order(office, title="", demands="", days=0, listed_why="久拖不决")
    assert {reason.field for reason in raised.value.reasons} == {"title", "demands", "days", "delister"}


@pytest.mark.parametrize("name", ["officer", "lead", "desk", "area_leader", "sysadmin", "auditor", "helper"])
def test_only_regulators_and_the_district_issue(office: Office, name: str) -> None:
    case = in_progress(office)[0]
    with pytest.raises((NotPermitted, Refused)):
        service.issue_for_cases([case.id], a_draft(), actor=office.actor(name), now=NOW)


def test_a_regulator_orders_only_in_the_own_domain_and_area(office: Office) -> None:
    case = in_progress(office)[0]
    with pytest.raises(Refused) as raised:  # another domain: the case does not exist for them
        service.issue_for_cases([case.id], a_draft(), actor=office.actor("regulator2"), now=NOW)
    assert raised.value.reasons[0].field == "cases"
    a_posting(office, "regulator2", unit="housing", role="regulator", area="8802")
    with pytest.raises(Refused):
        service.issue_for_cases([case.id], a_draft(), actor=office.actor("regulator2"), now=NOW)


def test_nobody_orders_the_unit_they_serve_in_nor_what_they_handled(office: Office) -> None:
    case = in_progress(office)[0]
    a_posting(office, "officer", unit="housing", role="regulator", area="8801")
    with pytest.raises(NotPermitted):
        service.issue_for_cases([case.id], a_draft(), actor=office.actor("officer"), now=NOW)
    a_posting(office, "regulator", unit="team", role="officer", area="8801001")
    with pytest.raises(NotPermitted):
        service.issue_for_unit(office.units["team"], a_draft(), actor=office.actor("regulator"), now=NOW)


def test_who_reported_does_not_judge_the_report_even_with_another_duty(office: Office) -> None:
    order = an_order(office)
    act(office, order, "receive")
    act(office, order, "report")
    a_posting(office, "lead", unit="housing", role="regulator", area="8801")
    for name in ("verify", "return"):
        with pytest.raises(NotPermitted):
            act(office, order, name, "lead")
        db.session.rollback()


def test_the_own_order_is_not_answered_by_who_issued_it(office: Office) -> None:
    order = an_order(office)
    a_posting(office, "regulator", unit="team", role="lead", area="8801001")
    with pytest.raises(NotPermitted):
        act(office, order, "receive", "regulator")


def test_another_units_lead_neither_sees_nor_receives_it(office: Office) -> None:
    order = an_order(office)
    with pytest.raises(NotPermitted):
        act(office, order, "receive", "lead2")
    db.session.rollback()
    assert not queries.register(office.actor("lead2"), Filters(), queries.paging.FIRST, now=NOW).rows
    assert notices.known_orders(office.actor("lead2"), [order.id]) == {}
    assert notices.known_orders(office.actor("lead"), [order.id])[order.id].number == order.number


@pytest.mark.parametrize("action", ["report", "verify", "return", "write_off"])
def test_nothing_is_done_out_of_turn(office: Office, action: str) -> None:
    order = an_order(office)
    assert action in {one.name for one in ACTIONS}
    with pytest.raises(Refused) as raised:
        act(office, order, action)
    assert "待签收" in reasons(raised)


def test_withdrawn_with_a_reason_the_clocks_no_longer_count(office: Office) -> None:
    order = an_order(office)
    with pytest.raises(Refused):
        act(office, order, "withdraw", text="")
    db.session.rollback()
    act(office, order, "withdraw", text="情况已变")
    assert (order.state, order.is_open, order.ended_text) == ("withdrawn", False, "情况已变")
    assert queries.rounds_of(order.id)[0].met is None
    assert all(one.cancelled for one in deadlines(order))


def test_each_open_case_shows_the_clock_of_the_order_and_stops_with_it(office: Office) -> None:
    order = an_order(office, in_progress(office, 2))
    assert [one.due_at for one in deadlines(order)] == [order.due_at] * 2
    act(office, order, "receive")
    act(office, order, "report", now=LATER)
    assert all(one.met for one in deadlines(order))
    act(office, order, "return", now=LATER)
    assert len(deadlines(order)) == 4
    assert sum(one.done_at is None for one in deadlines(order)) == 2


def test_a_case_that_ends_leaves_the_clock_of_the_order_running(office: Office) -> None:
    cases = in_progress(office, 2)
    order = an_order(office, cases)
    take(office, cases[0], "withdraw")
    db.session.commit()
    assert order.due_at is not None
    act(office, order, "receive")
    act(office, order, "report", now=LATER)
    assert queries.rounds_of(order.id)[0].met is True


def test_the_round_follows_a_calendar_that_was_changed(office: Office) -> None:
    unit_order = service.issue_for_unit(office.units["team"], a_draft(), actor=office.actor("district_admin"), now=NOW)
    db.session.commit()
    before = unit_order.due_at
    calendar = db.session.scalars(sa.select(WorkCalendar).where(WorkCalendar.code == "working")).first()
    assert calendar is not None
    assert before is not None
    days = {"first": date(2020, 3, 17), "last": date(2020, 3, 17), "kind": "holiday"}
    change = revising.Change(**days, name="消杀日", why="江指发〔2020〕9号")  # type: ignore[arg-type]
    revising.revise(calendar, change, actor=office.actor("sysadmin"), now=NOW)
    db.session.commit()
    assert jobs.follow_calendars(NOW) == 1
    assert unit_order.due_at == before + timedelta(days=1)
    assert jobs.follow_calendars(NOW) == 0


def test_listed_it_is_written_off_only_after_the_named_unit_took_it_off(office: Office) -> None:
    order = an_order(office, listed_why="久拖不决", delister=office.units["office"].id)
    assert order.is_listed
    for name in ("receive", "report", "verify"):
        act(office, order, name)
    with pytest.raises(Refused) as raised:
        act(office, order, "write_off")
    assert "专班办公室" in reasons(raised)
    db.session.rollback()
    with pytest.raises(NotPermitted):
        act(office, order, "delist", "regulator")
    db.session.rollback()
    act(office, order, "delist", "district_admin")
    act(office, order, "write_off")
    assert not order.is_listed
    assert order.delisted_by_id == office.people["district_admin"].id


@pytest.mark.parametrize("unit", ["team", "transport", "desk-b"])
def test_only_who_supervises_the_domain_here_can_be_named_to_take_it_off(office: Office, unit: str) -> None:
    with pytest.raises(Refused) as raised:
        an_order(office, listed_why="久拖不决", delister=office.units[unit].id)
    assert raised.value.reasons[0].field == "delister"


def test_an_interview_is_numbered_recorded_and_holds_back_the_end(office: Office) -> None:
    order = an_order(office)
    draft = rules.InterviewDraft(who="主要负责人", at=LATER, place="区政府三楼", matter="逾期未报告")
    made = interviews.call(order, draft, actor=office.actor("regulator"), now=NOW)
    db.session.commit()
    assert made.number == "临江约〔2020〕1号"
    with pytest.raises(Refused) as raised:
        act(office, order, "withdraw")
    assert made.number in reasons(raised)
    db.session.rollback()
    with pytest.raises(Refused) as early:
        interviews.close(order, made, "held", "谈过了", actor=office.actor("regulator"), now=NOW)
    assert early.value.reasons[0].field == "state"
    interviews.close(order, made, "held", "谈过了", actor=office.actor("regulator"), now=LATER)
    db.session.commit()
    assert db.session.get_one(Interview, made.id).state == "held"
    with pytest.raises(Refused):
        interviews.close(order, made, "held", "再谈", actor=office.actor("regulator"), now=LATER)
    act(office, order, "withdraw")
    assert told(office, "lead") == ["supervision", "interview", "order_judged"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"who": ""}, "who"),
        ({"at": None}, "at"),
        ({"at": NOW - timedelta(days=1)}, "at"),
        ({"place": ""}, "place"),
        ({"matter": ""}, "matter"),
    ],
)
def test_an_interview_names_whom_when_where_and_why(office: Office, changes: dict[str, Any], field: str) -> None:
    whole = {"who": "主要负责人", "at": LATER, "place": "区政府三楼", "matter": "逾期未报告"}
    found = rules.interview_faults(rules.InterviewDraft(**{**whole, **changes}), NOW)
    assert [reason.field for reason in found] == [field]


def test_each_side_is_told_when_it_is_their_turn(office: Office) -> None:
    order = an_order(office)
    for name in ("receive", "report", "return", "report", "verify", "write_off"):
        act(office, order, name)
    assert told(office, "lead") == ["supervision", "order_returned", "order_judged", "order_judged"]
    assert told(office, "regulator") == ["order_reported", "order_reported"]
    assert told(office, "lead2") == []
    assert told(office, "officer") == told(office, "lead"), "who leads the case is told too"


def test_every_act_stands_on_each_case_and_one_on_a_unit_in_the_office_log(office: Office) -> None:
    cases = in_progress(office, 2)
    order = an_order(office, cases)
    act(office, order, "receive")
    query = sa.select(Event.case_id, sa.func.count()).where(Event.verb == "OrderMoved").group_by(Event.case_id)
    assert sorted(tuple(row) for row in db.session.execute(query)) == [(case.id, 2) for case in cases]
    service.issue_for_unit(office.units["team2"], a_draft(), actor=office.actor("regulator"), now=NOW)
    assert db.session.scalar(sa.select(sa.func.count()).where(Event.verb == "UnitOrderMoved")) == 1


def test_it_lies_where_all_of_its_cases_lie(office: Office) -> None:
    one = an_order(office)
    assert one.area_id == office.areas["8801001001"].id
    cases = [*in_progress(office), a_case(office, CaseState.IN_PROGRESS, area="8801002001")]
    both = an_order(office, cases)
    assert (both.area_id, both.subdistrict_id) == (office.areas["8801"].id, None)
    assert both.district_id == office.areas["8801"].id
    unit = db.session.get_one(Unit, both.unit_id)
    assert db.session.get_one(Area, unit.area_id).id != both.area_id


def test_the_desk_shows_what_is_mine_and_no_more(office: Office) -> None:
    order = an_order(office, listed_why="久拖不决", delister=office.units["office"].id)

    def who() -> set[str]:
        return {name for name in office.people if queries.turns(office.actor(name), limit=9)}

    assert who() == {"lead"}
    act(office, order, "receive")
    assert who() == {"lead"}
    act(office, order, "report")
    assert who() == {"regulator"}
    act(office, order, "verify")
    assert who() == {"regulator", "district_admin"}, "one writes off, the other takes it off the list first"
    act(office, order, "delist", "district_admin")
    assert who() == {"regulator"}
    act(office, order, "write_off")
    assert who() == set()


def test_the_calendar_link_holds_the_report_and_the_interview(office: Office) -> None:
    order = an_order(office)
    draft = rules.InterviewDraft(who="主要负责人", at=LATER, place="区政府三楼", matter="逾期未报告")
    interviews.call(order, draft, actor=office.actor("regulator"), now=NOW)
    db.session.commit()

    def told(name: str) -> list[str]:
        actor = office.actor(name)
        mine, span = frozenset({actor.user_id}), (NOW - timedelta(days=1), NOW + timedelta(days=9))
        return [one.what.text for one in feed.due(Ask(mine, *span, actor, NOW))]

    assert told("lead") == [feed.REPORT, feed.INTERVIEW]
    assert told("regulator") == [feed.INTERVIEW]
    assert told("lead2") == []
    mine = {one.what.text for one in appointments(office.actor("officer"), NOW)}
    assert mine == {"Resolve by", "First contact by"}, "the officer's own calendar names the clocks of the case alone"


def test_the_database_knows_an_open_order_and_a_judged_report(office: Office) -> None:
    order = an_order(office)
    for statement in (
        sa.update(SupervisionOrder).values(is_open=False),
        sa.update(SupervisionOrder).values(listed_at=NOW),
        sa.update(OrderRound).values(verdict="verified"),
    ):
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(statement)
        db.session.rollback()
    assert db.session.get_one(SupervisionOrder, order.id).is_open
