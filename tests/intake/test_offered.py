"""Procedures that the portal offers: asked for on the first page, begun with the case, filled in on the same phone."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.cases.models import Case
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import utcnow
from casework.processes import approving, runs
from casework.processes.models import ProcessRun, ProcessTemplate
from tests.factories import Office, a_case, signed_in
from tests.processes.shipment import published, shipping


def offered(office: Office) -> ProcessTemplate:
    template, _ = published(office, now=utcnow())
    approving.offer(template, True, actor=office.actor("regulator2"), now=utcnow())
    db.session.commit()
    return template


def test_who_asks_for_a_procedure_has_a_case_with_it_begun_and_goes_on_to_its_first_step(
    office: Office, client: FlaskClient
) -> None:
    template = offered(office)
    assert template.zh in client.get("/help-desk").text
    answer = client.post("/help-desk/begin", data={"template": template.code, "at": "8801001001"})
    assert answer.location.endswith("/report/firm"), "type and matter are filled in"
    client.post("/help-desk/report/firm", data={"firm": "锦川包装厂"})
    client.post("/help-desk/report/contact", data={"name": "田青", "phone": "13900004428"})
    assert template.zh in client.get("/help-desk/report/check").text
    answer = client.post("/help-desk/report/check", follow_redirects=True)
    case = db.session.scalars(sa.select(Case)).one()
    run = db.session.scalars(sa.select(ProcessRun)).one()
    assert (case.title, run.case_id, run.by_requester) == (f"{template.zh}：锦川包装厂", case.id, True)
    first = f"/track/{case.code}/runs/{run.id}/steps/apply"
    assert first in answer.text
    assert client.get(first).status_code == 200
    told = signed_in(client.application.test_client(), office.people["desk"]).get(f"/cases/{case.number}").text
    assert "企业" in told


def test_a_template_that_is_not_offered_begins_nothing(office: Office, client: FlaskClient) -> None:
    template, _ = published(office, now=utcnow())
    assert template.zh not in client.get("/help-desk").text
    answer = client.post("/help-desk/begin", data={"template": template.code})
    assert answer.location.endswith("/report/what")
    with pytest.raises(Refused):
        runs.start_by_requester(a_case(office, now=utcnow()), template, type_code="shipping", now=utcnow())


def test_one_that_was_withdrawn_on_the_way_leaves_a_case_without_it(office: Office, client: FlaskClient) -> None:
    template = offered(office)
    client.post("/help-desk/begin", data={"template": template.code, "at": "8801001001"})
    client.post("/help-desk/report/firm", data={"firm": "锦川包装厂"})
    client.post("/help-desk/report/contact", data={"name": "田青", "phone": "13900004428"})
    approving.offer(template, False, actor=office.actor("district_admin"), now=utcnow())
    db.session.commit()
    assert client.post("/help-desk/report/check").status_code == 303
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ProcessRun)) == 0


def test_only_its_authority_or_district_offers_it_and_only_if_the_enterprise_comes_first(office: Office) -> None:
    template, _ = published(office, now=utcnow())
    with pytest.raises(NotPermitted):
        approving.offer(template, True, actor=office.actor("officer"), now=utcnow())
    steps: list[dict[str, Any]] = shipping()["steps"]
    first = {"key": "look", "title": {"zh": "看"}, "actor": "officer", "limit": {"minutes": 60}}
    steps[0] = {**steps[0], "after": ["look"]}
    other, _ = published(
        office, shipping() | {"name": {"zh": "先看"}, "steps": [first, *steps[:1]]}, now=utcnow(), code="LOOK"
    )
    with pytest.raises(Refused, match="first step"):
        approving.offer(other, True, actor=office.actor("regulator2"), now=utcnow())


def test_the_page_of_a_template_offers_it_and_takes_it_back(office: Office, client: FlaskClient) -> None:
    template, _ = published(office, now=utcnow())
    regulator = signed_in(client, office.people["regulator2"])
    for value, said in (("1", "不再开放"), ("0", "在门户开放")):
        regulator.post(f"/templates/{template.code}/portal", data={"offered": value, "op": f"op{value}"})
        assert said in regulator.get(f"/templates/{template.code}").text
