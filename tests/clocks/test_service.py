"""Clocks of a case in the database: each command may be repeated, and none forgets what was before."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from casework.areas.models import Area, Level
from casework.cases.models import Case, CaseType
from casework.cases.workflow import Source, State
from casework.clocks import queries, seed, service
from casework.clocks.kinds import ALWAYS, WORKING, Clock, DayKind, Limit
from casework.clocks.models import CalendarDay, Deadline, WorkCalendar
from casework.kernel.db import db
from casework.kernel.errors import Refused
from casework.kernel.time import SHANGHAI

START = datetime(2020, 3, 16, 9, 0, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
EVERYWHERE = 1


@pytest.fixture
def case_id(app: Flask) -> int:
    """A case without a clock."""
    queries.forget_calendar()
    area = Area(code="440309", name="龙华区", level=Level.DISTRICT, full_name="深圳市龙华区")
    kind = CaseType(
        code="clock_test",
        zh="其他",
        en="Other",
        domain="other",
        limits={},
        evidence=[],
        checklist=[],
        outcomes=[],
    )
    db.session.add_all([area, kind])
    db.session.flush()
    case = Case(
        number="X-2020-0001", code="ABC123", title="复工", text="复工", type_id=kind.id, domain="other",
        state=State.SUBMITTED, source=Source.PHONE, requester="某厂", area_id=area.id, district_id=area.id,
        reviewer="regulator", submitted_at=START, last_at=START,
    )  # fmt: skip
    db.session.add(case)
    db.session.flush()
    return case.id


def begin(case_id: int, clock: Clock = Clock.RESOLVE, minutes: int = 120, now: datetime = START) -> Deadline:
    [deadline] = service.start(case_id=case_id, clock=clock, limit=Limit(minutes), areas=(), now=now)
    return deadline


def test_starting_an_open_clock_again_leaves_it_as_it_is(case_id: int) -> None:
    deadline = begin(case_id)
    again = service.start(case_id=case_id, clock=Clock.RESOLVE, limit=Limit(5, ALWAYS), areas=(), now=START + HOUR)
    assert again == []
    assert queries.deadlines_of(case_id) == [deadline]
    assert deadline.due_at == START + 2 * HOUR


def test_the_database_keeps_one_open_deadline_a_clock(case_id: int) -> None:
    begin(case_id)
    db.session.add(Deadline(case_id=case_id, clock=Clock.RESOLVE, started_at=START, limit_minutes=1))
    with pytest.raises(IntegrityError):
        db.session.flush()


@pytest.mark.parametrize(("after", "met"), [(2 * HOUR, True), (2 * HOUR + timedelta(seconds=1), False)])
def test_stopping_says_whether_it_was_in_time(case_id: int, after: timedelta, met: bool) -> None:
    begin(case_id)
    [stopped] = service.stop(case_id=case_id, clock=Clock.RESOLVE, now=START + after)
    assert stopped.met is met
    assert service.stop(case_id=case_id, clock=Clock.RESOLVE, now=START + 9 * HOUR) == []
    assert stopped.done_at == START + after


def test_a_clock_started_again_after_rework_keeps_the_history_of_the_first(case_id: int) -> None:
    first = begin(case_id)
    service.pause(case_id=case_id, clocks=[Clock.RESOLVE], reason="x", now=START + HOUR)
    service.stop(case_id=case_id, clock=Clock.RESOLVE, now=START + 2 * HOUR)
    second = begin(case_id, now=START + 2 * HOUR)
    assert queries.deadlines_of(case_id) == [first, second]
    assert (len(first.pauses), len(second.pauses)) == (1, 0)


def test_pausing_holds_the_due_time_back_and_resuming_moves_it(case_id: int) -> None:
    deadline = begin(case_id)
    paused = service.pause(case_id=case_id, clocks=[Clock.RESOLVE], reason="x", now=START + HOUR)
    assert (paused, deadline.due_at) == ([deadline], None)
    late = datetime(2020, 6, 1, 9, 0, tzinfo=SHANGHAI)
    service.resume(case_id=case_id, now=late)
    assert deadline.due_at == late + HOUR
    assert queries.standing_of(deadline, now=late).tone == ""


def test_two_pauses_in_a_row_count_once(case_id: int) -> None:
    deadline = begin(case_id)
    service.pause(case_id=case_id, clocks=[Clock.RESOLVE], reason="x", now=START + HOUR)
    assert service.pause(case_id=case_id, clocks=[Clock.RESOLVE], reason="y", now=START + 1.5 * HOUR) == []
    service.resume(case_id=case_id, now=START + 2 * HOUR)
    assert service.resume(case_id=case_id, now=START + 2.5 * HOUR) == []
    assert deadline.due_at == START + 3 * HOUR


def test_first_contact_never_pauses(case_id: int) -> None:
    contact, resolve = begin(case_id, Clock.FIRST_CONTACT), begin(case_id)
    changed = service.pause(case_id=case_id, clocks=list(Clock), reason="x", now=START + HOUR)
    assert changed == [resolve]
    assert contact.due_at == START + 2 * HOUR


def test_what_is_late_stays_late_when_it_is_paused(case_id: int) -> None:
    deadline = begin(case_id)
    service.pause(case_id=case_id, clocks=[Clock.RESOLVE], reason="x", now=START + 6 * HOUR)
    assert deadline.due_at == START + 2 * HOUR
    assert queries.standing_of(deadline, now=START + 7 * HOUR).tone == "late"


def test_an_extension_adds_to_the_limit_and_keeps_the_pauses(case_id: int) -> None:
    deadline = begin(case_id)
    service.pause(case_id=case_id, clocks=[Clock.RESOLVE], reason="x", now=START)
    service.resume(case_id=case_id, now=START + HOUR)
    service.extend(case_id=case_id, clock=Clock.RESOLVE, minutes=60, now=START + HOUR)
    assert deadline.due_at == START + 6 * HOUR  # 15:00: an hour of lunch is left out twice


def test_a_change_of_urgency_keeps_the_pauses(case_id: int) -> None:
    deadline = begin(case_id)
    service.pause(case_id=case_id, clocks=[Clock.RESOLVE], reason="x", now=START)
    service.resume(case_id=case_id, now=START + HOUR)
    service.set_limit(case_id=case_id, clock=Clock.RESOLVE, limit=Limit(30, ALWAYS), areas=())
    assert deadline.due_at == START + 1.5 * HOUR


@pytest.mark.parametrize("minutes", [0, -5, 1])
def test_an_extension_that_gives_no_time_is_refused(case_id: int, minutes: int) -> None:
    begin(case_id)
    with pytest.raises(Refused):
        service.extend(case_id=case_id, clock=Clock.RESOLVE, minutes=minutes, now=START + 3 * HOUR)


def test_a_clock_that_does_not_run_cannot_be_extended(case_id: int) -> None:
    with pytest.raises(Refused, match="not running"):
        service.extend(case_id=case_id, clock=Clock.RESOLVE, minutes=60, now=START)


def test_a_cancelled_clock_is_not_judged(case_id: int) -> None:
    begin(case_id), begin(case_id, Clock.REVIEW)
    cancelled = service.cancel(case_id=case_id, now=START + 9 * HOUR)
    assert [(deadline.met, deadline.cancelled) for deadline in cancelled] == [(None, True)] * 2
    assert queries.next_due(case_id) is None


def test_the_next_due_is_the_earliest_that_runs(case_id: int) -> None:
    resolve = begin(case_id, minutes=60)
    review = begin(case_id, Clock.REVIEW, minutes=90)
    assert queries.next_due(case_id) is resolve
    service.pause(case_id=case_id, clocks=[Clock.RESOLVE], reason="x", now=START)
    assert queries.next_due(case_id) is review
    service.stop(case_id=case_id, clock=Clock.REVIEW, now=START)
    assert queries.next_due(case_id) is resolve


def test_the_sweep_finds_what_is_past_due_and_goes_on_where_it_was(case_id: int) -> None:
    deadline = begin(case_id, Clock.ACKNOWLEDGE)
    due = START + 2 * HOUR
    assert queries.overdue(clock=Clock.ACKNOWLEDGE, now=due) == []
    later = due + timedelta(seconds=1)
    assert queries.overdue(clock=Clock.ACKNOWLEDGE, now=later) == [deadline]
    assert queries.overdue(clock=Clock.RESOLVE, now=later) == []
    assert queries.overdue(clock=Clock.ACKNOWLEDGE, now=later, after=(due, deadline.id)) == []
    assert queries.overdue(clock=Clock.ACKNOWLEDGE, now=later, after=(due, deadline.id - 1)) == [deadline]


def test_seeding_twice_changes_nothing(case_id: int) -> None:
    seed.seed_calendar(db.session)
    assert seed.seed_calendar(db.session) == 0
    days = queries.known_calendars()[EVERYWHERE].days
    assert days[date(2020, 2, 2)].name == "春节延长假期"
    assert date(2020, 2, 3) not in days
    assert days[date(2020, 1, 19)].kind == DayKind.WORKDAY
    assert days[date(2020, 1, 24)].name == "春节"
    assert {day.year for day, fact in days.items() if not fact.official} == {2027}


def test_the_kept_calendar_is_read_again_when_another_process_changed_it(
    case_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queries.calendar_for(WORKING).is_working_day(date(2020, 3, 17))
    db.session.add(
        CalendarDay(calendar_id=EVERYWHERE, day=date(2020, 3, 17), kind=DayKind.HOLIDAY, name="x", official=True)
    )
    db.session.flush()
    assert queries.calendar_for(WORKING).is_working_day(date(2020, 3, 17))
    monkeypatch.setattr(queries, "CALENDAR_SECONDS", 0)
    assert not queries.calendar_for(WORKING).is_working_day(date(2020, 3, 17))


def test_a_calendar_that_another_process_has_just_made_is_found(case_id: int) -> None:
    assert set(queries.known_calendars()) == {EVERYWHERE}
    hours = [{"from": "", "spans": [["08:00", "20:00"]]}]
    made = WorkCalendar(code="long", name="长时间", hours=hours, week=[0, 1, 2, 3, 4, 5, 6])
    db.session.add(made)
    db.session.flush()
    assert queries.calendar_of(made.id).minutes_on(date(2020, 3, 15)) == 12 * 60
