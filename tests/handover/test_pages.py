"""The wizard, the successor's page and what stands on other pages, as the people see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from casework.accounts.models import User
from casework.cases.models import Case
from casework.handover import answering, queries, service
from casework.handover.models import Handover
from casework.handover.words import Answer, Stage
from casework.kernel.db import db
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from tests.factories import Office, a_firm, a_liaison, signed_in
from tests.handover.conftest import a_whole_desk, items, sent, some_firms
from tests.harness.statements import Statements
from tests.harness.threads import together

NOBODY = 10**12


def the_only(office: Office) -> Handover:
    db.session.expire_all()
    found = db.session.query(Handover).order_by(Handover.id.desc()).first()
    assert found is not None
    return found


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the last form of the page that carries a version."""
    return dict(re.findall(r'name="(version|op)" value="([^"]*)"', page))


def begun_by(client: FlaskClient, office: Office, who: str = "officer") -> str:
    day = local_day(utcnow()) + timedelta(days=3)
    said = {"person": str(office.people[who].id), "why": "posting", "from_on": day.isoformat()}
    answer = client.post("/handover/new", data=said)
    assert answer.status_code == 303
    return str(answer.location)


def test_an_officer_goes_through_the_wizard_and_the_successor_takes_it_over(
    app: Flask, office: Office, client: FlaskClient
) -> None:
    firms, _, _ = a_whole_desk(office)
    leaver = signed_in(client, office.people["officer"])
    here = begun_by(leaver, office)
    page = leaver.get(here).text
    assert "沈砚秋名下有 5 项" in page
    assert "3 家企业" in page
    refused = leaver.post(f"{here}/send", data={**fields(leaver.get(f"{here}/send").text), "note": "钥匙在门卫处"})
    assert refused.status_code == 422
    assert "钥匙在门卫处" in refused.text
    chosen = leaver.post(f"{here}/give", data={**fields(page), "give:all": str(office.people["officer2"].id)})
    assert chosen.status_code == 303
    rows = leaver.get(f"{here}/rows/firm").text
    noted = {**fields(rows), f"note:{firms[0].id}": "找老板娘"}
    assert leaver.post(f"{here}/rows/firm", data=noted).status_code == 303
    done = leaver.post(f"{here}/send", data={**fields(leaver.get(f"{here}/send").text), "note": "钥匙在门卫处"})
    assert done.status_code == 303
    assert "待接收" in leaver.get(here).text

    successor = signed_in(app.test_client(), office.people["officer2"])
    assert "接手沈砚秋的工作" in successor.get("/").text
    offer = successor.get(f"{here}/take").text
    assert all(word in offer for word in ("3 家企业、1 件诉求、1 项承诺", "钥匙在门卫处", "找老板娘"))
    taken = successor.post(f"{here}/take", data={"do": "all"})
    assert (taken.status_code, taken.location) == (303, f"{here}/tell")
    assert firms[1].name in successor.get(f"{here}/tell").text
    ids = [str(row.id) for row in items(the_only(office), "firm")[1:]]
    assert successor.post(f"{here}/tell", data={"things": ids}).status_code == 303
    assert "企业都已知道" in successor.get(f"{here}/tell").text
    sheet = successor.get(f"{here}/sheet").text
    assert "沈砚秋 移交 陆景明" in sheet
    assert the_only(office).stage == Stage.DONE


def test_a_choice_for_a_place_counts_before_one_for_the_kind_and_that_before_one_for_all(
    office: Office, client: FlaskClient
) -> None:
    a_whole_desk(office)
    leaver = signed_in(client, office.people["officer"])
    here = begun_by(leaver, office)
    said = {"give:all": str(office.people["officer2"].id), "give:firm": str(office.people["lead"].id)}
    assert leaver.post(f"{here}/give", data={**fields(leaver.get(here).text), **said}).status_code == 303
    chosen = {(row.kind, row.successor_id) for row in items(the_only(office))}
    others = {(kind, office.people["officer2"].id) for kind in ("case", "promise")}
    assert chosen == {("firm", office.people["lead"].id)} | others


def test_a_successor_refuses_with_a_reason_and_the_lead_names_another(
    app: Flask, office: Office, client: FlaskClient
) -> None:
    a_whole_desk(office)
    handover = sent(office, "officer2")
    here, row = f"/handover/{handover.id}", items(handover, "firm")[0]
    successor = signed_in(client, office.people["officer2"])
    bare = successor.post(f"{here}/take", data={"do": "refuse", "things": [str(row.id)]})
    assert bare.status_code == 422
    assert re.search(rf'name="things" value="{row.id}"[^>]* checked', bare.text)
    said = {"do": "refuse", "things": [str(row.id)], f"why:{row.id}": "离得太远"}
    assert successor.post(f"{here}/take", data=said).status_code == 303
    lead = signed_in(app.test_client(), office.people["lead"])
    assert "1 项被退回" in lead.get("/").text
    page = lead.get(here).text
    assert "离得太远" in page
    named = {**fields(page), "give:firm": str(office.people["lead"].id)}
    assert lead.post(f"{here}/give", data=named).status_code == 303
    db.session.expire_all()
    assert (row.state, row.successor_id) == (Answer.WAITING, office.people["lead"].id)


def test_others_do_not_know_of_it(app: Flask, office: Office, client: FlaskClient) -> None:
    a_whole_desk(office)
    handover = sent(office, "officer2")
    here = f"/handover/{handover.id}"
    for stranger in ("helper", "lead2", "officer3", "desk"):
        client = signed_in(app.test_client(), office.people[stranger])
        for path in ("", "/take", "/sheet", "/tell", "/send", "/call-off", "/rows/firm"):
            assert client.get(here + path).status_code == 404, (stranger, path)
        assert client.post(f"{here}/give").status_code == 404
        assert client.post(f"{here}/take", data={"do": "all"}).status_code == 404
    successor = signed_in(app.test_client(), office.people["officer2"])
    assert successor.get(here).status_code == 200
    for path in ("/send", "/call-off", "/rows/firm"):
        assert successor.get(here + path).status_code == 404, path
    leaver = signed_in(app.test_client(), office.people["officer"])
    assert leaver.get(f"{here}/take").status_code == 404


def test_a_draft_is_not_shown_to_who_is_only_chosen(app: Flask, office: Office, client: FlaskClient) -> None:
    a_whole_desk(office)
    leaver = signed_in(client, office.people["officer"])
    here = begun_by(leaver, office)
    leaver.post(f"{here}/give", data={**fields(leaver.get(here).text), "give:all": str(office.people["officer2"].id)})
    successor = signed_in(app.test_client(), office.people["officer2"])
    assert successor.get(here).status_code == 404
    assert successor.get(f"{here}/take").status_code == 404


@pytest.mark.parametrize("path", ["", "/send", "/rows/firm"])
def test_a_stale_page_is_refused_and_keeps_what_was_typed(office: Office, client: FlaskClient, path: str) -> None:
    a_whole_desk(office)
    leaver = signed_in(client, office.people["officer"])
    here = begun_by(leaver, office)
    old = fields(leaver.get(here + path).text)
    fresh = {**fields(leaver.get(here).text), "give:all": str(office.people["officer2"].id)}
    assert leaver.post(f"{here}/give", data=fresh).status_code == 303
    said = {
        "": {"give:all": str(office.people["lead"].id)},
        "/send": {"note": "写了很久"},
        "/rows/firm": {"note:1": "记着"},
    }
    target = f"{here}/give" if path == "" else here + path
    stale = leaver.post(target, data={**old, **said[path]})
    assert stale.status_code == 409
    if path == "/send":
        assert "写了很久" in stale.text


def test_a_second_click_answers_nothing_twice(office: Office, client: FlaskClient) -> None:
    a_whole_desk(office)
    handover = sent(office, "officer2")
    successor = signed_in(client, office.people["officer2"])
    form = fields(successor.get(f"/handover/{handover.id}/take").text)
    said = {"do": "all", "op": form["op"]}
    first, second = (successor.post(f"/handover/{handover.id}/take", data=said) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/new", {"person": str(NOBODY), "why": "posting", "from_on": "2030-01-01"}),
        ("/new", {"person": "-1", "why": "posting", "from_on": "2030-01-01"}),
    ],
)
def test_somebody_elses_id_is_not_found(office: Office, client: FlaskClient, path: str, said: dict[str, str]) -> None:
    assert signed_in(client, office.people["officer"]).post(f"/handover{path}", data=said).status_code == 404


@pytest.mark.parametrize(
    "said",
    [
        {"person": "", "why": "", "from_on": ""},
        {"why": "bored", "from_on": "2030-01-01"},
        {"why": "posting", "from_on": "1999-01-01"},
        {"why": "posting", "from_on": "9999-12-31"},
        {"why": "posting", "from_on": "\0"},
    ],
)
def test_a_wrong_beginning_is_refused_in_words(office: Office, client: FlaskClient, said: dict[str, str]) -> None:
    some_firms(office)
    db.session.commit()
    said = {"person": str(office.people["officer"].id), **said}
    assert signed_in(client, office.people["officer"]).post("/handover/new", data=said).status_code == 422


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"give:all": str(NOBODY)},
        {"give:all": "x"},
        {"give:": "1", "give:firm:nowhere": "1"},
    ],
)
def test_a_wrong_choice_is_refused_in_words(office: Office, client: FlaskClient, said: dict[str, str]) -> None:
    a_whole_desk(office)
    leaver = signed_in(client, office.people["officer"])
    here = begun_by(leaver, office)
    assert leaver.post(f"{here}/give", data={**fields(leaver.get(here).text), **said}).status_code == 422


def test_a_long_note_or_reason_is_refused_and_kept(office: Office, client: FlaskClient) -> None:
    a_whole_desk(office)
    handover = sent(office, "officer2")
    successor = signed_in(client, office.people["officer2"])
    long = "远" * 301
    said = {"do": "refuse", "things": [str(items(handover)[0].id)], "reason": long}
    answer = successor.post(f"/handover/{handover.id}/take", data=said)
    assert answer.status_code == 422
    assert long in answer.text
    assert (
        successor.post(f"/handover/{handover.id}/take", data={"do": "accept", "things": [str(NOBODY)]}).status_code
        == 422
    )


def test_the_page_of_case_and_firm_say_to_whom_it_goes_and_who_answers(office: Office, client: FlaskClient) -> None:
    firms, case, _ = a_whole_desk(office)
    case_page, firm_page = f"/cases/{case.number}", f"/enterprises/{firms[0].id}"
    lead = signed_in(client, office.people["lead"])
    assert "交接中" not in lead.get(case_page).text.split("</nav>")[-1]
    handover = sent(office, "officer2")
    handover.from_on = local_day(utcnow()) + timedelta(days=3)
    db.session.commit()
    for path in (case_page, firm_page):
        page = lead.get(path).text
        assert "由沈砚秋交陆景明" in page
        assert "接收前仍由沈砚秋负责" in page
    handover.from_on = local_day(utcnow()) - timedelta(days=1)
    db.session.commit()
    assert "接手前由方志恒负责" in lead.get(case_page).text


def test_the_enterprise_reads_its_new_contact_where_it_tracks_its_case(office: Office, client: FlaskClient) -> None:
    _, case, _ = a_whole_desk(office)
    handover = sent(office, "officer2")
    answering.accept_all(handover, actor=office.actor("officer2"), now=utcnow())
    db.session.commit()
    client.post("/track", data={"code": case.code, "digits": "2206"})
    assert "您这件事的联系人现在是" in client.get(f"/track/{case.code}").text


def test_sharing_out_fills_the_wizard_and_calling_off_ends_it(office: Office, client: FlaskClient) -> None:
    a_whole_desk(office, firms=5)
    leaver = signed_in(client, office.people["officer"])
    here = begun_by(leaver, office)
    assert leaver.post(f"{here}/share", data=fields(leaver.get(here).text)).status_code == 303
    assert "都有接手人了" in leaver.get(here).text
    assert leaver.post(f"{here}/call-off", data=fields(leaver.get(f"{here}/call-off").text)).status_code == 303
    assert the_only(office).stage == Stage.CALLED_OFF
    assert "已取消" in leaver.get("/handover").text


def test_pages_cost_the_same_number_of_queries_however_much_is_held(
    office: Office, client: FlaskClient, query_count: Callable[[], AbstractContextManager[Statements]]
) -> None:
    a_whole_desk(office, firms=2)
    lead = signed_in(client, office.people["lead"])
    costs: list[dict[str, int]] = []
    for n in range(2):
        here = begun_by(lead, office)
        paths = {"index": "/handover", "draft": here, "rows": f"{here}/rows/firm", "desk": "/"}
        cost = {}
        for name, path in paths.items():
            lead.get(path)
            with query_count() as seen:
                assert lead.get(path).status_code == 200
            cost[name] = len(seen)
        costs.append(cost)
        service.call_off(the_only(office), "再来", actor=office.actor("lead"), now=utcnow())
        for more in range(6):
            a_liaison(a_firm(office, name=f"又{n}一家{more}"), office.people["officer"])
        db.session.commit()
    assert costs[0] == costs[1]


# -- with real commits, side by side


def test_two_windows_accept_the_same_at_once_and_it_moves_once(app: Flask, office: Office) -> None:
    _, case, _ = a_whole_desk(office)
    case_id, key = case.id, sent(office, "officer2").id
    actor, now = office.actor("officer2"), utcnow()

    db.session.commit()  # what is read below is read anew

    def accept() -> int:
        return answering.accept_all(db.session.get_one(Handover, key), actor=actor, now=now).accepted

    results = together(app, [accept, accept])
    assert sorted(map(str, results)) in (["5", "Refused"], ["5", "Conflict"])
    assert db.session.get_one(Case, case_id).lead_id == office.people["officer2"].id


def test_accepting_and_calling_off_at_once_leaves_one_truth(app: Flask, office: Office) -> None:
    a_whole_desk(office)
    key, now = sent(office, "officer2").id, utcnow()
    successor, lead = office.actor("officer2"), office.actor("lead")

    db.session.commit()  # what is read below is read anew

    def accept() -> str:
        answering.accept_all(db.session.get_one(Handover, key), actor=successor, now=now)
        return "accepted"

    def call_off() -> str:
        service.call_off(db.session.get_one(Handover, key), "另有安排", actor=lead, now=now)
        return "called off"

    results = set(map(str, together(app, [accept, call_off])))
    handover = db.session.get_one(Handover, key)
    states = {row.state for row in queries.items(handover)}
    if "accepted" in results:
        assert (handover.stage, states) == (Stage.DONE, {Answer.ACCEPTED})
        assert results & {"Refused", "Conflict"}
    else:
        assert (handover.stage, states) == (Stage.CALLED_OFF, {Answer.KEPT})


def test_two_begin_one_for_the_same_person_at_once_and_one_stands(app: Flask, office: Office) -> None:
    some_firms(office)
    db.session.commit()
    user_id, lead, admin = office.people["officer"].id, office.actor("lead"), office.actor("district_admin")
    now = utcnow()

    db.session.commit()  # what is read below is read anew

    def begin(actor: Actor) -> str:
        user = db.session.get_one(User, user_id)
        service.begin(user, why="ill", from_on=local_day(now), actor=actor, now=now)
        return "begun"

    results = sorted(map(str, together(app, [lambda: begin(lead), lambda: begin(admin)])))
    assert results in (["Refused", "begun"], ["Conflict", "begun"])
    assert db.session.query(Handover).count() == 1
