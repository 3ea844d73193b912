"""Chinese first, English complete: every string has both, and no page mixes them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from casework.cases.models import CaseType
from casework.cases.workflow import State
from casework.kernel.i18n import catalogue
from casework.kernel.time import utcnow
from tests.factories import a_case, an_office, signed_in
from tests.harness.translations import contested, translated, untranslated

BLANKS = re.compile(r"%\((\w+)\)[sd]|%[sd]")
UNTRANSLATED_ON_PURPOSE = {"English", "N95", "Casework", "CSV", "XLSX"}


def test_every_string_has_chinese() -> None:
    assert untranslated() == []


def test_no_string_has_one_chinese_here_and_another_there() -> None:
    assert contested() == []


def test_pages_find_the_chinese_of_one_and_of_many() -> None:
    said = catalogue()
    assert said["%(num)s firm"] == said["%(num)s firms"] == "%(num)s 户"
    assert not [text for text in said if text.startswith("(")]


def test_a_translation_keeps_the_blanks_of_its_sentence() -> None:
    wrong = {
        text: said for text, said in translated().items() if set(BLANKS.findall(text)) != set(BLANKS.findall(said))
    }
    assert wrong == {}


def test_the_officers_words_blame_nobody() -> None:
    assert [said for said in translated().values() if "请注意" in said or "失败" in said] == []


class Words(HTMLParser):
    """The texts of a page, and what is said in its titles, labels and placeholders."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: set[str] = set()
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        spoken = ("title", "aria-label", "placeholder", "alt")
        self.said |= {value.strip() for name, value in attrs if name in spoken and value}

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.said.add(data.strip())


def pages(number: str) -> list[str]:
    case = f"/cases/{number}"
    steps = ("contact", "wait", "extend", "submit_result")
    return ["/", "/cases", "/cases?q=口罩&state=in_progress", "/cases/new", case, f"{case}/edit", "/help", "/me",
            "/enterprises", "/areas", *(f"{case}/actions/{step}" for step in steps)]  # fmt: skip


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_no_page_mixes_the_languages(app: Flask, client: FlaskClient, locale: str) -> None:
    office = an_office()
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    number = case.number
    signed_in(client, office.people["officer"], locale=locale)
    known = translated()
    foreign = (
        {text for text, said in known.items() if text != said}
        if locale == "zh-CN"
        else {said for text, said in known.items() if text != said}
    )
    named = [*office.areas.values(), *office.units.values(), *office.people.values()]
    data = {kind.zh for kind in _types()} | {thing.name for thing in named}
    for path in pages(number):
        response = client.get(path)
        assert response.status_code == 200, path
        assert f'lang="{locale}"' in response.text, path
        mixed = (Words(response.text).said & foreign) - UNTRANSLATED_ON_PURPOSE - data
        assert mixed == set(), path


def _types() -> list[CaseType]:
    from casework.cases import queries

    return list(queries.case_types())


@pytest.mark.parametrize(("locale", "word"), [("zh-CN", "联系"), ("en", "contact")])
def test_a_refusal_speaks_the_readers_language(app: Flask, client: FlaskClient, locale: str, word: str) -> None:
    office = an_office()
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    signed_in(client, office.people["officer"], locale=locale)
    form = {"version": str(case.version), "outcome": "solved", "text": "办好了"}
    response = client.post(f"/cases/{case.number}/actions/submit_result", data=form)
    assert response.status_code == 422
    assert word in response.text
    evidence = {"zh-CN": "办理记录", "en": "Record of what was done"}
    [other] = set(evidence) - {locale}
    assert evidence[locale] in response.text
    assert evidence[other] not in response.text
