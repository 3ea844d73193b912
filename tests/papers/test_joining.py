"""Firms of a joint case from a list: each firm once, a total is no firm, and what does not add up is said."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from casework.cases import joint, queries
from casework.cases.workflow import State
from casework.demo.rent import SPREADSHEET
from casework.imports import joining, shares_in
from casework.kernel.db import db
from casework.kernel.errors import Refused
from casework.kernel.money import parse_yuan
from casework.sheets.reading import read_table
from tests.factories import NOW, a_case, an_office
from tests.papers.deals import Deal

HEAD = "商户名称\t月租金\t面积\n"
LIST = f"{HEAD}阿芝热干面馆\t5,000\t42.5\n周记牛骨粉\t5620.50\t\n"


def read(text: str) -> tuple[list[str], list[tuple[int, str | None, object]]]:
    firms, refused, _ = joining.joining_of(shares_in.table_of(None, text))
    return [firm.name for firm in firms], [
        (row.row, row.reason.field, row.reason.values.get("first")) for row in refused
    ]


@pytest.mark.parametrize("again", ["阿芝热干面馆", " 阿芝 热干面馆", "阿芝热干面馆\u3000"])
def test_a_tenant_listed_twice_is_refused_with_both_row_numbers(again: str) -> None:
    firms, refused = read(f"{LIST}{again}\t1\t1\n")
    assert (firms, refused) == (["阿芝热干面馆", "周记牛骨粉"], [(4, "name", 2)])


@pytest.mark.parametrize("word", ["合计", "合 计", "总计", "小计：", "共计", "Total"])
def test_a_total_is_not_taken_for_a_firm(word: str) -> None:
    assert read(f"{LIST}{word}\t10,620.50\t\n") == (["阿芝热干面馆", "周记牛骨粉"], [])
    assert read(f"{LIST}{word}\t\t42.5\n") == (["阿芝热干面馆", "周记牛骨粉"], []), "no figure, nothing to compare"


def test_a_total_that_is_not_the_sum_refuses_the_whole_with_both_figures() -> None:
    with pytest.raises(Refused) as refusal:
        read(f"{LIST}合计\t10,620.51\t\n")
    [reason] = refusal.value.reasons
    assert reason.values == {"row": 4, "said": "10,620.51", "sum": "10,620.50"}


def test_totals_of_parts_are_compared_with_their_parts() -> None:
    parts = f"{LIST}小计\t10,620.50\t\n拾光书屋\t100\t\n小计\t%s\t\n合计\t10,720.50\t\n"
    assert read(parts % "100") == (["阿芝热干面馆", "周记牛骨粉", "拾光书屋"], [])
    with pytest.raises(Refused) as refusal:
        read(parts % "101")
    assert refusal.value.reasons[0].values == {"row": 6, "said": "101.00", "sum": "100.00"}


def test_the_tenants_of_the_demo_are_thirty_seven_and_their_total_is_no_firm(tmp_path: Path) -> None:
    text = SPREADSHEET.read_text()
    firms, refused, _ = joining.joining_of(read_table(SPREADSHEET, "tenants.csv"))
    assert (len(firms), refused) == (37, [])
    rent = sum(firm.monthly_rent_fen or 0 for firm in firms)
    assert parse_yuan(text.splitlines()[-1].split(",")[2]) == rent
    changed = tmp_path / "changed.csv"
    changed.write_text(text.replace(text.splitlines()[1], text.splitlines()[1].replace("8800.00", "8800.01")))
    with pytest.raises(Refused):
        joining.joining_of(read_table(changed, "changed.csv"))


def test_a_firm_whose_name_begins_like_a_total_is_a_firm() -> None:
    firms, _ = read(f"{HEAD}总计划书店\t1\t\n合计\t1\t\n")
    assert firms == ["总计划书店"]


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        (f"{LIST}周记牛骨粉\t1\t1", "在第 3 行已有"),
        (f"{LIST}合计\t10,000\t", "10,620.50"),
    ],
)
def test_the_page_names_what_to_put_right_and_nobody_joins(
    deal: Deal, as_: Callable[..., FlaskClient], pasted: str, said: str
) -> None:
    before = len(queries.beneficiaries(deal.case.id))
    answer = as_("officer").post(f"/cases/{deal.case.number}/beneficiaries", data={"pasted": pasted})
    assert answer.status_code == 422
    assert said in answer.text
    assert pasted.splitlines()[1] in answer.text
    assert len(queries.beneficiaries(deal.case.id)) == before


def test_five_thousand_firms_join_at_once_and_one_more_does_not(app: Flask) -> None:
    office = an_office()
    case = a_case(office, State.IN_PROGRESS, joint=True)
    rows = "\n".join(f"第{no}号商户\t5,000\t42.5" for no in range(5_000))
    began = time.process_time()
    firms, refused, _ = joining.joining_of(shares_in.table_of(None, HEAD + rows))
    joint.add(case, firms, actor=office.actor("officer"), now=NOW)
    db.session.commit()
    assert time.process_time() - began < 5
    assert (len(queries.beneficiaries(case.id)), refused) == (5_000, [])
    with pytest.raises(Refused) as refusal:
        joint.add(case, [joint.Joining(name="第五千零一户")], actor=office.actor("officer"), now=NOW)
    assert refusal.value.reasons[0].values == {"limit": 5_000}
