"""No signal: what is written waits on the phone and arrives exactly once, whatever happens to phone, answer or session."""

from __future__ import annotations

import os
import re
import secrets
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from casework.config import ROOT
from tests.harness import chromium
from tests.journeys.desk import WIDTHS, Desk, Window

PHOTO = (ROOT / "static" / "img" / "icon-512.png").read_bytes()
PATIENCE = 30_000  # milliseconds: sending waits for no page, but the machine may be busy
Open = Callable[..., BrowserContext]


@pytest.fixture
def phone_of(playwright: Playwright, live_server: str) -> Iterator[Open]:
    """Open a phone whose browser keeps its profile in a folder; all are shut at the end."""
    opened: list[BrowserContext] = []

    def open_(folder: Path, **more: Any) -> BrowserContext:
        wide, high = WIDTHS["phone"]
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=chromium.find(),
            args=chromium.FLAGS,
            base_url=live_server,
            viewport={"width": wide, "height": high},
            has_touch=True,
            locale="zh-CN",
            **more,
        )
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        return context

    yield open_
    for context in opened:
        context.close()


def kill(folder: Path) -> None:
    """The browser of a profile ends as if its battery had."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if f"--user-data-dir={folder}" in command:
            os.kill(int(entry.name), signal.SIGKILL)


def a_text() -> str:
    return f"楼道里没有信号，房东说再想想 {secrets.token_hex(6)}"


def a_case(page: Page) -> str:
    """The number of a case that its officer may log a visit for."""
    page.goto("/visit")
    return str(page.locator("a[href*='/rounds/new']").first.get_attribute("href")).split("/")[2]


def write(page: Page, text: str, *, photo: bool = False) -> None:
    """Tap and write a visit and save it, as at the door."""
    page.locator("[name=stance][value=hesitates]").check(force=True)
    page.locator("[name=said]").fill(text)
    if not page.locator("[name=talks][type=radio]").count():
        page.locator("[name=name]").fill("业主")
    if photo:
        file: Any = {"name": "门口.png", "mimeType": "image/png", "buffer": PHOTO}
        page.locator("input[type=file][name=files]").first.set_input_files(file)
    page.locator(".cw-act button.btn-primary").click()


def kept(page: Page, count: int = 1) -> None:
    expect(page.locator(".cw-keptpanel")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".cw-phonebar a[data-unsent]")).to_have_text(f"{count} 条未发送")


def sign_in_again(page: Page, username: str = "officer") -> None:
    page.goto("/sign-in")
    if "/sign-in" in page.url:
        Desk(page, username, "zh")


def has_arrived(page: Page, number: str, text: str) -> None:
    """Nothing is unsent any more, and the case tells it once."""
    page.goto("/unsent")
    expect(page.locator("main [data-nobody]")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".cw-phonebar a[data-unsent]")).to_be_hidden()
    page.goto(f"/cases/{number}")
    expect(page.get_by_text(text)).to_have_count(1)


def test_a_visit_written_without_signal_outlives_the_death_of_the_phone(phone_of: Open, tmp_path: Path) -> None:
    folder, text = tmp_path / "phone", a_text()
    context = phone_of(folder)
    page = Desk(context.new_page(), "officer", "zh").page
    number = a_case(page)
    page.goto(f"/cases/{number}/rounds/new")
    context.set_offline(True)
    write(page, text, photo=True)
    kept(page)
    kill(folder)
    page = phone_of(folder).new_page()
    sign_in_again(page)
    has_arrived(page, number, text)
    file = page.locator("a[href*='/files/']", has_text="门口.png").last.get_attribute("href")
    assert page.request.get(str(file)).body() == PHOTO


def test_what_the_server_has_is_not_entered_again_when_its_answer_is_lost(phone_of: Open, tmp_path: Path) -> None:
    context, text, reached = phone_of(tmp_path / "phone", service_workers="block"), a_text(), []
    page = Desk(context.new_page(), "officer", "zh").page
    number = a_case(page)
    page.goto(f"/cases/{number}/rounds/new")

    def swallow(route: Any) -> None:
        reached.append(route.fetch().status)
        route.abort()

    page.route("**/rounds/new", swallow, times=2)
    write(page, text)
    kept(page)
    for _ in range(2):  # the signal comes and goes: one more answer is lost, the next is heard
        page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(".cw-keptpanel [data-to]")).to_be_visible(timeout=PATIENCE)
    has_arrived(page, number, text)
    assert reached == [200, 200]


def test_without_a_service_worker_the_page_itself_sends_when_the_signal_is_back(phone_of: Open, tmp_path: Path) -> None:
    context, text = phone_of(tmp_path / "phone", service_workers="block"), a_text()
    page = Desk(context.new_page(), "officer", "zh").page
    number = a_case(page)
    page.goto(f"/cases/{number}/rounds/new")
    context.set_offline(True)
    write(page, text, photo=True)
    kept(page)
    context.set_offline(False)
    expect(page.locator(".cw-keptpanel [data-to]")).to_be_visible(
        timeout=PATIENCE
    )  # the open page sends by itself and says so
    has_arrived(page, number, text)


def test_a_browser_that_keeps_nothing_holds_the_work_in_the_page(phone_of: Open, tmp_path: Path) -> None:
    context, text = phone_of(tmp_path / "phone", service_workers="block"), a_text()
    context.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    page = Desk(context.new_page(), "officer", "zh").page
    number = a_case(page)
    page.goto(f"/cases/{number}/rounds/new")
    context.set_offline(True)
    write(page, text, photo=True)
    kept(page)
    expect(page.locator(".cw-keptpanel [data-if=page]:not(div)")).to_be_visible()
    context.set_offline(False)
    expect(page.locator(".cw-keptpanel [data-to]")).to_be_visible(timeout=PATIENCE)
    has_arrived(page, number, text)


def test_what_a_lost_phone_holds_is_neither_read_nor_sent_until_its_owner_signs_in(
    phone_of: Open, desk_of: Any, tmp_path: Path
) -> None:
    context, text = phone_of(tmp_path / "phone"), a_text()
    page = Desk(context.new_page(), "officer", "zh").page
    number = a_case(page)
    page.goto(f"/cases/{number}/rounds/new")
    context.set_offline(True)
    write(page, text)
    kept(page)
    elsewhere = desk_of("officer", "desk", "zh").page  # on a computer, where the officer ends all other sign-ins
    elsewhere.goto("/me")
    while elsewhere.locator("form[action$='/end']").count():
        with elsewhere.expect_navigation():
            elsewhere.locator("form[action$='/end'] button").first.click()
    context.set_offline(False)
    expect(page.locator(".cw-keptpanel [data-sign-in]")).to_be_visible(timeout=PATIENCE)
    page.goto("/unsent")
    expect(page).to_have_url(re.compile("/sign-in"))
    expect(page.get_by_text(text)).to_have_count(0)
    context.set_offline(True)
    page.goto("/unsent")  # the shell: it knows now that the session is over
    expect(page.locator("[data-locked]").last).to_be_visible()
    expect(page.get_by_text(text)).to_have_count(0)
    context.set_offline(False)
    sign_in_again(page, "lead")
    page.goto("/unsent")
    expect(page.locator("main [data-others]").last).to_be_visible()
    expect(page.get_by_text(text)).to_have_count(0)
    page.goto(f"/cases/{number}")
    expect(page.get_by_text(text)).to_have_count(0)  # the lead has not delivered the officer's work
    context.clear_cookies()
    sign_in_again(page)
    has_arrived(page, number, text)


def test_of_a_case_page_that_was_read_nothing_stays_on_the_phone(phone_of: Open, tmp_path: Path) -> None:
    folder, canary = tmp_path / "phone", f"暗号{secrets.token_hex(8)}"
    context = phone_of(folder)
    page = Desk(context.new_page(), "officer", "zh").page
    number = a_case(page)
    elsewhere = page.request  # another device writes it, so that only reading brings it here
    page.goto(f"/cases/{number}")
    token = elsewhere.get("/offline/token").json()["token"]
    form = {"op": secrets.token_hex(8), "text": canary, "csrf_token": token}
    assert elsewhere.post(f"/cases/{number}/notes", form=form).ok
    page.goto(f"/cases/{number}")
    expect(page.get_by_text(canary)).to_have_count(1)
    page.goto("/unsent")
    context.close()
    looked = [canary.encode(), canary[2:].encode(), canary.encode("utf-16-le"), canary[2:].encode("utf-16-le")]
    files = [path for path in folder.rglob("*") if path.is_file()]
    found = [path.name for path in files if any(one in path.read_bytes() for one in looked)]
    assert len(files) > 20
    assert found == []


def test_the_shell_takes_a_visit_whose_case_is_named_later(phone_of: Open, tmp_path: Path) -> None:
    context, text = phone_of(tmp_path / "phone"), a_text()
    window = Desk(context.new_page(), "officer", "zh")
    page = window.page
    number = a_case(page)
    page.wait_for_function("() => localStorage.getItem('cw-shell')")
    context.set_offline(True)
    page.goto("/cases")
    form = page.locator("form[data-shell=visit]")
    form.locator("[name=stance][value=hesitates]").check(force=True)
    form.locator("[name=said]").fill(text)
    form.locator("[name=name]").fill("业主")
    form.locator("button[type=submit]").click()
    expect(page.locator("#entries > li")).to_contain_text(text)
    window.look()
    context.set_offline(False)
    page.goto("/unsent")
    entry = page.locator("#entries > li")
    expect(entry).to_contain_text("哪一件？")
    window.look()
    entry.locator("[name=number]").fill("990104-2020-999999")
    entry.locator("form button").click()
    expect(entry).to_contain_text("不归您办")  # refused, and kept
    window.look()
    entry.locator("[name=number]").fill(number)
    entry.locator("form button").click()
    has_arrived(page, number, text)


def test_the_page_of_what_waits_reads_well_on_a_desk_in_english(desk_of: Any) -> None:
    desk: Window = desk_of("officer", "desk", "en")
    desk.open("/unsent")
    expect(desk.page.locator("main [data-nobody]")).to_be_visible()
    desk.open("/offline?lang=en")


def test_a_page_of_the_portal_waits_for_signal_and_goes_on_by_itself(window_of: Any) -> None:
    shop: Window = window_of("phone", "zh")
    page, text = shop.page, f"房东一分租金都不肯减 {secrets.token_hex(6)}"
    shop.open("/help-desk?at=990104001001")
    shop.send()
    expect(page).to_have_url(re.compile("/report/what$"))
    page.context.set_offline(True)
    shop.fill("text", text)
    shop.send()
    expect(page.locator("[data-no-signal]")).to_be_visible()
    expect(page.locator("[name=text]")).to_have_value(text)
    shop.look()
    page.context.set_offline(False)
    expect(page).to_have_url(re.compile("/report/kind$"), timeout=PATIENCE)
    page.goto("/help-desk/report/what")
    expect(page.locator("[name=text]")).to_have_value(text)


def test_what_is_refused_is_kept_opened_with_its_photo_mended_and_sent(phone_of: Open, tmp_path: Path) -> None:
    context, text = phone_of(tmp_path / "phone"), a_text()
    page = Desk(context.new_page(), "officer", "zh").page
    number = a_case(page)
    page.goto(f"/cases/{number}/rounds/new")
    page.locator("details:has([name=at])").last.evaluate("one => { one.open = true }")
    page.locator("[name=at]").fill("2031-01-01T09:00")  # a day that has not come
    context.set_offline(True)
    write(page, text, photo=True)
    kept(page)
    context.set_offline(False)
    page.goto("/unsent")
    entry = page.locator("#entries > li")
    expect(entry).to_contain_text("等您处理", timeout=PATIENCE)
    expect(entry.locator("img")).to_have_count(1)
    entry.locator("a", has_text="打开修改").click()
    expect(page.locator("[name=said]")).to_have_value(text)
    expect(page.locator(".cw-chosen li")).to_contain_text("门口.png")
    page.locator("[name=at]").fill("2026-01-05T09:00")
    page.locator(".cw-act button.btn-primary").click()
    expect(page).to_have_url(re.compile(rf"/cases/{number}#r"), timeout=PATIENCE)
    has_arrived(page, number, text)


def test_what_is_too_old_goes_only_when_its_writer_says_so_and_signing_out_keeps_it(
    phone_of: Open, tmp_path: Path
) -> None:
    context, text = phone_of(tmp_path / "phone"), a_text()
    page = Desk(context.new_page(), "officer", "zh").page
    number = a_case(page)
    page.goto(f"/cases/{number}/rounds/new")
    context.set_offline(True)
    write(page, text)
    kept(page)
    page.evaluate("""async () => {
        const [entry] = await window.cwStore.all();
        await window.cwStore.note(entry.op, { at: new Date(Date.now() - 31 * 86400000).toISOString() });
    }""")
    context.set_offline(False)
    page.goto("/unsent")
    entry = page.locator("#entries > li")
    expect(entry).to_contain_text("放得太久")
    expect(page.locator("main [data-aged]").first).to_be_visible()
    page.locator(".cw-moretab summary").click()
    page.locator(".cw-moresheet form[data-sign-out] button").click()
    expect(page.locator("#waiting")).to_contain_text("1 条未发送")
    page.locator("#waiting [data-leave]").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    expect(page.locator("[data-unsent-here]")).to_contain_text("1 条未发送")
    sign_in_again(page)
    page.goto("/unsent")
    page.locator("#entries > li button", has_text="现在发送").click()
    has_arrived(page, number, text)
