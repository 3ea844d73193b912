"""A person at a browser: signs in, fills pages, and looks each one over."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.harness.server import DEMO_PASSWORD

SEND = "button.btn-primary[type=submit]:not([name=pick]):visible"
WIDTHS = {"phone": (390, 844), "desk": (1440, 900)}


class Window:
    """A browser window whose every page is looked over."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("console", self._listen)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def open(self, path: str) -> None:
        """Go to a page and look at it as the harness does everywhere."""
        self.page.goto(path)
        self.look()

    def look(self) -> None:
        """No accessibility violation, no sideways scroll, no policy violation."""
        expect(self.page.locator("main")).to_be_visible()  # not the blank document between two pages
        self.page.wait_for_load_state()
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()
        width = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{self.page.url} scrolls sideways by {width} px"
        refused = [fault for fault in self.faults if "Content Security Policy" in fault]
        assert not refused, refused

    def send(self) -> None:
        """Press the one big button, wherever it stands at this width."""
        self.page.locator(SEND).last.click()

    def fill(self, field: str, value: str) -> None:
        control = self.page.locator(f"main [name='{field}']").first
        kind = control.evaluate("e => e.tagName + ':' + (e.type || '')")
        if kind == "INPUT:radio":
            radio = self.page.locator(f"main [name='{field}'][value='{value}']")
            radio.evaluate(
                "e => e.scrollIntoView({block: 'center', behavior: 'instant'})"
            )  # not under the bar at the thumb
            radio.check(force=True)
        elif kind.startswith("SELECT"):
            control.select_option(value)  # by value, else by label
        else:
            control.fill(value)


class Desk(Window):
    """One person of the office, signed in."""

    def __init__(self, page: Page, username: str, language: str) -> None:
        super().__init__(page)
        page.goto("/sign-in")
        if language == "en":
            page.context.add_cookies([{"name": "lang", "value": "en", "url": page.url}])
            page.reload()
        page.locator("[name=username]").fill(username)
        page.locator("[name=password]").fill(DEMO_PASSWORD)
        page.locator("main form[action='/sign-in'] button[type=submit], form button.btn-primary").first.click()
        expect(page).not_to_have_url(re.compile("/sign-in"))

    def report(self) -> str:
        """Send the form of a new case; where it names likely repeats, ours is another matter. The number of the case."""
        self.send()
        self.page.locator("input[name=seen], section.cw-where").first.wait_for(state="attached")
        if self.page.locator("input[name=seen]").count():
            self.look()
            self.send()
        expect(self.page).to_have_url(re.compile(r"/cases/\d+-\d{4}-\d{6}$"))
        return self.page.url.rsplit("/", 1)[1]

    def act(self, number: str, name: str, fill: dict[str, str] | None = None) -> None:
        """Take an action through its page."""
        self.open(f"/cases/{number}/actions/{name}")
        for field, value in (fill or {}).items():
            self.fill(field, value)
        self.send()
        if name == "callback":  # it leads on to the next enterprise
            expect(self.page).to_have_url(re.compile(r"/call-backs"))
            self.page.goto(f"/cases/{number}")
        expect(self.page).to_have_url(re.compile(rf"/cases/{number}(#.*)?$"))
        self.look()
