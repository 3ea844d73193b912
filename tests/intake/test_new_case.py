"""A new case in one screen: found by pinyin, read from a message, and not made twice unseen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from casework.cases import types
from casework.intake import repeats
from casework.kernel.db import db
from casework.kernel.time import utcnow
from tests.factories import Office, a_case, a_firm, a_report, cases_made, signed_in
from tests.intake.test_rules_of_chat import WECHAT


@pytest.fixture
def desk(office: Office, client: FlaskClient) -> FlaskClient:
    return signed_in(client, office.people["desk"])


def test_a_message_fills_in_the_form_and_stays_the_text(office: Office, desk: FlaskClient) -> None:
    firm = a_firm(office, name="江城市老盐张面馆")
    told = WECHAT.replace("南贤街道桥东社区", "南贤社区")
    answer = desk.post("/cases/new/message", data={"message": told})
    assert answer.status_code == 200
    for shown in (
        f'value="{firm.name}"',
        'value="13900002206"',
        "房东不肯减租",
        "8.5万",
        "2020-02-14 21:35:12",
        "何秀芝",
    ):
        assert shown in answer.text
    assert answer.text.count("取自消息") >= 6, "what came from the message is marked"
    rent = types.type_with("rent").id
    assert f'selected value="{rent}"' in answer.text or f'value="{rent}" selected' in answer.text
    assert cases_made() == 0


def test_a_message_fills_in_only_what_is_still_empty_and_goes_below_what_was_written(
    office: Office, desk: FlaskClient
) -> None:
    typed = {"contact_phone": "13911110000", "title": "先记的标题", "text": "先写的一句"}
    shown = desk.post("/cases/new/message", data={"message": WECHAT, **typed}).text
    assert 'value="13911110000"' in shown
    assert 'value="先记的标题"' in shown
    assert shown.index("先写的一句") < shown.index("房东不肯减租")


def test_a_firm_that_is_not_ones_own_is_not_named_from_a_message(office: Office, client: FlaskClient) -> None:
    a_firm(office, name="江城市老盐张面馆")
    elsewhere = signed_in(client, office.people["desk_b"])
    answer = elsewhere.post("/cases/new/message", data={"message": "老盐张面馆：房东不减租金"})
    assert "江城市" not in answer.text


@pytest.mark.parametrize("message", ["", "  ", "长" * 5001])
def test_an_empty_or_endless_message_says_so_and_stays(office: Office, desk: FlaskClient, message: str) -> None:
    answer = desk.post("/cases/new/message", data={"message": message})
    assert answer.status_code == 422
    assert message.strip() in answer.text


def test_the_enterprise_is_offered_by_pinyin_within_ones_area(office: Office, desk: FlaskClient) -> None:
    firm = a_firm(office, name="江城市老盐张面馆")
    assert firm.name in desk.get("/cases/new/firms?requester=lyz").text
    elsewhere = signed_in(desk.application.test_client(), office.people["desk_b"])
    assert firm.name not in elsewhere.get("/cases/new/firms?requester=lyz").text


def test_what_was_reported_before_is_shown_while_it_is_typed_and_asked_about_once(
    office: Office, desk: FlaskClient
) -> None:
    known = a_case(office, now=utcnow())
    typed = a_report(office, op="two")
    assert known.number in desk.post("/cases/new/like", data=typed).text
    answer = desk.post("/cases/new", data=typed)
    assert answer.status_code == 422
    assert known.number in answer.text
    assert "订的口罩一直没到" in answer.text
    assert cases_made() == 1
    assert desk.post("/cases/new", data={**typed, "seen": "1"}).status_code == 303
    assert cases_made() == 2


def test_another_matter_of_the_same_firm_is_made_without_asking(office: Office, desk: FlaskClient) -> None:
    a_case(office, now=utcnow())
    other = a_report(office, title="电费欠了两个月", text="怕停电，想缓交。")
    assert desk.post("/cases/new", data=other).status_code == 303


def test_a_case_that_one_may_not_know_of_is_never_hinted_at(office: Office, client: FlaskClient) -> None:
    known = a_case(office, now=utcnow())
    elsewhere = signed_in(client, office.people["desk_b"])
    assert known.number not in elsewhere.post("/cases/new/like", data=a_report(office)).text


@pytest.mark.parametrize(
    "changes", [{"area_id": "9" * 30}, {"area_id": "\x00"}, {"type_id": "x"}, {"title": "", "text": ""}]
)
def test_odd_input_while_typing_is_no_fault(office: Office, desk: FlaskClient, changes: dict[str, str]) -> None:
    assert desk.post("/cases/new/like", data={**a_report(office), **changes}).status_code == 200


def test_the_same_phone_makes_few_words_in_common_a_repeat(office: Office) -> None:
    known = a_case(office, now=utcnow(), title="口罩缺货", text="没有口罩，开不了工，进货渠道也断了。")
    told = repeats.Told(title="要口罩", text="口罩买不到", phone="139 0000 2206", district_id=known.district_id)
    [found] = repeats.of_told(told, office.actor("desk"), utcnow())
    assert (found.case.id, "phone" in found.alike.why) == (known.id, True)


def test_however_many_cases_there_are_the_same_few_statements_are_sent(
    office: Office, query_count: Callable[[], Any]
) -> None:
    case, actor = a_case(office, now=utcnow()), office.actor("desk")
    counts = []
    for _ in range(2):
        for number in range(4):
            a_case(office, now=utcnow(), title=f"口罩没有到货{number}")
        db.session.refresh(case)
        with query_count() as sent:
            assert len(repeats.of(case, actor, utcnow())) >= 4
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 4
