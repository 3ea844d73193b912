"""Story C in a real browser: a shopkeeper tells a difficulty on a phone at night, and it has found its officer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.desk import Window

MOST_TAPS = 8  # beyond typing, from the poster to the code of the case
TOLD = {"phone": "房东一分租金都不肯减，三家店都快撑不住了。", "desk": "物业费也不肯缓，租金还涨了。"}


def _next(shop: Window, step: str, taps: list[str]) -> None:
    with shop.page.expect_navigation():
        shop.send()
    taps.append(step)
    expect(shop.page).to_have_url(re.compile(rf"/help-desk/{step}$"))
    shop.look()


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en")])
def test_a_difficulty_told_at_night_finds_its_officer(desk_of: Any, window_of: Any, width: str, language: str) -> None:
    shop = window_of(width, language)
    page = shop.page
    taps: list[str] = []
    shop.open("/help-desk?at=990104001001")
    _next(shop, "report/what", taps)
    _next_refused(shop)
    shop.fill("text", TOLD[width])
    _next(shop, "report/kind", taps)
    expect(page.locator("[name=kind][value=rent]")).to_be_checked()  # the words say so
    _next(shop, "report/firm", taps)
    shop.fill("firm", "htsm")
    shop.send()
    taps.append("find")
    expect(page.locator("[name=firm_id]").first).to_be_attached()
    shop.look()
    page.locator("label", has_text="恒通数码维修店").locator("input").check(force=True)
    taps.append("choose")
    _next(shop, "report/contact", taps)  # the poster said where it is
    shop.fill("name", "赖小军")
    shop.fill("phone", "139 0000 6640")
    _next(shop, "report/check", taps)
    page.reload()
    expect(page.locator("main")).to_contain_text(TOLD[width])
    _next(shop, "sent", taps)
    assert len(taps) <= MOST_TAPS, taps
    code = str(page.locator(".cw-code").text_content()).replace(" ", "")
    expect(page.locator("main")).to_contain_text("第 17 复工小组")

    other = window_of(width, language)  # from home, with code and digits
    other.open(f"/track/{code}")
    other.fill("digits", "6640")
    other.send()
    expect(other.page.locator("main")).to_contain_text("第 17 复工小组")
    other.look()
    other.page.locator("#m-text").fill("明天上午都在店里。")
    other.page.locator("form[action$='/reply'] button[type=submit]").click()
    expect(other.page.locator(".cw-talk")).to_contain_text("明天上午都在店里。")
    other.look()

    desk = desk_of("desk", width, language)
    desk.open("/cases?source=portal")
    desk.page.locator("main a", has_text=TOLD[width][:10]).first.click()
    expect(desk.page.locator("main")).to_contain_text("租金找房东")
    expect(desk.page.locator("main")).to_contain_text("明天上午都在店里。")
    desk.look()
    desk.open("/duty")
    desk.open("/settings/routing")
    admin = desk_of("district", width, language)
    for path in (
        "/settings/routing",
        "/settings/routing/new",
        "/settings/routing/1",
        "/settings/routing/1/try",
        "/duty",
        "/coverage",
        "/coverage/4?show=all",
        "/coverage/4/share",
        "/enterprises/1",
        "/help-desk/privacy",
    ):
        admin.open(path)


def _next_refused(shop: Window) -> None:
    shop.fill("text", "急")
    shop.send()
    expect(shop.page.locator("[aria-invalid=true]").first).to_have_value("急")
    shop.look()
