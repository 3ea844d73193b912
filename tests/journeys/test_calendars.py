"""An officer on a Friday at 17:50 before a holiday, and the one who changes the calendar."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from casework.kernel.time import local_day, utcnow

WORKING = {
    "zh": ("2020年1月21日 周二 17:50", "1月19日 周日 计入", "3 个工作日"),
    "en": ("Tue", "Sun 19 Jan", "3 working days"),
}


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en")])
def test_a_page_says_what_a_careful_person_works_out_on_paper_and_how(desk_of: Any, width: str, language: str) -> None:
    """Ten minutes of Friday, the Sunday that is worked, Monday, and Tuesday without its last ten minutes."""
    officer = desk_of("officer", width, language)
    officer.open("/settings/calendars/try")
    officer.fill("start", "2020-01-17T17:50")
    officer.fill("amount", "3")
    officer.fill("unit", "days")
    officer.page.locator("main [name=calendar]").select_option(index=0)
    officer.page.locator("main form[action$='/try'] button").click()
    expect(officer.page.locator("main svg").first).to_be_visible()
    said = re.sub(r"[\s\u2009\u200a]+", " ", officer.page.locator("main").inner_text())
    for words in WORKING[language]:
        assert words in said.replace(" 年", "年").replace(" 月", "月").replace(" 日", "日"), said
    officer.look()


def test_a_day_off_is_shown_with_what_it_moves_before_it_counts(desk_of: Any) -> None:
    admin = desk_of("sysadmin", "desk", "zh")
    admin.open("/settings/calendars")
    admin.page.locator("main a[href^='/settings/calendars/']:not([href$=new]):not([href$=try])").first.click()
    address = re.compile(r"/settings/calendars/\d+")
    expect(admin.page).to_have_url(address)
    soon = local_day(utcnow()) + timedelta(days=60)
    day = soon + timedelta(days=(2 - soon.weekday()) % 7)
    form = admin.page.locator("form[action$='/days']")
    if not form.is_visible():
        admin.page.locator("details:has(form[action$='/days']) > summary").click()
    form.locator("[name=first]").fill(day.isoformat())
    form.locator("[name=kind][value=holiday]").check(force=True)
    form.locator("[name=name]").fill("市里临时放假")
    form.locator("[name=why]").fill("市政府通知")
    form.locator("button[value=show]").click()
    expect(admin.page.locator("#h-moves")).to_be_visible()
    admin.look()
    admin.page.locator("form[action$='/days'] button[value=make]").click()
    expect(admin.page).to_have_url(re.compile(rf"/settings/calendars/\d+\?year={day.year}"))
    expect(admin.page.locator("main")).to_contain_text("市里临时放假")
    admin.look()
