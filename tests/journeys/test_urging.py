"""A late case in a real browser: it is before the leader, who urges; the officer's phone says so; the leader ticks it off."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

WORDS = {"zh": ("更多操作", "催办", "货在门口，下午三点前给答复"), "en": ("More actions", "Urge", "An answer by three")}


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en")])
def test_what_is_late_is_brought_before_the_leader_and_urged(desk_of: Any, width: str, language: str) -> None:
    more, urge, reason = WORDS[language]
    leader = desk_of("leader", width, language)
    page = leader.page
    leader.open("/")
    brought = page.locator("section[aria-labelledby='g-brought'] li")
    count = brought.count()
    brought.first.locator("a").first.click()
    here = page.url
    page.locator(f"summary[aria-label='{more}']:visible").first.click()
    page.get_by_role("link", name=urge).first.click()
    leader.send()
    expect(page.locator(".cw-err").first).to_be_visible()
    leader.look()
    leader.fill("reason", reason)
    leader.send()
    expect(page).to_have_url(here)
    expect(page.get_by_text(reason).first).to_be_attached()
    leader.look()
    leader.open("/")
    brought.first.locator("button").click()
    expect(brought).to_have_count(count - 1)
    leader.look()


def test_the_officer_reads_of_it_and_the_district_sees_whom_its_ladder_would_tell(desk_of: Any) -> None:
    officer = desk_of("officer", "phone", "zh")
    officer.open("/inbox")
    expect(officer.page.get_by_role("link", name="催办").first).to_be_visible()
    district = desk_of("district", "desk", "zh")
    district.open("/settings/escalation")
    district.fill("area_leader", "4")
    district.fill("area_leader_unit", "hours")
    district.page.locator("button[value=show]").click()
    expect(district.page.locator("#h-would")).to_be_visible()
    district.look()
