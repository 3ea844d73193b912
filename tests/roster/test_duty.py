"""Who answers at 02:00, who is away and who stands in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import at_local, local, local_day, utcnow
from casework.roster import duty
from casework.roster.models import Absence, DutyShift
from casework.roster.rules import stretches
from tests.factories import NOW, Office, an_office, signed_in

TODAY = local_day(NOW)


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


def a_shift(office: Office, who: str = "desk", *, begin: int = 20, hours: int = 12, weeks: int = 1) -> int:
    begins = at_local(TODAY, begin)
    return duty.plan_shifts(
        office.units["desk"],
        user_id=office.people[who].id,
        begins_at=begins,
        ends_at=begins + timedelta(hours=hours),
        weeks=weeks,
        actor=office.actor("district_admin"),
        now=NOW,
    )


def names_at(office: Office, hour: int, day: date = TODAY) -> list[str]:
    return [one.name for one in duty.on_duty(office.areas["8801001001"].area_ids, at_local(day, hour))]


def test_who_has_the_night_answers_at_two_in_the_morning_and_nobody_else(office: Office) -> None:
    a_shift(office)
    db.session.flush()
    tomorrow = TODAY + timedelta(days=1)
    assert names_at(office, 2, tomorrow) == ["周文静"]
    assert names_at(office, 8, tomorrow) == [], "at the end of a shift the next one answers"


def test_who_is_away_is_not_said_to_be_on_duty(office: Office) -> None:
    a_shift(office)
    db.session.add(Absence(user_id=office.people["desk"].id, kind="ill", from_on=TODAY, to_on=TODAY))
    db.session.flush()
    assert names_at(office, 21) == []


def test_a_shift_repeats_by_the_week_and_planning_it_again_adds_nothing(office: Office) -> None:
    assert a_shift(office, weeks=3) == 3
    db.session.flush()
    assert a_shift(office, weeks=4) == 1
    assert names_at(office, 21, TODAY + timedelta(weeks=2)) == ["周文静"]


@pytest.mark.parametrize(("hours", "weeks"), [(0, 1), (25, 1), (8, 0), (8, 14)])
def test_a_shift_that_cannot_be_is_refused(office: Office, hours: int, weeks: int) -> None:
    with pytest.raises(Refused):
        a_shift(office, hours=hours, weeks=weeks)


def test_only_somebody_of_the_desk_can_have_the_desk(office: Office) -> None:
    with pytest.raises(Refused, match="Who"):
        a_shift(office, "officer")


def test_gaps_of_a_day_are_named_as_stretches_without_anybody() -> None:
    begin = at_local(TODAY)
    shifts = [
        (begin + timedelta(hours=6), begin + timedelta(hours=12), "甲"),
        (begin + timedelta(hours=10), begin + timedelta(hours=18), "乙"),
    ]
    found = stretches(shifts, begin, begin + timedelta(hours=24))
    told = [(local(one.begins_at).hour, one.names) for one in found]
    assert told == [(0, ()), (6, ("甲",)), (10, ("甲", "乙")), (12, ("乙",)), (18, ())]


def test_one_notes_ones_own_absence_and_a_lead_that_of_the_team_but_nobody_that_of_another_team(office: Office) -> None:
    def note(whose: str, by: str) -> None:
        duty.note_absence(
            office.people[whose],
            kind="leave",
            from_on=TODAY,
            to_on=TODAY,
            deputy_id=None,
            actor=office.actor(by),
            now=NOW,
        )

    note("officer", "officer")
    note("officer2", "lead")
    with pytest.raises(NotPermitted):
        note("officer3", "lead")
    with pytest.raises(NotPermitted):
        note("officer3", "officer")


def test_days_that_are_noted_already_are_refused_and_who_is_back_serves_again(office: Office) -> None:
    person, lead = office.people["officer"], office.actor("lead")
    until = TODAY + timedelta(days=5)
    absence = duty.note_absence(person, kind="ill", from_on=TODAY, to_on=until, deputy_id=None, actor=lead, now=NOW)
    db.session.flush()
    with pytest.raises(Refused, match="noted already"):
        duty.note_absence(person, kind="ill", from_on=until, to_on=until, deputy_id=None, actor=lead, now=NOW)
    duty.end_absence(person, absence.id, actor=lead, now=NOW + timedelta(days=2))
    db.session.flush()
    assert duty.away([person.id], TODAY + timedelta(days=1))
    assert not duty.away([person.id], TODAY + timedelta(days=2))


def test_the_page_names_who_answers_at_the_time_asked_for_and_the_gaps(office: Office, client: FlaskClient) -> None:
    admin = signed_in(client, office.people["district_admin"])
    day = local_day(utcnow())
    given = {
        "unit_id": str(office.units["desk"].id),
        "user_id": str(office.people["desk"].id),
        "begins_at": f"{day}T20:00",
        "ends_at": f"{day + timedelta(days=1)}T08:00",
        "weeks": "1",
    }
    assert admin.post("/duty/shifts", data={**given, "ends_at": f"{day}T19:00"}).status_code == 422
    assert admin.post("/duty/shifts", data=given).status_code == 303
    text = admin.get(f"/duty?at={day + timedelta(days=1)}T02:00").text
    assert "周文静" in text
    assert "无人" in text
    shift = db.session.query(DutyShift).one()
    assert admin.post(f"/duty/shifts/{shift.unit_id}/{shift.id}/cancel").status_code == 303
    assert db.session.query(DutyShift).count() == 0


def test_an_officer_notes_being_away_with_who_stands_in(office: Office, client: FlaskClient) -> None:
    officer = signed_in(client, office.people["officer"])
    day = local_day(utcnow())
    given = {
        "person": str(office.people["officer"].id),
        "kind": "ill",
        "from_on": f"{day}",
        "to_on": f"{day - timedelta(days=1)}",
        "deputy_id": str(office.people["officer2"].id),
    }
    assert officer.post("/duty/absences", data=given).status_code == 422
    assert officer.post("/duty/absences", data={**given, "to_on": f"{day}"}).status_code == 303
    assert "陆景明" in officer.get("/duty").text
    absence = db.session.query(Absence).one()
    other = {**given, "person": str(office.people["officer3"].id), "to_on": f"{day}"}
    assert officer.post("/duty/absences", data=other).status_code == 404
    assert officer.post(f"/duty/absences/{absence.user_id}/{absence.id}/end").status_code == 303
    assert db.session.query(Absence).count() == 0
