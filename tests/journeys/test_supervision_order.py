"""A supervision order in real browsers: issued on two cases, reported with a photo, returned, reported anew, written off."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.orders.office import PNG


def test_an_order_on_two_cases_is_answered_returned_answered_anew_and_written_off(desk_of: Any) -> None:
    regulator = desk_of("regulator", "desk", "en")
    page = regulator.page
    regulator.open("/orders")
    expect(page.locator("main")).to_contain_text("首次联系超时偏多")
    regulator.open("/cases?q=小区")
    page.locator("a", has_text="Issue a supervision order").first.click()
    regulator.look()
    boxes = page.locator("[name=cases]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    regulator.fill("title", "门岗口径不统一")
    regulator.send()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    regulator.look()
    regulator.fill("demands", "一、统一口径。\n二、附现场照片。")
    with page.expect_navigation():
        regulator.send()
    expect(page).to_have_url(re.compile(r"/orders/\d+$"))
    regulator.look()
    here = page.url
    with page.expect_download() as file:
        page.locator("a", has_text="DOCX").first.click()
    assert file.value.suggested_filename.endswith("督办单.docx")

    lead = desk_of("lead", "phone", "zh")
    lead.look()
    lead.page.locator("a", has_text="门岗口径不统一").first.click()
    expect(lead.page).to_have_url(here)
    lead.look()
    _act(lead, "receive")
    lead.page.locator("details.cw-why summary").first.click()
    expect(lead.page.locator("details.cw-why[open] svg.cw-strip").first).to_be_visible()
    lead.look()
    lead.page.goto(f"{here}/do/report")
    lead.page.locator("input[name=files]").first.set_input_files(
        {"name": "门岗.png", "mimeType": "image/png", "buffer": PNG}
    )
    _act(lead, "report", "两个小区已统一口径，照片附后。")
    expect(lead.page.locator(".cw-thumbs img")).to_be_visible()

    regulator.open(here)
    _act(regulator, "return", "缺逐户回访记录。")
    expect(page.locator("#round-2")).to_be_visible()
    _act(lead, "report", "已逐户回访，三户都能进。")
    _act(regulator, "verify", "抽查两户属实。")
    _act(regulator, "write_off", "办结销号。")
    expect(page.locator("main")).to_contain_text("written off")
    page.locator("section", has_text="The cases").locator("a").first.click()
    expect(page.locator("#h-orders")).to_be_visible()
    regulator.look()


def _act(who: Any, name: str, text: str = "") -> None:
    here = re.sub(r"/do/.*", "", who.page.url)
    if not who.page.url.endswith(f"/do/{name}"):
        who.open(f"{here}/do/{name}")
    if text:
        who.fill("text", text)
    who.look()
    with who.page.expect_navigation():
        who.send()
    expect(who.page).to_have_url(here)
    who.look()
