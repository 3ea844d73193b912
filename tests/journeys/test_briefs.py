"""A leader has a weekly brief written on a phone: waits for it, reads it, follows a figure to its rows, takes it along."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en")])
def test_a_brief_is_asked_for_read_and_followed_to_its_rows(desk_of: Any, width: str, language: str) -> None:
    desk = desk_of("leader", width, language)
    page = desk.page
    desk.open("/reports")
    desk.open("/reports/new?kind=daily")
    desk.fill("on", "2999-01-01")
    desk.send()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    desk.look()
    desk.fill("kind", "weekly")
    desk.fill("on", "2020-02-12")
    desk.send()
    expect(page).to_have_url(re.compile(r"/reports/\d+$"))
    expect(page.locator("#brief meter, #brief a[href$='brief.pdf']").first).to_be_visible()  # how far it is, or done
    expect(page.locator("#brief a[href$='brief.pdf']")).to_be_visible(timeout=40_000)  # it turns up by itself
    desk.look()
    said = "新收诉求" if language == "zh" else "reported in the week"
    expect(page.locator("main")).to_contain_text(said)
    number = page.locator("main a[href*='/rows?of=lying']").last
    n = int((number.text_content() or "").replace(",", ""))
    with page.expect_download() as download:
        page.locator("a[href$='brief.xlsx']").click()
    assert download.value.path().read_bytes().startswith(b"PK")
    number.click()
    expect(page).to_have_url(re.compile(r"/rows\?of=lying"))
    assert page.locator("td.no").count() == min(n, 50)
    desk.look()
    desk.open("/reports/plans/new")
    desk.open("/reports/plans")
