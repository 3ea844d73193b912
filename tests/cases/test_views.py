"""The pages of cases: what they answer, what is kept when they refuse, and what two people at once see."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from casework.audit import queries as audit
from casework.cases import service
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import local_day, utcnow
from tests.factories import Office, a_case, a_draft, a_report, cases_made
from tests.harness.statements import Statements
from tests.harness.threads import together

SignIn = Callable[..., FlaskClient]
Counter = Callable[[], AbstractContextManager[Statements]]
WORDS = "这段话写了很久，不能丢"


def now_case(office: Office, state: State = State.SUBMITTED, **changes: Any) -> Case:
    return a_case(office, state, now=utcnow(), **changes)


def test_a_report_makes_one_case_however_often_it_is_clicked(office: Office, as_: SignIn) -> None:
    desk = as_("desk")
    first = desk.post("/cases/new", data=a_report(office))
    again = desk.post("/cases/new", data=a_report(office))
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location == f"/cases/8801-{utcnow().year}-000001"
    assert cases_made() == 1
    desk.post("/cases/new", data=a_report(office, op="another form", seen="1"))
    assert cases_made() == 2


def test_messages_that_nobody_reads_do_not_fill_the_cookie(office: Office, as_: SignIn) -> None:
    desk = as_("desk")
    for number in range(1, 6):
        desk.post("/cases/new", data=a_report(office, op=f"form {number}", seen="1"))
    text = desk.get("/cases/new").text
    assert [f"{number:06d}" in text for number in range(1, 6)] == [False, False, True, True, True]


def test_a_report_and_an_action_read_no_row_after_their_commit(
    office: Office, as_: SignIn, query_count: Counter
) -> None:
    desk, case = as_("desk"), now_case(office)
    with query_count() as sent:
        desk.post("/cases/new", data=a_report(office, seen="1"))
    assert not sent[-1].startswith("SELECT")
    with query_count() as sent:
        answer = desk.post(f"/cases/{case.number}/actions/accept", data={"version": str(case.version), "note": ""})
    assert answer.status_code == 303
    assert not sent[-1].startswith("SELECT")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "写明什么事"),
        ({"title": "长" * 121}, "120"),
        ({"text": "长" * 5001}, "5,000"),
        ({"uscc": "91440300MA5FQ2L84X9"}, "18"),
        ({"contact_phone": "abc"}, "13800001234"),
        ({"area_id": ""}, ""),
        ({"type_id": "999"}, ""),
    ],
)
def test_a_report_that_is_refused_keeps_what_was_typed(
    office: Office, as_: SignIn, changes: dict[str, str], sentence: str
) -> None:
    response = as_("desk").post("/cases/new", data={**a_report(office), "place": WORDS, **changes})
    assert response.status_code == 422
    assert WORDS in response.text
    assert sentence in response.text
    assert cases_made() == 0


def test_a_foreign_number_and_an_unknown_one_get_the_same_page(office: Office, as_: SignIn) -> None:
    number, officer = now_case(office).number, as_("officer3")
    for path in ("", "/edit", "/actions/accept", "/files/x", "/beneficiaries"):
        bodies = [officer.get(f"/cases/{asked}{path}") for asked in (number, "8801-2020-999999")]
        assert [body.status_code for body in bodies] == [404, 404], path
        texts = [_without_token(body.text.replace(body.headers["X-Request-Id"], "")) for body in bodies]
        assert texts[0].replace(number, "") == texts[1].replace("8801-2020-999999", ""), path


def _without_token(text: str) -> str:
    """A page without what the second makes different."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", text)


def test_a_stale_page_gets_409_with_what_was_typed_and_can_be_sent_again(office: Office, as_: SignIn) -> None:
    case = now_case(office)
    number, stale = case.number, case.version
    desk, desk2 = as_("desk"), as_("desk2")
    desk2.post(f"/cases/{number}/edit", data={**edit_form(case), "title": "改了标题"})
    form = {"version": str(stale), "code": "in_court", "route": "court", "reason": WORDS}
    response = desk.post(f"/cases/{number}/actions/decline", data=form)
    assert response.status_code == 409
    assert WORDS in response.text
    case = db.session.scalars(sa.select(Case)).one()
    assert (case.state, case.title) == (State.SUBMITTED, "改了标题")
    assert (
        f'name="version" type="hidden" value="{case.version}"' in response.text
        or f'value="{case.version}"' in response.text
    )
    assert desk.post(f"/cases/{number}/actions/decline", data={**form, "version": str(case.version)}).status_code == 303


def edit_form(case: Case) -> dict[str, str]:
    return {
        "version": str(case.version),
        "title": case.title,
        "text": case.text,
        "type_id": str(case.type_id),
        "requester": case.requester,
        "contact_name": case.contact_name,
        "contact_phone": case.contact_phone,
        "area_id": str(case.area_id),
        "place": case.place,
    }


def test_a_stale_correction_gets_409_with_what_was_typed(office: Office, as_: SignIn) -> None:
    case = now_case(office)
    form = {**edit_form(case), "title": WORDS, "version": str(case.version - 1)}
    response = as_("desk").post(f"/cases/{case.number}/edit", data=form)
    assert (response.status_code, WORDS in response.text) == (409, True)


def test_a_correction_keeps_old_and_new_on_the_story(office: Office, as_: SignIn) -> None:
    case = now_case(office)
    case_id = case.id
    desk = as_("desk")
    assert (
        desk.post(f"/cases/{case.number}/edit", data={**edit_form(case), "title": "消毒水没有到货"}).status_code == 303
    )
    assert audit.timeline(case_id)[0].data["changes"] == {"title": ["口罩没有到货", "消毒水没有到货"]}
    assert "消毒水没有到货" in desk.get(f"/cases/{db.session.get_one(Case, case_id).number}").text


def test_a_day_in_the_past_is_refused_on_the_page(office: Office, as_: SignIn) -> None:
    case = now_case(office, State.IN_PROGRESS)
    yesterday = local_day(utcnow()) - timedelta(days=1)
    form = {"version": str(case.version), "code": "third_party", "whom": WORDS, "until": yesterday.isoformat()}
    response = as_("officer").post(f"/cases/{case.number}/actions/wait", data=form)
    assert (response.status_code, WORDS in response.text, "今天" in response.text) == (422, True, True)


@pytest.mark.parametrize("value", ["abc", "²", "-1", "9" * 30, "\x00", ""])
def test_no_unit_or_officer_that_is_none_breaks_the_page(office: Office, as_: SignIn, value: str) -> None:
    case = now_case(office, State.ACCEPTED)
    form = {"version": str(case.version), "unit": value, "officer": value, "co_units": value}
    assert as_("desk").post(f"/cases/{case.number}/actions/dispatch", data=form).status_code == 422


@pytest.mark.parametrize("query", ["before=²", "before=abc", "kind=x", "before=" + "9" * 40, "kind=%00"])
def test_an_odd_address_shows_the_case_all_the_same(office: Office, as_: SignIn, query: str) -> None:
    assert as_("desk").get(f"/cases/{now_case(office).number}?{query}").status_code == 200


@pytest.mark.parametrize(
    "query", ["after=x", "after=%00", "after=W251bGxd", "area=%C2%B2", "q=%00", "q=%ED%A0%BD", "state=x"]
)
def test_an_odd_address_shows_the_list_all_the_same(office: Office, as_: SignIn, query: str) -> None:
    now_case(office)
    desk = as_("desk")
    assert desk.get(f"/cases?{query}").status_code == 200
    assert desk.get(f"/cases?{query}&scope=all").status_code == 200
    assert desk.get(f"/review?{query}").status_code == 403
    for place in ("/enterprises", "/search", "/people", "/areas"):
        assert desk.get(f"{place}?{query}").status_code in (200, 403), place
    assert desk.post(f"/cases/views/new?{query}", data={"name": "待查", "reach": "own"}).status_code == 303


def test_a_note_is_added_once_however_often_it_is_clicked(office: Office, as_: SignIn) -> None:
    case = now_case(office)
    case_id, number, desk = case.id, case.number, as_("desk")
    for _ in range(2):
        assert desk.post(f"/cases/{number}/notes", data={"op": "one", "text": "企业来电催"}).status_code == 303
    assert [entry.verb for entry in audit.timeline(case_id)] == ["NoteAdded", "CaseSubmitted"]
    assert "企业来电催" in desk.get(f"/cases/{number}").text


@pytest.mark.parametrize("text", ["", "长" * 5001])
def test_a_note_that_is_refused_keeps_what_was_typed(office: Office, as_: SignIn, text: str) -> None:
    response = as_("desk").post(f"/cases/{now_case(office).number}/notes", data={"text": text})
    assert response.status_code == 422
    assert text[:50] in response.text


def test_an_action_that_is_not_theirs_is_403_and_an_unknown_one_404(office: Office, as_: SignIn) -> None:
    number, desk = now_case(office).number, as_("desk")
    assert desk.get(f"/cases/{number}/actions/accept").status_code == 200
    assert desk.get(f"/cases/{number}/actions/reopen").status_code == 403
    assert desk.get(f"/cases/{number}/actions/close").status_code == 404


@pytest.mark.parametrize("state", list(State))
def test_the_page_offers_what_the_table_allows_and_every_form_opens(office: Office, as_: SignIn, state: State) -> None:
    number = now_case(office, state).number
    for name in ("desk", "officer", "lead", "regulator", "district_admin"):
        person = as_(name)
        page = person.get(f"/cases/{number}")
        assert page.status_code in (200, 404)
        for action in {part.split('"')[0] for part in page.text.split(f"/cases/{number}/actions/")[1:]}:
            answer = person.get(
                f"/cases/{number}/actions/{action}", follow_redirects=True
            )  # some have a page of their own
            assert answer.status_code == 200, (name, action)


def test_the_case_page_costs_the_same_few_queries_for_a_long_story(
    office: Office, as_: SignIn, query_count: Counter
) -> None:
    case = now_case(office, State.IN_PROGRESS)
    number, officer = case.number, as_("officer")

    def cost() -> int:
        officer.get(f"/cases/{number}")
        with query_count() as sent:
            assert officer.get(f"/cases/{number}").status_code == 200
        return len(sent)

    service.add_note(case, "零", actor=office.actor("lead"), now=utcnow())
    few = cost()
    for text in ("一", "二", "三", "四", "五", "六"):
        service.add_note(db.session.scalars(sa.select(Case)).one(), text, actor=office.actor("lead"), now=utcnow())
    assert (few, cost()) == (few, few)
    assert few <= 26


def test_the_list_page_costs_the_same_few_queries_for_many_rows(
    office: Office, as_: SignIn, query_count: Counter
) -> None:
    desk = as_("desk")

    def cost() -> int:
        desk.get("/cases")
        with query_count() as sent:
            assert desk.get("/cases").status_code == 200
        return len(sent)

    now_case(office)
    few = cost()
    for _ in range(8):
        now_case(office)
    assert (few, cost()) == (few, few)
    assert few <= 16


# -- with real commits, side by side


def test_numbers_have_no_gap_and_are_unique_when_all_report_at_once(app: Flask, office: Office) -> None:
    drafts, actor, now = [a_draft(office) for _ in range(8)], office.actor("desk"), utcnow()
    db.session.commit()

    def report(draft: service.CaseDraft) -> str:
        return service.submit(draft=draft, actor=actor, now=now).number

    numbers = together(app, [lambda draft=draft: report(draft) for draft in drafts])
    assert sorted(str(number) for number in numbers) == [f"8801-{now.year}-{last:06d}" for last in range(1, 9)]
    assert audit.verify().ok


def test_two_notes_at_once_are_both_kept_in_one_chain(app: Flask, office: Office) -> None:
    case_id, actor = now_case(office).id, office.actor("desk")
    db.session.commit()

    def note(text: str) -> int:
        return service.add_note(db.session.get_one(Case, case_id), text, actor=actor, now=utcnow())

    results = together(app, [lambda text=text: note(text) for text in ("一", "二", "三", "四")])
    assert all(isinstance(result, int) for result in results), results
    assert sorted(entry.data.get("text", "") for entry in audit.timeline(case_id)) == ["", "一", "三", "二", "四"]
    assert audit.verify(case_id).ok


def test_of_two_who_accept_at_once_one_is_told(app: Flask, office: Office) -> None:
    case_id = now_case(office).id
    actor = office.actor("desk")
    db.session.commit()

    def accept() -> str:
        service.take(db.session.get_one(Case, case_id), "accept", {}, actor=actor, now=utcnow())
        return "accepted"

    results = together(app, [accept, accept])
    assert max(map(str, results)) == "accepted"
    assert set(map(str, results)) - {"accepted"} <= {"Conflict", "Refused"}
    assert len(set(map(str, results))) == 2
    assert [entry.data.get("action") for entry in audit.timeline(case_id)] == ["accept", None]


@pytest.mark.parametrize(("lang", "said"), [("zh-CN", "事由：用几个字"), ("en", "Matter in one line: write what")])
def test_what_to_put_right_names_each_field_once(office: Office, as_: SignIn, lang: str, said: str) -> None:
    desk = as_("desk")
    desk.set_cookie("lang", lang)
    page = desk.post("/cases/new", data=a_report(office, title="", text=""))
    assert page.status_code == 422
    [summary] = re.findall(r"data-focus>.*?</ul>", page.text, re.DOTALL)
    plain = re.sub("<[^>]+>", "", summary)
    assert said in plain
    assert plain.count(said[:2]) == 1
