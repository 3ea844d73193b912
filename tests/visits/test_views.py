"""The pages of visits: a helper's small world, a stop logged by phone, plans and appointments."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from PIL import Image

from casework.audit.models import Event
from casework.cases.workflow import State
from casework.enterprises import service as enterprises
from casework.enterprises.models import ContactEntry, Enterprise
from casework.kernel.db import db
from casework.kernel.time import local, local_day, utcnow
from casework.visits import planning, queries
from casework.visits.models import Appointment, VisitPlan
from casework.visits.rules import PlanDraft
from tests.factories import Office, a_case, a_firm, signed_in

DAY = timedelta(days=1)


@pytest.fixture
def firm(office: Office) -> Enterprise:
    """A firm of the officer, to which the helper goes, with somebody to call."""
    made = a_firm(office)
    enterprises.save_contact(
        made, None, name="何秀芝", duty="负责人", phone="13900002206", actor=office.actor("desk"), now=utcnow()
    )
    enterprises.hand_over([made], office.people["officer"].id, office.people["officer2"].id, local_day(utcnow()))
    db.session.flush()
    visit(office, made, visitor_id=office.people["helper"].id)
    return made


def visit(office: Office, firm: Enterprise, **more: Any) -> None:
    stop = queries.stop_of(firm.id, local_day(utcnow()))
    assert stop is not None
    draft = PlanDraft(every_days=7, **more)
    planning.save_plan(stop, draft, actor=office.actor("officer"), now=utcnow())
    db.session.commit()


def verbs() -> list[str]:
    return list(db.session.scalars(sa.select(Event.verb).where(Event.chain == "security").order_by(Event.id)))


def a_photo() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(made, "PNG")
    made.seek(0)
    return made


def version_of(page: str) -> str:
    return re.findall(r'name="version" value="([^"]*)"', page)[0]


def test_a_helper_sees_own_stops_and_care_and_nothing_else(
    office: Office, client: FlaskClient, firm: Enterprise
) -> None:
    other = a_firm(office, name="别人的店")
    enterprises.hand_over([other], office.people["officer"].id, None, local_day(utcnow()))
    db.session.flush()
    visit(office, other)
    case = a_case(office, State.IN_PROGRESS, enterprise_id=firm.id)
    signed_in(client, office.people["helper"])
    page = client.get("/visits").text
    assert firm.name in page
    assert other.name not in page
    assert client.get(f"/visits/{firm.id}").status_code == 200
    desk = client.get("/").text
    assert "今天 1" in desk
    assert case.title not in desk + page + client.get(f"/visits/{firm.id}").text
    assert case.number not in client.get("/cases").text
    for path, status in {
        f"/visits/{other.id}": 404,
        f"/cases/{case.number}": 404,
        f"/cases/{case.number}/rounds/new": 403,
        "/visit": 403,
        "/enterprises": 403,
        f"/enterprises/{firm.id}": 403,
        f"/enterprises/{other.id}": 403,
        "/counterparties": 403,
        "/visits/team": 403,
        "/visits/plans": 403,
        "/visits/presets": 403,
        f"/visits/{firm.id}/plan": 403,
        "/care": 200,
        "/care/new": 403,
        "/coverage": 403,
        "/cases/new": 403,
    }.items():
        assert client.get(path).status_code == status, path


def test_a_number_is_dialled_from_the_stop_and_the_look_is_logged(
    office: Office, client: FlaskClient, firm: Enterprise
) -> None:
    signed_in(client, office.people["helper"])
    [contact] = enterprises.queries.contacts_of(firm)
    assert "13900002206" not in client.get("/visits").text + client.get(f"/visits/{firm.id}").text
    assert client.post(f"/visits/{firm.id}/contacts/{contact.id}/reveal").status_code == 303
    assert "tel:13900002206" in client.get(f"/visits/{firm.id}").text
    assert "13900002206" not in client.get(f"/visits/{firm.id}").text
    assert verbs()[-1] == "EnterprisePhoneRevealed"
    signed_in(client, office.people["officer3"])
    assert client.post(f"/visits/{firm.id}/contacts/{contact.id}/reveal").status_code == 404


def test_one_tap_logs_a_stop_once_and_the_list_says_so(office: Office, client: FlaskClient, firm: Enterprise) -> None:
    signed_in(client, office.people["helper"])
    for _ in range(2):
        sent = {"op": "one", "way": "visit", "met": "nobody", "text": ""}
        assert client.post(f"/visits/{firm.id}/log", data=sent).status_code == 303
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ContactEntry)) == 1
    page = client.get("/visits").text
    assert "没人" in page
    assert "明天再排" in page


def test_what_was_said_must_be_told_where_somebody_was_met(
    office: Office, client: FlaskClient, firm: Enterprise
) -> None:
    signed_in(client, office.people["helper"])
    refused = client.post(f"/visits/{firm.id}/log", data={"op": "x", "way": "call", "met": "spoke", "text": ""})
    assert refused.status_code == 422
    assert "请简单写明说了什么" in refused.text
    for met in ("", "danced"):
        assert client.post(f"/visits/{firm.id}/log", data={"op": met, "met": met, "text": "好"}).status_code == 422
    long = client.post(f"/visits/{firm.id}/log", data={"op": "l", "way": "call", "met": "spoke", "text": "长" * 1001})
    assert long.status_code == 422
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ContactEntry)) == 0


def test_a_photo_comes_back_from_the_visit_for_those_who_go_there(
    office: Office, client: FlaskClient, firm: Enterprise
) -> None:
    signed_in(client, office.people["helper"])
    sent = {"op": "p", "way": "visit", "met": "spoke", "text": "拍了门头", "files": (a_photo(), "门头.png")}
    assert client.post(f"/visits/{firm.id}/log", data=sent).status_code == 303
    page = client.get(f"/visits/{firm.id}").text
    [href] = set(re.findall(rf"/visits/{firm.id}/files/[\w-]+", page))
    assert client.get(f"{href}?inline=1").status_code == 200
    other = a_firm(office, name="另一家")
    db.session.commit()
    signed_in(client, office.people["officer3"])
    assert client.get(href).status_code == 404
    signed_in(client, office.people["officer"])
    assert client.get(href.replace(f"/{firm.id}/", f"/{other.id}/")).status_code == 404


def test_a_difficulty_leads_to_a_new_case_of_the_firm(office: Office, client: FlaskClient, firm: Enterprise) -> None:
    visit(office, firm)  # the officer goes again
    signed_in(client, office.people["officer"])
    sent = {"op": "d", "way": "visit", "met": "spoke", "text": "缺口罩", "difficulty": "1"}
    led = client.post(f"/visits/{firm.id}/log", data=sent)
    page = client.get(led.location).text
    assert firm.name in page
    assert re.search(r'<input[^>]*checked[^>]*value="visit"', page)


def test_a_need_of_a_resident_leads_to_a_case_with_the_place_alone(office: Office, client: FlaskClient) -> None:
    signed_in(client, office.people["officer"])
    area = office.areas["8801001001"].id
    page = client.get(f"/cases/new?area={area}&source=visit").text
    assert re.search(rf'<option selected value="{area}"', page)
    for odd in ("area=999999999999", "area=x&source=portal", "source=%00"):
        assert client.get(f"/cases/new?{odd}").status_code == 200


def test_the_order_of_the_route_goes_by_hand(office: Office, client: FlaskClient, firm: Enterprise) -> None:
    signed_in(client, office.people["helper"])
    assert client.post("/visits/order", data={"key": f"f{firm.id}", "to": "down"}).status_code == 303
    for key in ("f0", "r1", "", "x", "f99999999999999999999", "f１"):
        assert client.post("/visits/order", data={"key": key}).status_code == 404, key


def test_the_lead_gives_a_visit_to_somebody_else_for_today(
    office: Office, client: FlaskClient, firm: Enterprise
) -> None:
    visit(office, firm)
    signed_in(client, office.people["lead"])
    assert firm.name in client.get("/visits/team").text
    wrong = client.post(f"/visits/{firm.id}/give", data={"op": "g", "user_id": str(office.people["officer3"].id)})
    assert wrong.status_code == 422
    assert firm.name in wrong.text
    given = client.post(f"/visits/{firm.id}/give", data={"op": "h", "user_id": str(office.people["helper"].id)})
    assert given.status_code == 303
    signed_in(client, office.people["helper"])
    assert firm.name in client.get("/visits").text


def test_a_plan_is_made_and_changed_and_a_stale_one_is_refused(
    office: Office, client: FlaskClient, firm: Enterprise
) -> None:
    signed_in(client, office.people["officer"])
    page = client.get(f"/visits/{firm.id}/plan").text
    sent = {
        "version": version_of(page),
        "every_days": "5",
        "weekday": "2",
        "begins": "09:00",
        "ends": "11:30",
        "ask": "几人到岗",
    }
    assert client.post(f"/visits/{firm.id}/plan", data={**sent, "op": "1"}).status_code == 303
    row = db.session.scalars(sa.select(VisitPlan)).one()
    assert (row.every_days, row.weekday, row.begins, row.ends, row.visitor_id) == (5, 2, 540, 690, None)
    assert client.post(f"/visits/{firm.id}/plan", data={**sent, "op": "2", "ask": "晚到的"}).status_code == 409
    bad = client.post(f"/visits/{firm.id}/plan", data={**sent, "op": "3", "every_days": "400"})
    assert bad.status_code in (409, 422)
    assert (
        "几人到岗" in client.get(f"/enterprises/{firm.id}").text
        or "每 5 天" in client.get(f"/enterprises/{firm.id}").text
    )
    signed_in(client, office.people["officer3"])
    assert client.get(f"/visits/{firm.id}/plan").status_code == 404
    assert client.post(f"/visits/{firm.id}/plan/drop", data={"op": "4"}).status_code == 404


def test_many_are_planned_at_once_and_a_district_presets_by_size(
    office: Office, client: FlaskClient, firm: Enterprise
) -> None:
    signed_in(client, office.people["lead"])
    street = str(office.areas["8801001"].id)
    sent = {"area": street, "every_days": "9", "again": "y"}
    assert client.post("/visits/plans", data={**sent, "op": "1"}).status_code == 303
    assert db.session.scalars(sa.select(VisitPlan)).one().every_days == 9
    elsewhere = str(office.areas["8802001"].id)
    assert client.post("/visits/plans", data={**sent, "op": "2", "area": elsewhere}).status_code == 422
    signed_in(client, office.people["district_admin"])
    assert client.get("/visits/presets").status_code == 200
    assert client.post("/visits/presets", data={"op": "3", "size_": "14"}).status_code == 303
    refused = client.post("/visits/presets", data={"op": "4", "size_": "0"})
    assert refused.status_code == 422
    assert client.get(f"/visits/presets?district={office.areas['8802'].id}").status_code == 404


def test_what_is_agreed_shows_on_the_desk_and_is_moved_or_called_off_with_a_reason(
    office: Office, client: FlaskClient, firm: Enterprise
) -> None:
    visit(office, firm)
    signed_in(client, office.people["officer"])
    at = local(utcnow() + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")
    late = local(utcnow() - DAY).strftime("%Y-%m-%dT%H:%M")
    assert client.post(f"/visits/{firm.id}/agree", data={"op": "1", "at": late, "about": "看现场"}).status_code == 422
    agreed = client.post(
        f"/visits/{firm.id}/agree", data={"op": "2", "at": at, "about": "看现场", "with_whom": "何秀芝"}
    )
    assert agreed.status_code == 303
    made = db.session.scalars(sa.select(Appointment)).one()
    assert "看现场" in client.get("/").text
    page = client.get(f"/visits/appointments/{made.id}").text
    later = local(utcnow() + 2 * DAY).strftime("%Y-%m-%dT%H:%M")
    move = {"version": version_of(page), "at": later}
    assert client.post(f"/visits/appointments/{made.id}", data={**move, "op": "3", "reason": ""}).status_code == 422
    assert client.post(f"/visits/appointments/{made.id}", data={**move, "op": "4", "reason": "出差"}).status_code == 303
    assert client.post(f"/visits/appointments/{made.id}", data={**move, "op": "5", "reason": "再改"}).status_code == 409
    version = version_of(client.get(f"/visits/appointments/{made.id}").text)
    off = {"version": version, "reason": "不用来"}
    assert client.post(f"/visits/appointments/{made.id}/cancel", data={**off, "op": "6"}).status_code == 303
    assert "不用来" in client.get(f"/visits/appointments/{made.id}").text
    signed_in(client, office.people["officer3"])
    assert client.get(f"/visits/appointments/{made.id}").status_code == 404
    assert client.get("/visits/appointments/999999").status_code == 404
