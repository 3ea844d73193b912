"""The roster found and counted, pairs that stand in by themselves, first passwords, and weeks that are copied."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from casework.accounts import service as accounts
from casework.audit import queries as audit
from casework.cases.workflow import State
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import at_local, local_day, utcnow
from casework.reporting import workload
from casework.roster import duty, handing_out, lists, pairs, queries
from casework.roster.lists import Filters
from casework.roster.models import Absence
from tests.factories import NOW, Office, a_case, a_posting, an_office, many_officers, signed_in

TODAY = local_day(NOW)


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


def found(office: Office, who: str = "district_admin", **asked: object) -> set[str]:
    filters = Filters(**asked)  # type: ignore[arg-type]
    return {row.username for row in lists.people(office.actor(who), filters, TODAY, paging.FIRST).rows}


def pair(office: Office, one: str, other: str, by: str = "lead") -> None:
    posting = queries.postings_of(office.people[one].id)[0]
    pairs.pair_up(posting, office.people[other].id, actor=office.actor(by), now=NOW)
    db.session.flush()


def away(office: Office, who: str, deputy: str | None = None) -> None:
    deputy_id = office.people[deputy].id if deputy else None
    row = Absence(user_id=office.people[who].id, kind="ill", from_on=TODAY, to_on=TODAY, deputy_id=deputy_id)
    db.session.add(row)
    db.session.flush()


# -- finding


def test_people_are_found_by_name_phone_team_role_body_place_end_and_absence(office: Office) -> None:
    office.people["officer"].phone = "138 0013 8765"
    posting = queries.postings_of(office.people["officer2"].id)[0]
    posting.sent_by, posting.to_on = "区税务局", TODAY + timedelta(days=5)
    db.session.flush()
    away(office, "officer3")
    assert found(office, q="砚秋") == {"officer"}
    assert found(office, q="8765") == {"officer"}
    assert found(office, unit=office.units["team2"].id) == {"officer3", "lead2"}
    assert found(office, role="helper") == {"helper"}
    assert found(office, sent="区税务局") == {"officer2"} == found(office, ends="7")
    assert found(office, area=office.areas["8801002"].id) == {"officer3", "lead2"}
    assert found(office, away="1") == {"officer3"}
    assert lists.bodies(office.actor("district_admin"), TODAY) == [("区税务局", 1)]


def test_a_lead_finds_only_the_team_whatever_is_asked(office: Office) -> None:
    assert found(office, "lead", unit=office.units["team2"].id) == set()
    assert "officer3" not in found(office, "lead")


def test_pages_of_people_teams_and_work_cost_the_same_for_many(
    office: Office, client: FlaskClient, query_count
) -> None:  # type: ignore[no-untyped-def]
    admin = signed_in(client, office.people["district_admin"])
    addresses = (
        "/people",
        "/units",
        "/workload",
        f"/workload/{office.units['team'].id}",
        f"/units/{office.units['team'].id}",
    )
    for address in addresses:
        admin.get(address)

    def counts() -> dict[str, int]:
        sent = {}
        for address in addresses:
            with query_count() as statements:
                assert admin.get(address).status_code == 200
            sent[address] = len(statements)
        return sent

    before = counts()
    many_officers(office, 40)
    assert counts() == before


@pytest.mark.parametrize(
    "address", ["/people?q=%00&unit=99999999999999999999&role=x&ends=1", "/people?after=zz", "/units?q=%25"]
)
def test_an_address_that_is_not_understood_is_no_error(office: Office, client: FlaskClient, address: str) -> None:
    assert signed_in(client, office.people["district_admin"]).get(address).status_code == 200


# -- pairs


def test_a_pair_is_mutual_and_parted_together(office: Office) -> None:
    pair(office, "officer", "officer2")
    one, other = (queries.postings_of(office.people[who].id)[0] for who in ("officer", "officer2"))
    assert (one.partner_id, other.partner_id) == (other.user_id, one.user_id)
    with pytest.raises(Refused):
        pair(office, "helper", "officer2")
    pairs.pair_up(one, None, actor=office.actor("lead"), now=NOW)
    assert (one.partner_id, other.partner_id) == (None, None)


def test_nobody_pairs_people_of_another_team_or_across_teams(office: Office) -> None:
    with pytest.raises(NotPermitted):
        pair(office, "officer3", "lead2")
    with pytest.raises(Refused):
        pair(office, "officer", "officer3")


def test_the_pair_stands_in_unless_the_absence_names_another(office: Office) -> None:
    pair(office, "officer", "officer2")
    away(office, "officer")
    ids = {name: office.people[name].id for name in ("officer", "officer2", "lead")}
    gone = duty.away([ids["officer"]], TODAY)
    assert pairs.stand_ins(gone, TODAY) == {ids["officer"]: ids["officer2"]}
    gone[ids["officer"]].deputy_id = ids["lead"]
    assert pairs.stand_ins(gone, TODAY) == {ids["officer"]: ids["lead"]}


def test_the_form_of_days_away_has_the_pair_put_in(office: Office, client: FlaskClient) -> None:
    pair(office, "officer", "officer2")
    db.session.commit()
    lead = signed_in(client, office.people["lead"])
    page = lead.get(f"/people/{office.people['officer'].id}").text
    assert re.search(rf'<option selected value="{office.people["officer2"].id}"', page)


# -- duty


def test_at_two_in_the_morning_the_stand_in_answers(office: Office) -> None:
    begins = at_local(TODAY, 0)
    desk, admin = office.units["desk"], office.actor("district_admin")
    duty.plan_shifts(
        desk,
        user_id=office.people["desk"].id,
        begins_at=begins,
        ends_at=begins + timedelta(hours=8),
        actor=admin,
        now=NOW,
    )
    db.session.flush()
    away(office, "desk", deputy="desk2")
    [answer] = duty.on_duty(office.areas["8801001001"].area_ids, at_local(TODAY, 2))
    assert (answer.name, answer.for_name) == ("秦晓岚", "周文静")
    assert duty.on_duty(office.areas["8802001"].area_ids, at_local(TODAY, 2)) == []


def test_a_week_is_planned_like_the_one_before_once(office: Office) -> None:
    desk, admin = office.units["desk"], office.actor("district_admin")
    monday = TODAY  # NOW is a Monday
    for day in range(7):
        begins = at_local(monday + timedelta(days=day), 8)
        user_id = office.people["desk"].id
        duty.plan_shifts(
            desk, user_id=user_id, begins_at=begins, ends_at=begins + timedelta(hours=12), actor=admin, now=NOW
        )
    db.session.flush()
    following = monday + timedelta(days=7)
    assert duty.copy_week(desk, following, actor=admin, now=NOW) == 7
    db.session.flush()
    assert duty.copy_week(desk, following, actor=admin, now=NOW) == 0
    gaps = duty.gaps([desk.id], at_local(following, 8), at_local(following + timedelta(days=7), 8))
    assert len(gaps[desk.id]) == 7, "every night is open"
    with pytest.raises(Refused):
        duty.copy_week(desk, date(2020, 2, 3), actor=admin, now=NOW)


# -- workload


def test_each_number_of_the_workload_is_the_length_of_its_list(
    office: Office, client: FlaskClient, query_count
) -> None:  # type: ignore[no-untyped-def]
    for _ in range(2):
        a_case(office, State.IN_PROGRESS)
    team = office.units["team"].id
    with query_count() as sent:
        loads = workload.of_unit(team, now=NOW, day=TODAY)
    assert len(sent) <= 6
    assert {load.name: load.lead for load in loads}["沈砚秋"] == 2
    assert [load.name for load in loads] == sorted(load.name for load in loads), "by name, never by size"
    lead = signed_in(client, office.people["lead"])
    officer = office.people["officer"].id
    assert f"/cases?officer={officer}" in lead.get(f"/workload/{office.units['team'].id}").text
    assert lead.get(f"/workload/{office.units['team2'].id}").status_code == 404


# -- first passwords


def test_first_passwords_are_shown_once_and_changed_at_the_first_sign_in(office: Office, client: FlaskClient) -> None:
    lead = signed_in(client, office.people["lead"])
    address = f"/units/{office.units['team'].id}/passwords"
    officer = office.people["officer"].id
    page = lead.post(address, data={"people": [str(officer)], "op": "once"}).text
    [password] = re.findall(r"<code>([a-z0-9-]{19})</code>", page)
    assert password not in lead.get(address).text
    assert lead.post(address, data={"people": [str(officer)], "op": "once"}).status_code == 303, "a second click"
    lead.post("/sign-out")
    answer = lead.post("/sign-in", data={"username": "officer", "password": password})
    assert answer.location.startswith("/me")
    assert lead.get("/cases").location.startswith("/me"), "nothing else opens before the change"
    new = "柳絮 因风起 willow"
    same = {"current": password, "password": password, "repeat": password}
    assert lead.post("/me/password", data=same).status_code == 422
    lead.post("/me/password", data={"current": password, "password": new, "repeat": new})
    assert lead.get("/cases").status_code == 200
    assert audit.verify().ok


def test_a_first_password_runs_out_after_seven_days(office: Office, client: FlaskClient) -> None:
    officer = office.people["officer"]
    secret = accounts.new_secret()
    accounts.give_first_password(officer, secret, actor=None, now=utcnow() - timedelta(days=8))
    db.session.commit()
    answer = client.post("/sign-in", data={"username": "officer", "password": secret.plain})
    assert answer.status_code == 422
    assert "初始密码已过期" in answer.text


def test_a_lead_hands_none_to_who_has_a_password_to_other_leads_or_next_door(office: Office) -> None:
    now, team = NOW, office.units["team"]
    a_posting(office, "lead2", unit="team", role="lead", area="8801001")
    office.people["officer2"].password_hash = "x"
    db.session.flush()
    names = {user.username for user in handing_out.waiting(team, actor=office.actor("lead"), now=now)}
    assert names == {"officer", "helper"}
    with pytest.raises(Refused):
        handing_out.hand_out(
            team, {office.people["officer2"].id: accounts.Secret("x", "y")}, actor=office.actor("lead"), now=now
        )
    with pytest.raises(NotPermitted):
        handing_out.hand_out(office.units["team2"], {}, actor=office.actor("lead"), now=now)


# -- out


def test_the_roster_is_taken_home_masked_and_noted(office: Office, client: FlaskClient) -> None:
    import io

    import openpyxl

    office.people["officer"].phone = "13800138765"
    db.session.commit()
    answer = signed_in(client, office.people["district_admin"]).get(
        f"/people/export.xlsx?unit={office.units['team'].id}"
    )
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data))["名册"].values)
    assert "138****8765" in [row[5] for row in rows]
    assert {row[0] for row in rows[1:]} == {"team"}
    assert audit.security_log().rows[0].verb == "ListExported"
