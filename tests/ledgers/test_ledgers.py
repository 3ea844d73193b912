"""Lists leave scoped, masked, safe and logged; a ledger that was edited comes back, and nobody's work is lost."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext
from openpyxl import Workbook, load_workbook

from casework.accounts.models import User
from casework.areas.models import Area
from casework.areas.places import Places
from casework.audit import queries as chains
from casework.cases import editing
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.enterprises import queries
from casework.enterprises import service as firms
from casework.enterprises.models import Contact, Enterprise
from casework.kernel.db import db, transaction
from casework.kernel.i18n import LANGUAGES, speaking
from casework.kernel.time import at_local, utcnow
from casework.ledgers import exports, jobs, periods, ready_made, returns, taking_out
from casework.ledgers.case_rows import CaseReader
from casework.ledgers.models import LedgerReturn, ListExport, ReturnRow
from casework.ledgers.returning import RETURNING, Standing
from casework.ledgers.taking_out import LISTS, Asked, Taken
from casework.notifications.models import Notice
from casework.roster.models import Posting
from casework.sheets.columns import map_columns
from tests.factories import Office, a_case, a_firm, a_posting, an_office, signed_in

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def as_(office: Office, client: FlaskClient) -> SignIn:
    def sign_in(name: str, *, locale: str | None = None) -> FlaskClient:
        return signed_in(client.application.test_client(), office.people[name], locale=locale)

    return sign_in


def book_of(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def saved(book: Workbook) -> io.BytesIO:
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def sheet_of(book: Workbook) -> Any:
    return book.worksheets[0]


def column(sheet: Any, title: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == title)


def edit(sheet: Any, number: str, title: str, value: Any) -> None:
    """Write into the row of a case."""
    at = column(sheet, "诉求编号")
    row = next(row for row in sheet.iter_rows(min_row=2) if row[at - 1].value == number)
    row[column(sheet, title) - 1].value = value


def send_back(client: FlaskClient, book: Workbook, name: str = "台账.xlsx") -> tuple[str, str]:
    """The address of the comparison, and its page."""
    answer = client.post("/ledgers/back", data={"file": (saved(book), name), "op": name + str(id(book))})
    assert answer.status_code == 303, answer.text
    return answer.location, client.get(answer.location).text


def colleague_writes(office: Office, case: Case, who: str = "lead", **values: Any) -> None:
    with transaction():
        found = db.session.get_one(Case, case.id)
        editing.correct(found, values, reason="", actor=office.actor(who), now=utcnow())


# -- going out


def test_the_ledger_keeps_codes_as_text_times_as_times_and_hides_the_mark(office: Office, as_: SignIn) -> None:
    firm = a_firm(office)
    firm.uscc = "910000000000000001"
    db.session.commit()
    case = a_case(office, State.IN_PROGRESS, enterprise_id=firm.id, title="=HYPERLINK(1)", contact_phone="13800138000")
    answer = as_("officer").get("/cases/export.xlsx?scope=all")
    sheet = sheet_of(book_of(answer.data))
    row = {sheet.cell(1, cell.column).value: cell for cell in sheet[2]}
    assert row["诉求编号"].value == case.number
    assert (row["信用代码"].value, row["信用代码"].data_type) == ("910000000000000001", "s")
    assert (row["事由"].value, row["事由"].data_type) == ("=HYPERLINK(1)", "s")
    assert row["电话"].value == "138****8000"
    assert row["提交时间"].is_date
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref
    mark = next(title for title in row if title and title.startswith("行标记"))
    assert sheet.column_dimensions[row[mark].column_letter].hidden
    assert "910000000000000001" not in row[mark].value


def test_every_list_leaves_as_xlsx_and_csv_to_whoever_may_and_its_hash_is_in_the_log(
    office: Office, as_: SignIn
) -> None:
    a_case(office, State.IN_PROGRESS, title="=1+1")
    a_firm(office)
    client = as_("district_admin")
    area, unit = office.areas["8801001"].id, office.units["team"].id
    beside = ["/people/export", "/orders/register", f"/supplies/{unit}/ledger", f"/coverage/{area}/rows"]
    names = ("problems", "measures", "duties", "cases", "visits", "talks", "orders", "supplies", "enterprises")
    for address in [*beside, *(f"/ledgers/{name}" for name in names)]:
        for form in ("xlsx", "csv"):
            answer = client.get(f"{address}.{form}")
            assert answer.status_code == 200, (address, answer.text)
            entry = chains.security_log().rows[0]
            assert entry.data["sha256"] == hashlib.sha256(answer.data).hexdigest(), address
            assert entry.data["columns"], address
            assert entry.data["form"] == form, address
    answer = client.get("/ledgers/problems.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1][1] == "'=1+1"
    assert chains.security_log().rows[0].data["rows"] == 1
    assert client.get("/ledgers/register.xlsx").status_code == 404
    assert as_("auditor").get("/ledgers/problems.xlsx").status_code == 403


def test_nobody_takes_out_a_case_that_they_may_not_see(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS)
    assert case.number in as_("officer").get("/ledgers/duties.csv").text
    assert case.number not in as_("desk_b").get("/ledgers/duties.csv").text


def test_more_rows_than_a_role_may_take_out_are_refused_with_the_remedy(
    office: Office, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        a_case(office, State.IN_PROGRESS)
    monkeypatch.setattr(taking_out, "OFFICER_ROWS", 2)
    client = as_("officer")
    answer = client.get("/cases/export.xlsx", follow_redirects=True)
    assert "超过 2 行" in answer.text
    asked = client.post("/ledgers/ask?list=cases", data={"form": "xlsx", "purpose": "全区排查汇总"})
    assert asked.status_code == 422
    assert db.session.scalar(sa.select(ListExport)) is None
    assert as_("desk").get("/cases/export.xlsx").status_code == 200


def big(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows are many here."""
    monkeypatch.setattr(taking_out, "ALONE", 1)


def asked_for(office: Office, client: FlaskClient, **form: str) -> ListExport:
    answer = client.post("/ledgers/ask?list=cases", data={"form": "xlsx", "purpose": "全区排查汇总", **form})
    assert answer.status_code == 303, answer.text
    return db.session.scalars(sa.select(ListExport).order_by(ListExport.id.desc())).first()  # type: ignore[return-value]


def test_a_long_list_waits_for_a_second_person_is_made_by_the_job_and_is_its_owners_for_a_day(
    office: Office, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    big(monkeypatch)
    numbers = {a_case(office, State.IN_PROGRESS).number for _ in range(3)}
    admin, second, other = as_("district_admin"), as_("secadmin"), as_("regulator")
    assert admin.get("/cases/export.xlsx").location.startswith("/ledgers/ask?")
    assert admin.post("/ledgers/ask?list=cases", data={"form": "xlsx", "purpose": ""}).status_code == 422
    export = asked_for(office, admin)
    assert export.status == "asked"
    assert jobs.make_lists(utcnow()) == 0
    assert (
        db.session.scalar(sa.select(Notice.user_id).where(Notice.kind == "export_second"))
        == office.people["secadmin"].id
    )

    assert admin.post(f"/ledgers/{export.id}/decide", data={"agree": "1", "version": "1"}).status_code == 422
    assert chains.security_log().rows[0].verb == "ListRefused"
    assert "全区排查汇总" in second.get(f"/ledgers/{export.id}").text
    assert not any(number in second.get(f"/ledgers/{export.id}").text for number in numbers)
    assert second.post(f"/ledgers/{export.id}/decide", data={"agree": "1", "version": "1"}).status_code == 303
    assert jobs.make_lists(utcnow()) == 1

    page = admin.get(f"/ledgers/{export.id}").text
    assert f"/ledgers/{export.id}/file" in page
    got = admin.get(f"/ledgers/{export.id}/file")
    assert hashlib.sha256(got.data).hexdigest() == export.sha256 == chains.security_log().rows[0].data["sha256"]
    assert {row[0].value for row in sheet_of(book_of(got.data)).iter_rows(min_row=2)} == numbers
    about = {row[0]: row[1] for row in book_of(got.data).worksheets[-1].values}
    assert about["用途"] == "全区排查汇总"
    assert about["同意人"] == office.people["secadmin"].name
    assert db.session.scalar(sa.select(sa.func.count()).where(Notice.kind == "export_ready")) == 1

    assert second.get(f"/ledgers/{export.id}/file").status_code == 404
    assert chains.security_log().rows[0].data["why"] == exports.ANOTHERS
    assert other.get(f"/ledgers/{export.id}/file").status_code == 404
    export.expires_at = utcnow() - timedelta(minutes=1)
    db.session.commit()
    assert admin.get(f"/ledgers/{export.id}/file").status_code == 404
    assert chains.security_log().rows[0].data["why"] == exports.EXPIRED


def test_a_list_is_not_made_for_whoever_lost_the_right_meanwhile_and_a_no_says_why(
    office: Office, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    big(monkeypatch)
    for _ in range(2):
        a_case(office, State.IN_PROGRESS)
    admin, second = as_("district_admin"), as_("secadmin")
    refused, lost = asked_for(office, admin), asked_for(office, admin)
    decide = f"/ledgers/{refused.id}/decide"
    assert second.post(decide, data={"agree": "0", "version": "1"}).status_code == 422
    assert (
        second.post(decide, data={"agree": "0", "version": "1", "answer": "范围过大，请按街道分批"}).status_code == 303
    )
    assert "范围过大" in admin.get(f"/ledgers/{refused.id}").text
    second.post(f"/ledgers/{lost.id}/decide", data={"agree": "1", "version": "1"})
    db.session.execute(sa.update(Posting).where(Posting.user_id == lost.by_id).values(role="sysadmin"))
    db.session.commit()
    jobs.make_lists(utcnow())
    db.session.refresh(lost)
    assert (lost.status, lost.storage_key) == ("stopped", "")


def test_numbers_in_full_need_a_second_person_and_stand_in_the_register_of_what_was_seen(
    office: Office, as_: SignIn
) -> None:
    a_case(office, State.IN_PROGRESS, contact_phone="13800138000")
    desk = as_("desk")
    export = asked_for(office, desk, full="y")
    assert export.status == "asked"
    as_("secadmin").post(f"/ledgers/{export.id}/decide", data={"agree": "1", "version": "1"})
    jobs.make_lists(utcnow())
    assert "13800138000" in [cell.value for cell in sheet_of(book_of(desk.get(f"/ledgers/{export.id}/file").data))[2]]
    assert "含完整电话" in as_("auditor").get("/audit/reveals").text


def test_in_full_leave_only_the_cases_whose_number_one_may_see_one_by_one(office: Office) -> None:
    a_case(office, State.IN_PROGRESS, contact_phone="13800138000")

    def rows(who: str, *, full: bool) -> int:
        asked = Asked(office.actor(who, utcnow().date()), {"scope": "all"}, utcnow(), full=full)
        return taking_out.count(LISTS["cases"], asked)

    assert [rows("officer", full=full) for full in (False, True)] == [1, 1]
    assert [rows("officer2", full=full) for full in (False, True)] == [1, 0], "a colleague reads it and reveals nothing"


def test_a_list_longer_than_a_portion_holds_every_row_once(office: Office) -> None:
    for _ in range(5):
        a_case(office, State.IN_PROGRESS)
    query = sa.select(Case.id)
    from casework.kernel import paging

    portions = list(taking_out.in_portions(query, (paging.Key(Case.id, int, down=True),), lambda row: [row[0]], size=2))
    assert [len(portion) for portion in portions] == [2, 2, 1]
    ids = [row[0] for portion in portions for row in portion]
    assert ids == sorted(set(ids), reverse=True)


def test_lists_and_ledgers_keep_to_a_period_that_stands_in_the_address_and_on_the_file(
    office: Office, as_: SignIn
) -> None:
    days = [at_local(date(2020, 2, 29), 23, 59), at_local(date(2020, 3, 1)), at_local(date(2020, 3, 31), 23, 59)]
    before, first, last = (a_case(office, State.CLOSED, now=day) for day in days)
    client = as_("district_admin")
    march = "from=2020-03-01&to=2020-03-31"
    page = client.get(f"/ledgers?{march}").text
    assert f'href="/ledgers/problems.xlsx?{march}&scope=all"' in unescape(page)
    for name in ("problems", "duties", "cases"):
        told = client.get(f"/ledgers/{name}.csv?{march}&scope=all").text
        assert [case.number in told for case in (before, first, last)] == [False, True, True], name
    for name in (*ready_made.THREE_LISTS, *ready_made.FIVE_LEDGERS):
        answer = client.get(f"/ledgers/{name}.xlsx?{march}")
        assert "2020-03-01 – 2020-03-31" in unquote(answer.headers["Content-Disposition"]), name
        about = {row[0]: row[1] for row in book_of(answer.data).worksheets[-1].values}
        assert about["期间"].startswith("2020-03-01 – 2020-03-31，按："), name
        assert (
            chains.security_log().rows[0].data["filters"].items() >= {"from": "2020-03-01", "to": "2020-03-31"}.items()
        )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("from=gestern", "写成"),
        ("from=2020-03-02&to=2020-03-01", "对调"),
        ("to=9999-12-31", "写成"),
        ("from=0001-01-01", "写成"),
    ],
)
def test_a_period_that_is_none_is_refused_and_not_everything_handed_out(
    office: Office, as_: SignIn, words: str, said: str
) -> None:
    client = as_("district_admin")
    page = client.get(f"/ledgers?{words}")
    assert (page.status_code, "/ledgers/problems.xlsx" in page.text, said in page.text) == (422, False, True)
    for name in ("visits", "problems"):
        assert said in client.get(f"/ledgers/{name}.xlsx?{words}", follow_redirects=True).text


def test_where_there_is_nothing_to_take_out_no_link_leads_there_and_the_page_says_so(
    office: Office, as_: SignIn
) -> None:
    admin = as_("district_admin")
    assert "/cases/export.xlsx" not in admin.get("/cases?q=没有这件").text
    for address, nobody in (("/people", "q=没有这个人"), ("/enterprises", "q=没有这家")):
        assert f"{address}/export.xlsx" not in admin.get(f"{address}?{nobody}").text
        led = admin.get(f"{address}/export.xlsx?{nobody}")
        assert led.status_code == 302
        assert "没有可导出的" in admin.get(led.location).text
        assert admin.post(led.location, data={"form": "xlsx", "purpose": "核对名单用"}).status_code == 422
    assert "/people/export.xlsx" in admin.get("/people").text
    assert db.session.scalar(sa.select(sa.func.count(ListExport.id))) == 0


def test_the_periods_of_one_tap_are_whole_weeks_and_months() -> None:
    assert [tuple(words.values()) for _, words in periods.presets(date(2021, 1, 3))] == [
        ("2020-12-28", "2021-01-03"),
        ("2021-01-01", "2021-01-31"),
        ("2020-12-01", "2020-12-31"),
    ]


# -- coming back


def test_only_what_changed_is_taken_over_and_conflicts_wait_for_a_choice(office: Office, as_: SignIn) -> None:
    cases = [a_case(office, State.IN_PROGRESS, place="原址", title=f"事项{n}") for n in range(4)]
    mine, both, theirs, still = cases
    officer = as_("lead")
    book = book_of(officer.get("/cases/export.xlsx").data)
    sheet = sheet_of(book)
    edit(sheet, mine.number, "地点", "南贤路1号")
    edit(sheet, both.number, "地点", "南贤路2号")
    edit(sheet, both.number, "联系人", "王兰")
    colleague_writes(office, both, "district_admin", place="柳堤路9号")
    colleague_writes(office, theirs, "district_admin", place="柳堤路8号")

    location, page = send_back(officer, book)
    made = db.session.scalars(sa.select(LedgerReturn)).one()
    rows = {row.number: row for row in db.session.scalars(sa.select(ReturnRow))}
    assert (made.rows_total, made.unchanged) == (4, 2)
    assert {number: row.kind for number, row in rows.items()} == {mine.number: "changed", both.number: "conflict"}
    for said in ("原址", "南贤路1号", "柳堤路9号", "南贤路2号", "同事也改了"):
        assert said in page
    assert db.session.get_one(Case, mine.id).place == "原址"

    taken = officer.post(f"{location}/take", data={"version": "1", "reason": "核对台账"})
    assert taken.status_code == 303
    db.session.expire_all()
    assert [db.session.get_one(Case, case.id).place for case in cases] == [
        "南贤路1号",
        "柳堤路9号",
        "柳堤路8号",
        "原址",
    ]
    assert db.session.get_one(Case, both.id).contact_name == "王兰"  # nobody else had touched it
    entry = chains.timeline(mine.id, limit=1)[0]
    assert entry.data["changes"] == {"place": ["原址", "南贤路1号"]}
    assert "核对台账" in entry.data["reason"]
    assert chains.timeline(still.id, limit=1)[0].verb != "FieldsCorrected"
    fact = chains.security_log().rows[0]
    assert fact.verb == "LedgerTakenBack"
    counts = {name: fact.data.get(name, 0) for name in ("unchanged", "changed", "kept", "refused")}
    assert (sum(counts.values()), counts["changed"]) == (fact.data["rows"], 2)
    assert "保留同事所改" in officer.get(location).text
    assert officer.post(f"{location}/take", data={"version": "1"}).status_code in (409, 422)


def test_a_phone_that_left_masked_never_runs_over_what_a_colleague_wrote_meanwhile(office: Office, as_: SignIn) -> None:
    alone, both = (a_case(office, State.IN_PROGRESS, contact_phone="13800138000", title=f"电话{n}") for n in range(2))
    lead = as_("lead")
    book = book_of(lead.get("/cases/export.xlsx").data)
    for case in (alone, both):
        edit(sheet_of(book), case.number, "电话", "13911112222")
    colleague_writes(office, both, "district_admin", contact_phone="13899998000")  # starred it reads as before
    _, page = send_back(lead, book)
    kinds = {row.number: row.kind for row in db.session.scalars(sa.select(ReturnRow))}
    assert kinds == {alone.number: "changed", both.number: "conflict"}
    assert "13899998000" not in page


def test_the_file_wins_over_a_colleague_where_it_is_ticked_unless_they_write_once_more(
    office: Office, as_: SignIn
) -> None:
    one, two = (a_case(office, State.IN_PROGRESS, place="原址") for _ in range(2))
    lead = as_("lead")
    book = book_of(lead.get("/cases/export.xlsx").data)
    for case in (one, two):
        edit(sheet_of(book), case.number, "地点", "南贤路2号")
        colleague_writes(office, case, "district_admin", place="柳堤路9号")
    location, _ = send_back(lead, book)
    ticked = [str(row.row) for row in db.session.scalars(sa.select(ReturnRow))]
    colleague_writes(office, two, "district_admin", place="柳堤路10号")
    lead.post(f"{location}/take", data={"version": "1", "mine": ticked})
    db.session.expire_all()
    assert [db.session.get_one(Case, case.id).place for case in (one, two)] == ["南贤路2号", "柳堤路10号"]
    assert "比对之后又有人改过" in lead.get(location).text


def test_a_row_that_cannot_be_written_says_why_and_the_counts_add_up(office: Office, as_: SignIn) -> None:
    def open_case() -> Case:
        return a_case(office, State.IN_PROGRESS, contact_phone="13800138000")

    state, phone, kind, empty, moved, bent, ended, copied = (open_case() for _ in range(8))
    lead = as_("lead")
    book = book_of(lead.get("/cases/export.xlsx").data)
    sheet = sheet_of(book)
    edit(sheet, state.number, "状态", "已办结")
    edit(sheet, phone.number, "电话", "139****0000")
    edit(sheet, kind.number, "类型", "没有这一类")
    edit(sheet, empty.number, "事由", None)
    edit(sheet, moved.number, "诉求编号", "8801-2020-999999")
    mark = next(str(cell.value) for cell in sheet[1] if str(cell.value).startswith("行标记"))
    edit(sheet, bent.number, mark, "v1.伪造.1.00")
    edit(sheet, ended.number, "地点", "新址")
    at = column(sheet, "诉求编号") - 1
    row = next(row for row in sheet.iter_rows(min_row=2) if row[at].value == copied.number)
    sheet.append([cell.value for cell in row])
    sheet.append(["", "新来的一件"])
    with transaction():
        db.session.execute(sa.update(Case).where(Case.id == ended.id).values(state=State.WITHDRAWN, is_open=False))
    location, page = send_back(lead, book)
    made = db.session.scalars(sa.select(LedgerReturn)).one()
    rows = list(db.session.scalars(sa.select(ReturnRow)))
    assert {row.kind for row in rows} == {"refused"}
    assert made.unchanged + len(rows) == made.rows_total == 10
    for said in (
        "“状态”不能在台账里改",
        "带星号的不是号码",
        "没有“没有这一类”这一类",
        "事由",
        "行标记属于诉求",
        "行标记被改动过",
        "诉求已经结束",
        "同一诉求在文件里出现两次",
        "新诉求请走导入",
    ):
        assert said in page, said
    assert "没有可收回的改动" in page
    assert location.startswith("/ledgers/back/")


def test_a_bad_cell_stays_out_alone_the_good_cells_of_its_row_are_taken_and_all_are_counted(
    office: Office, as_: SignIn
) -> None:
    case, bad = (a_case(office, State.IN_PROGRESS, contact_name="王兰", place="原址") for _ in range(2))
    firm = a_firm(office, name="老店")
    db.session.commit()
    called_at(office, firm, "13800138000")
    lead = as_("lead")
    book = book_of(lead.get("/cases/export.xlsx").data)
    for number, cells in {
        case.number: {"地点": "新址", "类型": "没有这一类", "状态": "已办结", "联系人": "李四", "电话": "139****0000"},
        bad.number: {"事由": None, "类型": "没有这一类"},
    }.items():
        for title, value in cells.items():
            edit(sheet_of(book), number, title, value)
    location, page = send_back(lead, book)
    made = db.session.scalars(sa.select(LedgerReturn)).one()
    assert (made.rows_total, made.unchanged) == (2, 0)
    kinds = {row.number: row.kind for row in db.session.scalars(sa.select(ReturnRow))}
    assert kinds == {case.number: "changed", bad.number: "refused"}
    for said in (
        "保持原样的单元格 4",
        "没有“没有这一类”这一类",
        "带星号的不是号码",
        "它与“电话”连在一起",
        "“状态”不能在台账里改",
    ):
        assert said in page, said
    lead.post(f"{location}/take", data={"version": "1"})
    db.session.expire_all()
    found = db.session.get_one(Case, case.id)
    assert (found.place, found.contact_name) == ("新址", "王兰")
    assert chains.timeline(case.id, limit=1)[0].data["changes"] == {"place": ["原址", "新址"]}
    fact = chains.security_log().rows[0].data
    assert {name: fact[name] for name in ("rows", "unchanged", "changed", "kept", "refused", "cells")} == {
        "rows": 2,
        "unchanged": 0,
        "changed": 1,
        "kept": 0,
        "refused": 1,
        "cells": 4,
    }
    assert "保持原样的单元格 4" in lead.get(location).text

    other = a_firm(office, name="别家")
    db.session.commit()
    book = book_of(lead.get("/enterprises/export.xlsx").data)
    edits = {"地址": "南贤路1号", "信用代码": "123", "企业": "新名", "电话": "13911112222"}
    for title, value in edits.items():
        edit_firm(sheet_of(book), firm, title, value)
    location, page = send_back(lead, book, "企业.xlsx")
    assert "保持原样的单元格 1" in page
    firm_writes(office, other, name="新名")  # what has become wrong since it was shown stays out alone too
    lead.post(f"{location}/take", data={"version": "1"})
    db.session.expire_all()
    taken = db.session.get_one(Enterprise, firm.id)
    assert (taken.address, taken.name, taken.uscc) == ("南贤路1号", "老店", None)
    assert queries.first_contacts([firm.id])[firm.id].phone == "13911112222"
    assert "保持原样的单元格 2" in lead.get(location).text


def test_names_and_phones_of_the_roster_come_back_and_nothing_else_of_an_account_does(
    office: Office, as_: SignIn
) -> None:
    a_posting(office, "officer", unit="team2", role="helper", area="8801002")  # two rows of one person
    admin = as_("sysadmin")
    assert 'href="/ledgers/back"' in admin.get("/people").text
    book = book_of(admin.get("/people/export.xlsx").data)
    sheet = sheet_of(book)

    def person(who: str, title: str, value: Any) -> None:
        at = column(sheet, "账号") - 1
        for row in sheet.iter_rows(min_row=2):
            if row[at].value == office.people[who].username:
                row[column(sheet, title) - 1].value = value

    person("officer", "姓名", "新名字")
    person("officer", "电话", "13911112222")
    person("lead", "姓名", "新组长")
    person("lead", "电话", "139****2222")
    person("lead", "角色", "系统管理员")
    person("desk", "电话", "13922223333")
    person("desk2", "账号", "root")
    with transaction():
        db.session.get_one(User, office.people["desk"].id).phone = "13877778888"  # somebody else, meanwhile
    rows = sheet.max_row - 1
    location, page = send_back(admin, book, "名册.xlsx")
    kinds = {row.number: row.kind for row in db.session.scalars(sa.select(ReturnRow))}
    ids = {who: str(office.people[who].id) for who in ("officer", "lead", "desk")}
    made = db.session.scalars(sa.select(LedgerReturn)).one()
    assert (made.list_name, made.rows_total, made.unchanged) == ("people", rows, rows - 4)
    assert {who: kinds[number] for who, number in ids.items()} == {
        "officer": "changed",
        "lead": "changed",
        "desk": "conflict",
    }
    for said in ("带星号的不是号码", "“角色”不能在台账里改", "行标记属于另一个人"):
        assert said in page, said
    admin.post(f"{location}/take", data={"version": "1", "reason": "核对名册"})
    db.session.expire_all()
    officer, lead, desk = (db.session.get_one(User, int(ids[who])) for who in ("officer", "lead", "desk"))
    assert (officer.name, officer.phone, lead.name, desk.phone) == ("新名字", "13911112222", "新组长", "13877778888")
    edited = [row.data for row in chains.security_log().rows if row.verb == "AccountEdited"]
    assert {one["reason"] for one in edited} == {"核对名册 · 名册.xlsx"}
    assert {tuple(one["fields"]) for one in edited} == {("name", "phone"), ("name",)}

    leads = as_("lead")
    book = book_of(leads.get("/people/export.xlsx").data)
    sheet_of(book).cell(2, column(sheet_of(book), "姓名")).value = "别的名字"
    _, page = send_back(leads, book, "组里.xlsx")
    assert "不由您修改" in page  # who sees people does not correct them for that


def test_only_who_sent_a_ledger_sees_it_and_only_their_own_rights_count(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS)
    book = book_of(as_("lead").get("/cases/export.xlsx").data)
    edit(sheet_of(book), case.number, "地点", "新址")
    location, page = send_back(as_("officer2"), book)  # of the same team, but it is not assigned to them
    assert "不由您修改" in page
    assert as_("lead").get(location).status_code == 404
    _, page = send_back(as_("desk_b"), book)
    assert "您的范围内没有这件诉求" in page
    assert as_("regulator").get("/ledgers/back").status_code == 403


def firm_writes(office: Office, firm: Enterprise, **values: Any) -> None:
    """A colleague corrects a firm on its page."""
    with transaction():
        found = db.session.get_one(Enterprise, firm.id)
        area = db.session.get_one(Area, found.area_id)
        draft = firms.Draft(**{"name": found.name, "uscc": found.uscc or "", "area": area, **values})
        firms.edit_enterprise(found, draft, actor=office.actor("district_admin"), now=utcnow())


def called_at(office: Office, firm: Enterprise, phone: str, name: str = "王兰") -> Contact:
    with transaction():
        found = queries.first_contacts([firm.id]).get(firm.id)
        draft = {"name": name, "duty": "店长", "phone": phone, "actor": office.actor("desk"), "now": utcnow()}
        return firms.save_contact(firm, found, **draft)


def edit_firm(sheet: Any, firm: Enterprise, title: str, value: Any) -> None:
    at = column(sheet, "企业编号") - 1
    row = next(row for row in sheet.iter_rows(min_row=2) if row[at].value == str(firm.id))
    row[column(sheet, title) - 1].value = value


def test_a_list_of_enterprises_comes_back_like_the_case_ledger(office: Office, as_: SignIn) -> None:
    mine, both, theirs, still, called, raced = (a_firm(office, name=f"临江老街{n}号店") for n in range(6))
    db.session.commit()
    for firm in (called, raced):
        called_at(office, firm, "13800138000")
    lead = as_("lead")
    book = book_of(lead.get("/enterprises/export.xlsx").data)
    sheet = sheet_of(book)
    edit_firm(sheet, mine, "地址", "南贤路1号")
    edit_firm(sheet, mine, "在营", "否")
    edit_firm(sheet, both, "地址", "南贤路2号")
    edit_firm(sheet, both, "行业", "餐饮")
    for firm in (called, raced):
        edit_firm(sheet, firm, "电话", "13911112222")
    firm_writes(office, both, address="柳堤路9号")
    firm_writes(office, theirs, address="柳堤路8号")
    called_at(office, raced, "13899998000")  # starred it reads as before
    location, page = send_back(lead, book, "企业.xlsx")
    made = db.session.scalars(sa.select(LedgerReturn)).one()
    kinds = {row.number: row.kind for row in db.session.scalars(sa.select(ReturnRow))}
    assert (made.list_name, made.rows_total, made.unchanged) == ("enterprises", 6, 2)
    assert kinds == {
        str(mine.id): "changed",
        str(both.id): "conflict",
        str(called.id): "changed",
        str(raced.id): "conflict",
    }
    assert f'<a href="/enterprises/{both.id}">{both.name}</a>' in page
    assert "13899998000" not in page
    assert lead.post(f"{location}/take", data={"version": "1", "reason": "核对名单"}).status_code == 303
    db.session.expire_all()
    found = [db.session.get_one(Enterprise, firm.id) for firm in (mine, both, theirs, still)]
    assert [firm.address for firm in found] == ["南贤路1号", "柳堤路9号", "柳堤路8号", ""]
    assert ([firm.active for firm in found], found[1].industry) == ([False, True, True, True], "餐饮")
    calls = queries.first_contacts([called.id, raced.id])
    assert [calls[firm.id].phone for firm in (called, raced)] == ["13911112222", "13899998000"]
    assert calls[called.id].name == "王兰", "what was not edited stays"
    facts = [row for row in chains.security_log().rows if row.verb == "EnterpriseCorrected"]
    entry = next(row for row in facts if row.data["enterprise"] == mine.id)
    assert entry.data["changes"] == {"address": ["", "南贤路1号"], "active": [True, False]}
    assert entry.data["reason"] == "核对名单 · 企业.xlsx"


def test_a_row_of_enterprises_that_cannot_be_written_says_why(office: Office, as_: SignIn) -> None:
    code, area, active, officer, name, moved, long = (a_firm(office, name=f"店{n}") for n in range(7))
    db.session.commit()
    lead = as_("lead")
    book = book_of(lead.get("/enterprises/export.xlsx").data)
    sheet = sheet_of(book)
    edit_firm(sheet, code, "信用代码", "123")
    edit_firm(sheet, area, "辖区", "没有这个地方")
    edit_firm(sheet, active, "在营", "大概")
    edit_firm(sheet, officer, "服务专员", "沈砚秋")
    edit_firm(sheet, name, "企业", long.name)
    edit_firm(sheet, long, "行业", "很" * 61)
    edit_firm(sheet, moved, "企业编号", "999999")
    case = a_case(office, State.IN_PROGRESS)
    other = sheet_of(book_of(lead.get("/cases/export.xlsx").data))
    sheet.append([*[None] * (column(sheet, "最近联系")), other.cell(2, other.max_column).value])
    _, page = send_back(lead, book)
    assert {row.kind for row in db.session.scalars(sa.select(ReturnRow))} == {"refused"}
    for said in (
        "信用代码",
        "没有这个地方",
        "写“是”或“否”",
        "到企业页面办理",
        "店6",
        "缩短到 60",
        "行标记属于编号",
        "行标记被改动过",
    ):
        assert said in page, said
    assert case.number not in page
    _, page = send_back(as_("desk_b"), book)
    assert "您的范围内没有这家企业" in page


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_what_comes_back_unedited_changes_nothing_whatever_the_language_and_form(
    office: Office, as_: SignIn, locale: str
) -> None:
    for text in ("=1+1", "'@x", "+86 电话", " 两端 ", "多行\n文字", "００１"):
        a_case(office, State.IN_PROGRESS, title=text or "x", text=f"{text}。", place=text, urgent=True)
        firm = a_firm(office, name=f"{text}店")
        firm.contacted_on, firm.address, firm.uscc = date(2020, 3, 1), text, None
        db.session.commit()
        called_at(office, firm, "13800138000", name=text)
    lead = as_("lead", locale=locale)
    for address, form in itertools.product(("/cases/export", "/enterprises/export"), ("xlsx", "csv")):
        data, op = lead.get(f"{address}.{form}").data, f"{address}{form}"
        answer = lead.post("/ledgers/back", data={"file": (io.BytesIO(data), f"a.{form}"), "op": op})
        assert answer.status_code == 303, answer.text
    made = list(db.session.scalars(sa.select(LedgerReturn)))
    assert [(one.rows_total, one.unchanged) for one in made] == [(6, 6)] * 4


def test_a_file_that_is_no_ledger_of_ours_is_refused_in_one_sentence(office: Office, as_: SignIn) -> None:
    book = Workbook()
    book.worksheets[0].append(["企业名称", "电话"])
    book.worksheets[0].append(["阿芝热干面馆", "13800138000"])
    answer = as_("lead").post("/ledgers/back", data={"file": (saved(book), "a.xlsx")})
    assert answer.status_code == 422
    assert "行标记" in answer.text
    assert as_("lead").post("/ledgers/back", data={}).status_code == 422
    assert as_("lead").post("/ledgers/back", data={"file": (io.BytesIO(b"\0\1"), "a.xlsx")}).status_code == 422


def test_a_code_that_is_taken_outside_ones_areas_is_refused_without_the_name_of_that_firm(
    office: Office, as_: SignIn
) -> None:
    mine, code = a_firm(office), "91440300708461136T"
    far = a_firm(office, name="柳堤某某药房", area="8801002")
    far.uscc = code
    db.session.commit()
    for who, told in (("officer", False), ("district_admin", True)):
        client = as_(who)
        book = book_of(client.get("/enterprises/export.xlsx").data)
        sheet = sheet_of(book)
        row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == str(mine.id))
        row[column(sheet, "信用代码") - 1].value = code
        _, page = send_back(client, book, f"{who}.xlsx")
        assert ("柳堤某某药房" in page) is told
        assert ("管辖范围以外" in page) is not told


def test_many_rows_are_taken_over_by_the_job_and_a_killed_one_goes_on(
    office: Office, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returns, "AT_ONCE", 1)
    cases = [a_case(office, State.IN_PROGRESS) for _ in range(3)]
    lead = as_("lead")
    book = book_of(lead.get("/cases/export.xlsx").data)
    for case in cases:
        edit(sheet_of(book), case.number, "地点", "新址")
    location, _ = send_back(lead, book)
    lead.post(f"{location}/take", data={"version": "1"})
    assert "正在收回" in lead.get(location).text
    made = db.session.scalars(sa.select(LedgerReturn)).one()
    done = db.session.scalars(sa.select(ReturnRow)).first()
    assert done is not None
    done.result = "done"  # as if the process had been killed after the first row
    made.status, made.beat_at = "running", utcnow() - timedelta(minutes=5)
    db.session.commit()

    assert jobs.take_back_ledgers(utcnow()) == 1
    db.session.expire_all()
    assert sorted(db.session.get_one(Case, case.id).place for case in cases).count("新址") == 2
    assert jobs.take_back_ledgers(utcnow()) == 0


def test_what_a_colleague_writes_in_the_very_moment_of_taking_over_is_not_lost(
    office: Office, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, lead, written = a_case(office, State.IN_PROGRESS), as_("lead"), list[str]()
    book = book_of(lead.get("/cases/export.xlsx").data)
    edit(sheet_of(book), case.number, "地点", "表里的")
    location, _ = send_back(lead, book)

    class Slow(CaseReader):
        """Somebody else writes just after it has read."""

        def standing(self, numbers: Collection[str]) -> dict[str, Standing]:
            found = super().standing(numbers)
            if not written and db.engine.dialect.name == "postgresql":  # on SQLite writers queue
                written.append("同事的")
                with db.engine.begin() as other:
                    values = {"place": "同事的", "version": Case.version + 1}
                    other.execute(sa.update(Case).where(Case.number == case.number).values(values))
            return found

    monkeypatch.setitem(RETURNING, "cases", replace(RETURNING["cases"], reader=Slow))
    lead.post(f"{location}/take", data={"version": "1"})
    db.session.expire_all()
    assert db.session.get_one(Case, case.id).place == (written or ["表里的"])[0]


def test_who_no_longer_sees_a_case_no_longer_reads_in_the_comparison_what_stands_there(
    office: Office, as_: SignIn
) -> None:
    case, lead = a_case(office, State.IN_PROGRESS, place="原址在此"), as_("lead")
    book = book_of(lead.get("/cases/export.xlsx").data)
    edit(sheet_of(book), case.number, "地点", "新址")
    location, page = send_back(lead, book)
    assert "原址在此" in page
    a_posting(office, "lead", unit="team2", role="lead", area="8801002", from_on=date(2020, 1, 2))
    gone = sa.and_(Posting.user_id == office.people["lead"].id, Posting.unit_id == office.units["team"].id)
    db.session.execute(sa.delete(Posting).where(gone))
    db.session.commit()
    page = as_("lead").get(location).text
    assert "1 行" in page
    assert "原址在此" not in page


def test_a_log_entry_names_what_left(office: Office) -> None:
    asked = Asked(office.actor("desk"), {"state": "waiting", "nonsense": "1"}, utcnow())
    with transaction():
        taking_out.note("cases", asked, Taken(3, 10, "ab"))
    entry = chains.security_log().rows[0]
    assert entry.data["filters"] == {"state": "waiting"}
    assert entry.data["name"] == LISTS["cases"].title


OWN = {
    "cases": ("cases", "external_ref title enterprise uscc type reply district place contact_name contact_phone text"),
    "problems": ("cases", "external_ref title enterprise type district text submitted_at"),
    "enterprises": ("enterprises", "name uscc district address industry size officer contact_name contact_phone"),
    "people": ("people", "unit_code unit username name phone role area partner from_on to_on"),
    "coverage": ("coverage", "enterprise uscc officer deputy"),
}


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_ledger_of_another_office_with_this_product_is_known_by_its_columns(app: Flask, locale: str) -> None:
    for listed, (target, fields) in OWN.items():
        with app.app_context(), speaking(locale), force_locale(LANGUAGES[locale]):
            headers = [gettext(title) for title, *_ in LISTS[listed].columns]
        assert set(fields.split()) <= set(map_columns(headers, target).fields), (listed, headers)


def test_a_path_as_our_ledgers_write_it_leads_to_its_place(office: Office) -> None:
    places = Places(office.areas.values())
    community = office.areas["8801001001"]
    district, subdistrict, name = community.path.split(" ▸ ")
    assert places.find(community.path, "", "", "").area is places.any_named(community.path) is community
    found = places.find(f"{district} ▸ {subdistrict} ▸ 没有的社区", "", "", "")
    assert found.area is office.areas["8801001"]
    assert "没有的社区" in str(found.notes)
    assert places.find(f"没有的区 ▸ {subdistrict} ▸ {name}", "", "", "").area is None


def test_what_is_wrong_with_a_cell_is_said_in_the_language_of_who_gives_it_back_not_of_the_file(
    office: Office, as_: SignIn
) -> None:
    case = a_case(office, State.IN_PROGRESS)
    book = book_of(as_("lead", locale="zh-CN").get("/cases/export.xlsx").data)
    edit(sheet_of(book), case.number, "事由", None)
    _, page = send_back(as_("lead", locale="en"), book)
    assert "Matter in one line: write what is wrong in a few words." in page


def test_a_file_says_its_filter_in_words(office: Office, as_: SignIn) -> None:
    a_case(office, State.IN_PROGRESS)
    a_firm(office)
    desk = as_("desk")
    about = book_of(desk.get("/cases/export.xlsx?scope=all&state=in_progress&urgent=").data)["导出说明"]
    assert ("筛选", "办理中") in about.iter_rows(values_only=True)
    assert not any(line[0] == "筛选" for line in book_of(desk.get("/cases/export.xlsx").data)["导出说明"].values)
    firms = book_of(desk.get("/ledgers/enterprises.xlsx?q=阿芝").data)["导出说明"]
    assert any(line[0] == "筛选" and "阿芝" in line[1] and "=" not in line[1] for line in firms.values)
