"""What is wrong with a template is named at its place, and nothing that is right is complained of."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from casework.config import ROOT
from casework.processes.checker import check, check_file
from casework.processes.definition import Definition, as_json
from casework.processes.shapes import schema
from tests.processes.drafts import YES_NO, a_field, a_step, a_template, defined, shipping

SHIPPED = sorted((ROOT / "casework" / "processes" / "shipped").glob("*.json"))
Break = Callable[[dict[str, Any]], object]


def step(number: int, **change: Any) -> Break:
    return lambda data: data["steps"][number].update(change)


def field(**change: Any) -> Break:
    return lambda data: data["steps"][0]["fields"][0].update(change)


def when(**condition: Any) -> Break:
    return step(4, when=condition)


WRONG: list[tuple[str, Break, str, str]] = [
    ("a step nobody can reach", step(5, after=["slip2"]), "/steps/5/after/0", "join can never complete"),
    ("a step that waits for itself", step(1, after=["check"]), "/steps/1/after/0", "waits for itself"),
    ("a circle", step(1, after=["slip"]), "/steps/1/after", "wait for each other"),
    ("what hangs on a circle", lambda data: (data["steps"][1].update(after=["inspect"]), data["steps"][0]), "/steps/4/after", "cannot be reached"),
    ("a step waited for twice", step(1, after=["apply", "apply"]), "/steps/1/after/1", "twice"),
    ("two steps of one key", step(2, key="check"), "/steps/2/key", "key of its own"),
    ("an unknown field", when(field="apply.gone", op="empty"), "/steps/4/when", "no step asks for"),
    ("a field of a step not yet done", when(field="slip.note", op="empty"), "/steps/4/when", "no step asks for"),
    ("an answer that cannot be", when(field="apply.cold", op="=", value="maybe"), "/steps/4/when", "can never be"),
    ("a choice compared by size", when(field="apply.cold", op=">", value="yes"), "/steps/4/when", "no less or more"),
    ("a number compared with a text", when(field="apply.weight", op="=", value="five"), "/steps/4/when", "can never be"),
    ("an unknown comparison", when(field="apply.weight", op="~", value=5), "/steps/4/when", "no condition"),
    ("code for a condition", step(4, when="__import__('os')"), "/steps/4/when", "no condition"),
    ("nothing to join", when(all=[]), "/steps/4/when", "no condition"),
    ("a mistake deep in a condition", when(any=[{"not": {"field": "apply.x", "op": "empty"}}]), "/steps/4/when/any/0/not", "no step asks for"),
    ("no way to the end", step(3, decision={"approve": False, "reject": True}), "/steps/3/decision", "no way to the end"),
    ("a return to a later step", step(1, decision={"return_to": ["slip"]}), "/steps/1/decision/return_to/0", "has not been passed"),
    ("a firm that decides on itself", step(2, decision={}), "/steps/2/decision", "cannot decide"),
    ("no time limit", step(1, limit=None), "/steps/1/limit", "does not know how long"),
    ("a limit of no time", step(1, limit={"minutes": 0}), "/steps/1/limit/minutes", "whole number"),
    ("an unknown actor", step(1, actor="mayor"), "/steps/1/actor", "cannot stand here"),
    ("an unknown kind of field", field(kind="colour"), "/steps/0/fields/0/kind", "is possible"),
    ("one choice only", field(kind="choice", choices=YES_NO[:1]), "/steps/0/fields/0/choices", "at least two"),
    ("choices of a number", field(choices=YES_NO), "/steps/0/fields/0/choices", "Only a choice"),
    ("least above most", field(min=5, max=4), "/steps/0/fields/0/min", "nothing could be answered"),
    ("a range for a day", field(kind="date", min=5), "/steps/0/fields/0/min", "no least and most"),
    ("a pattern that never ends", field(kind="text", pattern="(a+)+$"), "/steps/0/fields/0/pattern", "from character 1 on"),
    ("a declaration of nothing", field(kind="declaration"), "/steps/0/fields/0/text", "what is declared"),
    ("an unknown property", step(1, script="rm -rf /"), "/steps/1/script", "means nothing here"),
    ("a missing title", step(1, title=None), "/steps/1/title", "is missing"),
    ("a title of only blanks", step(1, title={"zh": " ", "en": "x"}), "/steps/1/title", "Chinese text is missing"),
    ("a text that is a list", step(1, help=[]), "/steps/1/help", "a text, or one in each language"),
    ("steps that are a text", lambda data: data.update(steps="all"), "/steps", "a list"),
    ("no steps", lambda data: data.update(steps=[]), "/steps", "from 1 to 300"),
    ("another format", lambda data: data.update(format="bpmn"), "/format", "is possible"),
    ("a fact that is private", lambda data: (data["steps"][0]["fields"].append(a_field("tel", "phone")), data["steps"][5].update(issues=[{"key": "d", "title": "单", "series": "临发", "valid_hours": 24, "facts": ["apply.tel"]}])), "/steps/5/issues/0/facts/0", "is personal"),
    ("a fact nobody gave", step(5, issues=[{"key": "d", "title": "单", "series": "临发", "valid_hours": 24, "facts": ["apply.gone"]}]), "/steps/5/issues/0/facts/0", "not answered by then"),
    ("a document valid for no time", step(5, issues=[{"key": "d", "title": "单", "series": "临发", "valid_hours": 0}]), "/steps/5/issues/0/valid_hours", "whole number"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "break_it", "place", "said"), WRONG, ids=[row[0] for row in WRONG])
def test_every_mistake_is_named_at_its_place(what: str, break_it: Break, place: str, said: str) -> None:
    data = shipping()
    break_it(data)
    found = [(mistake.place, mistake.reason.text % dict(mistake.reason.values)) for mistake in check(data).errors]
    assert any(here == place and said in text for here, text in found), found


def test_a_good_template_has_no_mistakes() -> None:
    assert check(shipping()).mistakes == []


def test_a_condition_may_not_read_a_parallel_step() -> None:
    data = shipping()
    data["steps"][2]["fields"] = [a_field("word", "choice", choices=YES_NO)]
    data["steps"][1]["when"] = {"field": "promise.word", "op": "=", "value": "yes"}
    assert ["may not be answered by then" in mistake.reason.text for mistake in check(data).errors] == [True]


def test_a_missing_translation_is_only_a_warning() -> None:
    data = shipping()
    data["steps"][0]["title"] = "填报"
    checked = check(data)
    assert checked.errors == []
    assert [(mistake.place, mistake.step, mistake.warning) for mistake in checked.mistakes] == [
        ("/steps/0/title", "apply", True)
    ]


def test_a_mistake_names_its_step_so_that_the_page_can_show_it_there() -> None:
    data = shipping()
    data["steps"][1]["limit"] = None
    assert [mistake.step for mistake in check(data).errors] == ["check"]


NO_TEMPLATES = {
    "nothing": (b"", "not JSON any more"),
    "half a file": (b'{"format": "casework', "not JSON any more"),
    "a list": (b"[]", "holds no template"),
    "a name twice": (b'{"steps": [], "steps": []}', "stands twice"),
    "another encoding": ("企业".encode("gb18030"), "not JSON in UTF-8"),
    "no number": (b'{"name": NaN}', "not JSON in UTF-8"),
    "endless depth": (b"[" * 200_000, "not JSON in UTF-8"),
    "a huge file": (b" " * 1_100_000, "larger than 1 MB"),
}


@pytest.mark.parametrize(("content", "said"), NO_TEMPLATES.values(), ids=NO_TEMPLATES)
def test_a_file_that_is_no_template_gets_one_sentence(content: bytes, said: str) -> None:
    assert [said in mistake.reason.text for mistake in check_file(content).mistakes] == [True]


def nested(deep: int) -> dict[str, Any]:
    return {"not": nested(deep - 1)} if deep else {"field": "apply.weight", "op": "empty"}


def test_a_condition_is_not_nested_for_ever() -> None:
    data = shipping()
    data["steps"][4]["when"] = nested(100)
    assert ["nested deeper" in mistake.reason.text for mistake in check(data).errors] == [True]


@pytest.mark.parametrize("junk", [None, 7, "x", [], [[]], {"x": 1}, True, 1e308])
@pytest.mark.parametrize("name", ["format", "name", "steps", "serves", "code"])
def test_nonsense_anywhere_is_named_and_never_breaks_the_checker(name: str, junk: object) -> None:
    assert check(shipping() | {name: junk}).errors or junk in (None, []) or (name, junk) == ("name", "x")


@pytest.mark.parametrize("junk", [7, "x", [], [[]], {"x": 1}, True, 1e308, -1, "\x00"])
@pytest.mark.parametrize(
    "name", ["key", "title", "actor", "after", "when", "fields", "limit", "visit", "decision", "issues", "documents"]
)
def test_nonsense_in_a_step_never_breaks_the_checker(name: str, junk: object) -> None:
    data = shipping()
    data["steps"][3][name] = junk
    checked = check(data)
    assert checked.errors or junk in ([], "x")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_templates_are_ready_and_complete_in_both_languages(path: Any) -> None:
    assert check_file(path.read_bytes()).mistakes == []


def test_three_templates_are_shipped() -> None:
    names = {json.loads(path.read_text())["name"]["zh"] for path in SHIPPED}
    assert names == {"企业临时发货报备", "外籍人员临时出入证", "复工备案（告知承诺）"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_template_travels_unchanged(path: Any) -> None:
    first = defined(json.loads(path.read_text()))
    again = defined(json.loads(json.dumps(as_json(first), ensure_ascii=False)))
    assert isinstance(again, Definition)
    assert again == first


def test_the_published_schema_is_the_one_that_is_checked() -> None:
    published = json.loads((ROOT / "docs" / "template.schema.json").read_text())
    assert published == schema()


def test_a_long_circle_is_named_once_for_each_of_its_steps() -> None:
    steps = [a_step(f"s{number}", f"s{(number + 1) % 50}") for number in range(50)]
    assert len(check(a_template(*steps)).errors) == 50
