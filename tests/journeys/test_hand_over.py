"""A posting ends: the officer hands over at a desk, and the successor takes it over on a phone."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect


def test_an_officer_hands_over_and_the_successor_takes_it_over(desk_of: Any) -> None:
    leaver = desk_of("officer5", "desk", "en")
    page = leaver.page
    leaver.open("/")
    page.locator("main a", has_text="should hand over").click()
    leaver.look()
    expect(page.locator("[name=why]")).to_have_value("posting")
    leaver.send()
    expect(page).to_have_url(re.compile(r"/handover/\d+$"))
    here = page.url
    leaver.look()
    page.locator("[name='give:all']").select_option(label=_label(page, "邵一帆"))
    page.locator("[name='give:case']").select_option(label=_label(page, "温如玉"))
    with page.expect_navigation():
        page.get_by_role("button", name="Choose these").click()
    leaver.open(f"{here}/rows/firm")
    page.locator("main input[name^='note:']").first.fill("柯敏上午都在店里。")
    with page.expect_navigation():
        leaver.send()
    leaver.open(here)
    page.locator("[name='give:firm']").select_option(label=_label(page, "温如玉"))
    with page.expect_navigation():
        page.get_by_role("button", name="Choose these").click()
    leaver.look()
    leaver.open(f"{here}/send")
    leaver.fill("note", "柳堤路的台账在柜子第一格。")
    with page.expect_navigation():
        leaver.send()
    expect(page.locator("main")).to_contain_text("0 of 3 taken over")
    leaver.look()
    leaver.open(f"{here}/sheet")

    successor = desk_of("officer3", "phone", "zh")
    phone = successor.page
    successor.open("/")
    phone.locator("main a", has_text="接手高秋棠的工作").first.click()
    expect(phone.locator("h1")).to_contain_text("2 家企业、1 件诉求")
    expect(phone.locator("main")).to_contain_text("柯敏上午都在店里。")
    successor.look()
    with phone.expect_navigation():
        phone.get_by_role("button", name="全部接收（3 项）").click()
    expect(phone.locator("h1")).to_contain_text("1 家企业还不认识您")
    successor.look()
    phone.locator("main input[name=things]").first.check()
    with phone.expect_navigation():
        successor.send()
    expect(phone.locator("main")).to_contain_text("企业都已知道")
    successor.look()
    successor.open("/handover")

    leaver.open(here)
    expect(page.locator("h1")).to_contain_text("3 of 3 taken over")
    lead = desk_of("lead2", "desk", "zh")
    for path in ("/handover", "/handover/1", "/handover/1/rows/firm", "/handover/1/call-off", "/coverage"):
        lead.open(path)


def _label(page: Any, name: str) -> str:
    """How a person stands in the list, with the firms they have."""
    return str(page.locator("[name='give:all'] option", has_text=name).first.text_content())
