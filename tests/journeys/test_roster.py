"""The roster in a real browser: every page of it by axe, at a phone and at a desk, in both languages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

PAGES = (
    "/people",
    "/people?role=officer",
    "/units",
    "/workload",
    "/duty?at=2026-01-05T02:00&place=南贤社区",
    "/imports/new",
)


@pytest.mark.parametrize(("width", "language"), [("phone", "zh"), ("desk", "en"), ("phone", "en"), ("desk", "zh")])
def test_who_serves_where_is_found_and_read_on_any_screen(desk_of: Any, width: str, language: str) -> None:
    desk = desk_of("district", width, language)
    for number, path in enumerate(PAGES):
        desk.open(path)
        keep(desk.page, f"{number}-{width}-{language}")
    desk.open("/units?q=17")
    desk.page.locator("td a[href^='/units/']").first.click()
    desk.look()
    keep(desk.page, f"unit-{width}-{language}")
    unit = desk.page.url.rsplit("/", 1)[1]
    for path in (f"/workload/{unit}", f"/units/{unit}/passwords"):
        desk.open(path)
        keep(desk.page, f"{path.strip('/').replace('/', '-')}-{width}-{language}")
    desk.open("/people?q=officer")
    desk.page.locator("td a[href^='/people/']").first.click()
    desk.look()
    keep(desk.page, f"person-{width}-{language}")


def keep(page: Any, name: str) -> None:
    """A picture to look at, where a folder for it is named."""
    if folder := os.environ.get("CASEWORK_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
