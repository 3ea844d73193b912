"""A day on foot, on a phone: the officer and the helper each work their list, the lead gives one away."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect


def test_an_officer_and_a_helper_each_work_their_list(desk_of: Any) -> None:
    officer = desk_of("officer", "phone", "zh")
    page = officer.page
    officer.open("/")
    page.locator("main a[href='/visits']").first.click()
    officer.look()
    overdue = page.locator("#overdue .cw-stop", has_text="阿芝热干面馆")
    expect(overdue).to_be_visible()
    overdue.locator("summary").click()
    officer.look()
    overdue.locator("[name=text]").fill("房东答应周五回话。")
    overdue.get_by_role("button", name=re.compile("见到了")).click()
    expect(page.locator("#done")).to_contain_text("房东答应周五回话。")
    expect(page.locator("#overdue .cw-stop", has_text="阿芝热干面馆")).to_have_count(0)
    officer.look()

    page.locator("#today").get_by_role("link", name="锦川包装制品厂").click()
    officer.look()
    officer.fill("text", "")
    officer.send()
    expect(page.locator("main")).to_contain_text("请简单写明说了什么")
    officer.look()
    officer.fill("met", "nobody")
    officer.send()
    expect(page.locator("#done")).to_contain_text("明天再排")
    for path in ("/visits/3", "/visits/3/agree", "/visits/3/plan", "/visits/plans", "/care", "/care/2", "/care/new"):
        officer.open(path)

    helper = desk_of("helper", "phone", "zh")
    page = helper.page
    helper.open("/visits")
    expect(page.locator("#overdue")).to_contain_text("罗桂珍")
    expect(page.locator("#today")).to_contain_text("恒通数码维修店")
    expect(page.locator("main")).not_to_contain_text("拾光文化")
    page.locator("#overdue").get_by_role("link", name="罗桂珍").first.click()
    helper.look()
    helper.fill("condition", "help")
    helper.fill("text", "降压药只剩一天。")
    helper.send()
    expect(page.locator("main")).to_contain_text("降压药只剩一天。")
    helper.open("/visits")
    expect(page.locator("main")).not_to_contain_text("罗桂珍")
    page.locator("#today").get_by_role("link", name="恒通数码维修店").click()
    helper.look()
    page.locator("#contacts button").first.click()
    expect(page.locator("a[href^='tel:']")).to_be_visible()
    helper.look()
    helper.open("/")

    lead = desk_of("lead", "phone", "zh")
    lead.open("/visits/team")
    expect(lead.page.locator("main")).to_contain_text("何小满")
    lead.open("/care")
    expect(lead.page.locator("main")).to_contain_text("罗**")
    lead.open("/care/1")

    admin = desk_of("district", "desk", "en")
    for path in ("/care", "/visits/presets", "/visits/plans", "/enterprises/1"):
        admin.open(path)
