"""The pages of figures: what stands there, and that every number leads to as many rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import local_day, utcnow
from casework.kpis import service
from casework.kpis.jobs import count
from tests.factories import Office, a_case

As = Callable[..., FlaskClient]
NOW = utcnow()
PAST = NOW - timedelta(days=40)


@pytest.fixture
def busy(office: Office) -> Office:
    """Cases of forty days ago, counted today."""
    for state in (State.CLOSED, State.CLOSED, State.IN_PROGRESS, State.WITHDRAWN):
        a_case(office, state, now=PAST)
    excluded = a_case(office, State.CLOSED, now=PAST)
    service.leave_out(excluded, what="all", reason="测试登记", actor=office.actor("district_admin"), now=NOW)
    db.session.commit()
    count(NOW)
    return office


def year() -> str:
    return f"span=days&from={local_day(PAST) - timedelta(days=30)}&to={local_day(NOW)}"


LINK = re.compile(r'<a href="(/kpis/\w+/rows\?[^"]+)"[^>]*>([\d,]+)</a>')


def test_every_number_on_the_board_leads_to_as_many_rows(busy: Office, as_: As) -> None:
    client = as_("district_admin")
    board = client.get(f"/kpis?{year()}").get_data(as_text=True)
    links = {(href.replace("&amp;", "&"), int(said.replace(",", ""))) for href, said in LINK.findall(board)}
    assert len(links) > 40
    asked = {(href, n) for href, n in links if f"from={local_day(PAST) - timedelta(days=30)}" in href}
    assert any(n for _, n in asked)
    for href, n in sorted(asked):
        rows = client.get(href).get_data(as_text=True)
        assert len(re.findall(r'<td class="no"', rows)) == n, href


@pytest.mark.parametrize("path", ["", "/on_time", "/response_time", "/relief", "/pass_through", "/definitions"])
def test_the_pages_read_in_both_languages(busy: Office, as_: As, path: str) -> None:
    for locale, word in (("zh-CN", "指标"), ("en", "Figures")):
        answer = as_("regulator", locale=locale).get(f"/kpis{path}?{year()}")
        assert answer.status_code == 200
        assert word in answer.get_data(as_text=True)


def test_a_figure_stands_through_time_and_by_unit_and_person(busy: Office, as_: As) -> None:
    client = as_("district_admin")
    by_unit = client.get(f"/kpis/satisfaction?{year()}&by=unit").get_data(as_text=True)
    assert "第一小组" in by_unit
    team = busy.units["team"].id
    by_person = client.get(f"/kpis/satisfaction?{year()}&by=officer&unit={team}").get_data(as_text=True)
    assert "沈砚秋" in by_person
    assert "沈砚秋" not in by_unit


def test_a_case_is_left_out_on_its_page_and_the_story_says_so(busy: Office, as_: As) -> None:
    case = a_case(busy, State.CLOSED, now=PAST)
    client, here = as_("regulator"), f"/cases/{case.number}/figures"
    case.domain = "general"
    db.session.commit()
    refused = client.post(here, data={"what": "all", "reason": ""})
    assert refused.status_code == 422
    assert client.post(here, data={"what": "all", "reason": "与另一件重复登记"}).status_code == 303
    page = client.get(here).get_data(as_text=True)
    assert "与另一件重复登记" in page
    story = as_("lead").get(f"/cases/{case.number}").get_data(as_text=True)
    assert "与另一件重复登记" in story
    back = re.search(rf'action="({here}/\d+/back)"', page)
    assert back
    assert as_("lead").post(back[1], data={"reason": "x"}).status_code == 403
    assert client.post(back[1], data={"reason": "查明不是重复"}).status_code == 303
    assert "查明不是重复" in client.get(here).get_data(as_text=True)
    assert as_("lead").post(here, data={"what": "all", "reason": "自己的"}).status_code == 403


def test_a_setting_is_laid_down_with_its_reason(office: Office, as_: As) -> None:
    client, here = as_("district_admin"), "/kpis/definitions"
    given = {"name": "partly", "value": "300", "from_on": local_day(NOW).isoformat(), "why": "第 3 号通知"}
    assert client.post(here, data={**given, "value": "2000"}).status_code == 422
    assert client.post(here, data=given).status_code == 303
    assert "第 3 号通知" in client.get(here).get_data(as_text=True)
    assert as_("regulator").post(here, data=given).status_code == 403


def test_the_board_says_when_counting_is_behind(office: Office, as_: As) -> None:
    count(NOW)
    assert "Counted up to now" in as_("lead", locale="en").get("/kpis").get_data(as_text=True)
    a_case(office, State.ACCEPTED, now=NOW - timedelta(minutes=5))
    assert "Counting is behind" in as_("lead", locale="en").get("/kpis").get_data(as_text=True)


def test_the_board_costs_the_same_queries_for_many_cases(office: Office, as_: As, query_count: Any) -> None:
    client = as_("district_admin")
    a_case(office, State.CLOSED, now=NOW)
    count(NOW)
    with query_count() as few:
        client.get("/kpis")
    for _ in range(5):
        a_case(office, State.CLOSED, now=NOW)
    count(NOW)
    with query_count() as many:
        client.get("/kpis")
    assert len(many) == len(few) <= 16


def test_a_board_asked_again_is_the_same_until_something_is_counted(office: Office, as_: As, query_count: Any) -> None:
    client = as_("district_admin", locale="en")
    a_case(office, State.CLOSED, now=NOW)
    count(NOW)
    with query_count() as first:
        client.get("/kpis?span=year")
    with query_count() as again:
        client.get("/kpis?span=year")
    assert len(again) < len(first)
    a_case(office, State.CLOSED, now=NOW)
    count(NOW)
    board = client.get("/kpis?span=year").get_data(as_text=True)
    assert re.search(r'Satisfaction: denominator">2</a>', board)
