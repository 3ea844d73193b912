"""The allocation as a workbook: opened again it says who gets what, why, and what a new version changed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from casework.cases import joint
from casework.cases.models import Beneficiary
from casework.kernel.db import db
from casework.kernel.time import local_day
from casework.negotiations import receipts
from casework.negotiations.models import Allocation
from casework.negotiations.words import Basis
from casework.papers import allocation_sheet
from tests.factories import NOW, an_office
from tests.papers.deals import Deal, a_deal


def book(app: Flask, deal: Deal, allocation: Allocation) -> Any:
    out = io.BytesIO()
    with app.test_request_context():
        allocation_sheet.write(out, deal.case, "南贤置业", deal.agreement, allocation)
    return openpyxl.load_workbook(out)


def table(sheet: Any) -> tuple[list[str], list[dict[str, Any]]]:
    """The lines above the table, and its rows by header."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = next(at for at, row in enumerate(rows) if row[1] is not None)
    return [str(row[0]) for row in rows[:head]], [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :]]


def test_the_sheet_says_whose_it_is_and_every_share_with_its_working(app: Flask, deal: Deal) -> None:
    workbook = book(app, deal, deal.allocate())
    assert len(workbook.sheetnames) == 1, "a first version has nothing to be compared with"
    above, rows = table(workbook.active)
    said = "\n".join(above)
    for word in (
        deal.case.number,
        "南贤广场请求免租",
        "南贤置业",
        "10,000.00",
        "第 1 版",
        "月租",
        "舍去",
        "15,000",
        "余 1 分",
    ):
        assert word in said, word
    firms, total = rows[:-1], rows[-1]
    assert [row["商户"] for row in firms] == ["阿芝热干面馆", "周记牛骨粉", "=拾光书屋"]
    assert [row["序号"] for row in firms] == [1, 2, 3]
    assert [row["信用代码"] for row in firms] == ["91440300708461136T", None, None]
    assert [row["月租（元）"] for row in firms] == [5000, 5000, 5000]
    assert [row["面积（㎡）"] for row in firms] == [42.5, 30, 10]
    assert [row["精确值（元）"] for row in firms] == [3333.3333] * 3
    assert [row["减免（元）"] for row in firms] == [3333.34, 3333.33, 3333.33]
    assert [row["尾差（分）"] for row in firms] == [1, None, None]
    assert total["商户"] == "合计"
    assert total["减免（元）"] == 10_000
    assert workbook.active.auto_filter.ref.endswith(f"K{workbook.active.max_row - 1}"), "sorting leaves the total below"


def test_no_text_of_the_sheet_is_a_formula(app: Flask, deal: Deal) -> None:
    deal.case.title = '=HYPERLINK("x")'
    workbook = book(app, deal, deal.allocate())
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert [cell.quotePrefix for cell in cells if str(cell.value) == "=拾光书屋"] == [True]
    [code] = [cell for cell in cells if cell.value == "91440300708461136T"]
    assert code.data_type == "s"


@pytest.mark.parametrize("basis", [Basis.RENT, Basis.AREA, Basis.EQUAL])
def test_the_total_row_is_the_agreement_whatever_it_is_shared_by(app: Flask, deal: Deal, basis: Basis) -> None:
    _, rows = table(book(app, deal, deal.allocate(basis)).active)
    assert round(sum(row["减免（元）"] for row in rows[:-1]), 2) == rows[-1]["减免（元）"] == 10_000
    assert all(abs(row["减免（元）"] - row["精确值（元）"]) < 0.01 for row in rows[:-1])


def test_what_arrived_stands_beside_what_is_outstanding(app: Flask, deal: Deal) -> None:
    allocation = deal.allocate()
    deal.confirm()
    firm = db.session.get_one(Beneficiary, deal.firms()[0].id)
    receipts.confirm_by_officer(
        deal.case, deal.agreement, firm, 100_000, local_day(NOW), "收据", actor=deal.office.actor("officer"), now=NOW
    )
    _, rows = table(book(app, deal, allocation).active)
    assert [(row["已到账"], row["待到账"]) for row in (rows[0], rows[-1])] == [(1000, 2333.34), (1000, 9000)]


def test_a_new_version_is_set_beside_the_one_before_with_its_reason(app: Flask, deal: Deal) -> None:
    deal.allocate()
    shares = {"阿芝热干面馆": 400_000, "周记牛骨粉": 333_333, "=拾光书屋": 266_667}
    second = deal.allocate(Basis.HAND, "拾光书屋只营业了半月", **shares)
    workbook = book(app, deal, second)
    main, changes = workbook.sheetnames
    above, rows = table(workbook[main])
    assert "第 2 版" in "\n".join(above)
    assert "舍去" not in "\n".join(above), "what was decided by hand follows no rounding rule"
    assert [row["减免（元）"] for row in rows] == [4000, 3333.33, 2666.67, 10_000]
    _, rows = table(workbook[changes])
    assert [(row["商户"], row["原来"], row["现在"], row["差额"]) for row in rows] == [
        ("阿芝热干面馆", 3333.34, 4000, 666.66),
        ("周记牛骨粉", 3333.33, 3333.33, 0),
        ("=拾光书屋", 3333.33, 2666.67, -666.66),
    ]
    assert [row["理由"] for row in rows] == ["拾光书屋只营业了半月", None, "拾光书屋只营业了半月"]


def test_five_thousand_firms_stand_in_it_one_by_one(app: Flask) -> None:
    firms = [joint.Joining(name=f"第{no}号商户", monthly_rent_fen=100_000 + no) for no in range(5_000)]
    deal = a_deal(an_office(), firms, total_fen=61_234_567)
    allocation = deal.allocate()
    out = io.BytesIO()
    with app.test_request_context():
        allocation_sheet.write(out, deal.case, "南贤置业", deal.agreement, allocation)
    _, rows = table(openpyxl.load_workbook(out).active)
    assert (len(rows), rows[-1]["减免（元）"]) == (5_001, 612_345.67)


def test_the_page_gives_the_version_that_counts_or_the_one_asked_for(
    deal: Deal, as_: Callable[..., FlaskClient]
) -> None:
    officer = as_("officer")
    url = f"/cases/{deal.case.number}/agreements/{deal.agreement.id}/allocation.xlsx"
    assert officer.get(url).status_code == 404, "nothing is shared out yet"
    deal.allocate()
    deal.allocate(Basis.AREA, "按面积更公平")
    for query, version in (("", "第 2 版"), ("?no=1", "第 1 版")):
        answer = officer.get(url + query)
        assert answer.status_code == 200
        above, _ = table(openpyxl.load_workbook(io.BytesIO(answer.data)).active)
        assert version in "\n".join(above)
    assert officer.get(f"{url}?no=3").status_code == 404
    assert officer.get(f"{url}?no=x").status_code == 404
    assert officer.get(f"/cases/{deal.case.number}/agreements/999/allocation.xlsx").status_code == 404
