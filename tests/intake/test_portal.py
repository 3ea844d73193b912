"""The front door: a difficulty told at night becomes one case that has found its officer."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from PIL import Image

from casework.cases.models import Case
from casework.cases.workflow import State
from casework.files.models import Attachment
from casework.intake import jobs
from casework.intake.models import PortalReport
from casework.kernel.db import db
from casework.kernel.time import utcnow
from tests.factories import NOW, Office, a_case, a_firm, cases_made, signed_in, take
from tests.routing.test_routing import a_rule

TEXT = "房东不肯减租，三家店都快撑不住了。想请你们出面谈一谈。"


def picture(color: str = "white") -> tuple[io.BytesIO, str]:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(stream, "PNG")
    stream.seek(0)
    return stream, "合同.png"


def answered(client: FlaskClient, office: Office, **changes: Any) -> None:
    """Fill in every step as a shopkeeper would."""
    said = {
        "what": {"text": TEXT},
        "kind": {"kind": "rent"},
        "firm": {"firm": "阿芝热干面馆"},
        "place": {"address": "南贤社区 12 号", "area_id": str(office.areas["8801001001"].id)},
        "contact": {"name": "何秀芝", "phone": "139 0000 2206"},
    }
    assert client.post("/help-desk/begin").status_code == 303
    for step, data in said.items():
        answer = client.post(f"/help-desk/report/{step}", data={**data, **changes.get(step, {})})
        assert answer.status_code == 303, (step, answer.text)


def reported(client: FlaskClient, office: Office, **changes: Any) -> Case:
    answered(client, office, **changes)
    answer = client.post("/help-desk/report/check", data={"another": "1"}, follow_redirects=True)
    assert "您的诉求已收到" in answer.text
    return db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()  # type: ignore[return-value]


def test_a_report_goes_from_the_first_page_to_its_officer_without_anybody_at_the_desk(
    office: Office, client: FlaskClient
) -> None:
    a_rule(office)
    client.post("/help-desk/begin")
    answer = client.post("/help-desk/report/what", data={"text": TEXT, "files": [picture()]}, follow_redirects=True)
    assert "租金减免" in answer.text
    assert answer.text.index("租金减免") < answer.text.index("临时发货报备"), "what the text speaks of stands first"
    client.post("/help-desk/report/kind", data={"kind": "rent"})
    client.post("/help-desk/report/firm", data={"firm": "阿芝热干面馆"})
    client.post("/help-desk/report/place", data={"address": "临江区南贤街道南贤社区 12 号"})
    answer = client.post(
        "/help-desk/report/contact", data={"name": "何秀芝", "phone": "13900002206"}, follow_redirects=True
    )
    for shown in (TEXT, "合同.png", "租金减免", "阿芝热干面馆", "南贤社区", "何秀芝"):
        assert shown in answer.text
    answer = client.post("/help-desk/report/check", follow_redirects=True)
    case = db.session.scalars(sa.select(Case)).one()
    assert (case.state, case.source, case.area_id) == (State.DISPATCHED, "portal", office.areas["8801001001"].id)
    assert case.title == "房东不肯减租，三家店都快撑不住了"
    assert db.session.scalars(sa.select(Attachment.case_id)).all() == [case.id]
    assert " ".join((case.code[:4], case.code[4:8], case.code[8:])) in answer.text
    assert "首次联系" in client.get(f"/track/{case.code}").text, "this browser is in already"


def test_what_is_missing_is_asked_for_and_what_was_typed_stays(office: Office, client: FlaskClient) -> None:
    client.post("/help-desk/begin")
    answer = client.post("/help-desk/report/contact", data={"name": "何秀芝", "phone": "12"})
    assert answer.status_code == 422
    assert "13800138000" in answer.text
    assert "何秀芝" in answer.text
    assert "何秀芝" in client.get("/help-desk/report/contact").text, "and is there when one comes back"
    check = client.get("/help-desk/report/check")
    assert "还没有填" in check.text
    assert client.post("/help-desk/report/check").headers["Location"].endswith("/help-desk/report/what")
    assert cases_made() == 0


@pytest.mark.parametrize("step", ["what", "kind", "firm", "place", "contact", "check"])
def test_every_page_can_be_opened_at_any_time_in_both_languages(office: Office, client: FlaskClient, step: str) -> None:
    assert client.get(f"/help-desk/report/{step}").status_code == 303, "nothing is begun"
    client.post("/help-desk/begin")
    for language in ("zh-CN", "en"):
        client.set_cookie("lang", language)
        assert client.get(f"/help-desk/report/{step}").status_code == 200
        assert client.get("/help-desk").status_code == client.get("/help-desk/privacy").status_code == 200
    answered(client, office)
    assert client.get(f"/help-desk/report/{step}").status_code == 200


def test_a_refused_answer_can_be_put_right_on_the_same_page(office: Office, client: FlaskClient) -> None:
    client.post("/help-desk/begin")
    first = {"text": "急", "op": "the same page"}
    assert client.post("/help-desk/report/what", data=first).status_code == 422
    assert client.post("/help-desk/report/what", data={**first, "text": TEXT}).status_code == 303
    assert TEXT in client.get("/help-desk/report/check").text


def test_the_same_report_sent_twice_is_one_case_even_from_another_browser(office: Office, client: FlaskClient) -> None:
    first = reported(client, office)
    again = reported(client.application.test_client(), office)
    assert again.id == first.id
    assert cases_made() == 1
    assert reported(client, office, what={"text": f"{TEXT}还有物业费。"}).id != first.id


def test_sending_again_after_the_answer_was_lost_leads_to_the_same_page(office: Office, client: FlaskClient) -> None:
    case = reported(client, office)
    answer = client.post("/help-desk/report/check", follow_redirects=True)
    assert case.code[:4] in answer.text
    assert cases_made() == 1


@pytest.mark.parametrize("asks", ["get", "post"])
def test_a_browser_that_never_heard_the_answer_still_learns_its_code(
    office: Office, client: FlaskClient, asks: str
) -> None:
    answered(client, office)
    with client.session_transaction() as session:
        before = dict(session)
    client.post("/help-desk/report/check")
    with client.session_transaction() as session:  # the answer was lost, and with it the new cookie
        session.clear()
        session.update(before)
    answer = getattr(client, asks)("/help-desk/report/check", follow_redirects=True)
    assert "您的诉求已收到" in answer.text
    assert db.session.scalars(sa.select(Case.code)).one()[:4] in answer.text


def test_a_photo_that_is_sent_twice_is_kept_once_and_one_left_out_is_gone(office: Office, client: FlaskClient) -> None:
    client.post("/help-desk/begin")
    for _ in range(2):
        client.post("/help-desk/report/what", data={"text": TEXT, "files": [picture()]})
    report = db.session.scalars(sa.select(PortalReport)).one()
    (key, name, _sha) = report.answers["files"][0]
    assert (len(report.answers["files"]), name) == (1, "合同.png")
    client.post("/help-desk/report/what", data={"text": TEXT, "drop": [str(key)]})
    assert db.session.get_one(PortalReport, report.id, populate_existing=True).answers["files"] == []


def test_a_file_that_is_none_is_refused_with_the_remedy_and_the_text_stays(office: Office, client: FlaskClient) -> None:
    client.post("/help-desk/begin")
    wrong = {"text": TEXT, "files": [(io.BytesIO(b"<svg/>"), "图.svg")]}
    answer = client.post("/help-desk/report/what", data=wrong)
    assert answer.status_code == 422
    assert TEXT in answer.text


def test_a_firm_on_file_is_recognised_and_brings_its_place(office: Office, client: FlaskClient) -> None:
    firm = a_firm(office)
    client.post("/help-desk/begin")
    client.post("/help-desk/report/what", data={"text": TEXT})
    client.post("/help-desk/report/kind", data={"kind": "rent"})
    answer = client.post("/help-desk/report/firm", data={"firm": firm.name})
    assert answer.headers["Location"].endswith("/help-desk/report/contact"), "where it is, is known"
    assert firm.name in client.get("/help-desk/firms", query_string={"firm": firm.name[:2]}).text


def test_of_several_firms_with_such_a_name_one_is_asked_for(office: Office, client: FlaskClient) -> None:
    firm = a_firm(office)
    client.post("/help-desk/begin")
    answer = client.post("/help-desk/report/firm", data={"firm": firm.name[:3]})
    assert answer.status_code == 422
    assert firm.name in answer.text
    chosen = {"firm": firm.name[:3], "asked": "1", "firm_id": str(firm.id)}
    assert client.post("/help-desk/report/firm", data=chosen).status_code == 303
    report = db.session.scalars(sa.select(PortalReport)).one()
    assert (report.answers["firm_id"], report.answers["firm"]) == (firm.id, firm.name)
    new = {"firm": firm.name[:3], "asked": "1", "firm_id": "new"}
    client.post("/help-desk/report/firm", data=new)
    assert db.session.get_one(PortalReport, report.id, populate_existing=True).answers["firm_id"] is None


def test_the_poster_of_a_community_says_where_it_is(office: Office, client: FlaskClient) -> None:
    assert "南贤社区" in client.get("/help-desk?at=8801001001").text
    client.post("/help-desk/begin", data={"at": "8801001001"})
    client.post("/help-desk/report/what", data={"text": TEXT})
    client.post("/help-desk/report/kind", data={"kind": "rent"})
    answer = client.post("/help-desk/report/firm", data={"firm": "阿芝热干面馆"})
    assert answer.headers["Location"].endswith("/help-desk/report/contact")


def test_a_machine_that_fills_in_everything_is_told_what_everybody_is_told(office: Office, client: FlaskClient) -> None:
    answered(client, office, contact={"website": "http://spam"})
    assert "您的诉求已收到" in client.get("/help-desk/sent").text
    client.post("/help-desk/report/check")
    assert cases_made() == 0


def test_one_phone_reports_five_times_an_hour_and_what_was_typed_then_stays(
    office: Office, client: FlaskClient
) -> None:
    for number in range(5):
        reported(client, office, what={"text": f"{TEXT}{number}"})
    answered(client, office)
    assert client.post("/help-desk/report/check", data={"another": "1"}).status_code == 429
    assert TEXT in client.get("/help-desk/report/check").text
    assert cases_made() == 5


def test_above_sixty_an_hour_from_one_address_a_report_is_kept_and_waits_for_the_desk(
    office: Office, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_rule(office)
    monkeypatch.setattr("casework.intake.service.BY_ADDRESS", 1)
    assert reported(client, office).state == State.DISPATCHED
    later = reported(client, office, what={"text": f"{TEXT}又一件"})
    assert later.state == State.SUBMITTED


def test_what_nobody_goes_on_with_is_forgotten_after_a_week_with_its_photos(
    office: Office, client: FlaskClient
) -> None:
    client.post("/help-desk/begin")
    client.post("/help-desk/report/what", data={"text": TEXT, "files": [picture()]})
    assert jobs.tidy(now=utcnow() + timedelta(days=6)) == 0
    assert jobs.tidy(now=utcnow() + timedelta(days=8)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0


def opened(client: FlaskClient, case: Case) -> str:
    here = f"/track/{case.code}"
    assert client.post(here, data={"digits": "2206"}).status_code == 303
    return here


def test_the_requester_answers_what_was_asked_and_the_case_comes_back(office: Office, client: FlaskClient) -> None:
    case = a_case(office, now=utcnow())
    take(office, case, "supplement", now=utcnow())
    db.session.commit()
    here = opened(client, case)
    assert "缺合同复印件" in client.get(here).text
    assert client.post(f"{here}/reply", data={}).status_code == 422
    answer = client.post(f"{here}/reply", data={"text": "这是合同", "files": [picture()]}, follow_redirects=True)
    assert "这是合同" in answer.text
    assert db.session.get_one(Case, case.id, populate_existing=True).state == State.SUBMITTED
    desk = signed_in(client.application.test_client(), office.people["desk"])
    told = desk.get(f"/cases/{case.number}").text
    assert "这是合同" in told
    assert "合同.png" in told


def test_the_office_writes_to_the_requester_who_reads_it_on_the_page(office: Office, client: FlaskClient) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    officer = signed_in(client.application.test_client(), office.people["officer"])
    assert officer.post(f"/cases/{case.number}/tell", data={"text": " "}).status_code == 422
    assert officer.post(f"/cases/{case.number}/tell", data={"text": "明早九点上门"}).status_code == 303
    assert "明早九点上门" in client.get(opened(client, case)).text


def test_the_requester_rates_and_what_is_not_solved_goes_back_to_work(office: Office, client: FlaskClient) -> None:
    case = a_case(office, State.CALLBACK, now=utcnow())
    here = opened(client, case)
    assert client.post(f"{here}/rate", data={"solved": "no"}).status_code == 422
    said = {"contacted": "yes", "solved": "no", "satisfied": "1", "text": "还没到"}
    assert client.post(f"{here}/rate", data=said).status_code == 303
    after = db.session.get_one(Case, case.id, populate_existing=True)
    assert (after.state, after.rating) == (State.IN_PROGRESS, 1)


def test_a_closed_case_is_taken_up_again_within_thirty_days_and_not_after(office: Office, client: FlaskClient) -> None:
    fresh = a_case(office, State.CLOSED, now=utcnow())
    here = opened(client, fresh)
    assert client.post(f"{here}/again", data={}).status_code == 422
    assert client.post(f"{here}/again", data={"reason": "又断货了"}).status_code == 303
    assert db.session.get_one(Case, fresh.id, populate_existing=True).state == State.IN_PROGRESS
    old = a_case(office, State.CLOSED, now=NOW)
    here = opened(client, old)
    assert "申请重新办理" not in client.get(here).text
    assert client.post(f"{here}/again", data={"reason": "又断货了"}).status_code == 422


def test_the_requester_ends_the_case_only_after_being_asked(office: Office, client: FlaskClient) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    here = opened(client, case)
    assert case.title in client.get(f"{here}/withdraw").text
    assert client.post(f"{here}/withdraw", data={"reason": ""}).status_code == 422
    assert client.post(f"{here}/withdraw", data={"reason": "解决了"}).status_code == 303
    assert db.session.get_one(Case, case.id, populate_existing=True).state == State.WITHDRAWN


def test_a_declined_case_says_why_and_which_way_is_open(office: Office, client: FlaskClient) -> None:
    case = a_case(office, State.DECLINED, now=utcnow())
    told = client.get(opened(client, case)).text
    assert "法院已经立案" in told


@pytest.mark.parametrize("act", ["reply", "rate", "again", "withdraw"])
def test_without_the_digits_nothing_of_a_case_can_be_done(office: Office, client: FlaskClient, act: str) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    assert client.post(f"/track/{case.code}/{act}", data={"text": "x", "reason": "x"}).status_code == 404


def test_a_place_has_a_poster_with_its_code_for_those_who_may_know_of_it(office: Office, client: FlaskClient) -> None:
    area = office.areas["8801001001"]
    officer = signed_in(client, office.people["officer"])
    answer = officer.get(f"/areas/{area.id}/poster.pdf")
    assert answer.data.startswith(b"%PDF")
    elsewhere = signed_in(client.application.test_client(), office.people["desk_b"])
    assert elsewhere.get(f"/areas/{area.id}/poster.pdf").status_code == 404


def test_at_triage_likely_repeats_stand_side_by_side_and_merging_keeps_both_stories(
    office: Office, client: FlaskClient
) -> None:
    first = a_case(office, title="口罩没有到货", now=utcnow())
    second = a_case(office, title="口罩还没到货", text="上周订的口罩到今天没到，员工没法上岗。", now=utcnow())
    other = a_case(office, kind="rent", title="租金", text="房东要涨租。", requester="另一家店", now=utcnow())
    desk = signed_in(client, office.people["desk"])
    page = desk.get(f"/cases/{second.number}").text
    assert f"/repeats/{first.number}" in page
    assert f"/repeats/{other.number}" not in page
    page = desk.get(f"/cases/{second.number}/repeats/{first.number}").text
    assert first.text in page
    assert second.text in page
    said = {"other": first.number, "reason": "同一件事", "version": str(second.version)}
    assert desk.post(f"/cases/{second.number}/actions/merge", data=said).status_code == 303
    assert db.session.get_one(Case, second.id, populate_existing=True).state == State.MERGED
    assert second.number in desk.get(f"/cases/{first.number}").text


def test_a_case_of_another_district_is_no_repeat_to_be_compared(office: Office, client: FlaskClient) -> None:
    case = a_case(office, now=utcnow())
    elsewhere = signed_in(client, office.people["desk_b"])
    assert elsewhere.get(f"/cases/{case.number}/repeats/{case.number}").status_code == 404


def test_a_firm_is_found_without_the_city_before_its_name(office: Office, client: FlaskClient) -> None:
    firm = a_firm(office, name="江城市润点创新有限公司")
    for typed in ("润点", "江城市润点"):
        assert firm.name in client.get("/help-desk/firms", query_string={"firm": typed}).text


def test_more_photos_than_a_message_takes_are_refused_and_none_is_dropped_in_silence(
    office: Office, client: FlaskClient
) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    here = opened(client, case)
    colors = ("white", "black", "red", "green", "blue", "yellow")
    answer = client.post(f"{here}/reply", data={"text": "照片", "files": [picture(color) for color in colors]})
    assert answer.status_code == 422
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0


def test_the_same_matter_from_the_same_phone_is_asked_about_and_nothing_of_the_case_is_told(
    office: Office, client: FlaskClient
) -> None:
    first = reported(client, office)
    other = client.application.test_client()
    answered(other, office, what={"text": f"{TEXT}还有物业费。"})
    answer = other.post("/help-desk/report/check")
    assert "您已经报过" in answer.text
    for secret in (first.code, first.number, first.title):
        assert secret not in answer.text
    assert cases_made() == 1
    assert other.post("/help-desk/report/check", data={"another": "1"}).status_code == 303
    assert cases_made() == 2


@pytest.mark.parametrize("changes", [{"contact": {"phone": "13800138000"}}, {"firm": {"firm": "别家面馆"}}])
def test_another_phone_or_firm_is_asked_nothing(office: Office, client: FlaskClient, changes: dict[str, Any]) -> None:
    reported(client, office)
    answered(client, office, what={"text": f"{TEXT}还有物业费。"}, **changes)
    assert client.post("/help-desk/report/check").status_code == 303


def test_a_firm_is_found_by_pinyin_and_the_found_one_is_chosen_beforehand(office: Office, client: FlaskClient) -> None:
    firm = a_firm(office, name="江城市老盐张面馆")
    db.session.commit()
    assert firm.name in client.get("/help-desk/firms?firm=lyz").text
    client.post("/help-desk/begin")
    answer = client.post("/help-desk/report/firm", data={"firm": "lyz"})
    assert f'value="{firm.id}" checked' in answer.text


def test_firms_cannot_be_read_out_one_by_one(
    office: Office, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.intake.service.LOOKS_BY_ADDRESS", 3)
    answers = [client.get("/help-desk/firms?firm=aa").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert client.get("/help-desk/firms?firm=a").text.strip().count("<option") == 0


def test_beginning_without_end_is_stopped(office: Office, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casework.intake.service.BEGUN_BY_ADDRESS", 2)
    assert [client.post("/help-desk/begin").status_code for _ in range(3)] == [303, 303, 429]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PortalReport)) == 2


def test_a_wrong_code_and_wrong_digits_get_one_answer(office: Office, client: FlaskClient) -> None:
    case = a_case(office, now=utcnow())
    told = [
        client.post("/track", data={"code": code, "digits": digits})
        for code, digits in ((case.code, "0000"), ("ABCDEFGHJKMN", "2206"), ("", ""), ("x" * 500, "\x00"))
    ]
    assert {answer.status_code for answer in told} == {422}
    assert len({answer.text.count("对不上") for answer in told}) == 1
