"""The pages of a run, of the enterprise, and of whoever checks a document."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import local, utcnow
from casework.processes import running
from casework.processes.models import ProcessRun, StepDraft, Submission
from casework.processes.words import RunState
from tests.factories import Office, a_case, signed_in
from tests.processes.shipment import APPLIED, Shipment, a_shipment, published


def picture() -> tuple[io.BytesIO, str]:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(stream, "PNG")
    stream.seek(0)
    return stream, "营业执照.png"


def the_form(**changes: Any) -> dict[str, Any]:
    """What the phone of the enterprise sends for its first step."""
    filled = {f"a_{key}": value for key, value in APPLIED.items()}
    return {**filled, "a_licence": [picture()], "a_order": [picture()], "result": "done", **changes}


def entered(client: FlaskClient, shipment: Shipment) -> str:
    """The enterprise's page, opened with the digits."""
    here = f"/track/{shipment.case.code}"
    answer = client.post(here, data={"digits": "2206"})
    assert answer.status_code == 303
    return here


def test_an_officer_begins_a_process_from_the_templates_that_fit_and_sees_it_drawn(
    office: Office, client: FlaskClient
) -> None:
    template, _ = published(office, now=utcnow())
    case = a_case(office, State.IN_PROGRESS, kind="shipping")
    signed_in(client, office.people["officer"])
    listed = client.get(f"/cases/{case.number}/processes/new")
    assert "企业临时发货报备" in listed.text
    answer = client.post(f"/cases/{case.number}/processes/new", data={"template": template.code})
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert page.text.count('class="node') == 7
    assert "填报发货信息" in page.text
    assert f"/track/{case.code}" in page.text
    assert "企业临时发货报备" in client.get(f"/cases/{case.number}").text


def test_a_case_of_another_type_is_offered_no_such_template(office: Office, client: FlaskClient) -> None:
    template, _ = published(office, now=utcnow())
    case = a_case(office, State.IN_PROGRESS, kind="rent")
    signed_in(client, office.people["officer"])
    assert "企业临时发货报备" not in client.get(f"/cases/{case.number}/processes/new").text
    refused = client.post(f"/cases/{case.number}/processes/new", data={"template": template.code})
    assert refused.status_code == 422
    assert "不" in refused.text
    assert db.session.query(ProcessRun).count() == 0


def test_the_enterprise_opens_its_page_with_the_digits_and_files_on_its_phone(
    shipment: Shipment, client: FlaskClient
) -> None:
    here = entered(client, shipment)
    page = client.get(here)
    assert "填报发货信息" in page.text
    step = f"{here}/runs/{shipment.run.id}/steps/apply"
    form = client.get(step)
    assert 'type="date"' in form.text
    assert "阿芝热干面馆" in form.text, "what the case says already is not typed again"
    answer = client.post(step, data=the_form(), content_type="multipart/form-data")
    assert answer.status_code == 303
    assert answer.location == here
    assert shipment.ready() == ["check", "promise"]
    assert shipment.course.sent[0].by_id is None
    assert "防疫条件承诺" in client.get(here).text


def test_a_refused_form_keeps_the_words_and_the_files(shipment: Shipment, client: FlaskClient) -> None:
    here = entered(client, shipment)
    step = f"{here}/runs/{shipment.run.id}/steps/apply"
    refused = client.post(step, data=the_form(a_plate="ABC"), content_type="multipart/form-data")
    assert refused.status_code == 422
    assert "粤B12345" in refused.text, "the sentence shows how to write it"
    assert 'value="ABC"' in refused.text
    assert refused.text.count("营业执照.png") >= 2
    mended = client.post(step, data={**the_form(), "a_licence": [], "a_order": []}, content_type="multipart/form-data")
    assert mended.status_code == 303, "the files need not be sent again"


def test_a_file_can_be_taken_off_again(shipment: Shipment, client: FlaskClient) -> None:
    here = entered(client, shipment)
    step = f"{here}/runs/{shipment.run.id}/steps/apply"
    client.post(step, data=the_form(save="1"), content_type="multipart/form-data")
    draft = running.draft_of(shipment.run.id, "apply")
    assert draft is not None
    (licence,) = draft.answers["licence"]
    client.post(step, data={**the_form(save="1"), "a_licence": [], "a_order": [], "drop": str(licence)})
    db.session.expire_all()
    draft = running.draft_of(shipment.run.id, "apply")
    assert draft is not None
    assert "licence" not in draft.answers
    assert len(draft.answers["order"]) == 1


def test_what_is_typed_is_kept_by_itself(shipment: Shipment, client: FlaskClient) -> None:
    here = entered(client, shipment)
    step = f"{here}/runs/{shipment.run.id}/steps/apply"
    assert client.post(f"{step}/draft", data={"a_goods": "冷冻"}).status_code == 204
    assert "冷冻" in client.get(step).text
    assert db.session.query(StepDraft).count() == 1


def test_a_form_posted_after_the_run_moved_on_keeps_what_was_typed_and_says_so(
    shipment: Shipment, client: FlaskClient
) -> None:
    shipment.go_to("check")
    signed_in(client, office_of(shipment).people["officer"])
    shipment.send("check", "lead")
    late = client.post(
        f"/runs/{shipment.run.id}/steps/check", data={"a_spoken": "yes", "a_note": "都齐了", "result": "approve"}
    )
    assert late.status_code == 422
    assert "不在办理" in late.text or "未开放" in late.text or "现在不能填" in late.text
    assert db.session.query(Submission).count() == 2


def office_of(shipment: Shipment) -> Office:
    return shipment.office


@pytest.mark.parametrize(
    ("code", "digits"),
    [("right", "0000"), ("right", ""), ("right", "２２０7"), ("AAAABBBBCCCC", "2206"), ("x", "2206")],
)
def test_every_wrong_try_gets_the_same_answer(shipment: Shipment, client: FlaskClient, code: str, digits: str) -> None:
    path = shipment.case.code if code == "right" else code
    answer = client.post(f"/track/{path}", data={"digits": digits})
    assert answer.status_code == 422
    said = re.findall(r"案件码和尾号对不上[^<]*", answer.text)
    assert said
    assert "阿芝热干面馆" not in answer.text


@pytest.mark.parametrize("exists", [True, False])
def test_the_sixth_try_in_an_hour_is_held_back_for_codes_that_exist_and_others_alike(
    shipment: Shipment, client: FlaskClient, exists: bool
) -> None:
    path = f"/track/{shipment.case.code if exists else 'AAAABBBBCCCC'}"
    for _ in range(5):
        assert client.post(path, data={"digits": "1111"}).status_code == 422
    assert client.post(path, data={"digits": "2206"}).status_code == 429


def test_full_width_digits_and_a_code_with_blanks_open_the_page_too(shipment: Shipment, client: FlaskClient) -> None:
    code = shipment.case.code.lower()
    answer = client.post("/track", data={"code": f"{code[:4]} {code[4:]}", "digits": "２２０６"})
    assert answer.status_code == 303
    assert answer.location == f"/track/{shipment.case.code}"


def test_without_the_digits_nothing_of_the_page_is_there(shipment: Shipment, client: FlaskClient) -> None:
    here = f"/track/{shipment.case.code}/runs/{shipment.run.id}/steps/apply"
    assert client.get(here).status_code == 404
    assert client.post(here, data=the_form(), content_type="multipart/form-data").status_code == 404
    assert client.post(f"{here}/draft", data={"a_goods": "x"}).status_code == 404
    assert client.post(f"{here}/visit", data={"slot": "1"}).status_code == 404


def test_the_enterprise_reaches_no_step_of_others_and_no_run_of_another_case(
    shipment: Shipment, client: FlaskClient
) -> None:
    other = a_shipment(shipment.office, shipment.course.template)
    here = entered(client, shipment)
    shipment.go_to("check")
    assert client.get(f"{here}/runs/{shipment.run.id}/steps/check").status_code == 404
    assert client.get(f"{here}/runs/{other.run.id}/steps/apply").status_code == 404


def test_staff_send_a_step_back_with_a_reason_and_the_enterprise_reads_it(
    shipment: Shipment, client: FlaskClient
) -> None:
    shipment.go_to("check")
    signed_in(client, shipment.office.people["officer"])
    here = f"/runs/{shipment.run.id}/steps/check"
    assert "冷冻水产" in client.get(here).text, "what was filed stands beside the form"
    refused = client.post(here, data={"a_spoken": "yes", "result": "return:apply"})
    assert refused.status_code == 422
    answer = client.post(here, data={"a_spoken": "yes", "result": "return:apply", "note": "车牌看不清"})
    assert answer.status_code == 303
    assert shipment.ready() == ["apply"]
    page = client.get(f"{entered(client, shipment)}/runs/{shipment.run.id}/steps/apply")
    assert "车牌看不清" in page.text
    assert "粤B12345" in page.text, "what was filed before is there to be mended"


def test_a_time_is_offered_and_chosen_on_the_pages(shipment: Shipment, client: FlaskClient) -> None:
    shipment.go_to("inspect")
    tomorrow = local(utcnow()).replace(hour=10, minute=0)
    signed_in(client, shipment.office.people["regulator2"])
    at = f"/runs/{shipment.run.id}/steps/inspect"
    assert client.post(f"{at}/slots", data={"slots-0": "2020-01-01T10:00"}).status_code == 422
    answer = client.post(f"{at}/slots", data={"slots-0": f"{tomorrow + timedelta(days=1):%Y-%m-%dT%H:%M}"})
    assert answer.status_code == 303
    here = entered(client, shipment)
    page = client.get(here)
    slot = re.search(r'name="slot" value="(\d+)"', page.text)
    assert slot
    assert client.post(f"{here}/runs/{shipment.run.id}/steps/inspect/visit", data={}).status_code == 422
    chosen = client.post(f"{here}/runs/{shipment.run.id}/steps/inspect/visit", data={"slot": slot[1]})
    assert chosen.status_code == 303
    assert running.visits_of(shipment.run.id)


def test_a_slip_is_checked_by_anyone_and_shows_nothing_personal(shipment: Shipment, client: FlaskClient) -> None:
    shipment.go_to("issue").send("issue", "regulator2")
    slip = running.documents_of([shipment.run.id])[0]
    page = client.get(f"/verify/{slip.code}")
    assert page.status_code == 200
    for shown in ("临发〔2020〕1号", "粤B12345", "冷冻水产", "交通运输局"):
        assert shown in page.text
    for personal in ("13900003317", "13900001111", "苗小军", "秦远"):
        assert personal not in page.text
    assert client.get(f"/verify/{slip.code[:-1]}A").status_code == 404
    assert client.get("/verify/" + "A" * 26).status_code == 404


def test_who_guesses_codes_of_documents_is_slowed_down(shipment: Shipment, client: FlaskClient) -> None:
    for _ in range(30):
        assert client.get("/verify/" + "B" * 26).status_code == 404
    assert client.get("/verify/" + "B" * 26).status_code == 429


def test_a_run_is_cancelled_with_a_reason_by_who_works_on_the_case(shipment: Shipment, client: FlaskClient) -> None:
    signed_in(client, shipment.office.people["desk"])
    assert client.post(f"/runs/{shipment.run.id}/cancel", data={"reason": "x"}).status_code == 403
    signed_in(client, shipment.office.people["officer"])
    assert client.post(f"/runs/{shipment.run.id}/cancel", data={"reason": ""}).status_code == 422
    assert client.post(f"/runs/{shipment.run.id}/cancel", data={"reason": "改走水路"}).status_code == 303
    db.session.expire_all()
    assert shipment.run.state == RunState.CANCELLED
    assert "改走水路" in client.get(f"/runs/{shipment.run.id}").text


def test_strangers_find_no_run(shipment: Shipment, client: FlaskClient) -> None:
    signed_in(client, shipment.office.people["officer3"])
    assert client.get(f"/runs/{shipment.run.id}").status_code == 404
    assert client.get(f"/runs/{shipment.run.id}/steps/apply").status_code == 404
    assert client.post(f"/runs/{shipment.run.id}/steps/apply/draft", data={}).status_code == 404
