"""A week that is planned anew: by the form, by dragging, and back; the lead sees it in the week of the team."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from casework.agenda import rules
from casework.kernel.time import local, local_day, utcnow

FIRM = "锦川包装制品厂"


def monday() -> date:
    today = local_day(utcnow())
    return today + (7 - today.weekday()) * timedelta(days=1)


def stands_on(page: Page, day: date) -> None:
    expect(page.locator(f"#d-{day} .k-visit", has_text=FIRM)).to_be_visible()


def _agreed(officer: Any) -> None:
    """A visit of this week that is still to come; that of the demo may have been made already."""
    page = officer.page
    officer.open("/week")
    if page.locator(".k-visit", has_text=FIRM).locator(".cw-slot-m").count():
        return
    officer.open("/enterprises")
    firm = page.locator("main a[href^='/enterprises/']", has_text=FIRM).first.get_attribute("href").rsplit("/", 1)[1]
    officer.open(f"/visits/{firm}/agree")
    officer.fill("at", (local(utcnow()) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M"))
    officer.send()
    expect(page).not_to_have_url(re.compile("/agree"))


def test_an_officer_moves_a_visit_by_the_form_and_by_dragging_and_back(desk_of: Any) -> None:
    officer = desk_of("officer", "desk", "zh")
    page = officer.page
    _agreed(officer)
    officer.open("/")
    page.locator("main a[href='/week']").click()
    officer.look()
    page.locator(".k-visit", has_text=FIRM).locator(".cw-slot-m").click()
    officer.look()
    officer.fill("day", "2020-03-16")
    officer.fill("reason", "厂里盘点")
    officer.send()
    expect(page.locator("main")).to_contain_text("已经过去")
    officer.look()
    first, other = monday() + timedelta(days=1), monday() + timedelta(days=3)
    officer.fill("day", first.isoformat())
    officer.send()
    if page.locator("input[name=sure]").count():  # a holiday of the year: asked, and meant
        page.locator("input[name=sure]").check()
        officer.send()
    expect(page.locator(".cw-toast")).to_contain_text(FIRM)
    here = f"/week?week={rules.week_name(monday())}"
    officer.open(here)
    stands_on(page, first)

    # by the mouse, and where it stood before
    page.drag_and_drop(f"#d-{first} .k-visit", f"#d-{other}")
    expect(page.locator("main")).to_be_visible()
    if "/week/move/" in page.url:  # asked likewise
        page.locator("input[name=sure]").check()
        officer.send()
    expect(page.locator(".cw-toast")).to_contain_text(FIRM)
    stands_on(page, other)
    officer.look()
    page.locator(".cw-toast form button").first.click()
    expect(page.locator(".cw-toast")).to_contain_text("恢复")
    stands_on(page, first)

    # a deadline is no thing to drag
    expect(page.locator(".k-deadline[draggable]")).to_have_count(0)

    phone = desk_of("officer", "phone", "en")
    phone.open(here)
    phone.page.locator(".k-visit .cw-slot-m").first.click()
    phone.look()
    expect(phone.page.locator("main")).to_contain_text("Move to another day")
    phone.fill("day", other.isoformat())
    phone.fill("reason", "the works counts its stock")
    phone.send()
    if phone.page.locator("input[name=sure]").count():
        phone.page.locator("input[name=sure]").check()
        phone.send()
    expect(phone.page).to_have_url(re.compile("week="))
    phone.look()

    lead = desk_of("lead", "desk", "zh")
    lead.open(f"/team/week?week={rules.week_name(monday())}")
    expect(lead.page.locator(f"td[data-day='{other}'] .k-visit", has_text=FIRM)).to_be_visible()
    lead.page.get_by_role("link", name="沈砚秋").click()
    lead.look()
    small = desk_of("lead", "phone", "zh")
    small.open("/team/week")
