"""The ledger goes to Excel and comes back while a colleague works on; a filter is kept as a view and undone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect


def column(sheet: Any, *titles: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value in titles)


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en")])
def test_an_edited_ledger_comes_back_beside_what_a_colleague_wrote(
    desk_of: Any, tmp_path: Path, width: str, language: str
) -> None:
    desk = desk_of("lead", width, language)
    page = desk.page
    desk.open("/ledgers")
    with page.expect_download() as taken:
        page.locator("a[href='/ledgers/cases.xlsx']").click()
    file = tmp_path / "台账.xlsx"
    taken.value.save_as(file)
    book = load_workbook(file)
    sheet = book.worksheets[0]
    place, number = column(sheet, "地点", "Place"), column(sheet, "诉求编号", "Case number")
    open_rows = [
        row for row in sheet.iter_rows(min_row=2) if page.request.get(f"/cases/{row[number - 1].value}/edit").ok
    ]
    one, both = open_rows[:2]
    one[place - 1].value, both[place - 1].value = f"一号楼 {width}", f"二号楼 {width}"
    one[column(sheet, "类型", "Type") - 1].value = "没有这一类"  # stays out alone
    book.save(file)

    desk.open(f"/cases/{both[number - 1].value}/edit")  # meanwhile, on the page of the case
    desk.fill("place", f"三号楼 {width}")
    with page.expect_navigation():
        desk.send()

    desk.open("/ledgers/back")
    page.locator("main [name=file]").set_input_files(file)
    with page.expect_navigation():
        desk.send()
    expect(page).to_have_url(re.compile(r"/ledgers/back/\d+$"))
    expect(page.locator("[name=mine]")).to_have_count(1)
    expect(page.locator("[aria-labelledby=h-cells]")).to_contain_text("没有这一类")
    for said in (f"一号楼 {width}", f"二号楼 {width}", f"三号楼 {width}"):
        expect(page.locator("main")).to_contain_text(said)
    desk.look()
    with page.expect_navigation():
        desk.send()
    desk.look()
    desk.open(f"/cases/{one[number - 1].value}")
    expect(page.locator("main")).to_contain_text(f"一号楼 {width}")
    desk.open(f"/cases/{both[number - 1].value}")
    expect(page.locator("main")).to_contain_text(f"三号楼 {width}")


def test_a_filter_is_kept_as_a_view_with_its_count_and_removed_and_brought_back(desk_of: Any) -> None:
    desk = desk_of("lead", "desk", "zh")
    page = desk.page
    desk.open("/cases?state=in_progress")
    page.locator("main a", has_text="保存为视图").click()
    desk.look()
    desk.fill("name", "在办件")
    desk.fill("every", "day")
    with page.expect_navigation():
        desk.send()
    chip = page.locator(".cw-saved a", has_text="在办件")
    expect(chip.locator("small")).to_have_text(re.compile(r"^\d+\+?$"))
    desk.look()
    page.locator("main a", has_text="已存视图").click()
    desk.look()
    page.locator("main form[action$='/remove'] button").click()
    expect(page.locator(".cw-toast")).to_contain_text("在办件")
    page.locator(".cw-toast form button").click()
    expect(page.locator("main li", has_text="在办件")).to_be_visible()
