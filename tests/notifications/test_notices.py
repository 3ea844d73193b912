"""Each thing that happens to a case tells those whom it concerns, once, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.cases.models import Case
from casework.cases.workflow import State
from casework.intake import service as intake
from casework.kernel.db import db, transaction
from casework.kernel.time import local_day
from casework.notifications.kinds import KINDS
from casework.notifications.models import Delivery, Notice
from casework.notifications.service import News, notify
from casework.roster.models import Absence, Posting
from tests.factories import NOW, Office, a_case, signed_in, take


def told(office: Office) -> set[tuple[str, str]]:
    """Who was told of what."""
    names = {user.id: name for name, user in office.people.items()}
    return {(names[row.user_id], row.kind) for row in db.session.scalars(sa.select(Notice))}


def told_by(office: Office, case: Case, action: str, **changes: object) -> set[tuple[str, str]]:
    before = told(office)
    take(office, case, action, now=NOW + timedelta(hours=1), **changes)  # type: ignore[arg-type]
    db.session.commit()
    return told(office) - before


@pytest.mark.parametrize(
    ("state", "action", "expected"),
    [
        (State.ACCEPTED, "dispatch", {("officer", "dispatched")}),
        (State.IN_PROGRESS, "transfer", {("officer3", "transferred")}),
        (State.DISPATCHED, "object", {("district_admin", "to_rule")}),
        (State.OBJECTED, "rule", {("officer", "ruled")}),
        (State.IN_PROGRESS, "assign", {("officer2", "support")}),
        (State.IN_PROGRESS, "extend", {("lead", "extension_asked")}),
        (State.UNDER_REVIEW, "return", {("officer", "returned")}),
        (State.UNDER_REVIEW, "approve", {("desk", "callback"), ("desk2", "callback")}),
        (State.CLOSED, "reopen", {("officer", "reopened")}),
        (State.IN_PROGRESS, "wait", set()),
        (State.DISPATCHED, "acknowledge", set()),
    ],
)
def test_an_action_tells_those_whom_it_concerns(
    office: Office, state: State, action: str, expected: set[tuple[str, str]]
) -> None:
    assert told_by(office, a_case(office, state), action) == expected


def test_the_answer_to_an_extension_comes_back_to_the_officer(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    take(office, case, "extend")
    assert told_by(office, case, "grant_extension") == {("officer", "granted")}
    take(office, case, "extend")
    assert told_by(office, case, "refuse_extension") == {("officer", "refused")}


def test_a_result_goes_to_who_reviews_it_by_type_and_domain(office: Office) -> None:
    by_lead = a_case(office, State.UNDER_REVIEW)
    assert ("lead", "to_review") in told(office)
    assert by_lead.reviewer == "lead"
    a_case(office, State.UNDER_REVIEW, kind="rent")
    assert ("regulator", "to_review") in told(office), "housing"
    assert ("regulator2", "to_review") not in told(office), "transport"


def test_what_happens_by_the_clock_is_told_too(office: Office) -> None:
    from casework.cases.jobs import auto_acknowledge

    a_case(office, State.DISPATCHED)
    auto_acknowledge(NOW + timedelta(days=3))
    assert {("officer", "acknowledged"), ("lead", "acknowledged")} <= told(office)


def test_the_requester_writes_and_whoever_works_on_it_reads_of_it(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    with transaction():
        intake.write(db.session.get_one(Case, case.id), "请打 13900002206", [], now=NOW)
    assert ("officer", "requester_wrote") in told(office)


def test_one_event_is_told_once_and_nothing_is_told_when_the_change_is_taken_back(office: Office) -> None:
    case = a_case(office, State.ACCEPTED)
    news = News(kind="late", subject="case", subject_id=case.id, to=[office.people["officer"].id], key="d1", path="/")
    assert [notify(news, now=NOW), notify(news, now=NOW)] == [1, 0]
    db.session.rollback()
    assert told(office) == set()


def test_who_acts_is_not_told_of_it(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    lead = office.people["lead"].id
    assert told_by(office, case, "assign", by="lead", officer=lead, support=[]) == set()


def away(office: Office, name: str, deputy: str) -> None:
    day = local_day(NOW)
    people = office.people
    db.session.add(Absence(user_id=people[name].id, deputy_id=people[deputy].id, kind="leave", from_on=day, to_on=day))
    db.session.commit()


def test_the_deputy_of_who_is_away_is_told_as_well(office: Office) -> None:
    case = a_case(office, State.ACCEPTED)
    away(office, "officer", "officer2")
    assert told_by(office, case, "dispatch") == {("officer", "dispatched"), ("officer2", "dispatched")}
    notice = db.session.scalars(sa.select(Notice).where(Notice.user_id == office.people["officer2"].id)).one()
    assert notice.for_id == office.people["officer"].id


def test_a_deputy_who_may_not_see_the_case_is_told_nothing(office: Office) -> None:
    case = a_case(office, State.ACCEPTED)
    away(office, "officer", "helper")  # a helper sees only what is assigned to them
    assert told_by(office, case, "dispatch") == {("officer", "dispatched")}


def test_every_kind_has_its_texts_in_both_languages() -> None:
    from casework.notifications.texts import FOLDER

    written = {path.name for path in FOLDER.glob("*.txt")}
    assert {f"{kind}.{language}.txt" for kind in (*KINDS, "digest", "test") for language in ("zh", "en")} <= written


# -- the inbox


def test_the_inbox_leads_to_the_act_and_counts_what_is_unread(office: Office, client: FlaskClient) -> None:
    case = a_case(office, State.DISPATCHED)
    signed_in(client, office.people["officer"])
    listed = client.get("/inbox").text
    assert case.number in listed
    assert "口罩没有到货" in listed
    assert '<span class="n">1</span>' in client.get("/cases").text
    notice = db.session.scalars(sa.select(Notice)).one()
    answer = client.get(f"/inbox/{notice.id}")
    assert answer.status_code == 303
    path, _, anchor = answer.headers["Location"].partition("#")
    assert f'id="{anchor}"' in client.get(path).text, "the entry is on the page that it leads to"
    assert '<span class="n">' not in client.get("/cases").text
    assert case.number in client.get("/inbox").text
    assert case.number not in client.get("/inbox?show=unread").text


def test_somebody_elses_notice_is_not_found(office: Office, client: FlaskClient) -> None:
    a_case(office, State.DISPATCHED)
    notice = db.session.scalars(sa.select(Notice)).one()
    signed_in(client, office.people["officer2"])
    assert client.get(f"/inbox/{notice.id}").status_code == 404
    assert client.get("/inbox/999999999999999").status_code == 404
    assert not db.session.get_one(Notice, notice.id).is_read


def test_what_is_no_longer_theirs_shows_neither_number_nor_title(office: Office, client: FlaskClient) -> None:
    case = a_case(office, State.DISPATCHED)
    db.session.query(Posting).filter_by(user_id=office.people["officer"].id).delete()
    signed_in(client, office.people["officer"])
    listed = client.get("/inbox").text
    assert "派单" in listed
    assert case.number not in listed
    assert case.title not in listed


def test_all_is_read_up_to_what_was_on_the_page(office: Office, client: FlaskClient) -> None:
    for _ in range(3):
        a_case(office, State.DISPATCHED)
    ids = list(db.session.scalars(sa.select(Notice.id).order_by(Notice.id)))
    signed_in(client, office.people["officer"])
    assert client.post("/inbox/read", data={"upto": str(ids[1])}).status_code == 303
    unread = db.session.scalars(sa.select(Notice.id).where(Notice.is_read == 0)).all()
    assert unread == [ids[2]], "one that came meanwhile stays"
    assert client.post("/inbox/read", data={"upto": "x\0"}).status_code == 303


def test_the_inbox_is_paged_unread_first_and_costs_the_same_for_any_number(
    office: Office, client: FlaskClient, query_count: Callable
) -> None:
    case = a_case(office, State.DISPATCHED)
    row = {"user_id": office.people["officer"].id, "subject": "case", "subject_id": case.id, "path": "/cases"}
    db.session.execute(sa.delete(Notice))
    signed_in(client, office.people["officer"])

    def costs() -> int:
        with query_count() as sent:
            assert client.get("/inbox").status_code == 200
        return len(sent)

    few = costs()
    rows = [{**row, "kind": "late", "key": str(n), "created_at": NOW, "is_read": n % 2} for n in range(70)]
    db.session.execute(sa.insert(Notice), rows)
    db.session.commit()
    assert costs() <= few + 1, "the cases of a page in one query"
    seen: list[int] = []
    page = client.get("/inbox").text
    for _ in range(5):
        seen += [int(part.split('"')[0]) for part in page.split('href="/inbox/')[1:]]
        if 'rel="next" href="' not in page:
            break
        page = client.get(page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")).text
    expected = db.session.scalars(sa.select(Notice.id).order_by(Notice.is_read, Notice.id.desc())).all()
    assert seen == list(expected)


def test_an_action_costs_few_queries_more_for_its_notices(office: Office, query_count: Callable) -> None:
    case = a_case(office, State.ACCEPTED)
    with query_count() as sent:
        take(office, case, "dispatch")
    mine = [
        statement
        for statement in sent
        if any(name in statement for name in ("notice", "robots", "webhooks", "absences"))
    ]
    assert len(mine) <= 6, mine


def test_no_mail_waits_for_who_gave_no_address(office: Office) -> None:
    a_case(office, State.CLOSED)
    assert db.session.scalars(sa.select(Delivery)).all() == []
