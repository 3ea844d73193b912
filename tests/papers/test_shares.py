"""Shares by hand: typed, pasted, or the sheet that was sent out, edited and sent back. Nothing is half done."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from casework.audit import queries as audit
from casework.cases import joint
from casework.imports import shares_in
from casework.kernel.errors import Refused
from casework.negotiations import ledger
from casework.negotiations.shares import Firm
from casework.negotiations.words import Basis
from casework.sheets.reading import read_table
from tests.factories import an_office
from tests.papers.deals import Deal, a_deal

FIRMS = [Firm(1, "阿芝热干面馆"), Firm(2, "周记牛骨粉"), Firm(3, "=拾光书屋")]


def read(text: str, firms: list[Firm] = FIRMS) -> tuple[dict[int, int], list[tuple[int, str | None, str]]]:
    found, refused = shares_in.shares(shares_in.table_of(None, text), firms)
    return found, [(row.row, row.reason.field, str(row.reason)) for row in refused]


def test_rows_are_known_by_name_in_any_order_with_headers_or_without() -> None:
    expected = {1: 400_000, 2: 333_333, 3: 266_667}
    rows = "=拾光书屋\t2,666.67\n周记 牛骨粉\t3333.33元\n阿芝热干面馆\t4000"
    assert read(rows) == (expected, [])
    assert read(f"商户名称\t应得\n{rows}") == (expected, [])
    with_numbers = "序号\t商户\t月租（元）\t减免（元）\n" + "\n".join(
        f"{no}\t{name}\t5000\t{share}" for no, (name, share) in enumerate([row.split("\t") for row in rows.split("\n")])
    )
    assert read(with_numbers) == (expected, [])
    assert read("阿芝热干面馆，4000\n周记牛骨粉，3333.3300000000004\n=拾光书屋，2666.67") == (expected, [])


def test_every_row_that_does_not_fit_is_named_with_what_to_put_right() -> None:
    rows = (
        "商户\t减免\n阿芝热干面馆\t4000\n阿芝 热干面馆\t1\n周记牛骨粉\t\n=拾光书屋\t-5\n甲店\t5\n周记牛骨粉\t1.234\n\t7"
    )
    found, refused = read(rows)
    assert found == {1: 400_000}
    assert [(row, field) for row, field, _ in refused] == [
        (3, "name"),
        (4, "share"),
        (5, "share"),
        (6, "name"),
        (7, "name"),
        (8, "name"),
    ]
    for (_, _, said), word in zip(
        refused, ("row 2", "has no sum", "below 0", "does not share", "row 4", "has none"), strict=True
    ):
        assert word in said


def test_a_sum_that_is_none_is_named_with_its_firm() -> None:
    _, refused = read("商户\t减免\n阿芝热干面馆\t1.234\n周记牛骨粉\t很多\n=拾光书屋\t0")
    assert [(row, "at most two decimals" in said) for row, _, said in refused] == [(2, True), (3, True)]


@pytest.mark.parametrize("text", ["1e400", "9" * 30, "9" * 5_000, "NaN", "inf", "0x10", "=1+1"])
def test_a_number_that_no_sum_can_be_is_refused_in_its_row(text: str) -> None:
    _, refused = read(f"商户\t减免\n阿芝热干面馆\t{text}")
    assert [(row, field) for row, field, _ in refused] == [(2, "share")]


def test_a_total_that_is_not_the_sum_of_its_rows_is_refused_with_both_figures() -> None:
    rows = "商户\t减免\n阿芝热干面馆\t4000\n周记牛骨粉\t3333.33\n=拾光书屋\t2666.67\n合计\t"
    assert read(f"{rows}10,000.00")[1] == []
    with pytest.raises(Refused) as refusal:
        read(f"{rows}10,000.01")
    [reason] = refusal.value.reasons
    assert (reason.values["said"], reason.values["sum"]) == ("10,000.01", "10,000.00")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "合计\t5",
        "商户\t减免\n合计\t5",
        "只有名字\n另一个",
        "商户\t月租\n阿芝热干面馆\t5",
        "商户\t减免（万元）\n阿芝热干面馆\t5",
    ],
)
def test_a_table_that_cannot_be_read_so_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(text)
    assert len(refusal.value.reasons) == 1


def test_firms_of_one_name_in_two_cases_take_its_rows_in_order() -> None:
    twins = [Firm(1, "周记牛骨粉"), Firm(2, "周记牛骨粉")]
    assert read("商户\t减免\n周记牛骨粉\t1\n周记牛骨粉\t2", twins) == ({1: 100, 2: 200}, [])
    _, refused = read("商户\t减免\n周记牛骨粉\t1\n周记牛骨粉\t2\n周记牛骨粉\t3", twins)
    assert [row for row, *_ in refused] == [4]


# -- the page


def url(deal: Deal, what: str = "shares") -> str:
    return f"/cases/{deal.case.number}/agreements/{deal.agreement.id}/{what}"


def inputs(deal: Deal, *texts: str) -> dict[str, str]:
    return {f"share_{firm.id}": text for firm, text in zip(deal.firms(), texts, strict=True)}


def current(deal: Deal) -> list[int]:
    last = ledger.current_allocation(deal.agreement.id)
    return [ledger.share_of(last.id, firm.id) for firm in deal.firms()] if last else []


def test_shares_typed_beside_the_firms_become_the_first_version(deal: Deal, as_: Callable[..., FlaskClient]) -> None:
    officer = as_("officer")
    assert officer.get(url(deal)).text.count('name="share_') == 3
    answer = officer.post(url(deal), data={"after": "0", **inputs(deal, "4,000", "3333.33", "2666.67")})
    assert (answer.status_code, answer.location) == (303, url(deal, "shares").removesuffix("/shares"))
    assert current(deal) == [400_000, 333_333, 266_667]


def test_the_form_shows_the_present_shares_to_be_changed(deal: Deal, as_: Callable[..., FlaskClient]) -> None:
    deal.allocate()
    page = as_("officer").get(url(deal)).text
    assert re.findall(r'name="share_\d+" value="([^"]*)"', page) == ["3,333.34", "3,333.33", "3,333.33"]
    assert 'name="after" value="1"' in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("4000", "3333.33", "2666.66"), "9,999.99"),
        (("4000", "-1", "2666.66"), "小于 0"),
        (("4000", "很多", "2666.66"), "周记牛骨粉”写的“很多"),
        (("4000", "", "6000"), "周记牛骨粉"),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    deal: Deal, as_: Callable[..., FlaskClient], typed: tuple[str, ...], said: str
) -> None:
    answer = as_("officer").post(url(deal), data={"after": "0", **inputs(deal, *typed)})
    assert answer.status_code == 422
    assert said in answer.text
    assert re.findall(r'name="share_\d+" value="([^"]*)"', answer.text) == list(typed)
    assert current(deal) == []


def test_a_new_version_says_why_and_knows_of_the_one_before(deal: Deal, as_: Callable[..., FlaskClient]) -> None:
    deal.allocate()
    officer, typed = as_("officer"), inputs(deal, "4000", "3000", "3000")
    assert officer.post(url(deal), data={"after": "1", **typed}).status_code == 422
    stale = officer.post(url(deal), data={"after": "0", "reason": "商定", **typed})
    assert (stale.status_code, 'name="after" value="1"' in stale.text) == (409, True)
    assert 'value="4000"' in stale.text
    assert officer.post(url(deal), data={"after": "1", "reason": "商定", **typed}).status_code == 303
    assert current(deal) == [400_000, 300_000, 300_000]


def test_rows_that_do_not_fit_are_shown_and_the_pasted_text_is_kept(
    deal: Deal, as_: Callable[..., FlaskClient]
) -> None:
    answer = as_("officer").post(url(deal), data={"after": "0", "pasted": "商户\t减免\n甲店\t10000\n周记牛骨粉\t"})
    assert answer.status_code == 422
    for word in ("甲店", "不参加本次分摊", "没有写金额", "<td>2</td>", "<td>3</td>", "2 行要改"):
        assert word in answer.text, word
    assert "商户\t减免\n甲店\t10000" in answer.text.replace("\r", "")
    assert current(deal) == []


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_sheet_sent_out_comes_back_edited(
    deal: Deal, as_: Callable[..., FlaskClient], tmp_path: Path, locale: str
) -> None:
    deal.allocate()
    deal.allocate(Basis.AREA, "按面积")
    officer = as_("officer", locale=locale)
    book = openpyxl.load_workbook(io.BytesIO(officer.get(url(deal, "allocation.xlsx")).data))
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows() if row[1].value)
    share = next(cell for cell in head if cell.value in ("减免（元）", "Share (yuan)")).column
    for row, value in zip(range(head[0].row + 1, head[0].row + 4), (4000, 3333.33, 2666.67), strict=True):
        sheet.cell(row, share).value = value
    edited = tmp_path / "back.xlsx"
    book.save(edited)
    assert len(read_table(edited, "x").rows) == 3
    answer = officer.post(
        url(deal),
        data={"after": "2", "reason": "商定", "file": (io.BytesIO(edited.read_bytes()), "back.xlsx")},
    )
    assert answer.status_code == 303, answer.text
    assert current(deal) == [400_000, 333_333, 266_667]


def test_more_than_two_hundred_firms_are_shared_by_spreadsheet_only(
    app: Flask, client: FlaskClient, query_count: Callable[[], object]
) -> None:
    from tests.factories import signed_in

    firms = [joint.Joining(name=f"第{no}号商户", monthly_rent_fen=100_000) for no in range(201)]
    deal = a_deal(an_office(), firms, total_fen=201_00)
    deal.allocate()
    officer = signed_in(client, deal.office.people["officer"])
    with query_count() as sent:  # type: ignore[attr-defined]
        page = officer.get(url(deal)).text
    assert 'name="share_' not in page
    assert len(sent) < 20
    assert officer.post(url(deal), data={"after": "1", "reason": "商定"}).status_code == 422
    rows = "\n".join(f"第{no}号商户\t1" for no in range(201))
    assert officer.post(url(deal), data={"after": "1", "reason": "商定", "pasted": rows}).status_code == 303
    assert set(current(deal)) == {100}


def test_documents_and_shares_are_for_those_who_read_or_agree(deal: Deal, as_: Callable[..., FlaskClient]) -> None:
    deal.allocate()
    expected = {
        "officer": (200, 200),
        "regulator": (200, 403),
        "desk": (200, 403),
        "officer3": (404, 404),
        "desk_b": (404, 403),
        "sysadmin": (403, 403),
    }
    for name, (reads, agrees) in expected.items():
        person = as_(name)
        assert person.get(url(deal, "allocation.xlsx")).status_code == reads, name
        assert person.get(url(deal, "agreement.docx")).status_code == reads, name
        assert person.get(url(deal)).status_code == agrees, name
        assert person.post(url(deal), data={"after": "1"}).status_code == (422 if agrees == 200 else agrees), name


def test_an_agreement_of_another_case_is_not_found(deal: Deal, as_: Callable[..., FlaskClient]) -> None:
    other = a_deal(deal.office)
    other.allocate()
    officer = as_("officer")
    for what in ("allocation.xlsx", "agreement.docx", "shares"):
        assert officer.get(url(other, what)).status_code == 200
        strange = f"/cases/{deal.case.number}/agreements/{other.agreement.id}/{what}"
        assert officer.get(strange).status_code == 404, what


def test_every_document_that_leaves_is_in_the_security_log(deal: Deal, as_: Callable[..., FlaskClient]) -> None:
    deal.allocate()
    officer = as_("officer")
    officer.get(url(deal, "allocation.xlsx"))
    officer.get(url(deal, "agreement.docx"))
    entries = [entry for entry in audit.security_log().rows if entry.verb == "AgreementExported"]
    assert [entry.data["what"] for entry in entries] == ["agreement", "allocation 1"]
    assert {entry.data["case"] for entry in entries} == {deal.case.number}
