"""People at browsers, for the journeys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.desk import WIDTHS, Desk, Window


@pytest.fixture
def window_of(browser: Browser, live_server: str) -> Iterator[Any]:
    """Open a window of nobody in particular at a width and in a language; all are shut at the end."""
    contexts = []

    def make(width: str, language: str) -> Window:
        wide, high = WIDTHS[width]
        context = browser.new_context(
            base_url=live_server, viewport={"width": wide, "height": high}, has_touch=width == "phone", locale="zh-CN"
        )
        if language == "en":
            context.add_cookies([{"name": "lang", "value": "en", "url": live_server}])
        contexts.append(context)
        return Window(context.new_page())

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def desk_of(window_of: Any) -> Any:
    """Make a signed-in person at a width and in a language."""

    def make(username: str, width: str, language: str) -> Desk:
        return Desk(window_of(width, language).page, username, language)

    return make
