"""Somebody remembers 南贤 and how a phone ended, and no more: the box, the palette and the keys lead there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(("width", "language"), [("desk", "zh"), ("phone", "en")])
def test_a_name_and_the_end_of_a_phone_lead_to_the_case(desk_of: Any, width: str, language: str) -> None:
    officer = desk_of("officer", width, language)
    page = officer.page
    officer.open("/")
    if width == "desk":
        page.keyboard.press("/")
        expect(page.locator("#find")).to_be_focused()
    else:
        page.locator(".cw-phonebar a[href='/search']").click()
        page.locator("#page").click()
    box, name = page.locator(":focus"), "find" if width == "desk" else "page"
    box.press_sequentially("南贤")
    expect(page.locator(f"#{name}-list mark").first).to_have_text("南贤")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", re.compile(f"^{name}-"))
    officer.look()
    page.keyboard.press("ArrowUp")  # from the first round to the last: everything
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q="))
    officer.look()
    page.locator("main [name=q]").fill("2206")
    page.keyboard.press("Enter")
    expect(page.locator("section[aria-labelledby=g-phone] li").first).to_contain_text("139****2206")
    page.locator("main [name=q]").fill("nx 2206")
    page.keyboard.press("Enter")
    line = page.locator("section[aria-labelledby=g-spread] li").first
    expect(line).to_contain_text("139****2206")
    officer.look()
    line.locator("a").click()
    expect(page).to_have_url(re.compile(r"/cases/\d+-\d{4}-\d{6}$"))
    expect(page.locator("main")).to_contain_text("139****2206")


def test_the_palette_and_the_keys_go_where_one_says(desk_of: Any) -> None:
    lead = desk_of("lead", "desk", "zh")
    page = lead.page
    lead.open("/search?q=租金")
    page.locator("section[aria-labelledby=g-case] a[href^='/cases/']").first.click()
    expect(page).to_have_url(re.compile(r"/cases/"))
    page.keyboard.press("Control+k")
    field, lines = page.locator("#palette-q"), page.locator("#palette [role=option]:visible")
    expect(page.locator("#palette-acts-1")).to_be_visible()
    lead.look()
    field.press_sequentially("jxfp")  # 绩效复盘, which there is not
    expect(page.locator("#palette [role=status]")).to_be_empty()  # it can be searched for all the same
    for words in ("租金", "南贤 2206"):  # finds that take the place of others: the first is marked again
        field.fill(words)
        expect(page.locator("#palette-found mark").first).to_have_text(words[:2])
        expect(lines.first).to_have_attribute("aria-selected", "true")
    field.fill("")
    field.press_sequentially("gzt")
    expect(lines.first).to_have_attribute("href", "/")
    expect(lines.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/$"))
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile(r"/cases$"))
    page.locator("#q").fill("g i ?")  # letters in a field stay letters
    expect(page).to_have_url(re.compile(r"/cases$"))
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys [data-close]")).to_be_focused()  # Enter shuts the list, and leaves the keys on
    lead.look()
    page.keyboard.press("Enter")
    lead.open("/reviews")
    page.keyboard.press("?")
    expect(page.locator("#keys [data-own-list] kbd").first).to_be_visible()  # what the queue has of its own
    lead.look()
