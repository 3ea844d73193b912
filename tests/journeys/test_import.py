"""An officer with yesterday's ledger from another office: its columns, what would happen, the rest mended, taken back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import expect


def ledger(path: Path, mark: str) -> Path:
    """A merged title, a header of two rows, one row that cannot go in, a total and a note."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "问题台账"
    rows = [
        ["复工复产问题台账"],
        ["序号", "问题编号", "单位情况", None, "所在区", "问题", "上报日期"],
        [None, None, "名称", "联系方式", None, None, None],
        [1, f"{mark}-1", "江城甲食品有限公司", "王一 13800000001", "临江区", f"{mark}商场停业请求减租", "2020.2.3"],
        [2, f"{mark}-2", "江城乙食品有限公司", "王二13800000002", "远方区", f"{mark}口罩没有到货", "2020年2月4日"],
        ["合计", None, None, None, None, "2件", None],
        ["注：请勿更改表头"],
    ]
    for row in rows:
        sheet.append(row)
    for merge in ("A1:G1", "A2:A3", "B2:B3", "C2:D2", "E2:E3", "F2:F3", "G2:G3", "A7:G7"):
        sheet.merge_cells(merge)
    book.save(path)
    return path


@pytest.mark.parametrize(("width", "language"), [("desk", "zh"), ("phone", "en")])
def test_a_messy_ledger_comes_in_its_rest_is_mended_and_all_of_it_is_taken_back(
    desk_of: Any, tmp_path: Path, width: str, language: str
) -> None:
    desk = desk_of("desk", width, language)
    page = desk.page
    upload(desk, ledger(tmp_path / f"{width}.xlsx", width.upper()))
    if page.url.endswith("/columns"):  # the other window may have taught the layout already
        desk.look()
        page.locator("#col_2").select_option("enterprise")
        page.locator("#col_5").select_option("title")
        desk.send()
    expect(page).to_have_url(re.compile(r"/imports/\d+$"))
    expect(page.get_by_text("远方区")).to_be_visible()
    desk.look()
    desk.send()
    expect(page.locator("a[href$='/undo']")).to_be_visible()
    run = page.url
    with page.expect_download() as home:
        page.locator("a[href$='/refused.xlsx']").click()
    home.value.save_as(tmp_path / "home.xlsx")
    mended = openpyxl.load_workbook(tmp_path / "home.xlsx")
    [wrong] = [cell for row in mended.active for cell in row if cell.value == "远方区"]  # at home the sheet is laid out
    wrong.value = "临江区"
    mended.save(tmp_path / "mended.xlsx")
    upload(desk, tmp_path / "mended.xlsx")
    expect(page).to_have_url(re.compile(r"/imports/\d+$"))  # its columns are known
    desk.send()
    expect(page.locator("a[href$='/undo']")).to_be_visible()
    page.goto(run)
    page.locator("a[href$='/undo']").click()
    desk.fill("reason", "别的区的台账，导错了")
    desk.look()
    desk.send()
    expect(page).to_have_url(run)
    expect(page.locator("#undo-h")).to_contain_text("1")
    desk.look()


def upload(desk: Any, path: Path) -> None:
    """Choose cases and the file, and send both."""
    desk.page.goto("/imports/new?target=cases")
    desk.page.locator("input[type=file]").first.set_input_files(path)
    desk.send()
    desk.page.wait_for_url(re.compile(r"/imports/\d+"))
