"""A QR code that prints: black on white, with its quiet zone, nothing that the content policy forbids."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from flask import Flask

from casework.kernel.qr import QUIET, qr_svg

FINDER = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]


def drawn(app: Flask, text: str) -> tuple[ElementTree.Element, list[str]]:
    """The picture, and its modules as rows of # and dots."""
    with app.test_request_context():
        svg = ElementTree.fromstring(str(qr_svg(text)))
    size = int(svg.attrib["viewBox"].split()[2])
    rows = [["."] * size for _ in range(size)]
    [path] = svg.findall("path")
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path.attrib["d"]):
        rows[int(y)][int(x)] = "#"
    return svg, ["".join(row) for row in rows]


def test_it_has_its_three_finders_and_white_all_round(app: Flask) -> None:
    _, rows = drawn(app, "https://example.org/confirm/abc")
    size = len(rows)
    blank = "." * size
    assert rows[:QUIET] == rows[-QUIET:] == [blank] * QUIET
    assert {row[:QUIET] + row[-QUIET:] for row in rows} == {"." * 2 * QUIET}
    last = size - QUIET - 7
    for left, top in ((QUIET, QUIET), (last, QUIET), (QUIET, last)):
        assert [row[left : left + 7] for row in rows[top : top + 7]] == FINDER


@pytest.mark.parametrize("text", ["a", "https://example.org/confirm/" + "x" * 200, "链接<b>&\"'"])
def test_it_is_a_named_picture_in_black_on_white_without_style_or_script(app: Flask, text: str) -> None:
    svg, _ = drawn(app, text)
    assert (svg.attrib["role"], bool(svg.attrib["aria-label"])) == ("img", True)
    assert [part.attrib["fill"] for part in svg] == ["#fff", "#000"]
    assert {part.tag for part in svg.iter()} == {"svg", "rect", "path"}
    assert not [name for part in svg.iter() for name in part.attrib if name == "style" or name.startswith("on")]


def test_different_texts_give_different_pictures(app: Flask) -> None:
    assert drawn(app, "https://example.org/1")[1] != drawn(app, "https://example.org/2")[1]
