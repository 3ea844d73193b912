"""What stands in a week, for whom it is told, and that putting it elsewhere is the command of its own package."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.agenda import queries, service
from casework.agenda.entries import LOOSE, SOURCES, Ask, Entry, Put, entries
from casework.audit.models import Event
from casework.care.models import Resident
from casework.cases.feed import DUE
from casework.cases.workflow import State
from casework.clocks import queries as clocks
from casework.clocks import seed
from casework.clocks.kinds import Clock
from casework.enterprises import service as enterprises
from casework.enterprises.models import Enterprise
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import NotFound, NotPermitted, Refused
from casework.kernel.time import at_local, local_day
from casework.processes import slots
from casework.processes.models import VisitSlot
from casework.roster.models import Absence, DutyShift
from casework.visits import planning
from casework.visits import queries as visits
from casework.visits import service as visit_service
from casework.visits.models import Appointment, AppointmentState
from casework.visits.rules import PlanDraft
from tests.factories import NOW, Office, a_case, a_firm
from tests.harness.statements import Statements
from tests.negotiations.deal import a_deal, a_promise_draft
from tests.processes.shipment import a_shipment, published, shipping

TODAY = local_day(NOW)  # Monday 16 March 2020
DAY = timedelta(days=1)


def a_visit(office: Office, *, days: int = 1, officer: str = "officer", name: str = "阿芝热干面馆") -> Appointment:
    """A visit that is agreed with a firm for which somebody answers, at ten."""
    firm = a_firm(office, name=name)
    enterprises.hand_over([firm], office.people[officer].id, None, TODAY)
    db.session.flush()
    made = visit_service.agree(
        visits.stop_of(firm.id, TODAY),  # type: ignore[arg-type]
        at=at_local(TODAY + days * DAY, 10),
        with_whom="何秀芝",
        about="",
        visitor_id=None,
        actor=office.actor(officer),
        now=NOW,
    )
    db.session.commit()
    return made


def a_due_firm(office: Office, every: int, *, contacted: date | None = None, name: str = "恒通数码") -> Enterprise:
    """A firm with a rhythm, last spoken with on a day."""
    firm = a_firm(office, name=name)
    enterprises.hand_over([firm], office.people["officer"].id, None, TODAY)
    db.session.flush()
    firm.contacted_on = contacted
    db.session.flush()
    stop = visits.stop_of(firm.id, TODAY)
    planning.save_plan(stop, PlanDraft(every_days=every), actor=office.actor("officer"), now=NOW)  # type: ignore[arg-type]
    db.session.commit()
    return firm


def week(office: Office, who: str = "officer", *, by: str | None = None, later: int = 0, now: datetime = NOW) -> Any:
    viewer = office.actor(by or who)
    led = frozenset({office.people[who].id}) if by == "lead" else frozenset()
    ask = Ask(frozenset(), now, now, viewer, now, led=led)
    monday = TODAY + later * 7 * DAY
    db.session.expire_all()
    return queries.week_of({office.people[who].id: who}, monday, ask)[0]


def said(found: Any) -> list[tuple[int, str]]:
    """Days after the Monday, and kinds, of what stands in a week."""
    return [((day - TODAY).days, entry.kind.value) for day, listed in found.days.items() for entry in listed]


def put(office: Office, entry_kind: str, key: int, to: date, *, by: str = "officer", **more: Any) -> Put:
    movable = service.load(entry_kind, key, actor=office.actor(by), now=NOW)
    asked = {"minutes": None, "reason": "厂里盘点", "off": None, "sure": False, **more}
    return service.put(movable, to, now=NOW, **asked)


def put_back(office: Office, made: Put, *, by: str = "officer") -> None:
    movable = service.load(made.kind, made.key, actor=office.actor(by), now=NOW)
    service.put_back(movable, made.version, made.back, reason="撤销", now=NOW)


# -- what stands there


def test_a_week_tells_visits_deadlines_promises_shifts_and_residents_on_their_days(office: Office) -> None:
    a_visit(office, days=2)
    a_due_firm(office, 3, contacted=TODAY)
    deal = a_deal(office)
    from casework.negotiations import promises

    promises.promise(
        deal.case,
        a_promise_draft(due_on=TODAY + 4 * DAY),
        actor=office.actor("officer"),
        now=NOW,
        negotiation=deal.negotiation,
    )
    db.session.add(
        DutyShift(
            unit_id=office.units["desk"].id,
            user_id=office.people["officer"].id,
            begins_at=at_local(TODAY + 5 * DAY, 20),
            ends_at=at_local(TODAY + 6 * DAY, 8),
        )
    )
    db.session.commit()
    found = said(week(office))
    for expected in ((2, "visit"), (3, "due"), (4, "promise"), (5, "shift")):
        assert expected in found
    assert any(kind == "deadline" for _, kind in found)


def test_every_clock_of_a_case_has_its_words_and_a_case_with_all_of_them_has_a_week(office: Office) -> None:
    told_elsewhere = {Clock.STEP, Clock.PROMISE, Clock.ORDER}
    assert set(DUE) == set(Clock) - told_elsewhere
    a_case(office, State.IN_PROGRESS, kind="rent")
    assert {"deadline"} == {kind for _, kind in said(week(office))}


def test_a_firm_that_is_overdue_is_due_today_and_none_is_due_where_a_visit_is_agreed(office: Office) -> None:
    firm = a_due_firm(office, 7, contacted=TODAY - 20 * DAY)
    [entry] = [one for one in week(office).days[TODAY] if one.kind == "due"]
    assert entry.late
    put(office, "due", firm.id, TODAY + 3 * DAY)
    db.session.commit()
    assert said(week(office)) == [(3, "visit")]
    assert said(week(office, later=1)) == []


def test_what_was_written_down_stands_on_its_day_and_does_not_go_into_the_calendar(office: Office) -> None:
    firm = a_due_firm(office, 30)
    stop = visits.stop_of(firm.id, TODAY)
    visit_service.log_stop(
        stop,  # type: ignore[arg-type]
        way="visit",
        met="spoke",
        text="说了几句",
        actor=office.actor("officer"),
        now=NOW,
    )
    db.session.commit()
    assert said(week(office)) == [(0, "done")]
    actor = office.actor("officer")
    assert entries(Ask(frozenset({actor.user_id}), NOW - DAY, NOW + DAY, actor, NOW)) == []


def test_what_is_late_from_before_is_told_apart_in_the_present_week_only(office: Office) -> None:
    made = a_visit(office, days=0)
    later = NOW + 8 * DAY
    current = week(office, later=1, now=later)
    assert [entry.uid for entry in current.before] == [f"appointment-{made.id}"]
    assert current.before[0].late
    assert week(office, later=2, now=later).before == []


def test_only_whoever_goes_has_the_visit_and_when_they_are_away_it_is_the_deputys(office: Office) -> None:
    made = a_visit(office)
    assert (1, "visit") in said(week(office))
    assert said(week(office, "officer2")) == []
    absence = Absence(
        user_id=office.people["officer"].id,
        kind="leave",
        from_on=TODAY,
        to_on=TODAY + 2 * DAY,
        deputy_id=office.people["officer2"].id,
    )
    db.session.add(absence)
    db.session.commit()
    assert said(week(office)) == []
    [entry] = [one for listed in week(office, "officer2").days.values() for one in listed]
    assert entry.uid == f"appointment-{made.id}"
    assert week(office).away == {TODAY + n * DAY: "陆景明" for n in range(3)}


def test_a_lead_is_told_only_what_the_lead_may_know_of(office: Office) -> None:
    a_case(office, State.IN_PROGRESS)
    assert {kind for _, kind in said(week(office, by="lead"))} == {"deadline"}
    assert said(week(office, by="lead2")) == []  # of another team: no case of this one exists for them
    assert said(week(office, by="helper")) == []


def test_residents_are_numbers_without_a_name_and_only_for_the_two_and_their_lead(office: Office) -> None:
    area = office.areas["8801001001"]
    resident = Resident(
        name="罗桂珍",
        kind="elderly",
        unit_id=office.units["team"].id,
        keeper_id=office.people["officer"].id,
        since=TODAY,
        every_days=7,
        created_at=NOW,
        area_id=area.id,
        district_id=area.district_id,
    )
    db.session.add(resident)
    db.session.commit()
    [entry] = week(office).days[TODAY]
    assert "1" in str(entry.what)
    assert "罗桂珍" not in repr(entry)
    assert said(week(office, by="lead")) == [(0, "care")]
    assert said(week(office, by="area_leader")) == []


def test_a_holiday_says_its_name_and_a_make_up_workday_counts(office: Office) -> None:
    clocks.forget_calendar()
    seed.seed_calendar(db.session, [2020])
    db.session.commit()
    autumn = {day.on: day for day in queries.days(date(2020, 9, 21), ())}
    sunday = autumn[date(2020, 9, 27)]
    assert (sunday.works, sunday.off, str(sunday.name)) == (True, None, "国庆节、中秋节")
    holiday = {day.on: day for day in queries.days(date(2020, 9, 28), ())}[date(2020, 10, 2)]
    assert (holiday.works, str(holiday.off)) == (False, "国庆节、中秋节")
    clocks.forget_calendar()
    plain = {day.on: day for day in queries.days(TODAY, ())}
    assert [day.works for day in plain.values()] == [True] * 5 + [False] * 2
    assert str(plain[TODAY + 5 * DAY].off) == "周六"


# -- on another day


def test_a_visit_is_moved_by_the_command_of_visits_and_a_move_can_be_taken_back(office: Office) -> None:
    made = a_visit(office)
    was = made.at
    moved = put(office, "visit", made.id, TODAY + 3 * DAY)
    db.session.commit()
    assert (made.at, made.reason) == (at_local(TODAY + 3 * DAY, 10), "厂里盘点")
    put_back(office, moved)
    db.session.commit()
    assert made.at == was
    facts = db.session.scalars(sa.select(Event).where(Event.verb == "AppointmentMoved")).all()
    assert len(facts) == 2


def test_a_due_visit_becomes_an_agreed_one_and_taken_back_it_is_due_again(office: Office) -> None:
    firm = a_due_firm(office, 2, contacted=TODAY)
    moved = put(office, "due", firm.id, TODAY + 1 * DAY)
    db.session.commit()
    assert said(week(office)) == [(1, "visit")]
    put_back(office, moved)
    db.session.commit()
    assert db.session.get_one(Appointment, moved.key).state == AppointmentState.CANCELLED
    assert said(week(office)) == [(2, "due")]


def test_a_move_is_not_taken_back_over_somebody_elses(office: Office) -> None:
    made = a_visit(office)
    first = put(office, "visit", made.id, TODAY + 3 * DAY)
    put(office, "visit", made.id, TODAY + 4 * DAY)
    with pytest.raises(Refused, match="changed again"):
        put_back(office, first)


@pytest.mark.parametrize(
    ("days", "more", "said"),
    [
        (-1, {}, "past"),
        (1, {}, "already"),
        (400, {}, "within a year"),
        (0, {"minutes": 60}, "still to come"),
        (2, {"reason": ""}, "Reason"),
    ],
)
def test_what_does_not_hold_is_refused_in_a_sentence(office: Office, days: int, more: Any, said: str) -> None:
    made = a_visit(office)
    with pytest.raises(Refused, match=said):
        put(office, "visit", made.id, TODAY + days * DAY, **more)


def test_nobody_moves_what_is_none_of_theirs_and_the_lead_of_the_team_may(office: Office) -> None:
    made = a_visit(office)
    for stranger in ("officer3", "lead2", "desk", "regulator", "district_admin"):
        with pytest.raises((NotFound, NotPermitted)):
            put(office, "visit", made.id, TODAY + 3 * DAY, by=stranger)
    put(office, "visit", made.id, TODAY + 3 * DAY, by="lead")
    assert made.at == at_local(TODAY + 3 * DAY, 10)


def test_who_may_move_it_is_offered_it(office: Office) -> None:
    made = a_visit(office)
    for who, offered in ((None, True), ("lead", True), ("area_leader", False)):
        [entry] = [one for listed in week(office, by=who).days.values() for one in listed]
        assert bool(entry.move) is offered, who
    assert entry.version == made.version


@pytest.mark.parametrize("kind", ["deadline", "promise", "shift", "nonsense"])
def test_a_deadline_a_promise_and_a_shift_cannot_be_moved_at_all(office: Office, kind: str) -> None:
    with pytest.raises(NotFound):
        service.load(kind, 1, actor=office.actor("officer"), now=NOW)


def a_session(office: Office) -> VisitSlot:
    """A time on site for a step of the officer's, which the enterprise chose."""
    definition = shipping()
    for step in definition["steps"]:
        if step["key"] == "check":
            step["visit"] = {"slot_minutes": 30, "offers": 3}
    template, _ = published(office, definition)
    shipment = a_shipment(office, template).go_to("check")
    officer = office.actor("officer")
    [offered] = slots.offer(shipment.case, shipment.run, "check", [at_local(TODAY + DAY, 14)], actor=officer, now=NOW)
    chosen = slots.choose(shipment.case, shipment.run, "check", offered.id, actor=None, now=NOW)
    db.session.commit()
    return chosen


def test_a_time_on_site_is_moved_by_who_acts_there_with_the_same_facts_and_back(office: Office) -> None:
    slot = a_session(office)
    found = week(office)
    assert (1, "session") in said(found)
    assert "step" in {kind for _, kind in said(found)}
    moved = put(office, "session", slot.id, TODAY + 2 * DAY)
    db.session.commit()
    assert [kind for day, kind in said(week(office)) if kind == "session"] == ["session"]
    assert (2, "session") in said(week(office))
    put_back(office, moved)
    db.session.commit()
    assert (1, "session") in said(week(office))
    verbs = list(db.session.scalars(sa.select(Event.verb).where(Event.verb.in_(("SlotsOffered", "SlotChosen")))))
    assert (verbs.count("SlotsOffered"), verbs.count("SlotChosen")) == (3, 3)
    with pytest.raises(NotFound):
        put(office, "session", slot.id, TODAY + 3 * DAY)  # this one was taken back
    with pytest.raises((NotFound, NotPermitted)):
        put(office, "session", moved.key, TODAY + 3 * DAY, by="officer3")


# -- teams


def test_a_lead_has_the_own_team_a_leader_those_of_the_area_and_an_officer_none(office: Office) -> None:
    def names(who: str) -> set[str]:
        return {unit.code for unit in queries.teams(office.actor(who))}

    assert names("lead") == {"team"}
    assert names("area_leader") == {"team"}
    assert names("district_admin") == {"team", "team2"}
    assert names("officer") == names("desk") == set()
    with pytest.raises(NotFound):
        queries.member(office.people["officer3"].id, TODAY, to=office.actor("lead"))


def test_a_team_is_paged_by_name(office: Office) -> None:
    found = queries.team_page(office.units["team"], TODAY, paging.FIRST)
    assert {row[1] for row in found.rows} == {"沈砚秋", "何小满", "方志恒", "陆景明"}


def test_a_week_costs_the_same_for_one_entry_and_for_many_and_for_a_whole_team(
    office: Office, query_count: Callable[[], AbstractContextManager[Statements]]
) -> None:
    def cost(people: tuple[str, ...]) -> int:
        db.session.expire_all()
        viewer = office.actor("lead")
        led = {office.people[who].id: who for who in people}
        with query_count() as sent:
            queries.week_of(led, TODAY, Ask(frozenset(), NOW, NOW, viewer, NOW, led=frozenset(led)))
        return len(sent)

    a_visit(office, name="头一家")
    a_case(office, State.IN_PROGRESS)
    a_due_firm(office, 3, contacted=TODAY)
    cost(("officer",))
    one, team = cost(("officer",)), cost(("officer", "officer2", "helper"))
    for number in range(12):
        a_visit(office, name=f"第{number}家", days=number % 6 + 1, officer=("officer", "officer2")[number % 2])
        a_due_firm(office, 3, contacted=TODAY, name=f"又{number}家")
        a_case(office, State.IN_PROGRESS)
    assert (cost(("officer",)), cost(("officer", "officer2", "helper"))) == (one, team)
    assert team <= 32


def test_each_source_tells_no_more_than_it_may(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        a_visit(office, name=f"第{number}家")
        a_due_firm(office, 1, contacted=TODAY - 3 * DAY, name=f"又{number}家")
        a_case(office, State.IN_PROGRESS)
    actor = office.actor("officer")
    asked = Ask(frozenset({actor.user_id}), NOW, NOW + 7 * DAY, actor, NOW)
    told: list[Entry] = [entry for source in (*SOURCES, *LOOSE) for entry in source(asked)]
    assert len(told) > 6
    monkeypatch.setattr("casework.agenda.entries.MOST", 1)  # a limit, not our code
    assert all(len(source(replace(asked))) <= 1 for source in (*SOURCES, *LOOSE))


@pytest.mark.parametrize("who", ["desk", "regulator", "regulator2", "area_leader", "district_admin", "helper"])
def test_everybody_with_a_posting_has_a_week(office: Office, who: str) -> None:
    a_session(office)
    assert [entry.kind for listed in week(office, who).days.values() for entry in listed] == []


def test_the_authority_has_the_steps_that_wait_for_it(office: Office) -> None:
    template, _ = published(office)
    a_shipment(office, template).go_to("inspect")
    assert "step" in {kind for _, kind in said(week(office, "regulator2"))}
