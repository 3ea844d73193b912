"""BPMN against what could go wrong: nothing lost on the way out and in, branches that mean the same, hostile files."""

from __future__ import annotations

import itertools
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from casework.processes.bpmn_in import read_bpmn
from casework.processes.bpmn_out import BPMN, DC, DD, DI, OURS, export
from casework.processes.commands import template as commands
from casework.processes.conditions import holds
from casework.processes.definition import Definition
from tests.processes.drafts import a_field, a_step, a_template, defined, random_template, shipping
from tests.processes.test_rules_of_bpmn import ENDS, SHIPPED, flows, lane, model, said, tasks

Box = tuple[float, float, float, float]
NODES = ("startEvent", "endEvent", "userTask", "parallelGateway", "exclusiveGateway")


def gates(*keys: str) -> str:
    """Parallel gateways for keys that begin with p, else exclusive ones."""
    return "".join(f'<{"parallel" if key[0] == "p" else "exclusive"}Gateway id="{key}"/>' for key in keys)


def condition(way: str, text: str) -> str:
    source, target = way.split(">")
    inside = f"<conditionExpression>{text}</conditionExpression>"
    return f'<sequenceFlow id="when" name="大额" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


def taken(content: bytes) -> Definition:
    found = read_bpmn(content)
    assert found.definition is not None, [str(one.reason) for one in found.mistakes]
    return found.definition


def shipped() -> list[Definition]:
    return [defined(json.loads(path.read_text("utf-8"))) for path in SHIPPED]


@pytest.mark.parametrize("seed", range(60))
def test_a_random_template_comes_back_equal(seed: int) -> None:
    dice = Random(seed)
    definition = defined(random_template(dice, dice.randint(1, 25)))
    assert read_bpmn(export(definition)).definition == definition


@pytest.mark.parametrize(
    "data",
    [
        a_template(a_step("a", decision={})),
        a_template(a_step("a"), a_step("b", "a"), a_step("c", "b", "a")),
        a_template(a_step("a", fields=[a_field("t")]), a_step("b", "a", when={"field": "a.t", "op": "=", "value": "\ud800\ufffe\x01"})),
        a_template(a_step("a", title={"zh": "一  二\n三", "en": "x"})),
        a_template(a_step("a", title={"zh": "长" * 1000, "en": "x"})),
    ],
    ids=["a bare decision", "a wait said twice", "what XML cannot hold", "blanks", "a long title"],
)  # fmt: skip
def test_what_is_lost_easily_comes_back(data: dict[str, Any]) -> None:
    assert taken(export(defined(data))) == defined(data)


@pytest.mark.parametrize(
    ("one", "other"),
    [("start", "end"), ("fork", "join"), ("process", "plane"), ("lane_0", "flow_0"), ("a", "decide_a"), ("a", "if_a")],
)
def test_a_step_may_be_called_as_any_part_of_the_drawing(one: str, other: str) -> None:
    definition = defined(a_template(a_step(one), a_step(other, one, decision={"return_to": [one], "reject": True})))
    content = export(definition)
    ids = Counter(element.get("id") for element in etree.fromstring(content).iter() if element.get("id"))
    assert [key for key, count in ids.items() if count > 1] == []
    assert taken(content) == definition


def boxes(root: Any) -> dict[str, Box]:
    found = {}
    for shape in root.iter(f"{{{DI}}}BPMNShape"):
        bounds = shape.find(f"{{{DC}}}Bounds")
        found[shape.get("bpmnElement")] = tuple(float(bounds.get(part)) for part in ("x", "y", "width", "height"))
    return found


def meet(one: Box, other: Box) -> bool:
    return all(one[n] < other[n] + other[n + 2] and other[n] < one[n] + one[n + 2] for n in (0, 1))


def lies_in(one: Box, other: Box) -> bool:
    return all(other[n] <= one[n] and one[n] + one[n + 2] <= other[n] + other[n + 2] for n in (0, 1))


@pytest.mark.parametrize("number", range(20))
def test_each_node_lies_in_its_lane_and_on_no_other_and_no_line_passes_a_task(number: int) -> None:
    definition = [*shipped(), *(defined(random_template(Random(seed), 16)) for seed in range(17))][number]
    root = etree.fromstring(export(definition))
    box = boxes(root)
    lanes = {ref.text: element.get("id") for element in root.iter(f"{{{BPMN}}}lane") for ref in element}
    kinds = {one.get("id"): etree.QName(one).localname for one in root.iterfind(f"{{{BPMN}}}process/*")}
    nodes = [key for key, kind in kinds.items() if kind in NODES]
    for place, key in enumerate(nodes):
        assert lies_in(box[key], box[lanes[key]]), key
        assert [other for other in nodes[place + 1 :] if meet(box[key], box[other])] == []
    for edge in root.iter(f"{{{DI}}}BPMNEdge"):
        points = [(float(one.get("x")), float(one.get("y"))) for one in edge.iter(f"{{{DD}}}waypoint")]
        for (x, y), (to_x, to_y) in itertools.pairwise(points):
            line = (min(x, to_x) + 0.1, min(y, to_y) + 0.1, abs(to_x - x) - 0.2, abs(to_y - y) - 0.2)
            crossed = [key for key in nodes if kinds[key] == "userTask" and meet(line, box[key])]
            assert crossed == [], (edge.get("bpmnElement"), points)


class Sketch:
    """A random model of nested blocks that can be walked by choosing ways, as BPMN says."""

    def __init__(self, dice: Random) -> None:
        self.dice, self.tasks, self.gates, self.ways = dice, list[str](), list[str](), list[str]()

    def task(self, source: str, name: str) -> str:
        self.tasks.append(f"t{len(self.tasks)}")
        self.ways.append(f"{source}>{self.tasks[-1]}:{name}")
        return self.tasks[-1]

    def gate(self, kind: str) -> str:
        self.gates.append(f"{kind}{len(self.gates)}")
        return self.gates[-1]

    def block(self, source: str, name: str, deep: int, ends: bool = True) -> tuple[str, Callable[..., bool]]:
        """Where the block is left, and how it is walked: false when the process ended in it."""
        kind = self.dice.choice(("task", "row", "both", "one")) if deep else "task"
        if kind == "task":
            task = self.task(source, name)
            return task, lambda pick, walked: walked.append(task) is None
        if kind == "row":
            middle, first = self.block(source, name, deep - 1, ends)
            last, second = self.block(middle, "", deep - 1, ends)
            return last, lambda pick, walked: first(pick, walked) and second(pick, walked)
        if kind == "both":
            fork, join = self.gate("p"), self.gate("p")
            self.ways.append(f"{source}>{fork}:{name}")
            parts = [self.block(fork, "", deep - 1, ends=False) for _ in range(2)]
            self.ways += [f"{last}>{join}" for last, _ in parts]
            return join, lambda pick, walked: all(part(pick, walked) for _, part in parts)
        return self.choice(source, name, deep, ends)

    def choice(self, source: str, name: str, deep: int, ends: bool) -> tuple[str, Callable[..., bool]]:
        task, split, merge = self.task(source, name), self.gate("x"), self.gate("x")
        self.ways.append(f"{task}>{split}")
        walks: list[Callable[..., bool]] = []
        for number in range(self.dice.randint(2, 3)):
            kind = self.dice.choice(("skip", "end", "block", "block"))
            if kind == "block":
                last, walk = self.block(split, f"w{number}", deep - 1, ends)
                self.ways.append(f"{last}>{merge}")
            else:
                goes_on = kind == "skip" or not ends or number == 0
                self.ways.append(f"{split}>{merge if goes_on else 'done'}:w{number}")
                walk = lambda pick, walked, goes_on=goes_on: goes_on  # noqa: E731
            walks.append(walk)
        return merge, lambda pick, walked: (walked.append(task), walks[pick(task, len(walks))](pick, walked))[1]


@pytest.mark.parametrize("seed", range(150))
def test_the_steps_that_take_place_are_those_that_a_walk_through_the_model_meets(seed: int) -> None:
    sketch = Sketch(dice := Random(seed))
    last, walk = sketch.block("go", "", dice.randint(1, 5))
    body = ENDS + tasks(*sketch.tasks) + gates(*sketch.gates) + flows(*sketch.ways, f"{last}>done")
    definition = taken(model(body, lane("officer", *sketch.tasks)))
    for _ in range(5):
        picked: dict[str, int] = {}
        walked: list[str] = []
        walk(lambda task, most: picked.setdefault(task, dice.randrange(most)), walked)  # noqa: B023
        answers: dict[str, dict[str, str]] = {}
        for key in definition.order:
            if holds(definition.by_key[key].when, answers):
                answers[key] = {"way": f"way_{picked[key] + 1}"} if key in picked else {}
        assert answers.keys() == set(walked)


@pytest.mark.parametrize("way", ["x>b", "a>b", "x>a"])
def test_an_expression_on_a_way_is_named_and_never_dropped(way: str) -> None:
    ways = flows(*({"go>a", "a>x", "x>b:1", "x>c:2", "x>a:3", "b>done", "c>done"} - {f"{way}:1", f"{way}:3"}))
    content = model(
        ENDS + tasks("a", "b", "c") + gates("x") + ways + condition(way, "${sum &gt; 10000}"),
        lane("officer", "a", "b", "c"),
    )
    assert read_bpmn(content).definition is None
    assert "大额 (when)" not in said(content)  # ways have no names of their own in the graph
    assert "when: The condition “${sum > 10000}” is not read" in said(content)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (gates("x", "y") + flows("go>a", "a>x", "a>y", "x>b:1", "x>c:2", "y>b:3", "y>c:4", "b>done", "c>done"), "asks for another split"),
        (gates("x", "p") + flows("go>a", "a>x", "x>b:1", "x>c:2", "b>p", "c>p", "p>done"), "p: The join waits for ways"),
        (tasks("a") + flows("go>a", "a>b", "b>c", "c>done"), "a 步 (a): An element has no id, or another has the same"),
        ("<userTask/>" + flows("go>a", "a>b", "b>c", "c>done"), "process: An element has no id"),
        (gates(*(f"x{n}" for n in range(3001))), "at most 3000 elements"),
    ],
)  # fmt: skip
def test_what_would_mean_something_else_here_is_named(body: str, words: str) -> None:
    content = model(ENDS + tasks("a", "b", "c") + body, lane("officer", "a", "b", "c"))
    assert read_bpmn(content).definition is None
    assert words in said(content)


def test_two_tasks_never_get_the_same_key() -> None:
    content = model(ENDS + tasks("A", "step_1") + flows("go>A", "A>step_1", "step_1>done"), lane("企业", "A", "step_1"))
    assert [step.key for step in taken(content).steps] == ["step_2", "step_1"]


def test_what_a_modeler_changed_on_an_exported_model_counts() -> None:
    content = export(defined(shipping())).decode()
    renamed = taken(content.replace('id="check" name="check"', 'id="check" name="复核"').encode())
    assert renamed.by_key["check"].title.zh == "复核"
    root = etree.fromstring(content.encode())
    skip = root.find(f".//{{{BPMN}}}sequenceFlow[@sourceRef='if-chill'][@targetRef='endif-chill']")
    skip.getparent().remove(skip)
    assert "chill (chill): The split before it is the condition of a step" in said(etree.tostring(root))
    assert read_bpmn(etree.tostring(root)).definition is None


@pytest.mark.parametrize(
    "own",
    [
        '{"decision": [1]}', '{"decision": "x"}', '{"decision": 5}', '{"decision": {"return_to": 5}}', '{"after": 5}',
        '{"decision": {"return_to": [[1]]}}', '{"after": [[1]]}', '{"fields": 5}', '{"when": 5}', '{"title": 5}',
        '{"place": 1e400}', '{"key": {}}', '{"limit": []}', '{"actor": 5}', "[" * 100_000, "5", "{",
    ],
)  # fmt: skip
def test_nonsense_in_our_own_elements_is_survived(own: str) -> None:
    step = f'<extensionElements><o:step xmlns:o="{OURS}">{own}</o:step></extensionElements>'
    first = f'<userTask id="a" name="n">{step}</userTask>'
    for ways in (("x>b:1", "x>c:2"), ("x>done:1", "x>a:2"), ("x>b:1", "x>b:2")):
        body = ENDS + first + tasks("b", "c") + gates("x") + flows("go>a", "a>x", "a>c", *ways, "b>done", "c>done")
        assert read_bpmn(model(body, lane("officer", "a", "b", "c"))).errors


GROWING = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
) + "]>"  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        f'{GROWING}<definitions xmlns="{BPMN}" x="&m;"/>'.encode(),
        f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><definitions xmlns="{BPMN}" x="{"&a;" * 20_000}"/>'.encode(),
        f'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><definitions xmlns="{BPMN}"/>'.encode(),
        f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><definitions xmlns="{BPMN}"/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b'<?xml version="1.0" encoding="utf-8"?><a>\xff</a>',
        b"<a>\x00</a>",
        b"PK\x03\x04",
        f'<definitions xmlns="{BPMN}">{"<process>" * 2000}'.encode(),
    ],
)  # fmt: skip
def test_what_grows_loads_or_cannot_be_decoded_is_refused_at_once(content: bytes) -> None:
    began = time.process_time()
    found = read_bpmn(content)
    assert found.definition is None
    assert [str(one.reason) for one in found.errors] == [
        "The file is no BPMN that can be read: export it again as BPMN 2.0 XML."
    ]
    assert time.process_time() - began < 2


def test_a_file_of_thousands_of_splits_is_refused_in_a_moment() -> None:
    keys = [f"x{number}" for number in range(8000)]
    ways = flows(
        "go>a",
        "a>x0",
        *(f"{one}>{two}:1" for one, two in itertools.pairwise(keys)),
        *(f"{one}>done:2" for one in keys),
    )
    began = time.process_time()
    assert read_bpmn(model(ENDS + tasks("a") + gates(*keys) + ways, lane("officer", "a"))).definition is None
    assert time.process_time() - began < 5


def call(command: str, file: Path, content: bytes) -> Result:
    file.write_bytes(content)
    return CliRunner().invoke(commands, [command, str(file)])


def test_convert_prints_a_template_and_says_beside_it_what_is_still_to_mend(tmp_path: Path) -> None:
    content = model(ENDS + tasks("a") + flows("go>a", "a>done"), lane("officer", "a"))
    ran = call("convert", tmp_path / "m.bpmn", content)
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["steps"][0]["actor"] == "officer"
    assert "mistake at /steps/0/limit: No time limit" in ran.stderr
    assert call("check", tmp_path / "m.bpmn", content).exit_code == 1


def test_convert_refuses_with_the_list_and_prints_no_template(tmp_path: Path) -> None:
    content = model(
        ENDS + tasks("a") + '<serviceTask id="s" name="发送"/>' + flows("go>a", "a>done"), lane("officer", "a")
    )
    ran = call("convert", tmp_path / "m.bpmn", content)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "mistake at 发送 (s): “serviceTask” is not supported" in ran.stderr
