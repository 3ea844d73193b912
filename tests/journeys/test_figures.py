"""A regulator reads figures in a real browser: every number on the board is followed to its rows and counted there."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

YEAR = "span=year&on=2020-02-01"


def counted(page: Page) -> None:
    """Nothing waits to be counted: asked again until it is so, as the page itself promises within a minute."""
    while page.locator("main", has_text=re.compile("还没有计入|still to be counted")).count():
        page.reload()


def numbers(page: Page) -> list[tuple[str, int]]:
    """The links of the board with the number of rows that each promises."""
    found = []
    for link in page.locator("main a[href*='/rows?']").all():
        said = (link.text_content() or "").replace(",", "")
        if said.isdigit():
            found.append((link.get_attribute("href") or "", int(said)))
    return found


@pytest.mark.parametrize(("width", "language"), [("desk", "zh"), ("phone", "en")])
def test_every_number_on_the_board_has_its_rows(desk_of: Any, width: str, language: str) -> None:
    desk = desk_of("district", width, language)
    page = desk.page
    desk.open(f"/kpis?{YEAR}")
    counted(page)
    expect(page.locator("main")).to_contain_text("612,345.67")  # what the tenants of the plaza confirmed
    board = numbers(page)
    mine = [(href, n) for href, n in board if parse_qs(urlparse(href).query)["on"] == ["2020-01-01"]]
    assert len(mine) > 30
    assert sum(n for _, n in mine) > 50
    for href, n in mine if width == "desk" else mine[:6]:
        page.goto(href)
        assert page.locator("td.no").count() == n, href
    desk.look()
    for path in ("/kpis/satisfaction", "/kpis/definitions", "/kpis/paths"):
        desk.open(f"{path}?{YEAR}")
    desk.open("/kpis?span=week&on=2001-01-01")
    desk.open("/kpis/paths?span=week&on=2001-01-01")  # nothing there: the pages say what to do next


def test_a_reviewer_leaves_a_case_out_and_the_story_keeps_it(desk_of: Any) -> None:
    desk = desk_of("regulator", "phone", "zh")
    page = desk.page
    desk.open(f"/kpis/satisfaction/rows?{YEAR}")
    page.locator("td.t a").first.click()
    desk.look()
    here = page.url
    desk.fill("reason", "")
    desk.send()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    desk.fill("reason", "与另一件重复登记")
    with page.expect_navigation():
        desk.send()
    expect(page.locator("main")).to_contain_text("与另一件重复登记")
    desk.look()
    desk.open(here.removesuffix("/figures"))
    expect(page.locator("main")).to_contain_text("从指标中剔除")
