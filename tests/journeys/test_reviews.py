"""A review by keyboard, returned with reasons and approved the second time; two at once; a bad rating opens rework."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

PAGES = {
    "regulator": ["/reviews", "/reviews/samples", "/reviews/samples/1", "/reviews/together"],
    "desk2": ["/call-backs"],
    "district": ["/settings/countersigning", "/reviews/samples"],
}


def first_of(person: Any, path: str) -> str:
    """The address that the first line of a queue leads to."""
    person.open(path)
    href = person.page.locator("tbody a").first.get_attribute("href")
    assert href
    return str(href)


def test_a_result_is_reviewed_by_keyboard_returned_mended_and_approved(desk_of: Any) -> None:
    regulator = desk_of("regulator", "desk", "zh")
    page = regulator.page
    regulator.open("/reviews?stage=first")
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile(r"/reviews/\d+-\d{4}-\d{6}"))
    regulator.look()
    expect(page.locator("[data-keys] kbd").first).to_be_visible()
    number = re.search(r"/reviews/([\d-]+)", page.url)[1]  # type: ignore[index]
    page.keyboard.press("m")
    expect(page.locator("#act input[name^=mark_][value=yes]:checked")).to_have_count(3)
    page.keyboard.press("r")
    expect(page.locator("#act [name=note]")).to_be_focused()
    page.keyboard.type("协议缺房东签字 arm")  # the letters of keys are letters in a text
    page.locator("#act input[name=mark_signed][value=no]").check(force=True)
    page.locator("#act [name=note_signed]").fill("只有一方签字")
    page.locator("#act input[name=mark_signed][value=no]").focus()
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile(rf"/reviews(?!/{number})"))

    officer = desk_of("officer", "phone", "zh")
    officer.open(f"/cases/{number}")
    expect(officer.page.locator("main")).to_contain_text("只有一方签字")
    expect(officer.page.locator("main")).to_contain_text("协议缺房东签字")
    officer.act(number, "submit_result", {"outcome": "solved", "text": "已补房东签字。"})

    regulator.open(f"/reviews/{number}")
    expect(page.locator("main")).to_contain_text("只有一方签字")
    page.keyboard.press("m")
    page.keyboard.press("a")
    expect(page).to_have_url(re.compile(rf"/reviews(?!/{number})"))
    regulator.open(f"/cases/{number}")
    expect(page.locator("main")).to_contain_text("审核通过")


def test_of_two_who_sign_at_once_the_second_is_told(desk_of: Any) -> None:
    one, other = desk_of("leader", "desk", "zh"), desk_of("leader", "phone", "zh")
    address = first_of(one, "/reviews?stage=second")
    one.open(address)
    other.open(address)
    one.page.keyboard.press("c")
    expect(one.page).to_have_url(re.compile(r"/reviews(\?|$)"))
    other.send()
    expect(other.page.locator("[role=alert]").first).to_contain_text("会签")
    other.look()


@pytest.mark.parametrize("width", ["phone", "desk"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_are_clean_at_both_widths(desk_of: Any, language: str, width: str) -> None:
    for person, paths in PAGES.items():
        desk = desk_of(person, width, language)
        for path in paths:
            desk.open(path)
            expect(desk.page.locator("h1")).to_have_count(1)
    desk = desk_of("desk2", width, language)
    desk.open(first_of(desk, "/call-backs"))


def test_a_bad_rating_by_link_opens_rework_with_a_clock_of_its_own(desk_of: Any, window_of: Any) -> None:
    desk = desk_of("desk2", "desk", "zh")
    address = first_of(desk, "/call-backs")
    number = re.search(r"/call-backs/([\d-]+)", address)[1]  # type: ignore[index]
    desk.open(address)
    text = desk.page.locator("#t-link").input_value()
    firm = window_of("phone", "zh")
    firm.open("/rate/" + re.search(r"/rate/([\w-]+)", text)[1])  # type: ignore[index]
    for field, value in (("contacted", "yes"), ("solved", "no"), ("satisfied", "2"), ("text", "还差一个月没落实")):
        firm.fill(field, value)
    firm.send()
    expect(firm.page.locator("h1")).to_contain_text("谢谢")
    firm.look()
    lead = desk_of("lead", "desk", "zh")
    lead.open(f"/cases/{number}")
    expect(lead.page.locator("main")).to_contain_text("还差一个月没落实")
    expect(lead.page.locator(".cw-facts")).to_contain_text("重办")
