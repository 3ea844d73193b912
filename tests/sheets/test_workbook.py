"""What we write opens as text, numbers and dates, and reads back as it was."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.sheets.reading import read_table
from casework.sheets.text import clean, guarded, plain
from casework.sheets.workbook import Column, write_csv, write_workbook

PAYLOADS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    " =1",
    "\u3000=1",
    "\ufeff=1",
    "\u200b=1",
    "'=1",
    "''=1",
    '=HYPERLINK("http://example.invalid","x")',
]
COLUMNS = [
    Column("企业名称"),
    Column("月租金", "money"),
    Column("提出时间", "datetime"),
    Column("日期", "date"),
    Column("户数", "number"),
]
MOMENT = datetime(2020, 2, 3, 17, 30, tzinfo=UTC)


def test_money_is_a_number_in_yuan_and_a_moment_is_a_date_in_shanghai() -> None:
    out = io.BytesIO()
    assert (
        write_workbook(
            out,
            "案件清单",
            COLUMNS,
            [["甲厂", 880_050, MOMENT, MOMENT, 37], ["乙厂", None, None, None, None]],
        )
        == 2
    )
    sheet = openpyxl.load_workbook(out)["案件清单"]
    name, money, moment, day, count = sheet[2]
    assert (money.value, money.number_format) == (8800.5, "#,##0.00")
    assert moment.value == datetime(2020, 2, 4, 1, 30)  # noqa: DTZ001
    assert day.value == datetime(2020, 2, 4)  # noqa: DTZ001
    assert (name.value, count.value) == ("甲厂", 37)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:E3")


@pytest.mark.parametrize("payload", [one for one in PAYLOADS if "\0" not in one])
def test_no_text_becomes_a_formula_or_a_link(payload: str) -> None:
    out = io.BytesIO()
    write_workbook(out, "x", [Column("备注")], [[payload], ["http://example.invalid"], ["12"]])
    sheet = openpyxl.load_workbook(out).active
    assert [cell.data_type for (cell,) in sheet["A2:A4"]] == ["s", "s", "s"]
    assert sheet["A2"].quotePrefix
    assert not sheet["A3"].quotePrefix
    assert not sheet._hyperlinks


def test_a_text_longer_than_a_cell_ends_in_an_ellipsis() -> None:
    out = io.BytesIO()
    write_workbook(out, "x", [Column("备注")], [["长" * 40_000]])
    value = str(openpyxl.load_workbook(out).active["A2"].value)
    assert (len(value), value[-1]) == (32_767, "…")


@pytest.mark.parametrize("title", ["", "a/b:c*d?e[f]", "很长" * 40, "'引号'"])
def test_any_title_gives_a_lawful_sheet_name(title: str) -> None:
    out = io.BytesIO()
    write_workbook(out, title, [Column("备注")], [])
    assert 1 <= len(openpyxl.load_workbook(out).sheetnames[0]) <= 31


def test_csv_begins_with_a_mark_and_guards_formulas() -> None:
    out = io.BytesIO()
    assert write_csv(out, COLUMNS, [["=1+1", -880_050, MOMENT, MOMENT, -3]]) == 1
    assert (
        out.getvalue()
        == ("\ufeff企业名称,月租金,提出时间,日期,户数\r\n'=1+1,-8800.50,2020-02-04 01:30,2020-02-04,-3\r\n").encode()
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_every_formula_like_text_is_guarded_and_comes_back(payload: str) -> None:
    assert guarded(payload) == f"'{payload}"
    assert plain(guarded(payload)) == payload


@given(st.text(alphabet=st.sampled_from("'=+-@ \t\n甲1\u3000\ufeff＝")))
def test_guarding_and_reading_is_the_identity(text: str) -> None:
    assert plain(guarded(text)) == text


@pytest.mark.parametrize("write", [write_csv, lambda out, columns, rows: write_workbook(out, "x", columns, rows)])
def test_what_is_exported_imports_as_it_was(write: object, tmp_path: Path) -> None:
    texts = [clean(payload) for payload in PAYLOADS if "\0" not in payload] + [
        "甲\n乙",
        "a,b",
        'say "x"',
        "007",
    ]
    path = tmp_path / "out"
    with path.open("wb") as out:
        write(out, [Column("企业名称"), Column("备注")], [["甲厂", text] for text in texts])  # type: ignore[operator]
    assert [row.cells[1] for row in read_table(path, "out").rows] == texts
