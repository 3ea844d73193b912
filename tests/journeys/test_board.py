"""A leader on a phone and the command room before its wall look at the same place in figures."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

WALL = {"width": 1920, "height": 1080}


@pytest.mark.parametrize(
    ("username", "width", "language", "theme"),
    [
        ("leader", "phone", "zh", "light"),
        ("leader", "phone", "en", "dark"),
        ("district", "desk", "en", "dark"),
        ("regulator", "desk", "zh", "light"),
    ],
)
def test_a_number_on_the_board_leads_to_its_cases(
    desk_of: Any, username: str, width: str, language: str, theme: str
) -> None:
    reader = desk_of(username, width, language)
    reader.open(f"/board?theme={theme}")
    expect(reader.page.locator("html")).to_have_attribute("data-bs-theme", theme)
    expect(reader.page.locator(".asof b")).to_have_text(re.compile(r"\d\d:\d\d"))
    reader.page.locator(".flow summary").click()
    expect(reader.page.locator(".flow tbody tr")).to_have_count(14)
    reader.look()
    number = reader.page.locator(".kpis .v a").first
    said = int(number.inner_text())
    number.click()
    expect(reader.page).to_have_url(re.compile(r"/cases\?area=\d+"))
    expect(reader.page.locator("#list tbody tr")).to_have_count(said)
    reader.look()


def test_the_wall_is_filled_without_scrolling_and_counts_anew_by_itself(desk_of: Any) -> None:
    wall = desk_of("district", "desk", "zh")
    wall.page.set_viewport_size(WALL)
    wall.open("/board?theme=dark")
    high = wall.page.evaluate("document.documentElement.scrollHeight")
    assert high <= WALL["height"], f"the wall scrolls by {high - WALL['height']} px"
    with wall.page.expect_response(lambda answer: "/board" in answer.url, timeout=60_000) as told:
        pass  # nobody touches it
    assert told.value.ok
    expect(wall.page.locator("#figures")).to_have_count(1)
    wall.look()
    for rows in ("relief", "processes"):
        wall.open(f"/board/{rows}")
