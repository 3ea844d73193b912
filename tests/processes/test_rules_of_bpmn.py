"""BPMN in and out: what goes out comes back the same, what is not supported is named at its element, nothing is guessed."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from lxml import etree

from casework.processes import reading
from casework.processes.bpmn_in import read_bpmn
from casework.processes.bpmn_out import BPMN, DI, export
from casework.processes.checker import check
from casework.processes.definition import as_json
from casework.processes.words import ENTERPRISE
from tests.processes.drafts import defined, random_template, shipping

SHIPPED = sorted(Path(reading.__file__).with_name("shipped").glob("*.json"))
FRAME = (
    '<?xml version="1.0"?><definitions xmlns="{bpmn}" {more}><process id="p" name="流程">{body}</process></definitions>'
)


def model(body: str, lanes: str = "", more: str = "") -> bytes:
    return FRAME.format(bpmn=BPMN, body=f"<laneSet>{lanes}</laneSet>{body}", more=more).encode()


def lane(name: str, *refs: str) -> str:
    return f'<lane name="{name}">' + "".join(f"<flowNodeRef>{ref}</flowNodeRef>" for ref in refs) + "</lane>"


def flows(*ways: str) -> str:
    made = [(way.split(">")[0], *way.split(">")[1].partition(":")[::2]) for way in ways]
    return "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}" name="{name}"/>'
        for number, (source, target, name) in enumerate(made)
    )


def tasks(*keys: str) -> str:
    return "".join(f'<userTask id="{key}" name="{key} 步"/>' for key in keys)


ENDS = '<startEvent id="go"/><endEvent id="done"/>'


def said(content: bytes) -> str:
    return " ".join(f"{one.place}: {one.reason}" for one in read_bpmn(content).errors)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_template_goes_out_and_comes_back_the_same(path: Path) -> None:
    definition = defined(json.loads(path.read_text("utf-8")))
    back = read_bpmn(export(definition))
    assert back.definition == definition


@pytest.mark.parametrize("seed", range(30))
def test_a_random_template_goes_out_and_comes_back_with_the_same_meaning(seed: int) -> None:
    definition = defined(random_template(Random(seed), 14))
    back = read_bpmn(export(definition))
    assert back.errors == []
    assert back.definition is not None
    assert back.definition.before == definition.before
    for step in definition.steps:
        other = back.definition.by_key[step.key]
        assert (other.when, other.fields, other.actor) == (step.when, step.fields, step.actor)
        returns = set(step.decision.return_to) if step.decision else set()
        assert returns == (set(other.decision.return_to) if other.decision else set())


def test_every_element_has_its_shape_and_every_way_its_ends() -> None:
    root = etree.fromstring(export(defined(shipping())))
    process = root.find(f"{{{BPMN}}}process")
    ids = {one.get("id") for one in process if one.get("id") and not one.tag.endswith("laneSet")}
    drawn = {one.get("bpmnElement") for one in root.iter(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge")}
    assert ids <= drawn
    for node in process:
        if node.tag.endswith(("Task", "Gateway")):
            assert node.findall(f"{{{BPMN}}}incoming"), node.get("id")
            assert node.findall(f"{{{BPMN}}}outgoing"), node.get("id")
    for edge in root.iter(f"{{{DI}}}BPMNEdge"):
        assert len(edge) >= 2


def test_steps_lanes_and_parallel_ways_of_a_foreign_model_are_taken_in() -> None:
    body = ENDS + tasks("a", "b", "c", "d") + '<parallelGateway id="g"/><parallelGateway id="h"/>'
    ways = flows("go>a", "a>g", "g>b", "g>c", "b>h", "c>h", "h>d", "d>done")
    lanes = lane("企业", "a", "c") + lane("专员", "b") + lane("authority:transport", "d")
    found = read_bpmn(model(body + ways, lanes)).definition
    assert found is not None
    assert {step.key: (step.actor, step.after) for step in found.steps} == {
        "a": (ENTERPRISE, ()),
        "b": ("officer", ("a",)),
        "c": (ENTERPRISE, ("a",)),
        "d": ("authority:transport", ("b", "c")),
    }


def test_a_split_with_named_ways_asks_which_one_and_a_way_back_becomes_a_return() -> None:
    body = ENDS + tasks("a", "b", "c") + '<exclusiveGateway id="x"/><exclusiveGateway id="y"/>'
    ways = flows("go>a", "a>b", "b>x", "x>c:要上门", "x>y:不用", "c>y", "y>done", "x>a:退回")
    found = read_bpmn(model(body + ways, lane("企业", "a") + lane("officer", "b", "c"))).definition
    assert found is not None
    assert found.by_key["b"].decision is not None
    assert found.by_key["b"].decision.return_to == ("a",)
    assert [choice.label.zh for choice in found.by_key["b"].fields[0].choices] == ["要上门", "不用"]
    assert found.by_key["c"].when == {"field": "b.way", "op": "=", "value": "way_1"}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('<serviceTask id="s" name="自动发送"/>', "自动发送 (s)"),
        ('<subProcess id="s"/>', "s"),
        ('<boundaryEvent id="t" name="两小时"/>', "两小时 (t)"),
        ('<inclusiveGateway id="o"/>', "o"),
        ('<userTask id="m" name="会签"><multiInstanceLoopCharacteristics/></userTask>', "会签 (m)"),
        ('<startEvent id="go2"><timerEventDefinition/></startEvent>', "go2"),
    ],
)
def test_what_is_not_supported_is_named_at_its_element(body: str, named: str) -> None:
    content = model(ENDS + tasks("a") + body + flows("go>a", "a>done"), lane("企业", "a"))
    assert read_bpmn(content).definition is None
    assert named in said(content)


@pytest.mark.parametrize(
    ("ways", "lanes", "words"),
    [
        (("go>a", "a>done"), "", "lies in no lane"),
        (("go>a", "a>done"), lane("财务部", "a"), "nobody here is called so"),
        (("a>done",), lane("企业", "a"), "cannot be reached"),
        (("go>a", "a>nowhere"), lane("企业", "a"), "begins or ends nowhere"),
        (("go>a", "a>x", "x>done:是", "x>b"), lane("企业", "a", "b"), "needs a name on every way"),
        (("go>a", "a>b", "b>a"), lane("企业", "a", "b"), "loop is not supported"),
    ],
)
def test_what_would_have_to_be_guessed_is_said(ways: tuple[str, ...], lanes: str, words: str) -> None:
    body = ENDS + tasks("a") + (tasks("b") + '<exclusiveGateway id="x"/>' if "b" in "".join(ways) else "")
    content = model(body + flows(*ways), lanes)
    assert read_bpmn(content).definition is None
    assert words in said(content)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "&{chr(97 + n)};&{chr(97 + n)};">' for n in range(20)
) + "]>"  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<",
        b"not xml at all",
        b"<html/>",
        b"\xff\xfe<",
        f'{BOMB}<definitions xmlns="{BPMN}">&k;</definitions>'.encode(),
        f'<!DOCTYPE d SYSTEM "file:///etc/passwd"><definitions xmlns="{BPMN}"/>'.encode(),
        f'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><definitions xmlns="{BPMN}">&e;</definitions>'.encode(),
        b"<a>" * 5000,
        b"<x>" + b" " * (4 * 1024 * 1024) + b"</x>",
        f'<definitions xmlns="{BPMN}"/>'.encode(),
    ],
)
def test_hostile_and_broken_xml_gets_one_sentence_and_loads_nothing(content: bytes) -> None:
    found = read_bpmn(content)
    assert found.definition is None
    assert len(found.errors) == 1
    assert "root:" not in str(found.errors[0].reason)


def test_what_stands_in_our_own_elements_is_checked_as_any_file_is() -> None:
    content = export(defined(shipping())).replace(b"weight", b"WEIGHT!")
    found = read_bpmn(content)
    assert found.errors
    assert check(as_json(defined(shipping()))).errors == []


def test_a_document_type_is_refused_even_before_a_good_process() -> None:
    good = model(ENDS + tasks("a") + flows("go>a", "a>done"), lane("企业", "a"))
    assert read_bpmn(good).definition is not None
    assert read_bpmn(good.replace(b'<?xml version="1.0"?>', b"<!DOCTYPE definitions>")).definition is None
