"""Cases are ticked in the list, tagged together, found by the tag, and all of it is taken back."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(("width", "language"), [("desk", "zh"), ("phone", "en")])
def test_cases_are_tagged_together_and_it_is_taken_back(desk_of: Any, width: str, language: str) -> None:
    desk = desk_of("lead", width, language)
    page, word = desk.page, f"复查{width}"
    desk.open("/cases")
    for row in (0, 1):
        page.locator("main [name=cases]").nth(row).focus()
        page.keyboard.press("Space")
    page.locator("#choose button[value=tag]").click()
    expect(page.locator("main [name=cases]:checked")).to_have_count(2)
    desk.look()
    desk.fill("word", word)
    with page.expect_navigation():
        desk.send()
    expect(page).to_have_url(re.compile(r"/cases/together/\d+$"))
    desk.look()
    result = page.url
    desk.open(f"/cases?tag={word}")
    expect(page.locator("main [name=cases]")).to_have_count(2)
    page.goto(result)
    with page.expect_navigation():
        page.locator("main form[action$='/undo'] button").click()
    desk.look()
    desk.open("/cases/together/acts")  # who left the page finds it again
    expect(page.locator(f"main a[href='{urlsplit(result).path}']").first).to_contain_text(word)
    desk.open(f"/cases?tag={word}")
    expect(page.locator("main [name=cases]")).to_have_count(0)
