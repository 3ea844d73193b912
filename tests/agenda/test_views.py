"""The pages of weeks: who sees them, what they link, and that a move is answered in a sentence."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from casework.agenda import rules
from casework.enterprises import service as enterprises
from casework.kernel.db import db
from casework.kernel.time import at_local, local_day, utcnow
from casework.visits import queries as visits
from casework.visits import service as visit_service
from casework.visits.models import Appointment
from tests.factories import Office, a_firm, many_officers, signed_in

DAY = timedelta(days=1)


def next_week() -> date:
    return local_day(utcnow()) + (7 - local_day(utcnow()).weekday()) * DAY


@pytest.fixture
def visit(office: Office) -> Appointment:
    """A visit of the officer's on the Monday after next at ten: a week without a seeded holiday is not promised."""
    now, today = utcnow(), local_day(utcnow())
    firm = a_firm(office)
    enterprises.hand_over([firm], office.people["officer"].id, None, today)
    db.session.flush()
    stop = visits.stop_of(firm.id, today)
    made = visit_service.agree(
        stop,  # type: ignore[arg-type]
        at=at_local(next_week(), 10),
        with_whom="何秀芝",
        about="看夜班用工",
        visitor_id=None,
        actor=office.actor("officer", today),
        now=now,
    )
    db.session.commit()
    return made


def week_address(day: date) -> str:
    return f"/week?week={rules.week_name(day)}"


def form_of(visit: Appointment, day: date, **more: str) -> dict[str, str]:
    return {"day": day.isoformat(), "version": str(visit.version), "reason": "厂里盘点", "sure": "y", **more}


def test_an_empty_week_says_what_to_do_next(office: Office, client: FlaskClient) -> None:
    page = signed_in(client, office.people["officer"]).get("/week").text
    assert "这一周没有安排" in page
    assert "/visits/plans" in page


def test_a_week_links_each_entry_and_the_weeks_around_and_can_be_named_by_any_day(
    client: FlaskClient, office: Office, visit: Appointment
) -> None:
    officer = signed_in(client, office.people["officer"])
    page = officer.get(week_address(next_week())).text
    assert f'href="/visits/{visit.enterprise_id}"' in page
    assert f'data-move="/week/move/visit/{visit.id}"' in page
    assert 'rel="prev"' in page
    assert 'rel="next"' in page
    assert "何秀芝" in officer.get(f"/week?week={next_week() + 3 * DAY}").text
    for nonsense in ("/week?week=%00", "/week?week=9999-W99", "/week?week=2020-02-31"):
        assert officer.get(nonsense).status_code == 200


def test_a_visit_is_moved_by_its_form_and_undone_by_the_message(
    client: FlaskClient, office: Office, visit: Appointment
) -> None:
    officer, back = signed_in(client, office.people["officer"]), week_address(next_week())
    address, was = f"/week/move/visit/{visit.id}", visit.at
    assert 'value="10:00"' in officer.get(f"{address}?back={back}").text
    answer = officer.post(address, data=form_of(visit, next_week() + 2 * DAY, back=back))
    assert (answer.status_code, answer.location) == (303, back)
    db.session.refresh(visit)
    assert visit.at == at_local(next_week() + 2 * DAY, 10)
    found = re.search(r'action="(/week/undo/[^"]+)"', officer.get(back).text)
    assert found is not None
    assert officer.post(found[1].replace("&amp;", "&")).status_code == 303
    db.session.refresh(visit)
    assert visit.at == was
    assert officer.post(found[1].replace("&amp;", "&")).status_code == 303
    assert "又改过" in officer.get(back).text


def test_a_past_day_and_a_day_off_are_answered_with_a_sentence_and_nothing_typed_is_lost(
    client: FlaskClient, office: Office, visit: Appointment
) -> None:
    officer, address = signed_in(client, office.people["officer"]), f"/week/move/visit/{visit.id}"
    past = officer.post(address, data=form_of(visit, date(2020, 3, 16)))
    assert past.status_code == 422
    assert "已经过去" in past.text
    assert "厂里盘点" in past.text
    saturday = next_week() + 5 * DAY
    asked = form_of(visit, saturday)
    del asked["sure"]
    answer = officer.post(address, data=asked)
    if answer.status_code == 422:  # unless it happens to be a make-up workday
        assert "不是工作日" in answer.text
        assert 'name="sure"' in answer.text
        assert officer.post(address, data=form_of(visit, saturday)).status_code == 303


def test_a_visit_that_somebody_moved_meanwhile_is_not_run_over(
    client: FlaskClient, office: Office, visit: Appointment
) -> None:
    officer = signed_in(client, office.people["officer"])
    answer = officer.post(f"/week/move/visit/{visit.id}", data=form_of(visit, next_week() + DAY, version="99"))
    assert answer.status_code == 409


def test_an_address_elsewhere_is_no_way_back(client: FlaskClient, office: Office, visit: Appointment) -> None:
    officer = signed_in(client, office.people["officer"])
    for away in ("//example.org", "https://example.org/x", "/\\example.org"):
        answer = officer.post(f"/week/move/visit/{visit.id}", data=form_of(visit, next_week() + DAY, back=away))
        assert "example.org" not in (answer.location or "")


def test_a_lead_sees_the_week_of_the_team_and_of_each_person_and_an_officer_does_not(
    app: Flask, client: FlaskClient, office: Office, visit: Appointment
) -> None:
    lead = signed_in(client, office.people["lead"])
    week = rules.week_name(next_week())
    page = lead.get(f"/team/week?week={week}").text
    assert "沈砚秋" in page
    assert "温如玉" not in page
    assert f'data-move="/week/move/visit/{visit.id}"' in page
    assert "何秀芝" in lead.get(f"/team/week/{office.people['officer'].id}?week={week}").text
    assert lead.get(f"/team/week/{office.people['officer3'].id}").status_code == 404
    assert lead.get(f"/team/week?unit={office.units['team2'].id}").status_code == 404
    admin = signed_in(app.test_client(), office.people["district_admin"])
    page = admin.get(f"/team/week?unit={office.units['team'].id}&week={week}").text
    assert "data-move" not in page.replace('data-move=""', "")
    assert f"/enterprises/{visit.enterprise_id}" in page
    officer = signed_in(app.test_client(), office.people["officer"])
    assert officer.get("/team/week").status_code == 403


def test_a_team_of_more_than_a_page_goes_on(client: FlaskClient, office: Office) -> None:
    many_officers(office, 45)
    lead = signed_in(client, office.people["lead"])
    first = lead.get("/team/week").text
    more = re.search(r'rel="next" href="([^"]+after[^"]+)"', first)
    assert more is not None
    assert len(re.findall('scope="row"', first)) == 40
    assert len(re.findall('scope="row"', lead.get(more[1].replace("&amp;", "&")).text)) == 9


def test_pages_of_weeks_cost_the_same_for_few_and_for_many(
    client: FlaskClient, office: Office, visit: Appointment, query_count
) -> None:  # type: ignore[no-untyped-def]
    lead = signed_in(client, office.people["lead"])
    addresses = ("/week", f"/team/week?week={rules.week_name(next_week())}")

    def counts() -> list[int]:
        found = []
        for address in addresses:
            with query_count() as sent:
                assert lead.get(address).status_code == 200
            found.append(len(sent))
        return found

    counts()
    before = counts()
    stop, today = visits.stop_of(visit.enterprise_id, local_day(utcnow())), local_day(utcnow())
    for number in range(30):
        visit_service.agree(
            stop,  # type: ignore[arg-type]
            at=at_local(next_week() + number % 7 * DAY, 11),
            with_whom="",
            about="",
            visitor_id=None,
            actor=office.actor("officer", today),
            now=utcnow(),
        )
    db.session.commit()
    assert counts() == before


def test_the_private_calendar_has_the_visits_of_the_week(
    client: FlaskClient, office: Office, visit: Appointment
) -> None:
    officer = signed_in(client, office.people["officer"])
    link = officer.post("/me/notices/feed").text.split("/calendar/")[1].split(".ics")[0]
    answer = client.application.test_client().get(f"/calendar/{link}.ics")
    said = [str(part["summary"]) for part in Calendar.from_ical(answer.data).walk() if part.name == "VEVENT"]
    assert said == ["约好上门 · 阿芝热干面馆"]
    assert "何秀芝" not in answer.text
