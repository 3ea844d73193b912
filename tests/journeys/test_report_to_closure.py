"""The main job in a real browser: a difficulty goes from report to closure by five roles, on a phone and at a desk.

Every page on the way is checked by axe, must not scroll sideways, and must raise no violation of the content policy.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness.server import DEMO_PASSWORD
from tests.journeys.desk import SEND, WIDTHS


def _photo(folder: Path) -> Path:
    from PIL import Image

    path = folder / "协议.png"
    Image.new("RGB", (400, 300), "white").save(path)
    return path


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en")])
def test_a_case_goes_from_report_to_closure_by_five_roles(
    desk_of: Any, tmp_path: Path, width: str, language: str
) -> None:
    intake = desk_of("desk", width, language)
    intake.open("/cases/new")
    intake.fill("title", "商铺租金想缓交两个月")
    intake.fill("text", "两个月没有营业，想请房东缓交租金。")
    intake.fill("requester", "小满花坊")
    intake.fill("contact_name", "姚禾")
    intake.fill("contact_phone", "13900001122")
    intake.page.locator("[name=type_id]").select_option(index=1)
    community = intake.page.locator("[name=area_id] option", has_text="南贤社区").first.get_attribute("value")
    intake.page.locator("[name=area_id]").select_option(community)
    number = intake.report()
    intake.look()

    intake.act(number, "accept")
    intake.open(f"/cases/{number}/actions/dispatch")
    expect(intake.page.locator("[name=unit] option:checked")).to_have_text(re.compile("第 17 复工小组"))
    intake.page.locator("[name=officer]").select_option(label="沈砚秋")
    intake.send()
    expect(intake.page).to_have_url(re.compile(rf"/cases/{number}"))

    officer = desk_of("officer", width, language)
    officer.open("/")
    expect(officer.page.locator("main")).to_contain_text("商铺租金想缓交两个月")
    officer.act(number, "acknowledge")
    officer.act(number, "contact", {"way": "visit", "person": "姚禾", "text": "上门了解，房东愿意谈。"})

    lead = desk_of("lead", width, language)
    lead.open(f"/cases/{number}/actions/assign")
    lead.page.locator("[name=support]").first.evaluate("e => e.tagName")
    _choose(lead.page, "support", "陆景明")
    lead.fill("reason", "两人一起跑")
    lead.send()
    expect(lead.page).to_have_url(re.compile(rf"/cases/{number}"))

    officer.open(f"/cases/{number}/actions/submit_result")
    officer.fill("outcome", "solved")
    officer.fill("text", "房东同意缓交两个月，已签协议。")
    officer.send()
    expect(officer.page.locator("[role=alert]").first).to_be_visible()
    expect(officer.page.locator("[name=text]").first).to_have_value("房东同意缓交两个月，已签协议。")
    officer.look()

    officer.open(f"/cases/{number}")
    upload = officer.page.locator("form[action$='/attachments']")
    upload.locator("input[type=file]").first.set_input_files(_photo(tmp_path))
    upload.locator("[name=kind]").select_option(index=1)
    upload.locator("button[type=submit]").last.click()
    expect(officer.page).to_have_url(re.compile("#files$"))  # the name of the file stands there before it is sent
    expect(officer.page.locator("main")).to_contain_text("协议.png")
    officer.act(number, "submit_result", {"outcome": "solved", "text": "房东同意缓交两个月，已签协议。"})

    regulator = desk_of("regulator", width, language)
    regulator.open("/reviews")
    expect(regulator.page.locator("main")).to_contain_text("商铺租金想缓交两个月")
    regulator.open(f"/cases/{number}/actions/approve")
    for mark in regulator.page.locator("main input[name^=mark_][value=yes]").all():
        mark.check(force=True)
    regulator.send()
    expect(regulator.page).to_have_url(re.compile(r"/reviews(/|$)"))
    regulator.look()

    intake.act(
        number, "callback", {"result": "reached", "contacted": "yes", "solved": "yes", "satisfied": "5", "text": "谢谢"}
    )
    expect(intake.page.locator("main")).to_contain_text("Closed" if language == "en" else "已办结")
    officer.open(f"/cases/{number}")
    expect(officer.page.locator("main")).to_contain_text("Solved" if language == "en" else "已解决")


def _choose(page: Page, field: str, label: str) -> None:
    """Pick someone from a list of ticks or a multiple select."""
    control = page.locator(f"main [name={field}]").first
    if control.evaluate("e => e.tagName") == "SELECT":
        control.select_option(label=label)
    else:
        page.get_by_label(label).check(force=True)


PAGES = {
    "desk": ["/", "/cases", "/cases?scope=all&q=租金", "/cases/new", "/enterprises", "/areas", "/help", "/me"],
    "district": ["/", "/people", "/settings/case-types", "/settings/case-types/rent", "/imports", "/cases?due=late"],
    "secadmin": ["/security", "/me"],
}


@pytest.mark.parametrize("width", list(WIDTHS))
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("username", list(PAGES))
def test_the_main_pages_are_clean_at_both_widths(desk_of: Any, username: str, language: str, width: str) -> None:
    person = desk_of(username, width, language)
    for path in PAGES[username]:
        person.open(path)
        expect(person.page.locator("h1")).to_have_count(1)


def test_without_a_script_a_case_can_still_be_reported(browser: Browser, live_server: str) -> None:
    context = browser.new_context(
        base_url=live_server, java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("[name=username]").fill("desk")
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    page.locator("form[action='/sign-in'] button[type=submit]").click()
    page.goto("/cases/new")
    page.locator(SEND).last.click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    page.locator("[name=title]").fill("没有脚本也能提")
    page.locator("[name=text]").fill("手机太旧，脚本跑不动。")
    page.locator("[name=requester]").fill("老郑修鞋")
    page.locator("[name=type_id]").select_option(index=2)
    page.locator("[name=area_id]").select_option(index=3)
    page.locator(SEND).last.click()
    expect(page).to_have_url(re.compile(r"/cases/\d+-\d{4}-\d{6}$"))
    context.close()
