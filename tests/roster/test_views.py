"""Postings give rights from day to day; people and units are edited by who may."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.accounts.commands import token
from casework.accounts.models import User
from casework.audit import queries as audit
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.permissions import Role
from casework.kernel.time import local_day, utcnow
from casework.roster import queries, service
from casework.roster.commands import user as user_commands
from casework.roster.models import Posting, Unit
from tests.accounts.office import actor_of, sign_in

DAY = timedelta(days=1)


def today():
    return local_day(utcnow())


@pytest.mark.parametrize(
    ("from_days", "to_days", "counts"),
    [(-9, -1, False), (-9, 0, True), (0, None, True), (0, 0, True), (1, None, False)],
)
def test_only_a_posting_valid_today_gives_a_duty(office, from_days, to_days, counts):
    to_on = None if to_days is None else today() + to_days * DAY
    person = office.person("shen", Role.OFFICER, from_on=today() + from_days * DAY, to_on=to_on)
    actor = queries.actor_for(person.id, today())
    assert [duty.role for duty in actor.duties] == ([Role.OFFICER] if counts else [])


def test_the_actor_of_a_day_takes_one_query(office, query_count):
    person = office.person("shen", Role.OFFICER)
    user_id = person.id
    with query_count() as sent:
        actor = queries.actor_for(user_id, today())
    assert len(sent) == 1
    [duty] = actor.duties
    assert (duty.unit_name, duty.area_level) == ("临江区team", "subdistrict")


def test_a_disabled_person_is_no_actor(office):
    person = office.person("shen", Role.OFFICER)
    person.disabled_at = utcnow()
    db.session.commit()
    assert queries.actor_for(person.id, today()) is None


def test_a_role_that_ended_yesterday_opens_no_page(office, client):
    office.person("admin", Role.DISTRICT_ADMIN, unit="office-a", to_on=today() - DAY)
    sign_in(client, "admin")
    assert client.get("/people").status_code == 403


def test_a_case_goes_to_the_people_of_today(office):
    office.person("now", Role.OFFICER)
    office.person("gone", Role.OFFICER, to_on=today() - DAY)
    office.person("desk", Role.DESK)
    assert [one.name for one in queries.officers_of(office.units["team-a"].id, today())] == ["now"]
    assert queries.units_in(office.areas["community-a"].area_ids) == [office.units["office-a"], office.units["team-a"]]


def test_each_sees_the_people_of_their_own(office, client):
    for letter in "ab":
        office.person(f"officer-{letter}", Role.OFFICER, unit=f"team-{letter}")
    lead = actor_of(office.person("lead", Role.LEAD))
    admin = actor_of(office.person("admin", Role.DISTRICT_ADMIN, unit="office-a"))
    sysadmin = actor_of(office.person("sys", Role.SYSADMIN, unit="office-b"))

    def seen(actor):
        return set(db.session.scalars(queries.people_visible_to(actor).with_only_columns(User.username)))

    assert seen(lead) == {"officer-a", "lead"}
    assert seen(admin) == {"officer-a", "lead", "admin"}
    assert seen(sysadmin) == {"officer-a", "officer-b", "lead", "admin", "sys"}
    sign_in(client, "lead")
    other = db.session.scalar(sa.select(User.id).where(User.username == "officer-b"))
    assert client.get(f"/people/{other}").status_code == 404


def test_an_auditor_sees_no_people(office, client):
    office.person("audit", Role.AUDITOR, unit="office-a")
    sign_in(client, "audit")
    assert client.get("/people").status_code == 403
    assert client.get("/security").status_code == 200


def test_a_district_administrator_posts_staff_and_ends_it(office, client):
    new = office.person("new").id
    office.person("admin", Role.DISTRICT_ADMIN, unit="office-a")
    sign_in(client, "admin")
    data = {
        "role": "officer",
        "unit_id": str(office.units["team-a"].id),
        "area_id": str(office.areas["street-a"].id),
        "from_on": today().isoformat(),
        "op": "k",
    }
    for _ in range(2):
        assert client.post(f"/people/{new}/postings", data=data).status_code == 303
    [row] = queries.postings_of(new)
    assert (row.role, row.to_on) == ("officer", None)
    page = client.get(f"/people/{new}").text
    assert "下沉干部" in page
    end = {"to_on": (today() - DAY).isoformat(), "version": "1"}
    assert client.post(f"/people/{new}/postings/{row.id}/end", data=end).status_code == 422
    end["to_on"] = today().isoformat()
    assert client.post(f"/people/{new}/postings/{row.id}/end", data=end).status_code == 303
    stale = client.post(f"/people/{new}/postings/{row.id}/end", data=end)
    assert stale.status_code == 409
    assert [entry.verb for entry in audit.security_log(size=3).rows] == ["PostingEnded", "PostingMade", "SignedIn"]


def test_a_district_administrator_gives_no_administrators_role_and_nothing_next_door(office, client):
    new = office.person("new").id
    admin = office.person("admin", Role.DISTRICT_ADMIN, unit="office-a")
    actor, person = actor_of(admin), db.session.get(User, new)
    for role, letter in ((Role.SYSADMIN, "a"), (Role.DISTRICT_ADMIN, "a"), (Role.OFFICER, "b")):
        with pytest.raises(NotPermitted):
            service.post(
                person,
                unit=office.units[f"team-{letter}"],
                role=role,
                area=office.areas[f"street-{letter}"],
                from_on=today(),
                actor=actor,
                now=utcnow(),
            )
    sign_in(client, "admin")
    data = {
        "role": "officer",
        "unit_id": str(office.units["team-b"].id),
        "area_id": "1",
        "from_on": today().isoformat(),
    }
    assert client.post(f"/people/{new}/postings", data=data).status_code == 422
    assert queries.postings_of(new) == []


def test_nobody_posts_themselves(office):
    secadmin = office.person("sec", Role.SECADMIN, unit="office-a")
    with pytest.raises(NotPermitted):
        service.post(
            secadmin,
            unit=office.units["office-a"],
            role=Role.DISTRICT_ADMIN,
            area=office.areas["district-a"],
            from_on=today(),
            actor=actor_of(secadmin),
            now=utcnow(),
        )


@pytest.mark.parametrize("held", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_the_three_administrators_are_three_people(office, held):
    secadmin = actor_of(office.person("sec", Role.SECADMIN, unit="office-a"))
    person = office.person("one", held, unit="office-a")
    for role in {Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR} - {held}:
        with pytest.raises(Refused) as refusal:
            service.post(
                person,
                unit=office.units["office-a"],
                role=role,
                area=office.areas["district-a"],
                from_on=today(),
                actor=secadmin,
                now=utcnow(),
            )
        assert refusal.value.reasons[0].field == "role"


def test_the_system_administrator_makes_and_shuts_an_account(office, client):
    office.person("sys", Role.SYSADMIN, unit="office-a")
    sign_in(client, "sys")
    weak = client.post("/people/new", data={"username": "A B", "name": "新人"})
    assert weak.status_code == 422
    assert "小写字母" in weak.text
    made = client.post("/people/new", data={"username": "xinren", "name": "新人", "op": "k"})
    assert made.status_code == 200
    assert client.post("/people/new", data={"username": "xinren", "name": "新人", "op": "k"}).status_code == 303
    person = db.session.scalar(sa.select(User).where(User.username == "xinren"))
    assert client.post(f"/people/{person.id}/disable").status_code == 303
    assert client.post(f"/people/{person.id}/disable").status_code == 422
    db.session.refresh(person)
    assert person.disabled_at
    assert client.post(f"/people/{person.id}/enable").status_code == 303


def test_an_administrators_password_is_not_anothers_to_set(office):
    sysadmin = actor_of(office.person("sys", Role.SYSADMIN, unit="office-a"))
    secadmin, officer = office.person("sec", Role.SECADMIN, unit="office-a"), office.person("shen", Role.OFFICER)
    assert not service.may_set_password(sysadmin, secadmin.id, today())
    assert service.may_set_password(sysadmin, officer.id, today())
    assert not service.may_set_password(actor_of(officer), officer.id, today())


def test_a_stale_edit_of_a_person_or_unit_keeps_what_was_typed(office, client):
    person = office.person("shen", Role.OFFICER).id
    office.person("sys", Role.SYSADMIN, unit="office-a")
    office.person("admin", Role.DISTRICT_ADMIN, unit="office-a")
    sign_in(client, "sys")
    assert client.post(f"/people/{person}", data={"name": "沈一", "phone": "", "version": "1"}).status_code == 303
    stale = client.post(f"/people/{person}", data={"name": "沈二", "phone": "13800138000", "version": "1"})
    assert stale.status_code == 409
    assert 'value="沈二"' in stale.text
    client.post("/sign-out")
    sign_in(client, "admin")
    unit = office.units["team-a"]
    data = {
        "name": "第一小组",
        "kind": "team",
        "area_id": str(unit.area_id),
        "version": "1",
        "domains": "",
        "phone": "",
    }
    assert client.post(f"/units/{unit.id}", data=data).status_code == 303
    stale = client.post(f"/units/{unit.id}", data=data | {"name": "第二小组"})
    assert stale.status_code == 409
    assert 'value="第二小组"' in stale.text


def test_a_unit_is_made_once_and_never_next_door(office, client):
    office.person("admin", Role.DISTRICT_ADMIN, unit="office-a")
    sign_in(client, "admin")
    data = {"code": "n1", "name": "新小组", "kind": "team", "area_id": str(office.areas["street-a"].id), "op": "k"}
    answers = [client.post("/units/new", data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert db.session.scalar(sa.select(sa.func.count()).where(Unit.code == "n1")) == 1
    assert client.post("/units/new", data=data | {"op": "l"}).status_code == 422
    assert client.get("/units").status_code == 200
    assert client.get("/units/new").status_code == 200
    assert client.get(answers[0].location).status_code == 200
    assert client.get(f"/units/{office.units['team-b'].id}").status_code == 404


def test_a_phone_is_masked_on_the_page_of_a_person(office, client):
    person = office.person("shen", Role.OFFICER)
    person.phone = "13912345678"
    db.session.commit()
    office.person("lead", Role.LEAD)
    sign_in(client, "lead")
    page = client.get(f"/people/{person.id}").text
    assert "139****5678" in page
    assert "13912345678" not in page


def test_commands_make_post_and_shut(office, app):
    runner = app.test_cli_runner()
    made = runner.invoke(
        user_commands, ["add", "--username", "cli", "--name", "甲", "--role", "officer", "--unit", "team-a", "--json"]
    )
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["role"] == "officer"
    assert (
        db.session.scalar(sa.select(Posting.role).join(User, User.id == Posting.user_id).where(User.username == "cli"))
        == "officer"
    )
    shown = runner.invoke(token, ["add", "--user", "cli", "--scopes", "read,write"])
    assert shown.output.startswith("cw_")
    assert len(shown.output.split()) == 1
    weak = runner.invoke(user_commands, ["passwd", "cli", "--password-stdin"], input="short\n")
    assert weak.exit_code == 1
    assert "at least 12 characters" in weak.output
    assert runner.invoke(user_commands, ["disable", "cli"]).exit_code == 0
    nobody = runner.invoke(user_commands, ["disable", "nobody"])
    assert (nobody.exit_code, "There is no account 'nobody'" in nobody.output) == (1, True)
