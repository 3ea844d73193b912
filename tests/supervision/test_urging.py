"""Urging: who may, how often, who is told at once, and how it looks."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import utcnow
from casework.notifications.models import Notice
from casework.supervision import queries, service
from casework.supervision.models import LadderRow, Urge
from tests.factories import NOW, Office, a_case, signed_in

HOUR = timedelta(hours=1)


def told_of_urges(office: Office) -> set[str]:
    names = {user.id: name for name, user in office.people.items()}
    rows = db.session.scalars(sa.select(Notice).where(Notice.kind == "urged"))
    return {names[row.user_id] for row in rows if row.urgent}


@pytest.mark.parametrize("who", ["desk", "lead", "area_leader", "regulator", "district_admin"])
def test_an_urge_reaches_the_officer_and_their_lead_at_once(office: Office, who: str) -> None:
    case = a_case(office, State.IN_PROGRESS)
    service.urge(case, "企业明天停产", actor=office.actor(who), now=NOW)
    db.session.commit()
    assert told_of_urges(office) == {"officer", "lead"} - {who}


@pytest.mark.parametrize("who", ["officer", "helper", "lead2", "desk_b", "regulator2", "sysadmin"])
def test_others_urge_nobody(office: Office, who: str) -> None:
    case = a_case(office, State.IN_PROGRESS)
    with pytest.raises(NotPermitted):
        service.urge(case, "快些", actor=office.actor(who), now=NOW)


def test_while_a_case_is_nobodys_the_desk_is_urged(office: Office) -> None:
    case = a_case(office)
    service.urge(case, "企业明天停产", actor=office.actor("area_leader"), now=NOW)
    assert {"desk", "desk2"} <= told_of_urges(office)


def test_the_quota_is_the_cases_whoever_urges(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    service.urge(case, "快些", actor=office.actor("desk"), now=NOW)
    with pytest.raises(Refused) as refusal:
        service.urge(case, "快些", actor=office.actor("lead"), now=NOW + HOUR / 2)
    assert "10:00" in str(refusal.value.reasons[0])
    for hours in (1, 2):
        service.urge(case, "快些", actor=office.actor("lead"), now=NOW + hours * HOUR)
    with pytest.raises(Refused):
        service.urge(case, "快些", actor=office.actor("desk"), now=NOW + 8 * HOUR)
    service.urge(case, "快些", actor=office.actor("desk"), now=NOW + 24 * HOUR)
    service.urge(case, "等不及了", actor=None, now=NOW + 24 * HOUR)  # the requester has a quota of their own
    with pytest.raises(Refused):
        service.urge(case, "等不及了", actor=None, now=NOW + 26 * HOUR)
    assert queries.history(case.id).urged == 5


def test_what_has_ended_is_not_urged(office: Office) -> None:
    case = a_case(office, State.CLOSED)
    with pytest.raises(Refused):
        service.urge(case, "快些", actor=office.actor("desk"), now=NOW)


def test_urging_on_the_page_tells_the_story_and_a_second_time_says_when(office: Office, client: FlaskClient) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    signed_in(client, office.people["lead"])
    here = f"/cases/{case.number}/urge"
    assert f'href="{here}"' in client.get(f"/cases/{case.number}").text
    empty = client.post(here, data={"reason": " "})
    assert (empty.status_code, "事由" in empty.text) == (422, True)
    long = client.post(here, data={"reason": "急" * 301})
    assert (long.status_code, "急" * 301 in long.text) == (422, True)
    assert client.post(here, data={"reason": "货已压了三天"}).status_code == 303
    page = client.get(f"/cases/{case.number}").text
    assert "货已压了三天" in page
    assert "催办 1 次" in page
    assert "可以再次催办" in client.get(here).text
    again = client.post(here, data={"reason": "再催一次"})
    assert (again.status_code, "再催一次" in again.text) == (422, True)
    assert len(db.session.scalars(sa.select(Urge)).all()) == 1


def test_urging_a_case_of_another_district_is_not_found(office: Office, client: FlaskClient) -> None:
    case = a_case(office, State.IN_PROGRESS)
    signed_in(client, office.people["desk_b"])
    assert client.post(f"/cases/{case.number}/urge", data={"reason": "快些"}).status_code == 404


def test_the_requester_urges_once_a_working_day(office: Office, client: FlaskClient) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    assert client.post(f"/track/{case.code}/urge", data={"reason": "快些"}).status_code == 404
    client.post(f"/track/{case.code}", data={"code": case.code, "digits": case.contact_phone[-4:]})
    assert "事情紧急" in client.get(f"/track/{case.code}").text
    refused = client.post(f"/track/{case.code}/urge", data={"reason": ""})
    assert (refused.status_code, "事由" in refused.text) == (422, True)
    assert client.post(f"/track/{case.code}/urge", data={"reason": "货要坏了"}).status_code == 303
    page = client.get(f"/track/{case.code}").text
    assert "可以再次催办" in page
    assert f'action="/track/{case.code}/urge"' not in page
    assert client.post(f"/track/{case.code}/urge", data={"reason": "货要坏了"}).status_code == 422
    assert "货要坏了" in signed_in(client, office.people["officer"]).get(f"/cases/{case.number}").text


FORM = {
    "yellow_percent": "80", "yellow_minutes": "60", "lead": "0", "lead_unit": "days", "area_leader": "4",
    "area_leader_unit": "hours", "regulator": "2", "regulator_unit": "days", "urgent_lead": "0",
    "urgent_lead_unit": "hours", "urgent_area_leader": "1", "urgent_area_leader_unit": "hours",
    "urgent_regulator": "3", "urgent_regulator_unit": "hours", "version": "0",
}  # fmt: skip


def test_the_district_sees_whom_its_ladder_would_tell_before_it_is_set(office: Office, client: FlaskClient) -> None:
    a_case(office, State.IN_PROGRESS)  # long late by now
    here = f"/settings/escalation/{office.areas['8801'].id}"
    signed_in(client, office.people["district_admin"])
    assert client.get("/settings/escalation").location == here
    assert "默认规则" in client.get(here).text
    shown = client.post(here, data={**FORM, "do": "show"})
    assert (shown.status_code, "保存后会立即提醒" in shown.text) == (200, True)
    assert db.session.scalars(sa.select(LadderRow)).all() == []
    assert client.post(here, data={**FORM, "do": "set"}).status_code == 303
    assert "本区设置" in client.get(here).text
    assert client.post(here, data={**FORM, "yellow_percent": "60", "do": "set"}).status_code == 409
    db.session.rollback()
    [row] = db.session.scalars(sa.select(LadderRow))
    assert (row.yellow_percent, row.gaps["area_leader"]) == (80, {"amount": 4, "unit": "hours"})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"regulator": "1", "regulator_unit": "hours"}, "这一级早于下一级"),
        ({"lead": "-1"}, "只能在到期时"),
        ({"lead": "x"}, "lead-e"),
        ({"yellow_percent": "99"}, "50 到 95"),
        ({"area_leader_unit": "weeks"}, "只能在到期时"),
        ({"regulator": "9" * 40}, "只能在到期时"),
    ],
)
@pytest.mark.parametrize("do", ["show", "set"])
def test_rungs_out_of_order_or_before_the_due_time_are_refused(
    office: Office, client: FlaskClient, changes: dict[str, str], words: str, do: str
) -> None:
    signed_in(client, office.people["district_admin"])
    here = f"/settings/escalation/{office.areas['8801'].id}"
    answer = client.post(here, data={**FORM, **changes, "do": do})
    assert (answer.status_code, words in answer.text) == (422, True)


def test_another_district_is_not_found(office: Office, client: FlaskClient) -> None:
    signed_in(client, office.people["district_admin"])
    for area_id in (office.areas["8802"].id, office.areas["8801001"].id, 0, 2**70):
        assert client.get(f"/settings/escalation/{area_id}").status_code == 404
