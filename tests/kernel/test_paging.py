"""Every paged list leads on and back: the same pages, whichever way they are walked."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask

from casework.areas.models import Area
from casework.areas.service import add_area
from casework.kernel.db import db
from casework.roster.models import Unit
from tests.factories import a_firm, an_office, signed_in

WAY = r'<a class="btn btn-quiet" rel="{}" href="([^"]+)"'
ROW = re.compile(r'<td class="t"[^>]*><a href="([^"]+)"')


@pytest.fixture
def client(app: Flask):
    """An office with more units, firms and places than a page holds, seen by its district administrator."""
    office = an_office()
    street = office.areas["8801001"]
    for number in range(230):
        add_area(code=f"8801001{number + 100}", name=f"第 {number} 社区", level="community", parent=street)
    db.session.add_all(
        Unit(code=f"u{number:03}", name=f"第 {number} 组", kind="team", area_id=street.id, domains=[])
        for number in range(120)
    )
    for number in range(120):
        a_firm(office, name=f"第 {number} 商行")
    db.session.commit()
    return signed_in(app.test_client(), office.people["district_admin"])


def way(html: str, which: str) -> str | None:
    found = re.search(WAY.format(which), html)
    return found.group(1).replace("&amp;", "&") if found else None


@pytest.mark.parametrize("start", ["/units", "/enterprises", "/areas/street"])
def test_the_pages_of_a_list_are_the_same_forwards_and_back(client, start: str) -> None:
    if start.endswith("street"):
        street = db.session.query(Area).filter_by(code="8801001").one().id
        start = f"/areas/{street}"
    onward, address = [], start
    while address:
        html = client.get(address).text
        onward.append(ROW.findall(html))
        last, address = html, way(html, "next")
    assert len(onward) > 2
    back, address = [onward[-1]], way(last, "prev")
    while address:
        html = client.get(address).text
        back.append(ROW.findall(html))
        assert urlsplit(address).path == start
        address = way(html, "prev")
    assert back[::-1] == onward
