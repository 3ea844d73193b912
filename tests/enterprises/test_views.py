"""The pages of enterprises: scope, search, reveal, conflicts, second clicks."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from casework.audit.models import Event
from casework.enterprises import service
from casework.enterprises.models import Contact, Enterprise, Liaison
from casework.kernel.db import db
from tests import factories
from tests.factories import NOW

CODE = "91440300708461136T"


@pytest.fixture
def firm(office):
    firm = factories.a_firm(office)
    db.session.commit()
    return firm


@pytest.fixture
def contact(office, firm):
    made = service.save_contact(
        firm, None, name="阿芝", duty="店主", phone="13812341234", actor=office.actor("desk"), now=NOW
    )
    db.session.commit()
    return made


def signed(client, office, name):
    return factories.signed_in(client, office.people[name])


def verbs():
    return list(db.session.scalars(sa.select(Event.verb).where(Event.chain == "security").order_by(Event.id)))


def form_of(client, path):
    text = client.get(path).text
    return dict(re.findall(r'name="(version|op)" value="([^"]*)"', text))


@pytest.mark.parametrize(("who", "status"), [("officer", 200), ("desk", 200), ("desk_b", 404), ("helper", 403)])
def test_a_firm_is_there_for_those_of_its_area_only(client, office, firm, who, status):
    assert signed(client, office, who).get(f"/enterprises/{firm.id}").status_code == status


def test_the_list_holds_no_firm_of_another_district(client, office, firm):
    assert firm.name in signed(client, office, "desk").get("/enterprises").text
    assert firm.name not in signed(client, office, "desk_b").get("/enterprises").text


@pytest.mark.parametrize("text", ["热干", "（江城）热干", "9144", CODE])
def test_a_firm_is_found_by_part_of_its_name_or_by_its_code(client, office, text):
    factories.a_firm(office, name="阿芝(江城)热干面馆").uscc = CODE
    factories.a_firm(office, name="恒通数码维修")
    db.session.commit()
    page = signed(client, office, "desk").get("/enterprises", query_string={"q": text}).text
    assert "阿芝(江城)热干面馆" in page
    assert "恒通数码维修" not in page


def test_what_is_taken_home_is_the_list_as_it_was_searched(client, office, firm):
    desk = signed(client, office, "desk")
    assert 'href="/enterprises/export.xlsx?q=%E7%83%AD"' in desk.get("/enterprises?q=热").text
    assert 'href="/enterprises/export.xlsx"' in desk.get("/enterprises").text


def test_percent_signs_are_looked_for_as_they_are(client, office, firm):
    assert firm.name not in signed(client, office, "desk").get("/enterprises?q=%25").text


def test_a_number_is_masked_until_it_is_revealed_and_the_look_is_logged(client, office, firm, contact):
    desk = signed(client, office, "desk")
    page = desk.get(f"/enterprises/{firm.id}").text
    assert "138****1234" in page
    assert "13812341234" not in page
    answer = desk.post(f"/enterprises/{firm.id}/contacts/{contact.id}/reveal")
    assert answer.status_code == 303
    assert "13812341234" in desk.get(f"/enterprises/{firm.id}").text
    assert verbs()[-1] == "EnterprisePhoneRevealed"
    assert "13812341234" not in desk.get(f"/enterprises/{firm.id}").text


def test_a_leader_reads_and_reveals_nothing(client, office, firm, contact):
    leader = signed(client, office, "area_leader")
    assert leader.get(f"/enterprises/{firm.id}").status_code == 200
    assert leader.post(f"/enterprises/{firm.id}/contacts/{contact.id}/reveal").status_code == 403
    assert "EnterprisePhoneRevealed" not in verbs()


def test_a_contact_of_another_firm_is_not_there(client, office, firm, contact):
    other = factories.a_firm(office, name="恒通数码维修")
    db.session.commit()
    desk = signed(client, office, "desk")
    assert desk.post(f"/enterprises/{other.id}/contacts/{contact.id}/reveal").status_code == 404


def test_a_wrong_credit_code_is_refused_with_what_was_typed(client, office):
    desk = signed(client, office, "desk")
    data = {"name": "新店", "uscc": "91440300310585787M", "area_id": str(office.areas["8801001001"].id), "active": "y"}
    answer = desk.post("/enterprises/new", data=data)
    assert answer.status_code == 422
    assert "应是“7”" in answer.text
    assert "91440300310585787M" in answer.text
    assert "新店" in answer.text
    assert db.session.scalar(sa.select(sa.func.count(Enterprise.id))) == 0


def test_a_second_click_makes_no_second_firm(client, office):
    desk = signed(client, office, "desk")
    data = {"name": "新店", "area_id": str(office.areas["8801001001"].id), "op": "once", "active": "y"}
    first, second = (desk.post("/enterprises/new", data=data) for _ in range(2))
    assert (first.status_code, second.status_code, first.location) == (303, 303, second.location)
    assert db.session.scalar(sa.select(sa.func.count(Enterprise.id))) == 1


def test_a_name_known_in_the_district_is_refused_however_it_is_spelled(client, office):
    factories.a_firm(office, name="江城(临江)面馆")
    db.session.commit()
    data = {"name": "江城（临江） 面馆", "area_id": str(office.areas["8801002001"].id), "active": "y"}
    answer = signed(client, office, "desk").post("/enterprises/new", data=data)
    assert answer.status_code == 422
    assert "在本区已有" in answer.text


def test_an_area_of_another_district_is_refused(client, office):
    data = {"name": "新店", "area_id": str(office.areas["8802001"].id), "active": "y"}
    answer = signed(client, office, "desk").post("/enterprises/new", data=data)
    assert answer.status_code == 422
    assert db.session.scalar(sa.select(sa.func.count(Enterprise.id))) == 0


def test_a_stale_form_is_kept_and_can_be_sent_again(client, office, firm):
    desk = signed(client, office, "desk")
    path, area = f"/enterprises/{firm.id}/edit", str(firm.area_id)
    seen = form_of(desk, path)["version"]
    data = {"name": "阿芝面馆一店", "area_id": area, "active": "y", "version": seen}
    assert desk.post(path, data=data).status_code == 303
    answer = desk.post(path, data={**data, "name": "阿芝面馆二店"})
    assert answer.status_code == 409
    assert "阿芝面馆二店" in answer.text
    fresh = re.search(r'name="version" value="(\d+)"', answer.text).group(1)
    assert desk.post(path, data={**data, "name": "阿芝面馆二店", "version": fresh}).status_code == 303
    assert db.session.get(Enterprise, firm.id).name == "阿芝面馆二店"


def test_a_contact_edited_without_touching_the_number_keeps_it(client, office, firm, contact):
    desk = signed(client, office, "desk")
    path = f"/enterprises/{firm.id}/contacts/{contact.id}"
    page = desk.get(path).text
    assert "13812341234" not in page
    data = {"name": "何秀芝", "phone": "138****1234", **form_of(desk, path)}
    assert desk.post(path, data=data).status_code == 303
    kept = db.session.get(Contact, contact.id)
    assert (kept.name, kept.phone) == ("何秀芝", "13812341234")


def test_one_officer_answers_for_a_firm_and_the_earlier_one_ends(client, office, firm):
    desk = signed(client, office, "desk")
    for name in ("officer", "officer2"):
        person = str(office.people[name].id)
        assert desk.post(f"/enterprises/{firm.id}/officer", data={"officer_id": person}).status_code == 303
    rows = db.session.scalars(sa.select(Liaison).order_by(Liaison.id)).all()
    assert [row.to_on is None for row in rows] == [False, True]
    assert "陆景明" in desk.get(f"/enterprises/{firm.id}").text


def test_an_officer_without_a_posting_there_cannot_answer_for_it(client, office, firm):
    person = str(office.people["officer3"].id)
    answer = signed(client, office, "desk").post(f"/enterprises/{firm.id}/officer", data={"officer_id": person})
    assert answer.status_code == 422
    assert db.session.scalar(sa.select(sa.func.count(Liaison.id))) == 0


@pytest.mark.parametrize("path", ["/cases?scope=all&officer=%s", "/enterprises?officer=%s"])
def test_a_filter_in_the_address_names_nobody_of_another_district(client, office, path):
    lead, other = office.people["lead"], office.people["desk_b"]
    assert lead.name in signed(client, office, "officer").get(path % lead.id).text
    page = signed(client, office, "officer").get(path % other.id).text
    assert (other.name in page, f"{other.id} 号人员" in page) == (False, True)
