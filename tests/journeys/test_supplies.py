"""Supplies in a real browser: a case asks, half is delivered, the board shows what is short, a transfer closes it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.desk import Desk

CASE = "错峰用电申请"  # of the demo, in the hands of the first team
MASKS = "医用口罩"


def _press(desk: Desk, name: str, value: str) -> None:
    with desk.page.expect_navigation():
        desk.page.locator(f"main button[name='{name}'][value='{value}']").click()
    desk.look()


def _sent(desk: Desk) -> None:
    with desk.page.expect_navigation():
        desk.send()
    desk.look()


def _in_stock(desk: Desk, unit: str) -> str:
    """Open a unit's page by its name: its address."""
    desk.open("/supplies")
    desk.page.locator("main a", has_text=unit).first.click()
    expect(desk.page).to_have_url(re.compile(r"/supplies/\d+$"))
    desk.look()
    return desk.page.url


def _short(desk: Desk) -> str:
    """What the board says of the first team's masks; empty when nothing is short."""
    desk.open("/coverage")
    row = desk.page.locator("section[aria-labelledby=h-sup] li", has_text="第 17 复工小组").filter(has_text=MASKS)
    return str(row.first.text_content()) if row.count() else ""


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en")])
def test_masks_are_asked_for_delivered_in_part_and_sent_from_the_other_team(
    desk_of: Any, width: str, language: str
) -> None:
    lead = desk_of("lead", width, language)
    lead2 = desk_of("lead2", width, language)
    admin = desk_of("district", width, language)
    officer = desk_of("officer", width, language)

    # The officer asks for as many masks as the team has not got.
    officer.open(f"/cases?q={CASE}&scope=all")
    officer.page.locator("main table a", has_text=CASE).first.click()
    expect(officer.page).to_have_url(re.compile(r"/cases/[\d-]+$"))
    case = officer.page.url
    officer.open(f"{case}/supplies/new")
    item = officer.page.locator("main select[name=item_0] option", has_text=MASKS)
    officer.fill("item_0", str(item.get_attribute("value")))
    officer.fill("quantity_0", "两千")
    _sent(officer)
    expect(officer.page.locator("[name=quantity_0]")).to_have_value("两千")
    officer.fill("quantity_0", "2,000")
    _sent(officer)
    expect(officer.page.locator("#supplies")).to_contain_text(MASKS)
    line = officer.page.locator("#supplies a[href^='/supplies/requests/']").last.get_attribute("href")

    # The lead takes some in and delivers a part of it.
    unit = _in_stock(lead, "第 17 复工小组")
    lead.open(f"{unit}/in")
    item = lead.page.locator("main select[name=item_id] option", has_text=MASKS)
    lead.fill("item_id", str(item.get_attribute("value")))
    lead.fill("quantity", "1000")
    lead.fill("batch", f"KZ-{width}")
    lead.fill("source", "区防疫物资组")
    _sent(lead)
    lead.open(str(line))
    own = lead.page.locator("main select[name=stock] option", has_text=f"KZ-{width}")
    lead.fill("stock", str(own.get_attribute("value")))
    lead.fill("quantity", "1000")
    lead.fill("receiver", "仓管 小陈")
    _sent(lead)
    expect(lead.page.locator("main")).to_contain_text("仓管 小陈")
    before = _short(admin)
    assert MASKS in before

    # The other team sends what is missing; it counts once it has arrived.
    _in_stock(lead2, "第 21 复工小组")
    lead2.page.locator(f"main a[aria-label*='{MASKS} KZ-2302'][href$='/send']").click()
    lead2.look()
    to = lead2.page.locator("main select[name=to_unit] option", has_text="第 17 复工小组")
    lead2.fill("to_unit", str(to.get_attribute("value")))
    lead2.fill("quantity", "2,200")
    _sent(lead2)
    assert _short(admin) != ""  # under way is not there yet
    lead.open("/supplies/transfers")
    while (row := lead.page.locator("main ul a[href^='/supplies/transfers/']")).count():
        lead.open(str(row.first.get_attribute("href")))
        _press(lead, "do", "receive")
        lead.open("/supplies/transfers")
    assert _short(admin) == ""

    lead.open(str(line))
    lead.fill("quantity", "1000")
    lead.fill("receiver", "仓管 小陈")
    lead.page.locator("main select[name=stock]").select_option(
        index=lead.page.locator("[name=stock] option").count() - 1
    )
    _sent(lead)
    officer.open(case)
    expect(officer.page.locator("#supplies")).to_contain_text({"zh": "已送齐", "en": "delivered"}[language])
    for path in ("/supplies", "/supplies/requests", "/supplies/stock", "/supplies/items", "/supplies/items/new"):
        admin.open(path)
    lead.open(f"{unit}?kind=in")
    lead.page.locator("main a[href$='/reverse']").first.click()
    lead.look()
