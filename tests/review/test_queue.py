"""The queue and the page of a review: whose it is, oldest first, filters, what a reviewer sees, the next one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from casework.audit import queries as audit
from casework.cases import service
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import local_day, utcnow
from tests.factories import Office, a_case, a_file, take
from tests.harness.statements import Statements
from tests.review.results import a_limit, approve, money, posted_marks, simple, two_regulators

SignIn = Callable[..., Any]
Counter = Callable[[], AbstractContextManager[Statements]]


def test_the_queue_holds_what_is_mine_to_review_oldest_due_first(office: Office, as_: SignIn) -> None:
    late, new = simple(office, 1, title="早到期")[0], simple(office, 1, title="后到期")[0]
    late.next_due_at = utcnow() - timedelta(days=1)
    foreign = a_case(office, State.UNDER_REVIEW, now=utcnow(), kind="logistics", title="运输的事")
    page = as_("regulator").get("/reviews").text
    assert page.index(late.title) < page.index(new.title)
    assert foreign.title not in page
    assert foreign.title in as_("regulator2").get("/reviews").text


def test_what_i_wrote_or_ever_held_is_not_in_my_queue(office: Office, as_: SignIn) -> None:
    mine = a_case(office, State.UNDER_REVIEW, now=utcnow(), title="组长自己办过")
    take(office, mine, "return", now=utcnow())
    take(office, mine, "assign", by="lead", now=utcnow(), officer=office.people["lead"].id, support=[])
    take(office, mine, "submit_result", by="lead", now=utcnow())
    db.session.commit()
    assert mine.title not in as_("lead").get("/reviews").text
    assert as_("lead").get(f"/reviews/{mine.number}").status_code == 403


def test_filters_stand_in_the_address_and_lead_on_from_case_to_case(office: Office, as_: SignIn) -> None:
    cases = simple(office, 3, title="另一件事")
    deal = money(office)
    a_limit(office)
    two_regulators(office)
    approve(office, deal.case)
    second = as_("regulator2")
    page = second.get("/reviews?stage=second").text
    assert deal.case.title in page
    assert "已由韩露签字" in page
    assert "1,000.01" in page
    assert cases[0].title not in page
    first = as_("regulator").get(f"/reviews?stage=first&type={cases[0].type_id}").text
    assert f"/reviews/{cases[0].number}?type={cases[0].type_id}&amp;stage=first" in first
    assert deal.case.number not in first
    assert "没有符合" in second.get("/reviews?stage=proof").text


def test_one_page_says_what_was_agreed_and_lays_the_evidence_beside_the_checklist(office: Office, as_: SignIn) -> None:
    deal = money(office)
    page = as_("regulator").get(f"/reviews/{deal.case.number}").text
    for said in ("1,000.01 元 · 双方已确认", "与商定总额相等", "3 户中 3 户已确认", "记录.png", "协议有双方签字"):
        assert said in page, said
    assert "1,000.01 元：" not in page, "no limit, no second signature"
    a_limit(office)
    assert "您的通过是第一个签字" in as_("regulator").get(f"/reviews/{deal.case.number}").text


def test_approving_leads_to_the_next_result_and_the_last_one_back_to_the_queue(office: Office, as_: SignIn) -> None:
    one, two = simple(office, 2)
    regulator = as_("regulator")
    answer = regulator.post(f"/reviews/{one.number}/approve", data=posted_marks(one))
    assert (answer.status_code, answer.location) == (303, f"/reviews/{two.number}")
    answer = regulator.post(f"/reviews/{two.number}/approve", data=posted_marks(two))
    assert answer.location == "/reviews"
    assert "没有等您审核的" in regulator.get("/reviews").text
    assert regulator.get(f"/reviews/{one.number}").location == f"/cases/{one.number}"


def test_a_return_names_its_items_and_the_officer_reads_them(office: Office, as_: SignIn) -> None:
    [case] = simple(office)
    regulator = as_("regulator")
    answer = regulator.post(f"/reviews/{case.number}/return", data=posted_marks(case) | {"note": "缺签名"})
    assert answer.status_code == 422
    assert "缺签名" in answer.text, "what was typed is kept"
    faults = posted_marks(case) | {"mark_talked": "no", "note_talked": "没有签名", "note": "请补企业签名"}
    assert regulator.post(f"/reviews/{case.number}/return", data=faults).status_code == 303
    assert case.state == State.IN_PROGRESS
    page = as_("officer").get(f"/cases/{case.number}").text
    assert "没有签名" in page
    assert "请补企业签名" in page


def test_the_second_of_two_reviewers_is_told_who_was_faster_and_saves_nothing(office: Office, as_: SignIn) -> None:
    [case] = simple(office)
    two_regulators(office)
    seen = posted_marks(case)
    assert as_("regulator").post(f"/reviews/{case.number}/approve", data=seen).status_code == 303
    before = len(audit.timeline(case.id))
    answer = as_("regulator2").post(f"/reviews/{case.number}/approve", data=seen)
    assert answer.status_code == 409
    assert "韩露" in answer.text
    assert "审核通过" in answer.text
    assert len(audit.timeline(case.id)) == before


def test_a_result_that_changed_while_it_was_read_comes_back_with_the_marks(office: Office, as_: SignIn) -> None:
    [case] = simple(office)
    seen = posted_marks(case)
    take(office, case, "ask_proof", by="regulator", now=utcnow(), until=local_day(utcnow()) + timedelta(days=3))
    db.session.commit()
    two_regulators(office)
    answer = as_("regulator2").post(f"/reviews/{case.number}/approve", data=seen)
    assert answer.status_code == 409
    assert "要求补凭证" in answer.text
    assert f'name="version" value="{case.version}"' in answer.text
    assert answer.text.count("checked") >= 2


def test_a_proof_is_asked_for_on_the_page_and_handed_in_on_the_case(office: Office, as_: SignIn) -> None:
    [case] = simple(office)
    regulator, day = as_("regulator"), (local_day(utcnow()) + timedelta(days=3)).isoformat()
    form = {"version": str(case.version), "reason": "补一张签收照片", "until": day}
    refused = regulator.post(f"/reviews/{case.number}/ask_proof", data={**form, "reason": ""})
    assert refused.status_code == 422
    assert regulator.post(f"/reviews/{case.number}/ask_proof", data=form).status_code == 303
    assert "补一张签收照片" in regulator.get(f"/reviews/{case.number}").text
    officer = as_("officer")
    assert "补一张签收照片" in officer.get(f"/cases/{case.number}").text
    given = officer.post(f"/cases/{case.number}/actions/give_proof", data={"version": case.version, "text": "已补照片"})
    assert given.status_code == 303
    assert "已补照片" in regulator.get(f"/reviews/{case.number}").text


@pytest.mark.parametrize("person", ["officer", "desk", "helper", "district_admin", "sysadmin", "auditor"])
def test_who_reviews_nothing_has_no_queue(office: Office, as_: SignIn, person: str) -> None:
    assert as_(person).get("/reviews").status_code == 403


def test_the_old_address_still_leads_to_the_queue(office: Office, as_: SignIn) -> None:
    assert as_("regulator").get("/review").location == "/reviews"


@pytest.mark.parametrize("path", ["/reviews", "/call-backs"])
def test_a_queue_costs_the_same_few_queries_for_many_rows(
    office: Office, as_: SignIn, query_count: Counter, path: str
) -> None:
    person = as_("regulator" if path == "/reviews" else "desk")

    def cost() -> int:
        person.get(path)
        with query_count() as sent:
            assert person.get(path).status_code == 200
        return len(sent)

    def more(count: int) -> None:
        for case in simple(office, count):
            if path == "/call-backs":
                approve(office, case)

    more(2)
    few = cost()
    more(5)
    assert (few, cost()) == (few, few)
    assert few <= 9


def test_the_page_of_a_review_costs_the_same_for_many_firms_and_a_long_story(
    office: Office, as_: SignIn, query_count: Counter
) -> None:
    deal = money(office)
    person = as_("regulator")

    def cost() -> int:
        person.get(f"/reviews/{deal.case.number}")
        with query_count() as sent:
            assert person.get(f"/reviews/{deal.case.number}").status_code == 200
        return len(sent)

    few = cost()
    for text in ("一", "二", "三", "四"):
        service.add_note(deal.case, text, actor=office.actor("officer"), now=utcnow())
        service.attach(deal.case, [a_file(deal.case)], actor=office.actor("officer"), now=utcnow())
        db.session.commit()
    assert (few, cost()) == (few, few)
    assert few <= 45
