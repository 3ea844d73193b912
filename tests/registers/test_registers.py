"""Who saw, who took out, who read: complete, filtered, without a word of any case, and never in a page's way."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from openpyxl import load_workbook

from casework import audit
from casework.audit import queries as chains
from casework.audit.queries import Sought
from casework.audit.vocabulary import VOCABULARY
from casework.cases import service
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.enterprises.events import EnterprisePhoneRevealed
from casework.kernel import paging
from casework.kernel.db import db, transaction
from casework.kernel.time import local_day, utcnow
from casework.papers.events import AgreementExported
from casework.registers import jobs, rules
from casework.registers.models import CaseRead
from tests.factories import Office, a_case
from tests.harness.statements import Statements
from tests.processes.shipment import a_shipment

SignIn = Callable[..., FlaskClient]
Counter = Callable[[], AbstractContextManager[Statements]]


def opened(client: FlaskClient, case: Case) -> None:
    """Somebody reads the page of a case to its end."""
    answer = client.get(f"/cases/{case.number}")
    assert answer.status_code == 200
    answer.close()


def reads() -> list[CaseRead]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(CaseRead).order_by(CaseRead.user_id)))


def revealed(office: Office, case: Case, *, by: str = "officer", days_ago: int = 0) -> None:
    now = utcnow() - timedelta(days=days_ago)
    with transaction():
        service.reveal_phone(db.session.get_one(Case, case.id), actor=office.actor(by, now.date()), now=now)


def test_every_verb_of_a_register_is_a_fact_that_has_a_sentence() -> None:
    verbs = [verb for listed in rules.VERBS.values() for verb in listed]
    assert [verb for verb in verbs if not getattr(VOCABULARY[verb], "sentence", "")] == []


def test_every_fact_that_something_was_seen_or_taken_stands_in_a_register() -> None:
    named = {verb for verb in VOCABULARY if verb.endswith(("Revealed", "Exported"))}
    assert named <= {verb for listed in rules.VERBS.values() for verb in listed}


def test_the_auditor_reads_who_saw_a_number_and_no_word_of_the_case(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    revealed(office, case)
    page = as_("auditor").get("/audit/reveals").text
    for shown in ("沈砚秋", "officer", case.number, "查看联系人完整电话"):
        assert shown in page
    for hidden in (case.title, case.requester, case.contact_name, case.contact_phone, case.contact_phone[-4:]):
        assert hidden not in page


def test_what_was_taken_out_is_listed_the_register_itself_too(office: Office, as_: SignIn) -> None:
    as_("desk").get("/cases/export.xlsx")
    auditor = as_("auditor")
    got = load_workbook(io.BytesIO(auditor.get("/audit/exports.xlsx").data)).active
    assert [row[1].value for row in list(got.rows)[1:]] == ["desk"]
    page = auditor.get("/audit/exports").text
    assert "导出“诉求台账”" in page
    assert "导出“登记簿”" in page


def test_it_is_narrowed_by_person_and_days_and_says_what_it_does_not_understand(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow() - timedelta(days=9))
    revealed(office, case, by="officer", days_ago=5)
    revealed(office, case, by="desk")
    auditor, today = as_("auditor"), local_day(utcnow())

    def names(query: str) -> list[str]:
        page = auditor.get(f"/audit/reveals?{query}").text
        return [name for name in ("沈砚秋", "周文静") if name in page]

    assert names("") == ["沈砚秋", "周文静"]
    assert names("who=desk") == names("who=周文静") == ["周文静"]
    assert names(f"from={today}") == ["周文静"]
    assert names(f"to={today - timedelta(days=1)}") == ["沈砚秋"]
    assert "请写账号名" in auditor.get("/audit/reveals?who=nobody").text
    assert "2020-02-12" in auditor.get("/audit/reveals?from=yesterday").text


def test_its_pages_hold_every_entry_once_forwards_and_backwards(office: Office) -> None:
    actor = office.actor("officer")
    with transaction():
        for number in range(11):
            audit.record(EnterprisePhoneRevealed(enterprise=number, contact=1), by=actor, at=utcnow())
            audit.record(AgreementExported(case="1", agreement=number, what="x"), by=actor, at=utcnow())
    sought = Sought(("EnterprisePhoneRevealed", "AgreementExported"))
    pages, at = [], paging.FIRST
    while True:
        page = chains.register(sought, at, size=5)
        pages.append(page)
        if page.after is None:
            break
        at = paging.At(after=page.after)
    ids = [row.id for page in pages for row in page.rows]
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) == 22
    back = chains.register(sought, paging.At(before=pages[2].before), size=5)
    assert [row.id for row in back.rows] == [row.id for row in pages[1].rows]
    first = chains.register(sought, paging.At(before=pages[1].before), size=5)
    assert [row.id for row in first.rows] == [row.id for row in pages[0].rows]


@pytest.mark.parametrize("who", ["officer", "desk", "regulator", "district_admin", "sysadmin", "secadmin"])
def test_only_the_auditor_opens_the_registers(office: Office, as_: SignIn, who: str) -> None:
    for address in ("/audit/reveals", "/audit/exports", "/audit/exports.xlsx"):
        assert as_(who).get(address).status_code == 403


def test_whoever_reads_a_case_without_handling_it_is_noted_once_a_day(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    desk = as_("desk")
    for _ in range(3):
        opened(desk, case)
    opened(as_("officer"), case)
    noted = reads()
    assert [(row.case_id, row.user_id, row.day) for row in noted] == [
        (case.id, office.people["desk"].id, local_day(utcnow()))
    ]


def test_the_side_doors_are_noted_too_and_what_is_refused_is_not(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    as_("desk").get(f"/cases/{case.number}/precedents").close()
    as_("officer3").get(f"/cases/{case.number}").close()
    assert [row.user_id for row in reads()] == [office.people["desk"].id]


def test_who_comes_in_by_a_step_of_a_process_is_noted_too(office: Office, as_: SignIn) -> None:
    shipment = a_shipment(office).go_to("check")
    answer = as_("desk").get(f"/runs/{shipment.run.id}")
    assert answer.status_code == 200
    answer.close()
    assert (shipment.case.id, office.people["desk"].id) in [(row.case_id, row.user_id) for row in reads()]


def test_a_second_look_sends_no_query_more(office: Office, as_: SignIn, query_count: Counter) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    desk = as_("desk")
    opened(desk, case)
    with query_count() as sent:
        opened(desk, case)
    assert not [one for one in sent if "case_reads" in one]


def test_the_register_of_a_case_says_who_read_saw_and_took_it(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow(), kind="rent")
    revealed(office, case)
    opened(as_("desk"), case)
    for who in ("auditor", "regulator", "district_admin"):
        page = as_(who).get(f"/audit/cases/{case.number}").text
        assert "沈砚秋" in page
        assert "周文静" in page
        assert case.title not in page
    assert f"/audit/cases/{case.number}" in as_("regulator").get(f"/cases/{case.number}").text


@pytest.mark.parametrize(("who", "status"), [("officer", 403), ("desk", 403), ("regulator2", 404)])
def test_who_does_not_supervise_a_case_does_not_see_its_register(
    office: Office, as_: SignIn, who: str, status: int
) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow(), kind="rent")
    assert as_(who).get(f"/audit/cases/{case.number}").status_code == status


def test_a_case_that_does_not_exist_has_no_register(office: Office, as_: SignIn) -> None:
    assert as_("auditor").get("/audit/cases/8801-2020-999999").status_code == 404
    assert as_("auditor").get("/audit/other").status_code == 404


def test_reads_are_forgotten_when_the_law_no_longer_asks_for_them(office: Office) -> None:
    case, now = a_case(office, now=utcnow()), utcnow()

    def read(days: int) -> dict[str, Any]:
        at = now - timedelta(days=days)
        return {"case_id": case.id, "day": at.date(), "user_id": office.people["desk"].id, "first_at": at}

    db.session.execute(sa.insert(CaseRead), [read(1), read(rules.KEPT_DAYS - 1), read(rules.KEPT_DAYS + 1)])
    db.session.commit()
    assert jobs.tidy(now) == 1
    assert min(row.day for row in reads()) >= date.today() - timedelta(days=rules.KEPT_DAYS)  # noqa: DTZ011
