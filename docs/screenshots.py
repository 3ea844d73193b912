"""Take the pictures of the guides: the real product with its demo, on a desk and on a phone, in both languages.

``.venv/bin/python -m docs.screenshots [NAME ...]`` after ``make setup``; pictures go to ``docs/screenshots/``.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.harness import chromium
from tests.harness.server import DEMO_PASSWORD, LiveServer

TARGET = Path(__file__).resolve().parent / "screenshots"
LARGEST = 250_000  # bytes
TALLEST = {1440: 1500, 390: 1500}  # CSS pixels
LANGUAGES = {"zh": "zh-CN", "en": "en"}
SIZES = {1440: (900, 1), 390: (844, 2)}  # width: height, device pixels


@dataclass(frozen=True)
class Shot:
    """A page, who looks at it, the text of a link to follow there, what to add to that address, what to click then."""

    name: str
    user: str
    path: str
    follow: str = ""
    then: str = ""
    click: tuple[str, ...] = ()


TRACK, INSPECT, RUN = "the enterprise's page", ".cw-dsteps a[href*='step=inspect']", "section[id^=run-] h2 a"
SHOTS = (
    Shot("sign-in", "", "/sign-in"),
    Shot("desk", "officer", "/"),
    Shot("cases", "desk", "/cases"),
    Shot("case", "officer", "/cases?q=租金", "4 月租金"),
    Shot("rent", "officer", "/cases?q=南贤广场二期", "二期 37 户"),
    Shot("visit", "officer", "/cases?q=南贤广场二期", "二期 37 户", "rounds/new"),
    Shot("links", "officer", "/cases?q=南贤广场二期", "二期 37 户", "links"),
    Shot("negotiation", "regulator", "/cases?q=南贤广场二期", "二期 37 户", "negotiation"),
    Shot("run", "officer3", "/cases?q=两车冷链", "今日要发外省", click=(RUN,)),
    Shot("track", "officer3", "/cases?q=两车冷链", "今日要发外省", click=(RUN, TRACK)),
    Shot("verify", "officer3", "/cases?scope=all&q=冷冻水产", "出不了城", click=("a[href^='/verify/']",)),
    Shot("portal", "", "/help-desk?at=990104001001"),
    Shot("coverage", "district", "/coverage"),
    Shot("routing", "district", "/settings/routing"),
    Shot("duty", "desk", "/duty"),
    Shot("designer", "officer3", "/templates/LS-FH-01", click=("form[action$='/versions'] button", INSPECT)),
    Shot("templates", "officer", "/templates"),
    Shot("template", "officer3", "/templates/LS-FH-01"),
    Shot("new-case", "desk", "/cases/new"),
    Shot("review", "regulator2", "/review"),
    Shot("review-case", "regulator2", "/cases?state=under_review", "消杀证明", "actions/approve"),
    Shot("beneficiaries", "officer", "/cases?q=租金", "4 月租金", "beneficiaries"),
    Shot("enterprises", "desk", "/enterprises"),
    Shot("imports", "district", "/imports"),
    Shot("people", "district", "/people"),
    Shot("case-types", "district", "/settings/case-types"),
    Shot("areas", "district", "/areas"),
    Shot("security", "auditor", "/security"),
    Shot("help", "officer", "/help"),
    Shot("search", "desk", "/search?q=南贤"),
    Shot("brief", "district", "/reports/1"),
    Shot("ledgers", "district", "/ledgers"),
)


@contextmanager
def visitor(browser: Browser, server: LiveServer, user: str, lang: str, width: int) -> Iterator[Page]:
    """A fresh browser of this width and language, signed in when there is a user."""
    height, scale = SIZES[width]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        locale=LANGUAGES[lang],
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "lang", "value": LANGUAGES[lang], "url": server.url}])
    page = context.new_page()
    if user:
        page.goto(f"{server.url}/sign-in")
        page.fill("input[name=username]", user)
        page.fill("input[name=password]", DEMO_PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{server.url}/")
    try:
        yield page
    finally:
        context.close()


def small(png: bytes) -> bytes:
    """The picture with the largest palette that keeps it small enough."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    packed = png
    for colours in (256, 128, 64, 32, 16):
        stream = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
        packed = stream.getvalue()
        if len(packed) <= LARGEST:
            break
    return packed


def take(page: Page, server: LiveServer, shot: Shot, lang: str, width: int) -> str:
    """Open the page and keep its picture; a sentence about how it went."""
    answer = page.goto(server.url + shot.path)
    if shot.follow:
        page.locator("main a", has_text=re.compile(shot.follow)).first.click()
        page.wait_for_load_state("networkidle")
    elif answer is None or answer.status != 200:
        return f"{shot.name}: {answer.status if answer else 'no answer'}"
    if shot.then:
        page.goto(f"{page.url.split('?')[0].split('#')[0]}/{shot.then}")
    for selector in shot.click:
        _follow(page, server, selector)
    tall = page.evaluate("document.documentElement.scrollHeight")
    height = max(SIZES[width][0], min(tall, TALLEST[width]))
    page.set_viewport_size({"width": width, "height": height})
    target = TARGET / f"{shot.name}-{width}-{lang}.png"
    target.write_bytes(small(page.screenshot()))
    return f"{target.name}: {target.stat().st_size:,} bytes"


def _follow(page: Page, server: LiveServer, selector: str) -> None:
    """Click on; to the enterprise's page one goes with the code that the officer sends and the digits of its phone."""
    if selector == TRACK:
        code = re.search(r"/track/(\w+)", page.locator("#track-text").input_value())
        page.goto(f"{server.url}/track/{code[1] if code else ''}")
        page.fill("[name=digits]", "3317")
        page.locator("main button[type=submit]").click()
    else:
        page.locator(selector).first.click()
    page.wait_for_load_state("networkidle")


def main(names: list[str]) -> None:
    """Take every picture, or those that are named."""
    TARGET.mkdir(exist_ok=True)
    wanted = [shot for shot in SHOTS if not names or shot.name in names]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = LiveServer(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        try:
            for shot in wanted:
                for lang in LANGUAGES:
                    for width in SIZES:
                        with visitor(browser, server, shot.user, lang, width) as page:
                            try:
                                said = take(page, server, shot, lang, width)
                            except Exception as error:  # one page that is not there must not cost the others
                                said = f"{shot.name}-{width}-{lang}: {str(error).splitlines()[0]}"
                            sys.stdout.write(said + "\n")
                            sys.stdout.flush()
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
