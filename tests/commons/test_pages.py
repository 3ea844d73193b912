"""The pages of common issues, as people of the office use them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.cases.models import Case
from casework.cases.workflow import State
from casework.commons.models import CommonIssue, CommonMove
from casework.kernel.db import db
from casework.kernel.time import utcnow
from tests.commons.office import an_issue, moved, some_cases
from tests.factories import NOW, Office, a_case, signed_in, take
from tests.harness.statements import Statements

TEXT = "送货员凭区里发的通行证进不了小区，货压在门口。"


def the_issue() -> CommonIssue:
    db.session.rollback()
    return db.session.scalars(sa.select(CommonIssue).order_by(CommonIssue.id.desc())).first()  # type: ignore[return-value]


def similar(office: Office, count: int = 3, state: State = State.SUBMITTED) -> list[Case]:
    return [
        a_case(office, state, now=utcnow(), title="通行证进不了小区", text=f"{TEXT}第 {n} 家", requester=f"第 {n} 家店")
        for n in range(count)
    ]


def test_the_desk_finds_what_is_alike_puts_it_together_and_moves_it(office: Office, client: FlaskClient) -> None:
    cases = similar(office)
    desk = signed_in(client, office.people["desk"])
    page = desk.get("/common-issues/suggested").text
    assert "通行证进不了小区" in page
    ids = [str(case.id) for case in cases]
    form = desk.get("/common-issues/new", query_string={"cases": ids}).text
    assert form.count(" checked") == 3
    answer = desk.post("/common-issues/new", data={"title": "", "cases": ids, "shown": ids})
    assert answer.status_code == 422
    assert answer.text.count(" checked") == 3, "what was ticked survives"
    answer = desk.post("/common-issues/new", data={"title": "小区门岗不认通行证", "why": "同一口径", "cases": ids})
    assert answer.status_code == 303
    issue = the_issue()
    here = f"/common-issues/{issue.id}"
    assert answer.location == here
    page = desk.get(here).text
    assert "3 件，在办 3 件" in page
    assert issue.number in desk.get("/common-issues").text
    assert issue.title in desk.get(f"/cases/{cases[0].number}").text
    assert "没有相近的诉求" in desk.get("/common-issues/suggested").text, "they are together already"

    assert "可办 3 件" in desk.get(f"{here}/move/accept").text
    answer = desk.post(f"{here}/move/accept", data={"cases": ids})
    assert answer.status_code == 303
    assert "3 件中办成 3 件" in desk.get(answer.location).text
    refused = desk.post(f"{here}/move/dispatch", data={"cases": ids[:2], "co_units": "x", "note": "一起去"})
    assert refused.status_code == 422
    assert "请选一人" in refused.text
    assert "一起去" in refused.text
    assert refused.text.count(" checked") == 2
    who = f"{office.units['team'].id}-{office.people['officer'].id}"
    answer = desk.post(f"{here}/move/dispatch", data={"cases": ids, "who": who})
    assert "3 件中办成 3 件" in desk.get(answer.location).text
    story = desk.get(f"/cases/{cases[0].number}").text
    assert "统一办理（共 3 件）：派单" in story
    assert "归入共性问题" in story
    assert set(db.session.scalars(sa.select(Case.state))) == {"dispatched"}


def test_from_a_case_its_likely_repeats_are_offered(office: Office, client: FlaskClient) -> None:
    cases = similar(office)
    desk = signed_in(client, office.people["desk"])
    assert f"/common-issues/new?case={cases[0].number}" in desk.get(f"/cases/{cases[0].number}").text
    form = desk.get(f"/common-issues/new?case={cases[0].number}").text
    assert form.count('name="cases"') == 3
    assert form.count(" checked") == 1


def test_from_the_case_list_what_it_shows_is_offered(office: Office, client: FlaskClient) -> None:
    similar(office)
    a_case(office, now=utcnow())
    desk = signed_in(client, office.people["desk"])
    assert "/common-issues/new?q=" in desk.get("/cases?q=通行证").text
    assert desk.get("/common-issues/new?q=通行证").text.count('name="cases"') == 3


def test_cases_come_in_by_number_and_a_wrong_number_is_named(office: Office, client: FlaskClient) -> None:
    cases = some_cases(office, 4)
    issue = an_issue(office, cases[:2])
    here, desk = f"/common-issues/{issue.id}", signed_in(client, office.people["desk"])
    wrong = desk.post(f"{here}/add", data={"numbers": f"{cases[2].number}\n8801-2020-999999"})
    assert wrong.status_code == 422
    assert "8801-2020-999999" in wrong.text
    numbers = f"{cases[2].number}，{cases[3].number}"
    assert desk.post(f"{here}/add", data={"numbers": numbers, "why": "一样"}).status_code == 303
    assert "4 件，在办 4 件" in desk.get(here).text
    assert desk.post(f"{here}/remove", data={"cases": [str(cases[0].id)]}).status_code == 422
    gone = desk.post(f"{here}/remove", data={"cases": [str(cases[0].id)], "why": "不是一回事"})
    assert gone.status_code == 303
    page = desk.get(here).text
    assert "3 件，在办 3 件" in page
    assert "不是一回事" in page


def test_what_was_left_is_shown_and_tried_again(office: Office, client: FlaskClient) -> None:
    cases = [*some_cases(office, 2, State.ACCEPTED), *some_cases(office, 1)]
    issue = an_issue(office, cases)
    who = {"unit": office.units["team"].id, "officer": office.people["officer"].id}
    key = moved(office, issue, "dispatch", cases, **who)
    here, desk = f"/common-issues/{issue.id}/moves/{key}", signed_in(client, office.people["desk"])
    page = desk.get(here).text
    assert "3 件中办成 2 件" in page
    assert cases[2].number in page
    assert "未办成 1 件" in desk.get(f"/common-issues/{issue.id}").text
    take(office, db.session.get_one(Case, cases[2].id), "accept")
    db.session.commit()
    assert desk.post(f"{here}/again").status_code == 303
    assert "3 件中办成 3 件" in desk.get(here).text
    assert desk.post(f"{here}/again").status_code == 422


def test_more_than_fifty_show_how_far_they_are(office: Office, client: FlaskClient) -> None:
    cases = some_cases(office, 51)
    issue = an_issue(office, cases)
    here, desk = f"/common-issues/{issue.id}", signed_in(client, office.people["desk"])
    answer = desk.post(f"{here}/move/accept", data={"cases": [str(case.id) for case in cases]})
    page = desk.get(answer.location).text
    assert "已处理 0 / 51 件" in page
    assert 'hx-trigger="every 3s"' in page


def test_a_second_click_makes_nothing_twice(office: Office, client: FlaskClient) -> None:
    cases = some_cases(office, 2)
    desk = signed_in(client, office.people["desk"])
    said = {"title": "一处卡住", "cases": [str(case.id) for case in cases], "op": "once"}
    assert desk.post("/common-issues/new", data=said).location == desk.post("/common-issues/new", data=said).location
    here = f"/common-issues/{the_issue().id}"
    note: dict[str, Any] = {"text": "都记", "cases": said["cases"], "op": "twice"}
    first = desk.post(f"{here}/move/note", data=note)
    assert desk.post(f"{here}/move/note", data=note).location == first.location
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CommonMove)) == 1


def test_it_is_settled_once_its_cases_have_ended_and_a_stale_form_is_refused(
    office: Office, client: FlaskClient
) -> None:
    cases = some_cases(office, 1)
    issue = an_issue(office, cases)
    here, desk = f"/common-issues/{issue.id}", signed_in(client, office.people["desk"])
    said = {"outcome": "solved", "text": "恢复供货", "version": "1"}
    refused = desk.post(f"{here}/settle", data=said)
    assert refused.status_code == 422
    assert "恢复供货" in refused.text
    take(office, db.session.get_one(Case, cases[0].id), "withdraw")
    db.session.commit()
    assert desk.post(f"{here}/settle", data={**said, "version": "0"}).status_code == 409
    assert desk.post(f"{here}/settle", data=said).status_code == 303
    assert "恢复供货" in desk.get(here).text
    assert issue.number in desk.get("/common-issues?state=settled").text
    assert desk.post(f"{here}/reopen", data={"why": "又断了", "version": "2"}).status_code == 303


def test_the_officer_of_a_case_reads_the_issue_and_may_not_keep_it(office: Office, client: FlaskClient) -> None:
    mine, other = a_case(office, State.IN_PROGRESS), a_case(office)
    issue = an_issue(office, [mine, other])
    here, officer = f"/common-issues/{issue.id}", signed_in(client, office.people["officer"])
    page = officer.get(here).text
    assert mine.number[-6:] in page
    assert other.number[-6:] not in page, "a case out of sight is counted and not named"
    assert "共 2 件，您能看 1 件" in page
    for path in ("edit", "add", "remove", "settle"):
        assert officer.get(f"{here}/{path}").status_code == 403
    assert officer.get(f"{here}/move/note").status_code == 403


def test_another_district_finds_nothing(office: Office, client: FlaskClient) -> None:
    cases = some_cases(office, 1)
    issue = an_issue(office, cases)
    key = moved(office, issue, "note", cases, text="记")
    desk = signed_in(client, office.people["desk_b"])
    for path in ("", "/edit", "/add", "/remove", "/settle", "/reopen", "/move/note", f"/moves/{key}"):
        assert desk.get(f"/common-issues/{issue.id}{path}").status_code == 404
    assert desk.get(f"/common-issues/{2**70}").status_code == 404
    own = signed_in(client, office.people["desk"])
    for path in (f"/moves/{key + 1}", "/move/withdraw", "/move/%00"):
        assert own.get(f"/common-issues/{issue.id}{path}").status_code == 404
    told = own.post("/common-issues/new", data={"title": "空", "cases": ["x", "-1", str(2**40), "９"]})
    assert told.status_code == 422


def test_list_and_page_cost_the_same_however_many(
    office: Office, client: FlaskClient, query_count: Callable[[], AbstractContextManager[Statements]]
) -> None:
    desk = signed_in(client, office.people["desk"])
    counts = []
    for _ in range(2):
        issue = an_issue(office, some_cases(office, 4))
        an_issue(office, some_cases(office, 1))
        db.session.commit()
        key = the_issue().id - 1
        desk.get("/common-issues")
        desk.get(f"/common-issues/{key}")
        with query_count() as seen:
            desk.get("/common-issues")
            desk.get(f"/common-issues/{key}")
        counts.append(len(seen))
        from casework.commons import service

        more = [case.id for case in some_cases(office, 5)]
        service.add_cases(db.session.get_one(CommonIssue, key), more, why="", actor=office.actor("desk"), now=NOW)
        db.session.commit()
        with query_count() as seen:
            desk.get("/common-issues")
            desk.get(f"/common-issues/{key}")
        counts.append(len(seen))
    assert len(set(counts)) == 1, (counts, issue)
