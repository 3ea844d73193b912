"""One obstacle, many cases, in a real browser: found by what they say, put together, moved together."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en")])
def test_cases_that_are_alike_are_put_together_and_moved_together(desk_of: Any, width: str, language: str) -> None:
    desk = desk_of("desk", width, language)
    page = desk.page
    desk.open("/common-issues")
    expect(page.locator("main")).to_contain_text("小区门岗不认区里发的通行证")
    page.locator("main a", has_text="小区门岗不认区里发的通行证").first.click()
    desk.look()
    desk.open("/common-issues/suggested")
    if width == "phone":
        page.locator("section", has_text="口罩").locator("button[type=submit], form button").first.click()
    else:
        desk.open("/common-issues/new?q=口罩")
        for box in page.locator("[name=cases]").all():
            box.check()
    desk.look()
    desk.fill("title", "")
    desk.send()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    desk.look()
    if width == "desk":
        return  # the phone has put them together
    desk.fill("title", "口罩供货商停发")
    desk.fill("why", "同一批货源")
    with page.expect_navigation():
        desk.send()
    expect(page).to_have_url(re.compile(r"/common-issues/\d+$"))
    desk.look()
    here = page.url
    desk.open(f"{here}/move/note")
    desk.fill("text", "区里明天统一调货")
    with page.expect_navigation():
        desk.send()
    expect(page).to_have_url(re.compile(r"/moves/\d+$"))
    expect(page.locator("#move")).to_contain_text("4 件中办成 4 件")
    desk.look()
    desk.open(f"{here}/move/dispatch")
    expect(page.locator("#h-held")).to_be_visible()  # one is only submitted
    desk.open(f"{here}/remove")
    page.locator("[name=cases]").first.check()
    desk.fill("why", "另有货源")
    with page.expect_navigation():
        desk.send()
    expect(page.locator("main")).to_contain_text("另有货源")
    desk.look()
    for path in ("/settle", "/edit", "/add"):
        desk.open(f"{here}{path}")
