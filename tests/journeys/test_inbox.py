"""A dispatch in a real browser: the officer's phone says so, leads to the act, and is set to stay quiet at night."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en")])
def test_a_notice_leads_to_the_act_and_the_settings_are_kept(desk_of: Any, width: str, language: str) -> None:
    officer = desk_of("officer", width, language)
    page = officer.page
    officer.open("/inbox")
    line = page.locator(".cw-inbox li.cw-li a").first
    expect(line).to_be_visible()
    line.click()
    expect(page).to_have_url(re.compile(r"/cases/[0-9-]+(#e\d+|/commitments/\d+)$"))  # a promise may fall due meanwhile
    if "#" in page.url:
        expect(page.locator(f"#{page.url.rpartition('#')[2]}")).to_be_visible()
    officer.open("/inbox?show=unread")
    officer.open("/me/notices")
    officer.fill("quiet_from", "25:00")
    officer.send()
    expect(page.locator(".cw-err").first).to_be_visible()
    officer.look()
    officer.fill("quiet_from", "21:30")
    officer.send()
    expect(page.locator("[name=quiet_from]")).to_have_value("21:30")
    page.locator("form[action='/me/notices/feed'] button").click()
    expect(page.locator("code.cw-break")).to_contain_text("/calendar/")
    officer.look()


def test_whoever_runs_the_channels_finds_their_pages(desk_of: Any) -> None:
    lead = desk_of("lead", "phone", "zh")
    for path in ("/settings/robots", "/settings/robots/new", "/settings/robots/1"):
        lead.open(path)
    sysadmin = desk_of("sysadmin", "phone", "zh")
    for path in ("/settings/jobs", "/settings/deliveries", "/settings/webhooks", "/settings/webhooks/new"):
        sysadmin.open(path)
    desk_of("secadmin", "phone", "en").open("/settings/webhooks")
