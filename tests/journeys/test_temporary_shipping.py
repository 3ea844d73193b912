"""Story B in a real browser: an officer drafts a procedure at night, the authority publishes it, a firm ships its goods
with a numbered slip, and the next firm uses the same procedure in the morning with nobody drafting anything.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.desk import Desk, Window

SERIES = {"phone": "运急", "desk": "运临"}
FIRST, SECOND = "两车货要出城", "第二天的货也要出城"


def _do(officer: Desk, act: str) -> None:
    """Press a button of the designer and look at the page that follows."""
    with officer.page.expect_navigation():
        officer.page.locator(f"form[data-live-form] button[value='{act}']:visible").last.click()
    officer.look()


def _written(page: Page, fields: dict[str, str]) -> None:
    for name, value in fields.items():
        control = page.locator(f"form[data-live-form] [name='{name}']").first
        control.select_option(value) if control.evaluate("e => e.tagName") == "SELECT" else control.fill(value)
    page.locator("form[data-live-form] :focus").blur()
    expect(page.locator("form[data-live-form]")).not_to_have_attribute("aria-busy", "true")  # saved, nothing moves now


def _ticked(page: Page, label: str) -> None:
    page.locator("form[data-live-form] label", has_text=label).locator("input").first.check(force=True)


def _opened(page: Page, summary: str) -> None:
    page.locator("form[data-live-form] summary", has_text=summary).first.click()


def _step_of(page: Page) -> str:
    return re.search(r"step=(\w+)", page.url)[1]  # type: ignore[index]


def _field(officer: Desk, label: str, kind: str) -> None:
    _do(officer, "add_field")
    _written(officer.page, {"f_label_zh": label, "f_label_en": label})
    with officer.page.expect_navigation():
        officer.page.locator("[name=f_kind]").select_option(kind)
    officer.look()


def _draft(officer: Desk, name: str, width: str, words: dict[str, str]) -> str:
    """From an empty page to a version in review; returns the template's code."""
    page = officer.page
    officer.open("/templates/new")
    officer.fill("name", name)
    page.locator("main [name=area] option", has_text="临江区").first.evaluate("e => e.selected = true")
    officer.send()
    expect(page).to_have_url(re.compile(r"/templates/[\w-]+/design$"))
    code = page.url.split("/templates/")[1].split("/")[0]
    _written(page, {"purpose_zh": "车货出城的临时报备", "owner": "transport", "basis": "通告第四条"})
    page.locator("form[data-live-form] [name=serves][value=shipping]").check(force=True)
    _do(officer, "save")
    with page.expect_navigation():
        page.locator("button[value='add:join']").first.click()
    apply = _step_of(page)
    _written(page, {"title_zh": "填报", "title_en": "File", "actor": "enterprise", "limit_number": ""})
    _field(officer, "车牌号", "plate")
    _field(officer, "货物", "text")
    _do(officer, "add:after")
    _written(page, {"title_zh": "核对", "title_en": "Check"})
    _ticked(page, words["back"])
    _do(officer, "add:after")
    _written(page, {"title_zh": "现场查验", "title_en": "Inspect", "actor": "authority:transport"})
    _opened(page, words["visit"])
    page.locator("[name=visit]").check(force=True)
    _field(officer, "封签号", "text")
    _do(officer, "add:after")
    _written(page, {"title_zh": "核发", "title_en": "Issue", "actor": "authority:transport"})
    _opened(page, words["issue"])
    with page.expect_navigation():
        page.locator("[name=i_on]").check(force=True)
    officer.look()
    _written(page, {"i_title_zh": "发货报备单", "i_title_en": "Slip", "i_series": SERIES[width]})
    boxes = page.locator("[name=i_facts]")
    for place in range(boxes.count()):
        boxes.nth(place).evaluate("e => e.checked || e.click()")  # the page moves while it saves by itself
    _do(officer, "save")
    assert apply in page.content()
    return code


def _tried_and_sent(officer: Desk, code: str) -> None:
    page = officer.page
    officer.open(f"/templates/{code}/design/try")
    for _ in range(4):
        with page.expect_navigation():
            page.locator("main button[name=result]").first.click()
        officer.look()
    expect(page.locator("main")).not_to_contain_text("result")
    officer.open(f"/templates/{code}/design")
    with page.expect_navigation():
        page.locator("button[value=submit]").click()
    expect(page).to_have_url(re.compile(rf"/templates/{code}$"))
    officer.look()


def _published(regulator: Desk, code: str, name: str) -> None:
    regulator.open("/")
    expect(regulator.page.locator("main")).to_contain_text(name)
    regulator.open(f"/templates/{code}/review")
    regulator.page.locator("button[value=publish]").click()
    expect(regulator.page.locator("[aria-invalid=true], [role=alert]").first).to_be_visible()  # no sunset yet
    regulator.page.locator("[name=sunset_on]").fill(_in_a_month(regulator.page))
    regulator.page.locator("button[value=publish]").click()
    expect(regulator.page).to_have_url(re.compile(rf"/templates/{code}$"))
    regulator.look()


def _in_a_month(page: Page) -> str:
    return str(page.evaluate("new Date(Date.now() + 30 * 864e5).toISOString().slice(0, 10)"))


def _case(desk_of: Any, officer: Desk, width: str, language: str, title: str) -> str:
    intake = desk_of("desk", width, language)
    intake.open("/cases/new")
    for field, value in (
        ("title", title),
        ("text", "货装好了，路口不放行。"),
        ("requester", "锦川包装制品厂"),
        ("contact_name", "田青"),
        ("contact_phone", "13900004428"),
        ("type_id", "2"),
    ):
        intake.fill(field, value)
    place = intake.page.locator("[name=area_id] option", has_text="柳堤社区").first.get_attribute("value")
    intake.page.locator("[name=area_id]").select_option(place)
    number = intake.report()
    intake.act(number, "accept")
    intake.open(f"/cases/{number}/actions/dispatch")
    intake.page.locator("[name=officer]").select_option(label="温如玉")
    intake.send()
    expect(intake.page).to_have_url(re.compile(rf"/cases/{number}"))
    officer.act(number, "acknowledge")
    return number


def _begun(officer: Desk, number: str, name: str) -> tuple[str, str]:
    """Begin the process; returns its page, and the enterprise's page."""
    page = officer.page
    officer.open(f"/cases/{number}/processes/new")
    page.locator("section", has_text=name).locator("button[type=submit]").first.click()
    expect(page).to_have_url(re.compile(r"/runs/\d+$"))
    officer.look()
    text = page.locator("#track-text").input_value()
    return page.url, re.search(r"/track/(\w{12})", text)[0]  # type: ignore[index]


def _filed(firm: Window, track: str) -> None:
    """The enterprise enters with the digits, files on its phone, is told what is wrong, and mends it."""
    page = firm.page
    firm.open(track)
    page.locator("[name=digits]").fill("0000")
    firm.send()
    expect(page.locator("[aria-invalid=true], [role=alert]").first).to_be_visible()
    firm.look()
    page.locator("[name=digits]").fill("4428")
    firm.send()
    expect(page.locator("main .cw-recv")).to_be_visible()
    firm.look()
    page.locator("main .cw-recv a.btn-primary").first.click()
    inputs = page.locator("main input[name^=a_]")
    expect(inputs).to_have_count(2)
    with page.expect_response(re.compile("/draft$")):  # kept while it is typed: a dead battery loses nothing
        inputs.nth(1).fill("纸箱")
    page.reload()
    expect(inputs.nth(1)).to_have_value("纸箱")
    inputs.nth(0).fill("ABC")
    page.locator("button[name=result]").first.click()
    expect(page.locator("[aria-invalid=true]").first).to_have_value("ABC")
    firm.look()
    inputs.first.fill("粤B12345")
    page.locator("button[name=result]").first.click()
    expect(page).to_have_url(re.compile(rf"{track}$"))
    firm.look()


def _decided(who: Desk, run: str, step_title: str, fill: str = "") -> None:
    page = who.page
    who.open(run)
    page.locator("main ol a", has_text=step_title).first.click()
    expect(page.locator("main form button.btn-primary[name=result]").first).to_be_visible()
    who.look()
    if fill:
        page.locator("main input[name^=a_]").first.fill(fill)
    page.locator("button[name=result][value=done], button[name=result][value=approve]").first.click()
    expect(page).to_have_url(run)
    who.look()


def _visit_set(regulator: Desk, firm: Window, run: str, track: str, title: str) -> None:
    page = regulator.page
    regulator.open("/")
    expect(page.locator("main")).to_contain_text(title)
    regulator.open(run)
    page.locator("main ol a", has_text=title).first.click()
    page.locator("#visit input[type=datetime-local]").first.fill(
        str(page.evaluate("new Date(Date.now() + 27 * 36e5).toISOString().slice(0, 16)"))
    )
    page.locator("#visit form button[type=submit]").first.click()
    expect(page.locator("#visit .cw-block li").first).to_be_visible()
    regulator.look()
    firm.open(track)
    firm.page.locator("[name=slot]").first.check(force=True)
    firm.page.locator("form[action$='/visit'] button[type=submit]").first.click()
    expect(firm.page.locator("[name=slot]")).to_have_count(0)
    expect(firm.page.locator("main .cw-vsteps").first).to_be_visible()
    firm.look()


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en")])
def test_a_procedure_is_drafted_published_and_used_by_two_firms(
    desk_of: Any, window_of: Any, width: str, language: str
) -> None:
    english = language == "en"
    words = (
        {"back": "return to", "visit": "A visit on site", "issue": "A numbered document"}
        if english
        else {"back": "退回", "visit": "上门", "issue": "核发编号单证"}
    )
    titles = ["File", "Check", "Inspect", "Issue"] if english else ["填报", "核对", "现场查验", "核发"]
    name = f"{SERIES[width]}发货报备"
    officer = desk_of("officer3", width, language)
    code = _draft(officer, name, width, words)
    _tried_and_sent(officer, code)
    regulator = desk_of("regulator2", width, language)
    _published(regulator, code, name)
    number = _case(desk_of, officer, width, language, FIRST)
    run, track = _begun(officer, number, name)
    firm = window_of("phone", language)
    _filed(firm, track)
    _decided(officer, run, titles[1])
    _visit_set(regulator, firm, run, track, titles[2])
    _decided(regulator, run, titles[2], fill="LJ 440913")
    _decided(regulator, run, titles[3])
    slip = regulator.page.locator("a[href^='/verify/']", has_text="号").first
    expect(slip).to_contain_text(f"{SERIES[width]}〔")
    gate = window_of("phone", language)
    gate.open(str(slip.get_attribute("href")))
    expect(gate.page.locator("main")).to_contain_text("粤B12345")
    expect(gate.page.locator(".cw-valid")).to_be_visible()
    expect(gate.page.locator("main")).not_to_contain_text("13900004428")
    pdf = gate.page.request.get(f"{slip.get_attribute('href')}/slip.pdf")
    assert pdf.body().startswith(b"%PDF")
    firm.open(track)
    expect(firm.page.locator("main")).to_contain_text(f"{SERIES[width]}〔")
    second = _case(desk_of, officer, width, language, SECOND)
    again, theirs = _begun(officer, second, name)
    _filed(window_of("phone", language), theirs)
    _decided(officer, again, titles[1])
    regulator.page.goto("/")
    officer.open(f"/cases/{number}")
    expect(officer.page.locator("#story")).to_contain_text(f"{SERIES[width]}〔")
