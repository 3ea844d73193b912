"""Calendars: of a district before everywhere, changed with a reason, shown before; deadlines follow and say so."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from casework.audit.queries import timeline
from casework.cases import calendars, jobs, timing
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.clocks import queries, revising, seed
from casework.clocks.kinds import WORKING, Clock, DayKind
from casework.clocks.models import Deadline, WorkCalendar
from casework.clocks.revising import USUAL, Change
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import SHANGHAI
from tests.factories import NOW, Office, a_case, an_office, signed_in

EVERYWHERE = 1
TOMORROW = date(2020, 3, 17)  # a Tuesday
DAY = timedelta(days=1)


@pytest.fixture
def office(app: Flask) -> Office:
    queries.forget_calendar()
    return an_office()


def a_day_off(day: date = TOMORROW, **changes: object) -> Change:
    given = {"first": day, "last": day, "kind": DayKind.HOLIDAY, "name": "停电", "why": "区应急办通知"}
    return Change(**(given | changes))  # type: ignore[arg-type]


def revise(office: Office, change: Change, who: str = "sysadmin", calendar_id: int = EVERYWHERE) -> None:
    revising.revise(revising.row(calendar_id), change, actor=office.actor(who), now=NOW)
    db.session.commit()


def resolve_of(case: Case) -> Deadline:
    [found] = queries.open_deadlines(case.id, [Clock.RESOLVE])
    return found


def for_the_district(office: Office, **changes: object) -> WorkCalendar:
    given = {
        "code": "working", "name": "夏令时", "area": office.areas["8801"], "spans": [["08:00", "12:00"], ["14:00", "18:00"]],
        "week": [0, 1, 2, 3, 4], "holidays": True, "why": "区府办通知", "actor": office.actor("district_admin"), "now": NOW,
    }  # fmt: skip
    made = revising.make(**(given | changes))  # type: ignore[arg-type]
    db.session.commit()
    return made


def test_a_day_off_moves_what_is_open_and_each_case_tells_it_once(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, now=NOW)
    before = resolve_of(case).due_at
    revise(office, a_day_off())
    assert jobs.follow_calendars(NOW) > 0
    moved = resolve_of(case).due_at
    assert before is not None
    assert moved is not None
    assert moved - before in (DAY, 3 * DAY)  # over a weekend
    assert jobs.follow_calendars(NOW) == 0
    told = [entry for entry in timeline(case.id) if entry.verb == "DueMoved"]
    assert [entry.data["clock"] for entry in told].count("resolve") == 1
    assert told[0].data["why"] == "区应急办通知"
    assert db.session.get_one(Case, case.id).next_due_at == timing.queries.next_due(case.id).due_at  # type: ignore[union-attr]


def test_what_was_decided_stays_as_it_was_judged(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, now=NOW)
    done = sa.select(Deadline).where(Deadline.case_id == case.id, Deadline.clock == Clock.ACKNOWLEDGE)
    judged = db.session.scalars(done).one()
    before = (judged.due_at, judged.met)
    revise(office, a_day_off(NOW.astimezone(SHANGHAI).date()))
    jobs.follow_calendars(NOW)
    after = db.session.scalars(done).one()
    assert (after.due_at, after.met) == before


def test_the_preview_says_what_would_move_and_changes_nothing(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, now=NOW)
    before = resolve_of(case).due_at
    found = calendars.preview(revising.drafted(EVERYWHERE, a_day_off()), TOMORROW, TOMORROW, now=NOW)
    row = next(one for one in found.shown if one.clock == Clock.RESOLVE)
    assert (found.moves >= 1, found.whole, row.number, row.before) == (True, True, case.number, before)
    db.session.rollback()
    assert resolve_of(case).due_at == before
    revise(office, a_day_off())
    jobs.follow_calendars(NOW)
    assert resolve_of(case).due_at == row.after


def test_a_make_up_day_that_is_taken_back_says_what_would_be_late_at_once(office: Office) -> None:
    revise(office, a_day_off())
    case = a_case(office, State.IN_PROGRESS, now=NOW)
    due = resolve_of(case).due_at
    assert due is not None
    later = due - timedelta(hours=1)
    usual = a_day_off(kind=USUAL, name="")
    found = calendars.preview(revising.drafted(EVERYWHERE, usual), TOMORROW, TOMORROW, now=later)
    assert found.late >= 1


def test_the_calendar_of_a_district_comes_before_the_one_for_everywhere(office: Office) -> None:
    here = a_case(office, State.IN_PROGRESS, now=NOW)
    made = for_the_district(office)
    calendars.outdate(office.areas["8801"], "working")
    db.session.commit()
    jobs.follow_calendars(NOW)
    deadline = resolve_of(here)
    assert deadline.calendar_id == made.id
    assert deadline.limit_minutes == (deadline.limit_days or 0) * 8 * 60  # a day of that district has eight hours
    assert queries.calendar_id_for("working", office.areas["8802"].area_ids) == EVERYWHERE
    inside = office.areas["8801001001"].area_ids | {office.areas["8801001001"].id}
    assert queries.calendar_id_for("working", inside) == made.id


def test_statutory_days_count_in_the_calendar_of_a_district_too_until_it_says_otherwise(office: Office) -> None:
    made = for_the_district(office)
    revise(office, a_day_off())
    assert not queries.calendar_of(made.id).is_working_day(TOMORROW)
    revise(office, a_day_off(kind=DayKind.WORKDAY, name="复工"), "district_admin", made.id)
    assert queries.calendar_of(made.id).is_working_day(TOMORROW)
    assert not queries.calendar_of(EVERYWHERE).is_working_day(TOMORROW)


def test_other_hours_count_from_their_day_on(office: Office) -> None:
    revise(office, Change(first=TOMORROW, last=TOMORROW, spans=[["10:00", "16:00"]], why="防疫期间"))
    calendar = queries.calendar_of(EVERYWHERE)
    assert (calendar.minutes_on(TOMORROW - DAY), calendar.minutes_on(TOMORROW)) == (420, 360)


def test_a_code_that_nobody_made_counts_as_working_time(office: Office) -> None:
    assert queries.calendar_id_for("night", ()) == EVERYWHERE
    made = for_the_district(office, code="night", area=None, actor=office.actor("sysadmin"), week=list(range(7)))
    assert queries.calendar_id_for("night", ()) == made.id


def test_seeding_leaves_an_edited_day_alone(office: Office) -> None:
    seed.seed_calendar(db.session)
    revise(office, a_day_off(date(2020, 1, 19), kind=USUAL, name=""))
    revise(office, a_day_off(date(2020, 2, 3), name="延迟复工"))
    seed.seed_calendar(db.session)
    calendar = queries.calendar_for(WORKING)
    assert not calendar.is_working_day(date(2020, 1, 19))
    assert not calendar.is_working_day(date(2020, 2, 3))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"last": TOMORROW - DAY}, "last"),
        ({"last": TOMORROW + 100 * DAY}, "last"),
        ({"first": date(1990, 1, 1)}, "first"),
        ({"kind": "feast"}, "kind"),
        ({"name": " "}, "name"),
        ({"why": ""}, "why"),
    ],
)
def test_a_change_that_is_none_is_refused_at_its_field(office: Office, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        revise(office, a_day_off(**changes))
    assert field in [reason.field for reason in refused.value.reasons]


def test_a_district_changes_its_own_calendar_only(office: Office) -> None:
    with pytest.raises(NotPermitted):
        revise(office, a_day_off(), "district_admin")
    with pytest.raises(NotPermitted):
        for_the_district(office, area=office.areas["8802"])
    with pytest.raises(NotPermitted):
        revise(office, a_day_off(), "officer")


def test_one_calendar_a_code_and_area(office: Office) -> None:
    for_the_district(office)
    with pytest.raises(Refused):
        for_the_district(office)


def test_urgent_shortens_the_clocks_that_run_and_keeps_their_start(office: Office) -> None:
    case = a_case(office, State.DISPATCHED, now=NOW)
    before = timing.limits_of(case)
    [clock] = queries.open_deadlines(case.id, [Clock.FIRST_CONTACT])
    case.urgent = True
    timing.retime(case, before)
    assert clock.started_at + timedelta(minutes=clock.limit_minutes) == clock.due_at  # around the clock now
    assert clock.limit_minutes < before[Clock.FIRST_CONTACT].amount


def page_of(office: Office, client: FlaskClient, who: str, address: str, **form: str) -> tuple[int, str]:
    signed_in(client, office.people[who])
    response = client.post(address, data=form) if form else client.get(address)
    return response.status_code, response.get_data(as_text=True)


def test_a_change_is_shown_first_and_done_on_the_second_click(office: Office, client: FlaskClient) -> None:
    a_case(office, State.IN_PROGRESS, now=datetime.now(SHANGHAI))
    day = (datetime.now(SHANGHAI) + timedelta(days=1)).date()
    made = for_the_district(office, now=NOW)
    calendars.outdate(office.areas["8801"], "working")
    db.session.commit()
    jobs.follow_calendars(NOW)
    form = {"first": str(day), "kind": "holiday", "name": "台风", "why": "市三防办〔2026〕7号"}
    address = f"/settings/calendars/{made.id}/days"
    status, shown = page_of(office, client, "district_admin", address, do="show", **form)
    assert (status, "市三防办〔2026〕7号" in shown, "改动会影响什么" in shown) == (200, True, True)
    assert queries.calendar_of(made.id).days.get(day) is None
    status, _ = page_of(office, client, "district_admin", address, do="make", **form)
    queries.forget_calendar()
    assert (status, queries.calendar_of(made.id).days[day]) == (303, DayKind.HOLIDAY)


def test_what_was_typed_survives_a_refusal(office: Office, client: FlaskClient) -> None:
    made = for_the_district(office)
    address = f"/settings/calendars/{made.id}/hours"
    status, shown = page_of(
        office, client, "district_admin", address, begin="2026-06-01", hours="9-12", why="夏令时通知", do="show"
    )
    assert (status, 'value="9-12"' in shown, "夏令时通知" in shown) == (422, True, True)


def test_a_due_time_is_worked_out_with_its_reasons(office: Office, client: FlaskClient) -> None:
    seed.seed_calendar(db.session)
    db.session.commit()
    query = f"start=2020-01-17T17:50&amount=1&unit=days&calendar={EVERYWHERE}"
    status, shown = page_of(office, client, "officer", f"/settings/calendars/try?{query}")
    # Friday 17:50: ten minutes, then the Sunday that is worked for the festival, until 17:50.
    assert status == 200
    assert "1月19日" in shown
    assert "cw-strip" in shown
    status, shown = page_of(office, client, "officer", "/settings/calendars/try?start=x&amount=-1&unit=y&calendar=9")
    assert (status, "500" not in shown[:200]) == (422, True)


def test_an_empty_form_names_what_is_missing(office: Office, client: FlaskClient) -> None:
    status, shown = page_of(office, client, "sysadmin", "/settings/calendars/new", do="show")
    assert (status, "请至少勾选一天" in shown) == (422, True)
