"""One case on paper, in a real browser: precedents beside it, printed whole, checked by a stranger, seen by the auditor."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en")])
def test_a_case_is_printed_whole_and_checked_by_anyone(desk_of: Any, window_of: Any, width: str, language: str) -> None:
    desk = desk_of("lead", width, language)
    page = desk.page
    desk.open("/cases?scope=all&q=南贤广场二期")
    page.locator("main a[href^='/cases/9']").first.click()
    expect(page.locator("#precedents")).to_contain_text("南贤广场 37 户商户请求减免租金")
    desk.look()
    case = re.sub(r"[?#].*", "", page.url)
    desk.open(f"{case}/precedents")
    expect(page.locator("main")).to_contain_text("612,345.67")
    desk.open(f"{case}/file")
    page.locator("#full").check()
    desk.send()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    desk.look()
    page.locator("#full").uncheck()
    with page.expect_navigation():
        desk.send()
    desk.look()
    with page.expect_download() as download:
        page.locator("a[href$='case.pdf']").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    code = str(page.locator("main a[href^='/verify/']").get_attribute("href")).rsplit("/", 1)[1]
    stranger = window_of(width, language)
    stranger.open("/verify")
    stranger.page.locator("[name=code]").fill(code.lower())
    stranger.page.locator("main button[type=submit]").click()
    expect(stranger.page.locator("main")).to_contain_text(case.rsplit("/", 1)[1])
    stranger.look()
    auditor = desk_of("auditor", width, language)
    auditor.open("/audit")
    auditor.page.locator("main a[href='/audit/exports']").click()  # each register is a click from the other
    auditor.look()
    auditor.page.locator(f"a[href='/audit/cases/{case.rsplit('/', 1)[1]}']").first.click()
    expect(auditor.page.locator("main")).to_contain_text("lead")
    auditor.look()
    auditor.open("/audit/reveals?from=nonsense")
