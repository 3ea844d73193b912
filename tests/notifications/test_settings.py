"""What people, units and administrators set: addresses, quiet hours, the calendar link, robots, webhooks and hosts."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from icalendar import Calendar

from casework.accounts.models import User
from casework.audit.models import Event
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import utcnow
from casework.notifications.models import Delivery, NoticePrefs, Robot, Webhook, WebhookHost
from casework.notifications.queries import mailed_kinds
from casework.roster.models import Posting
from tests.factories import Office, a_case, signed_in
from tests.notifications.servers import Web

PAGES = (
    "/inbox",
    "/me/notices",
    "/settings/deliveries",
    "/settings/robots",
    "/settings/robots/new",
    "/settings/webhooks",
    "/settings/webhooks/new",
)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("name", ["officer", "lead", "sysadmin", "secadmin", "district_admin"])
def test_every_page_is_whole_in_both_languages(office: Office, client: FlaskClient, name: str, language: str) -> None:
    signed_in(client, office.people[name], locale=language)
    for path in PAGES:
        assert client.get(path).status_code in (200, 403), path


def prefs_of(office: Office, name: str) -> NoticePrefs | None:
    db.session.expire_all()
    return db.session.get(NoticePrefs, office.people[name].id)


def test_a_person_says_where_when_and_what(office: Office, client: FlaskClient) -> None:
    signed_in(client, office.people["officer"])
    wanted = {
        "email": "shen@example.gov.cn",
        "quiet_from": "22:00",
        "quiet_to": "7：30",
        "mailed": ["late", "acknowledged"],
    }
    assert client.post("/me/notices", data=wanted).status_code == 303
    kept = prefs_of(office, "officer")
    assert kept
    assert (kept.email, kept.quiet_from, kept.quiet_to) == ("shen@example.gov.cn", 1320, 450)
    assert mailed_kinds(office.people["officer"].id) == {"late", "acknowledged"}
    shown = client.get("/me/notices").text
    assert "shen@example.gov.cn" in shown
    assert "07:30" in shown


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"email": "not an address"}, "name@example.com"),
        ({"email": "a@b.example\r\nBcc: x@y.example"}, "name@example.com"),
        ({"email": "x" * 300 + "@example.com"}, ""),
        ({"quiet_from": "25:00", "quiet_to": "07:00"}, "22:00"),
        ({"quiet_from": "22:00"}, "两个时间都写"),
    ],
)
def test_bad_input_is_met_by_a_sentence_and_what_was_typed_stays(
    office: Office, client: FlaskClient, given: dict[str, str], says: str
) -> None:
    signed_in(client, office.people["officer"])
    answer = client.post("/me/notices", data={"mailed": ["soon"], **given})
    assert answer.status_code == 422
    assert says in answer.text
    assert next(iter(given.values())).split("\r")[0][:12] in answer.text
    assert prefs_of(office, "officer") is None


def test_settings_that_changed_meanwhile_are_not_run_over(office: Office, client: FlaskClient) -> None:
    signed_in(client, office.people["officer"])
    client.post("/me/notices", data={"email": "one@example.com"})
    assert client.post("/me/notices", data={"email": "two@example.com", "version": "1"}).status_code == 303
    assert client.post("/me/notices", data={"email": "three@example.com", "version": "1"}).status_code == 409


# -- the calendar


def link_of(client: FlaskClient) -> str:
    answer = client.post("/me/notices/feed")
    assert answer.status_code == 200
    return "/calendar/" + answer.text.split("/calendar/")[1].split(".ics")[0] + ".ics"


def test_the_calendar_holds_deadlines_by_a_private_link_that_can_be_renewed_and_ended(
    office: Office, client: FlaskClient
) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow(), title="请打 13900002206")
    signed_in(client, office.people["officer"])
    link = link_of(client)
    stranger = client.application.test_client()
    answer = stranger.get(link)
    assert answer.mimetype == "text/calendar"
    events = [part for part in Calendar.from_ical(answer.data).walk() if part.name == "VEVENT"]
    said = [str(event["summary"]) for event in events]
    assert any(line.startswith("办结期限") and case.number in line and "阿芝热干面馆" in line for line in said)
    assert "13900002206" not in answer.text
    assert "何秀芝" not in answer.text
    db.session.expire_all()
    assert link[10:-4] not in str(db.session.execute(sa.select(NoticePrefs.feed_hash)).all())
    renewed = link_of(client)
    assert stranger.get(link).status_code == 404
    assert stranger.get(renewed).status_code == 200
    assert client.post("/me/notices/feed/end").status_code == 303
    assert stranger.get(renewed).status_code == 404


def test_the_calendar_shows_what_its_owner_may_see_today(office: Office, client: FlaskClient) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    signed_in(client, office.people["officer"])
    link = link_of(client)
    db.session.query(Posting).filter_by(user_id=office.people["officer"].id).delete()
    db.session.commit()
    assert case.number not in client.get(link).text
    db.session.get_one(User, office.people["officer"].id).disabled_at = utcnow()
    db.session.commit()
    assert client.application.test_client().get(link).status_code == 404


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 5000, "%00", "..%2f.."])
def test_a_guessed_calendar_link_is_not_found(office: Office, client: FlaskClient, token: str) -> None:
    assert client.get(f"/calendar/{token}.ics").status_code == 404


# -- robots

PASTED = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


def a_robot_form(office: Office, **changes: Any) -> dict[str, Any]:
    unit = str(office.units["team"].id)
    boring = {"unit_id": unit, "kind": "wecom", "name": "第一小组群", "token": PASTED, "kinds": ["late"], "active": "y"}
    return {**boring, **changes}


def test_a_lead_adds_the_robot_of_the_teams_group_and_tries_it(office: Office, client: FlaskClient) -> None:
    signed_in(client, office.people["lead"])
    assert client.post("/settings/robots/new", data=a_robot_form(office)).status_code == 303
    robot = db.session.scalars(sa.select(Robot)).one()
    assert robot.token == "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
    shown = client.get("/settings/robots").text + client.get(f"/settings/robots/{robot.id}").text
    assert "第一小组群" in shown
    assert robot.token not in shown, "a secret is not shown"
    assert client.post(f"/settings/robots/{robot.id}/do", data={"do": "test"}).status_code == 303
    assert [row.kind for row in db.session.scalars(sa.select(Delivery))] == ["test"]
    edited = a_robot_form(office, token="", name="小组大群", version=str(robot.version))
    assert client.post(f"/settings/robots/{robot.id}", data=edited).status_code == 303
    assert db.session.scalars(sa.select(Robot.token)).one() == "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
    assert client.post(f"/settings/robots/{robot.id}/do", data={"do": "remove"}).status_code == 303
    assert db.session.scalars(sa.select(Robot)).all() == []


@pytest.mark.parametrize(
    "token",
    [
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6",
        "https://evil.example/cgi-bin/webhook/send?key=693a91f6-aaaa",
        "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=693a91f6",
        "json://127.0.0.1/",
        "https://qyapi.weixin.qq.com@evil.example/",
        "../../x",
        "short",
        "",
    ],
)
def test_an_address_that_is_none_of_the_vendors_is_refused_with_the_remedy(
    office: Office, client: FlaskClient, token: str
) -> None:
    signed_in(client, office.people["lead"])
    answer = client.post("/settings/robots/new", data=a_robot_form(office, token=token))
    assert answer.status_code == 422
    assert "从群机器人的设置里完整复制" in answer.text
    assert "第一小组群" in answer.text


def test_another_units_robot_is_not_found(office: Office, client: FlaskClient, a_robot: Any) -> None:
    robot = a_robot()
    signed_in(client, office.people["lead2"])
    assert client.get(f"/settings/robots/{robot.id}").status_code == 404
    assert client.post(f"/settings/robots/{robot.id}/do", data={"do": "remove"}).status_code == 404
    assert client.post("/settings/robots/new", data=a_robot_form(office)).status_code == 422
    assert robot.name not in client.get("/settings/robots").text


# -- webhooks


def a_hook_form(office: Office, web: Web, **changes: Any) -> dict[str, Any]:
    return {"name": "区平台", "url": f"{web.url}/hooks", "area_id": str(office.areas["8801"].id), **changes}


def test_a_webhook_needs_its_host_on_the_list_and_shows_its_secret_once(
    office: Office, client: FlaskClient, web: Web
) -> None:
    signed_in(client, office.people["sysadmin"])
    refused = client.post("/settings/webhooks/new", data=a_hook_form(office, web))
    assert refused.status_code == 422
    assert "安全管理员" in refused.text
    assert client.post("/settings/webhooks/hosts", data={"host": "127.0.0.1"}).status_code == 403
    signed_in(client, office.people["secadmin"])
    assert client.post("/settings/webhooks/hosts", data={"host": "127.0.0.1"}).status_code == 303
    assert client.post("/settings/webhooks/new", data=a_hook_form(office, web)).status_code == 403
    signed_in(client, office.people["sysadmin"])
    assert re.search(r'<input[^>]* name="kinds" type="checkbox"', client.get("/settings/webhooks/new").text)
    made = client.post("/settings/webhooks/new", data=a_hook_form(office, web))
    hook = db.session.scalars(sa.select(Webhook)).one()
    assert hook.secret in made.text
    assert hook.secret not in client.get("/settings/webhooks").text
    for do in ("test", "off", "on"):
        assert client.post(f"/settings/webhooks/{hook.id}/do", data={"do": do}).status_code == 303
    renewed = client.post(f"/settings/webhooks/{hook.id}/do", data={"do": "renew"})
    fresh = db.session.scalars(sa.select(Webhook)).one()
    assert fresh.secret in renewed.text
    assert fresh.secret != fresh.old_secret
    assert client.post(f"/settings/webhooks/{hook.id}/do", data={"do": "remove"}).status_code == 303
    verbs = set(db.session.scalars(sa.select(Event.verb)))
    assert {"WebhookHostAdded", "WebhookSet", "WebhookSecretRenewed", "WebhookRemoved"} <= verbs


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "https://user@example.org/",
        "https://example.org:99999/",
        "javascript:alert(1)",
        "https://exämple.org/",
        "https:// example.org",
        "https://169.254.169.254/",
        "https://[::1]/",
    ],
)
def test_an_address_that_no_webhook_may_have_is_refused(
    office: Office, client: FlaskClient, web: Web, url: str
) -> None:
    db.session.add(WebhookHost(host="example.org", added_by_id=office.people["secadmin"].id, added_at=utcnow()))
    signed_in(client, office.people["sysadmin"])
    assert client.post("/settings/webhooks/new", data=a_hook_form(office, web, url=url)).status_code == 422


@pytest.mark.parametrize("host", ["169.254.169.254", "localhost", "10.0.0.1", "http://x", "-", "x" * 201, "2130706433"])
def test_an_inner_host_is_not_put_on_the_list(office: Office, client: FlaskClient, host: str) -> None:
    signed_in(client, office.people["secadmin"])
    assert client.post("/settings/webhooks/hosts", data={"host": host}).status_code == 422
    assert db.session.scalars(sa.select(WebhookHost)).all() == []


def test_a_second_click_on_a_new_robot_makes_no_second_one(office: Office, client: FlaskClient) -> None:
    signed_in(client, office.people["lead"])
    for _ in range(2):
        client.post("/settings/robots/new", data=a_robot_form(office, op="the same page"))
    assert len(db.session.scalars(sa.select(Robot)).all()) == 1
