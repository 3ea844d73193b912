"""Rows that stay out go home in the officer's own workbook: its look is kept, nothing else of it travels."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

from casework.imports import home
from tests import factories
from tests.imports.test_import_pages import checked


@pytest.fixture
def desk(client, app):
    return factories.signed_in(client, factories.an_office().people["desk"])


def ledger():
    """A title, a header of two rows, a district merged over its rows, a total, notes; and what must not travel."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "企业"
    for row in (
        ["企业名单", None, None, None, None],
        ["所在区", "企业情况", None, "登记日期", None],
        [None, "企业名称", "信用代码", None, None],
        ["临江区", "甲公司", "", None, "旁注"],
        [None, "乙公司", "123", 43864, None],
        [None, "=丙&公司", "456", 43865.5, None],
        ["远方区", '=HYPERLINK("http://evil.example","丁公司")', "", None, None],
        ["合计", "4家", None, "=SUM(D5:D6)", None],
        [None, None, None, None, None],
        ["注：请勿更改表头", None, None, None, None],
    ):
        sheet.append(row)
    sheet["B6"].data_type = "s"
    for merge in ("A1:E1", "A2:A3", "B2:C2", "D2:D3", "A4:A6", "A10:E10"):
        sheet.merge_cells(merge)
    sheet["A1"].font = Font(size=20, bold=True)
    sheet["B5"].fill = PatternFill("solid", fgColor="FFFFFF00")
    sheet["B5"].border = Border(top=Side("thin"))
    sheet["D5"].number_format = sheet["D6"].number_format = "yyyy年m月d日"
    sheet["B5"].comment = Comment("内部意见", "某人")
    sheet.column_dimensions["B"].width = 33
    sheet.row_dimensions[1].height = 40
    sheet.freeze_panes = "B4"
    sheet.add_data_validation(DataValidation("list", "=密!$A$1:$A$2"))
    secret = book.create_sheet("密")
    secret.append(["不能外传"])
    secret.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def taken_home(client, location):
    return client.get(f"{location}/refused.xlsx").data


def test_the_ledger_comes_home_as_it_was_laid_out_with_only_the_rows_that_stay_out(desk):
    sheet = openpyxl.load_workbook(io.BytesIO(taken_home(desk, checked(desk, ledger(), name="企业.xlsx")))).active
    assert sheet.title == "企业"
    shown = [list(row[:5]) for row in sheet.values]
    assert shown[0][0] == "企业名单"
    assert shown[2][1:3] == ["企业名称", "信用代码"]
    assert shown[3][:3] == ["临江区", "乙公司", "123"]  # the district stood in a row that is in
    assert shown[4][1] == "=丙&公司"
    assert shown[-1][0] == "注：请勿更改表头"
    assert not any("合计" in row for row in shown), "a sum of rows that are not there would be false"
    assert (sheet["A1"].font.size, sheet["A1"].font.bold) == (20, True)
    assert sheet["B4"].fill.fgColor.rgb == "FFFFFF00"
    assert sheet["B4"].border.top.style == "thin"
    assert sheet["D4"].number_format == "yyyy年m月d日"
    assert sheet["D4"].value.isoformat().startswith("2020-02-03")
    assert (sheet.column_dimensions["B"].width, sheet.row_dimensions[1].height, sheet.freeze_panes) == (33, 40, "B4")
    merges = {str(merge) for merge in sheet.merged_cells.ranges}
    assert {"A1:E1", "A2:A3", "B2:C2", "A4:A5", "F2:F3"} <= merges
    assert sheet["F2"].value == "未导入原因"
    assert sheet["F4"].value.startswith("企业情况 / 信用代码：")
    assert sheet["F4"].fill.fgColor.rgb == "FFE4ECF7"


def test_nothing_but_values_and_their_look_travels(desk):
    made = taken_home(desk, checked(desk, ledger(), name="企业.xlsx"))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        names, whole = archive.namelist(), b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert not [name for name in names if "comment" in name or "drawing" in name or "sheet2" in name]
    for word in ("<f>", "<f ", "不能外传", "内部意见", "evil", "dataValidation", "hyperlink", "definedName"):
        assert word not in whole
    assert openpyxl.load_workbook(io.BytesIO(made)).active["B5"].data_type != "f"


def test_what_comes_home_twice_has_one_column_of_remarks(desk):
    first = taken_home(desk, checked(desk, ledger(), name="企业.xlsx"))
    again = openpyxl.load_workbook(io.BytesIO(first))
    again.active["C4"] = "999"
    stream = io.BytesIO()
    again.save(stream)
    location = checked(desk, stream.getvalue(), name="改了.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(taken_home(desk, location))).active
    said = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    assert said.count("未导入原因") == 1
    assert sheet["C4"].value == "999"
    assert sheet.max_column == 6


def test_of_a_long_table_the_columns_go_home_and_the_page_says_so(desk, monkeypatch):
    monkeypatch.setattr(home, "LAID_OUT_ROWS", 2)
    location = checked(desk, ledger(), name="企业.xlsx")
    assert "表较长" in desk.get(location).text
    sheet = openpyxl.load_workbook(io.BytesIO(taken_home(desk, location))).active
    assert [cell.value for cell in sheet[1]][:2] == ["所在区", "企业情况 / 企业名称"]
