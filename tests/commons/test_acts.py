"""What was done for many cases is found again: by who did it, and by who leads their unit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from casework.cases.workflow import State
from casework.commons import acts, rules
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.time import local_day
from tests.commons.office import an_issue, moved, some_cases
from tests.commons.test_chosen import done, undone
from tests.factories import NOW, Office, a_posting, an_office, signed_in
from tests.harness.statements import Statements

Counter = Callable[[], AbstractContextManager[Statements]]


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


def seen(office: Office, who: str, *, of_unit: bool = False) -> list[int]:
    found = acts.acts(office.actor(who), paging.FIRST, of_unit=of_unit, today=local_day(NOW))
    return [act.move.id for act in found.rows]


def test_an_act_is_found_again_with_its_counts_and_the_way_to_take_it_back(office: Office, client: FlaskClient) -> None:
    cases = some_cases(office, 3, State.IN_PROGRESS)
    done(office, "tag", cases[:1], by="officer", word="口罩")
    key = done(office, "tag", cases, by="officer", word="口罩")
    back = undone(office, key, by="officer")
    officer = signed_in(client, office.people["officer"])
    for place in ("/cases", f"/cases/together/{key}", "/ledgers"):
        assert 'href="/cases/together/acts"' in officer.get(place).text, place
    page = officer.get("/cases/together/acts").text
    assert f'href="/cases/together/{key}?show=done">办成 2 件</a>' in page
    assert f'href="/cases/together/{key}?show=refused">未办成 1 件</a>' in page
    assert f'href="/cases/together/{back}">撤销 2 件</a>' in page
    assert "撤销：批量加标签" in page, "it is called by what was taken back"


def test_acts_are_ones_own_and_for_a_leader_those_of_the_unit_to_read(office: Office, client: FlaskClient) -> None:
    cases = some_cases(office, 2, State.IN_PROGRESS)
    mine, own = done(office, "tag", cases, by="officer", word="口罩"), done(office, "tag", cases, word="租金")
    assert (seen(office, "officer"), seen(office, "lead")) == ([mine], [own])
    assert seen(office, "lead", of_unit=True) == [own, mine]
    assert seen(office, "officer", of_unit=True) == [mine], "who leads nobody sees nobody else's"
    assert seen(office, "officer3", of_unit=True) == seen(office, "desk", of_unit=True) == []
    lead = signed_in(client, office.people["lead"])
    assert lead.get("/cases/together/acts?whose=unit").text.count("沈砚秋")
    page = lead.get(f"/cases/together/{mine}")
    assert page.status_code == 200
    assert f"/cases/together/{mine}/undo" not in page.text, "only who did it takes it back"
    assert lead.post(f"/cases/together/{mine}/undo").status_code == 404
    other = signed_in(client.application.test_client(), office.people["officer3"])
    assert other.get(f"/cases/together/{mine}").status_code == 404
    assert "还没有批量办理过" in other.get("/cases/together/acts?whose=unit").text


def test_what_somebody_did_before_they_came_to_the_unit_stays_with_the_unit_they_left(office: Office) -> None:
    cases = some_cases(office, 1, State.IN_PROGRESS)
    before, tomorrow = done(office, "tag", cases, by="officer", word="口罩"), local_day(NOW) + timedelta(days=1)
    a_posting(office, "officer", unit="team2", role="officer", area="8801002", from_on=tomorrow)
    db.session.commit()
    lead = office.actor("lead2", tomorrow)
    assert acts.acts(lead, paging.FIRST, of_unit=True, today=tomorrow).rows == []
    with pytest.raises(NotFound):
        acts.visible_act(before, lead, tomorrow)


def test_one_that_goes_on_says_how_far_it_is_and_moves_of_an_issue_stand_there_too(
    office: Office, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = some_cases(office, 3)
    issue = an_issue(office, cases)
    key = moved(office, issue, "note", cases, text="区里在协调")
    monkeypatch.setattr(rules, "AT_ONCE", 1)
    desk = signed_in(client, office.people["desk"])
    body = {"shown": ",".join(str(case.id) for case in cases), "cases": [case.id for case in cases], "word": "口罩"}
    assert desk.post("/cases/together?act=tag", data=body).status_code == 303
    page = desk.get("/cases/together/acts").text
    assert f"/common-issues/{issue.id}/moves/{key}?show=done" in page
    assert issue.number in page
    assert "已处理 0 / 3 件" in page
    assert 'hx-trigger="every 3s"' in page


def test_the_list_is_paged_and_costs_no_more_with_many_acts(
    office: Office, query_count: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "SIZE", 4)
    cases, actor, today = some_cases(office, 1, State.IN_PROGRESS), office.actor("lead"), local_day(NOW)

    def cost() -> int:
        db.session.rollback()
        with query_count() as sent:
            acts.acts(actor, paging.FIRST, of_unit=True, today=today)
        return len(sent)

    keys = [done(office, "tag", cases, word="一"), undone(office, 1)]
    few = cost()
    keys += [done(office, "assign", cases, officer=office.people["officer2"].id, reason="调岗") for _ in range(4)]
    assert cost() == few
    first = acts.acts(actor, paging.FIRST, of_unit=False, today=today)
    second = acts.acts(actor, paging.At(after=first.after), of_unit=False, today=today)
    assert [act.move.id for page in (first, second) for act in page.rows] == keys[::-1]
