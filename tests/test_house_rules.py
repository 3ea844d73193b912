"""What holds for the whole tree, whoever writes in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment

from casework.audit.vocabulary import Fact
from casework.casefile import events as casefile_events
from casework.cases import events, move_words, story
from casework.commons import events as commons_events
from casework.config import ROOT
from casework.handover import events as handover_events
from casework.intake import events as intake_events
from casework.kpis import events as kpi_events
from casework.negotiations import events as negotiation_events
from casework.orders import events as order_events
from casework.processes import events as process_events
from casework.review import events as review_events
from casework.routing import events as routing_events
from casework.supervision import events as supervision_events
from casework.supplies import events as supply_events

CODE = sorted((ROOT / "casework").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LONGEST_MODULE = 350
# What is longer today may shrink, never grow.
LONGER: dict[str, int] = {}
# Places that may write markup by hand, each with its reason.
RAW_MARKUP = {
    "casework/saved/panels.py": "a panel is a rendered template",
    "casework/commons/panels.py": "a panel is a rendered template",
    "casework/orders/panels.py": "a panel is a rendered template",
    "casework/routing/panels.py": "a panel is a rendered template",
    "casework/handover/panels.py": "a panel is a rendered template",
    "casework/supplies/panels.py": "a panel is a rendered template",
    "casework/intake/track_views.py": "a part is a rendered template",
    "casework/supervision/panels.py": "a panel is a rendered template",
    "casework/supervision/urge_views.py": "a part is a rendered template",
    "casework/enterprises/views.py": "panels are rendered templates",
    "casework/precedents/panels.py": "a panel is a rendered template",
    "casework/negotiations/panels.py": "a panel is a rendered template",
    "casework/processes/panels.py": "a panel is a rendered template",
    "casework/kernel/qr.py": "numbers, and a label that is escaped",
    "templates/cases/_story.html": "two attributes written out once",
}
TEXT = {
    ".py",
    ".html",
    ".md",
    ".toml",
    ".cfg",
    ".ini",
    ".txt",
    ".lock",
    ".json",
    ".po",
    ".js",
    ".css",
    ".yaml",
    ".yml",
    "",
}
LEFT_OUT = {".git", ".venv", "node_modules", "var", "static/vendor", "__pycache__"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines_with(pattern: str, paths: list[Path]) -> list[str]:
    found = re.compile(pattern)
    return [
        f"{name(path)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if found.search(line)
    ]


def test_only_the_database_module_commits() -> None:
    assert {place.split(":")[0] for place in lines_with(r"\.commit\(", CODE)} == {"casework/kernel/db.py"}


def test_only_take_sets_the_state() -> None:
    setting = lines_with(r"\bcase\.state(, case\.is_open)? = ", CODE)
    assert {place.split(":")[0] for place in setting} == {"casework/cases/taking.py"}
    assert len(setting) == 1


def test_no_markup_is_trusted_unescaped() -> None:
    found = lines_with(r"\bMarkup\(|render_template_string|\bfrom_string\(", CODE) + lines_with(
        r"\|\s*safe\b|autoescape\s+false|Markup\(", TEMPLATES
    )
    assert [place for place in found if place.split(":")[0] not in RAW_MARKUP] == []


def test_templates_hold_no_inline_code_or_style() -> None:
    inline = r"""<style|\sstyle\s*=\s*["']|\son[a-z]+\s*=\s*["']|javascript:|<script(?![^>]*\ssrc=)"""
    assert lines_with(inline, TEMPLATES) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_template_parses(path: Path, jinja: Environment) -> None:
    jinja.parse(path.read_text())


@pytest.fixture(scope="module")
def jinja() -> Environment:
    from casework import create_app
    from casework.config import Settings

    return create_app(Settings(database_url="sqlite://", secret_key="x" * 40, testing=True)).jinja_env


def test_every_template_can_be_found_by_who_names_it() -> None:
    there = {path.relative_to(ROOT / "templates").as_posix() for path in TEMPLATES}
    named = set()
    for path in [*CODE, *TEMPLATES]:
        named |= set(re.findall(r"""["']((?:[a-z_]+/)*[a-z_]+\.html)["']""", path.read_text()))
    assert named - there == set()


def test_no_module_is_too_long() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in CODE}
    assert {path: length for path, length in lengths.items() if length > LONGER.get(path, LONGEST_MODULE)} == {}


def test_every_module_says_its_one_idea() -> None:
    assert [
        name(path) for path in CODE if path.read_text().strip() and not path.read_text().startswith(('"""', "#!"))
    ] == []


def whole_tree() -> Iterator[Path]:
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT)
        if any(str(parts).startswith(left) or left in parts.parts for left in LEFT_OUT):
            continue
        if any(part.startswith(".") and part not in (".ci", ".gitignore", ".npmrc") for part in parts.parts):
            continue
        if path.is_file() and path.suffix in TEXT:
            yield path


def test_no_registry_address_is_in_the_tree() -> None:
    address = re.compile(
        r"https?://[^\s\"'<>]*(pypi|npmjs|pythonhosted|mirror|registry|jfrog|artifactory)", re.IGNORECASE
    )
    assert [
        name(path)
        for path in whole_tree()
        if path != Path(__file__) and address.search(path.read_text(errors="ignore"))
    ] == []


FACTS = (
    events,
    casefile_events,
    commons_events,
    order_events,
    handover_events,
    intake_events,
    kpi_events,
    negotiation_events,
    process_events,
    review_events,
    routing_events,
    supervision_events,
    supply_events,
)
"""Where the facts of a case are named."""


def test_every_fact_of_a_case_is_told_in_words(app: Flask) -> None:
    facts = {
        fact.__name__
        for package in FACTS
        for fact in vars(package).values()
        if isinstance(fact, type) and issubclass(fact, Fact) and fact is not Fact
    }
    assert facts == set(story.TELLERS)


def test_every_action_is_told_and_has_a_short_name() -> None:
    from casework.cases.workflow import ACTIONS

    names = {action.name for action in ACTIONS}
    assert names == set(move_words.MOVED)
    assert names <= set(story.SHORT)


def test_a_view_without_declared_access_keeps_the_app_from_starting(app: Flask) -> None:
    from casework.kernel.web import refuse_undeclared

    app.add_url_rule("/bare", "bare", lambda: "")
    with pytest.raises(RuntimeError, match="bare"):
        refuse_undeclared(app)
