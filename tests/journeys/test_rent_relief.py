"""Story A in a real browser: three visits, one landlord, 37 tenants, 612,345.67 yuan, from the report to the rating.

Told by the officer on the stairs, the landlord with a link, the tenants with theirs, the team lead and the regulator.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from casework.config import ROOT
from tests.journeys.desk import Desk, Window

TENANTS = ROOT / "casework" / "demo" / "tenants.csv"
TITLE = "南贤广场 37 户请求免租"
ROUNDS = (
    ("refuses", "960,000", "0", "业主说自己也要还贷。"),
    ("conditional", "800,000", "160,000", "银行肯展期再谈。"),
    ("agrees", "640,000", "612,345.67", "银行已同意展期，租金可以让，二房东那 11 户也要传到底。"),
)


def _report(desk_of: Any, width: str, language: str) -> tuple[Desk, str]:
    intake = desk_of("desk", width, language)
    intake.open("/cases/new")
    for field, value in (
        ("title", TITLE),
        ("text", "广场 37 户两个月没有营业，请业主免租。"),
        ("requester", "阿芝热干面馆"),
        ("contact_name", "何秀芝"),
        ("contact_phone", "13900002206"),
        ("type_id", "1"),
    ):
        intake.fill(field, value)
    community = intake.page.locator("[name=area_id] option", has_text="南贤社区").first.get_attribute("value")
    intake.page.locator("[name=area_id]").select_option(community)
    number = intake.report()
    intake.act(number, "accept")
    intake.open(f"/cases/{number}/actions/dispatch")
    intake.page.locator("[name=officer]").select_option(label="沈砚秋")
    intake.send()
    expect(intake.page).to_have_url(re.compile(rf"/cases/{number}"))
    return intake, number


def _tenants_join(officer: Desk, number: str) -> None:
    officer.act(number, "acknowledge")
    officer.act(number, "contact", {"way": "call", "person": "何秀芝", "text": "约定明天上门。"})
    officer.open(f"/cases/{number}/beneficiaries")
    officer.page.locator("main input[type=file]").first.set_input_files(TENANTS)
    officer.send()
    expect(officer.page.locator("#money")).to_contain_text("37")
    officer.look()


def _three_visits(officer: Desk, number: str) -> None:
    for place, (stance, ask, offer, said) in enumerate(ROUNDS):
        officer.open(f"/cases/{number}/rounds/new")
        page = officer.page
        if place == 0:
            officer.fill("name", "南贤商业管理有限公司")
        page.locator(f"[name=stance][value={stance}]").check(force=True)
        officer.fill("said", said)
        page.locator("summary", has=page.locator("xpath=..//*[@name='ask_amount']")).first.evaluate(
            "e => { e.parentElement.open = true }"
        )
        officer.fill("ask_amount", ask)
        officer.fill("offer_amount", offer)
        officer.send()
        expect(page).to_have_url(re.compile(rf"/cases/{number}#r\d+$"))
    officer.look()
    expect(officer.page.locator("#ladder svg")).to_be_visible()
    expect(officer.page.locator("#story")).to_contain_text("银行肯展期再谈")


def _promise(officer: Desk, number: str) -> None:
    officer.open(f"/cases/{number}/commitments/new")
    officer.fill("who", "罗启元")
    officer.fill("what", "与二房东签补充协议，交复印件")
    due = officer.page.locator("[name=promised_on]").input_value()
    officer.fill("due_on", due)
    officer.send()
    expect(officer.page.locator("#promises")).to_contain_text("补充协议")


def _agreement(officer: Desk, number: str, landlord: Window) -> str:
    """Terms, our word, the landlord's by link; returns the address of the agreement."""
    page = officer.page
    officer.open(f"/cases/{number}")
    href = page.locator("a[href*='/agreements/new?talks=']").first.get_attribute("href")
    officer.open(href or "")
    officer.fill("total", "612,345.67")
    officer.fill("terms", "免 2 月、3 月租金，从 4 月、5 月租金单中抵扣。")
    officer.send()
    expect(page).to_have_url(re.compile(rf"/cases/{number}/agreements/\d+$"))
    agreement = page.url
    officer.look()
    page.locator("#ours [name=name]").fill("何秀芝")
    page.locator("#ours button[type=submit]").click()
    page.locator("#link form button[type=submit]").click()
    text = page.locator("#link-text").input_value()
    landlord.open(re.search(r"http\S+/confirm/[\w-]+", text)[0])  # type: ignore[index]
    landlord.page.locator("main form button[type=submit]").first.click()
    expect(landlord.page.locator("[aria-invalid=true], [role=alert]").first).to_be_visible()
    landlord.page.locator("main [name=name]").fill("罗启元")
    landlord.page.locator("main form button[type=submit]").first.click()
    expect(landlord.page.locator("main")).to_contain_text("612,345.67")
    expect(landlord.page.locator("main form")).to_have_count(0)
    landlord.look()
    officer.open(agreement)
    return agreement


def _share_out(officer: Desk, agreement: str, number: str) -> None:
    officer.open(f"{agreement}/allocate")
    expect(officer.page.locator("tfoot")).to_contain_text("612,345.67")
    officer.send()
    expect(officer.page).to_have_url(agreement)
    officer.open(f"/cases/{number}/firms")
    expect(officer.page.locator("main")).to_contain_text("16,839.51")


def _links(officer: Desk, number: str) -> list[str]:
    """Make the links of the firms that wait on this page; returns their addresses."""
    officer.open(f"/cases/{number}/links")
    officer.page.locator("main form button.btn-primary").first.click()
    expect(officer.page.locator(".cw-links textarea").first).to_be_visible()
    texts = [box.input_value() for box in officer.page.locator(".cw-links textarea").all()]
    officer.look()
    return [re.search(r"http\S+/confirm/[\w-]+", text)[0] for text in texts]  # type: ignore[index]


def _tenants_confirm(officer: Desk, number: str, tenant: Window) -> None:
    first, *others = _links(officer, number)
    tenant.open(first)
    tenant.page.locator("details summary").last.click()
    tenant.page.locator("main [name=note]").fill("少了 200 元")
    tenant.page.locator("details form button[type=submit]").click()
    expect(tenant.page.locator("main")).to_contain_text("少了 200 元")
    for link in (first, *others):
        tenant.page.goto(link)
        tenant.page.locator("main form button.btn-primary").first.click()
        expect(tenant.page.locator("main .cw-recv .cw-i")).to_be_visible()  # no form is also what a blank page has
    tenant.look()
    tenant.page.goto(first)
    expect(tenant.page.locator("main form")).to_have_count(0)


def _one_by_officer(officer: Desk, number: str) -> None:
    officer.open(f"/cases/{number}/firms?status=pending")
    officer.page.locator("main a[href$='/receipt']").first.click()
    officer.look()
    officer.fill("amount", "999,999")
    officer.fill("note", "看过租金单")
    officer.send()
    expect(officer.page.locator("[aria-invalid=true]").first).to_have_value("999,999")
    expect(officer.page.locator("main [name=note]")).to_have_value("看过租金单")
    to_come = officer.page.locator("main dl dd").nth(2).inner_text()
    officer.fill("amount", to_come.split()[0])
    officer.fill("note", "看过租金单，已抵扣")
    officer.send()
    expect(officer.page).to_have_url(re.compile(rf"/cases/{number}#money$"))


def _settle(officer: Desk, number: str, folder: Path) -> None:
    page = officer.page
    officer.open(f"/cases/{number}")
    page.locator("#promises li a").first.click()
    expect(page).to_have_url(re.compile(r"/commitments/\d+$"))
    officer.look()
    officer.fill("proof", "补充协议复印件已收")
    officer.send()
    expect(page).to_have_url(re.compile(rf"/cases/{number}#promises$"))
    Image.new("RGB", (400, 300), "white").save(folder / "协议.png")
    upload = page.locator("form[action$='/attachments']")
    upload.locator("input[type=file]").first.set_input_files(folder / "协议.png")
    upload.locator("[name=kind]").select_option("agreement")
    upload.locator("button[type=submit]").last.click()
    expect(page).to_have_url(re.compile("#files$"))
    expect(page.locator("#files")).to_contain_text("协议.png")


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en")])
def test_a_rent_is_waived_from_the_first_report_to_the_rated_case(
    desk_of: Any, window_of: Any, tmp_path: Path, width: str, language: str
) -> None:
    intake, number = _report(desk_of, width, language)
    officer = desk_of("officer", width, language)
    _tenants_join(officer, number)
    _three_visits(officer, number)
    _promise(officer, number)
    agreement = _agreement(officer, number, window_of(width, language))
    _share_out(officer, agreement, number)
    tenant = window_of(width, language)
    _tenants_confirm(officer, number, tenant)
    _one_by_officer(officer, number)
    officer.open(f"/cases/{number}/actions/submit_result")
    officer.fill("outcome", "solved")
    officer.fill("text", "三次上门，37 户减免 612,345.67 元。")
    officer.send()
    expect(officer.page.locator("[role=alert]").first).to_be_visible()  # firms and a promise still hold it back
    _tenants_confirm(officer, number, tenant)
    _settle(officer, number, tmp_path)
    officer.act(number, "submit_result", {"outcome": "solved", "text": "三次上门，37 户减免 612,345.67 元。"})

    regulator = desk_of("regulator", width, language)
    regulator.open(f"/cases/{number}/negotiation")
    expect(regulator.page.locator("tfoot").last).to_contain_text("612,345.67")
    regulator.open(f"/cases/{number}/actions/approve")
    for mark in regulator.page.locator("main input[name^=mark_][value=yes]").all():
        mark.check(force=True)
    regulator.send()
    expect(regulator.page).to_have_url(re.compile(r"/reviews(/|$)"))
    leader = desk_of("leader", width, language)  # so much money is signed for by two
    leader.open(f"/reviews/{number}")
    leader.send()
    expect(leader.page).to_have_url(re.compile(r"/reviews(/|$)"))
    intake.act(
        number, "callback", {"result": "reached", "contacted": "yes", "solved": "yes", "satisfied": "5", "text": "谢谢"}
    )
    lead = desk_of("lead", width, language)
    lead.open(f"/cases/{number}")
    expect(lead.page.locator("main")).to_contain_text("Closed" if language == "en" else "已办结")
    lead.open("/counterparties")
    expect(lead.page.locator("main")).to_contain_text("南贤商业管理有限公司")


PAGES = ("", "/rounds/new", "/commitments/new", "/talks/join", "/firms", "/links", "/negotiation")


@pytest.mark.parametrize("width", ["phone", "desk"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_of_a_negotiation_are_clean_at_both_widths(desk_of: Any, language: str, width: str) -> None:
    officer = desk_of("officer", width, language)
    officer.open("/visit")
    officer.open("/counterparties/1")
    officer.open("/")
    officer.page.goto("/cases?q=南贤广场二期")
    href = officer.page.locator("main a[href^='/cases/9']", has_text="南贤广场二期").first.get_attribute("href")
    for page in PAGES:
        officer.open(f"{href}{page}")
        expect(officer.page.locator("h1")).to_have_count(1)
