"""A process as BPMN 2.0 with its drawing, for any modeler. What BPMN has no words for travels in our own namespace.

Each step is a user task in the lane of its actor. A join is a parallel gateway before it, a fork one behind it; a
condition is an exclusive gateway before the step and one behind; a return is a way back from one to one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as Tree

from casework.processes.definition import Definition, Step, as_json

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI, DC, DD = (
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/DC",
    "http://www.omg.org/spec/DD/20100524/DI",
)
OURS = "urn:casework:template:1"
LANES = {"enterprise": "企业", "officer": "专员", "lead": "组长"}
WIDE, HIGH, SIDE, EVENT = 150, 70, 44, 32
COLUMN, ROW, LEFT, TOP = 680, 120, 60, 20
# Where the gateways of a step stand, from its left edge.
OFFSETS = {"join": -250, "if": -180, "again": -110, "task": 0, "decide": 190, "endif": 260, "fork": 330}


@dataclass(slots=True)
class Plan:
    """The graph on its way to XML: nodes with kind, name and place; flows with ends, name and condition."""

    nodes: dict[str, tuple[str, str, int, int, str]] = field(default_factory=dict)
    flows: list[tuple[str, str, str, str]] = field(default_factory=list)
    lanes: list[str] = field(default_factory=list)
    tops: dict[str, tuple[int, int]] = field(default_factory=dict)
    width: int = 0

    def node(self, key: str, kind: str, name: str, x: int, y: int, lane: str) -> None:
        """Put a node at the middle of a height."""
        self.nodes[key] = (kind, name, x, y, lane)

    def flow(self, source: str, target: str, name: str = "", condition: str = "") -> None:
        """Join two nodes."""
        self.flows.append((source, target, name, condition))


def export(definition: Definition) -> bytes:
    """A checked definition as BPMN 2.0 XML with its drawing."""
    plan = _planned(definition)
    for prefix, address in (("bpmn", BPMN), ("bpmndi", DI), ("dc", DC), ("di", DD), ("casework", OURS)):
        Tree.register_namespace(prefix, address)
    root = Tree.Element(f"{{{BPMN}}}definitions", {"id": "definitions", "targetNamespace": OURS})
    process = Tree.SubElement(
        root, f"{{{BPMN}}}process", {"id": "process", "isExecutable": "false", "name": definition.name.zh}
    )
    head = as_json(definition)
    head.pop("steps", None)
    _ours(process, "head", head)
    _lane_set(process, plan)
    for key, (kind, name, _, _, _) in plan.nodes.items():
        _node(process, plan, key, kind, name, definition)
    for number, (source, target, name, condition) in enumerate(plan.flows):
        _flow(process, number, source, target, name, condition)
    _drawn(root, plan)
    written: bytes = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _planned(definition: Definition) -> Plan:
    plan = Plan()
    columns, places = _places(definition, plan)
    followers = Counter(before for step in definition.steps for before in step.after)
    returned = {to for step in definition.steps if step.decision for to in step.decision.return_to}
    for key in definition.order:
        step = definition.by_key[key]
        _of_step(plan, step, places[key], followers[key], again=key in returned)
    _ends(plan, definition, followers, columns)
    for key in definition.order:
        step = definition.by_key[key]
        for before in step.after:
            plan.flow(_exit(plan, before), _entry(plan, key))
        for to in step.decision.return_to if step.decision else ():
            plan.flow(f"decide_{key}", f"again_{to}", "退回")
    return plan


def _places(definition: Definition, plan: Plan) -> tuple[int, dict[str, tuple[int, int, str]]]:
    """The left edge and middle of each step, and its lane: columns by order, rows within the lane."""
    column: dict[str, int] = {}
    for key in definition.order:
        column[key] = 1 + max((column[before] for before in definition.by_key[key].after), default=-1)
    plan.lanes = list(dict.fromkeys(definition.by_key[key].actor for key in definition.order))
    rows: dict[str, int] = {}
    deep: Counter[tuple[str, int]] = Counter()
    for key in definition.order:
        cell = (definition.by_key[key].actor, column[key])
        rows[key] = deep[cell]
        deep[cell] += 1
    top = TOP
    for lane in plan.lanes:
        high = max((count for (actor, _), count in deep.items() if actor == lane), default=1) * ROW
        plan.tops[lane] = (top, high)
        top += high
    last = max(column.values(), default=0)
    plan.width = LEFT + 330 + (last + 1) * COLUMN + 60
    return last, {
        key: (
            LEFT + 330 + column[key] * COLUMN,
            plan.tops[definition.by_key[key].actor][0] + rows[key] * ROW + ROW // 2,
            definition.by_key[key].actor,
        )
        for key in definition.order
    }


def _of_step(plan: Plan, step: Step, place: tuple[int, int, str], followers: int, *, again: bool) -> None:
    """The nodes of one step, and the ways between them."""
    x, y, lane = place
    wanted = (
        ("join", "parallelGateway", len(step.after) > 1),
        ("if", "exclusiveGateway", bool(step.when)),
        ("again", "exclusiveGateway", again),
        ("task", "userTask", True),
        ("decide", "exclusiveGateway", bool(step.decision and (step.decision.return_to or step.decision.reject))),
        ("endif", "exclusiveGateway", bool(step.when)),
        ("fork", "parallelGateway", followers > 1),
    )
    chain = []
    for part, kind, is_there in wanted:
        if is_there:
            key = step.key if part == "task" else f"{part}_{step.key}"
            plan.node(key, kind, step.title.zh if part == "task" else "", x + OFFSETS[part], y, lane)
            chain.append(key)
    for source, target in pairwise(chain):
        plan.flow(source, target, "满足条件" if source.startswith("if_") else "")
    if step.when:
        plan.flow(f"if_{step.key}", f"endif_{step.key}", "不用办")
    if step.decision and step.decision.reject:
        plan.node(f"rejected_{step.key}", "endEvent", "不予办理", x + OFFSETS["decide"] + 6, y + 48, lane)
        plan.flow(f"decide_{step.key}", f"rejected_{step.key}", "不予办理")


def _ends(plan: Plan, definition: Definition, followers: Counter[str], last: int) -> None:
    """Where the process begins and ends, with a fork or join where several steps do."""
    firsts = [key for key in definition.order if not definition.by_key[key].after]
    lasts = [key for key in definition.order if not followers[key]]
    _, _, _, y, lane = plan.nodes[firsts[0]]
    plan.node("start", "startEvent", "", LEFT, y, lane)
    source = "start"
    if len(firsts) > 1:
        plan.node("fork", "parallelGateway", "", LEFT + 50, y, lane)
        plan.flow("start", "fork")
        source = "fork"
    for key in firsts:
        plan.flow(source, _entry(plan, key))
    _, _, _, y, lane = plan.nodes[lasts[-1]]
    right = LEFT + 330 + (last + 1) * COLUMN - 20
    plan.node("end", "endEvent", "", right, y, lane)
    target = "end"
    if len(lasts) > 1:
        plan.node("join", "parallelGateway", "", right - 70, y, lane)
        plan.flow("join", "end")
        target = "join"
    for key in lasts:
        plan.flow(_exit(plan, key), target)


def _entry(plan: Plan, key: str) -> str:
    parts = (f"join_{key}", f"if_{key}", f"again_{key}")
    return next((one for one in parts if one in plan.nodes), key)


def _exit(plan: Plan, key: str) -> str:
    parts = (f"fork_{key}", f"endif_{key}", f"decide_{key}")
    return next((one for one in parts if one in plan.nodes), key)


def _ours(parent: Tree.Element, name: str, value: Any) -> None:
    extension = Tree.SubElement(parent, f"{{{BPMN}}}extensionElements")
    Tree.SubElement(extension, f"{{{OURS}}}{name}").text = json.dumps(value, ensure_ascii=False, sort_keys=True)


def _lane_set(process: Tree.Element, plan: Plan) -> None:
    lanes = Tree.SubElement(process, f"{{{BPMN}}}laneSet", {"id": "lanes"})
    for number, actor in enumerate(plan.lanes):
        names = {"id": f"lane_{number}", "name": LANES.get(actor, actor)}
        lane = Tree.SubElement(lanes, f"{{{BPMN}}}lane", names | {f"{{{OURS}}}actor": actor})
        for key, node in plan.nodes.items():
            if node[4] == actor:
                Tree.SubElement(lane, f"{{{BPMN}}}flowNodeRef").text = key


def _node(process: Tree.Element, plan: Plan, key: str, kind: str, name: str, definition: Definition) -> None:
    element = Tree.SubElement(process, f"{{{BPMN}}}{kind}", {"id": key} | ({"name": name} if name else {}))
    if kind == "userTask":
        said = as_json(definition.by_key[key])
        said["key"], said["place"] = key, [step.key for step in definition.steps].index(key)
        _ours(element, "step", said)
    for number, (_, target, _, _) in enumerate(plan.flows):
        if target == key:
            Tree.SubElement(element, f"{{{BPMN}}}incoming").text = f"flow_{number}"
    for number, (source, _, _, _) in enumerate(plan.flows):
        if source == key:
            Tree.SubElement(element, f"{{{BPMN}}}outgoing").text = f"flow_{number}"


def _flow(process: Tree.Element, number: int, source: str, target: str, name: str, condition: str) -> None:
    ends = {"id": f"flow_{number}", "sourceRef": source, "targetRef": target} | ({"name": name} if name else {})
    flow = Tree.SubElement(process, f"{{{BPMN}}}sequenceFlow", ends)
    if condition:
        Tree.SubElement(flow, f"{{{BPMN}}}conditionExpression").text = condition


def _size(kind: str) -> tuple[int, int]:
    return {"userTask": (WIDE, HIGH), "startEvent": (EVENT, EVENT), "endEvent": (EVENT, EVENT)}.get(kind, (SIDE, SIDE))


def _drawn(root: Tree.Element, plan: Plan) -> None:
    diagram = Tree.SubElement(root, f"{{{DI}}}BPMNDiagram", {"id": "diagram"})
    plane = Tree.SubElement(diagram, f"{{{DI}}}BPMNPlane", {"id": "plane", "bpmnElement": "process"})
    for number, lane in enumerate(plan.lanes):
        top, high = plan.tops[lane]
        _shape(plane, f"lane_{number}", 0, top, plan.width, high, {"isHorizontal": "true"})
    for key, (kind, _, x, y, _) in plan.nodes.items():
        wide, high = _size(kind)
        _shape(plane, key, x, y - high // 2, wide, high, {})
    for number, (source, target, _, _) in enumerate(plan.flows):
        edge = Tree.SubElement(plane, f"{{{DI}}}BPMNEdge", {"id": f"edge_{number}", "bpmnElement": f"flow_{number}"})
        for x, y in _way(plan, source, target):
            Tree.SubElement(edge, f"{{{DD}}}waypoint", {"x": str(x), "y": str(y)})


def _shape(plane: Tree.Element, key: str, x: int, y: int, wide: int, high: int, more: dict[str, str]) -> None:
    shape = Tree.SubElement(plane, f"{{{DI}}}BPMNShape", {"id": f"shape_{key}", "bpmnElement": key} | more)
    Tree.SubElement(shape, f"{{{DC}}}Bounds", {"x": str(x), "y": str(y), "width": str(wide), "height": str(high)})


def _way(plan: Plan, source: str, target: str) -> list[tuple[int, int]]:
    """A line between two nodes: straight, with one bend between columns, or below when it goes back."""
    kind, _, x, y, _ = plan.nodes[source]
    to_kind, _, to_x, to_y, _ = plan.nodes[target]
    (wide, high), (to_wide, to_high) = _size(kind), _size(to_kind)
    if to_x < x:
        deep = max(y, to_y) + ROW // 2 - 6
        middle, to_middle = x + wide // 2, to_x + to_wide // 2
        return [(middle, y + high // 2), (middle, deep), (to_middle, deep), (to_middle, to_y + to_high // 2)]
    if source.startswith("if_") and target.startswith("endif_"):
        above, middle, to_middle = y - HIGH // 2 - 14, x + wide // 2, to_x + to_wide // 2
        return [(middle, y - high // 2), (middle, above), (to_middle, above), (to_middle, to_y - to_high // 2)]
    if abs(to_x - x) <= SIDE // 2:
        return [(x + wide // 2, y + high // 2), (x + wide // 2, to_y - to_high // 2)]
    turn = to_x - 24
    return (
        [(x + wide, y), (x + wide, y), (turn, y), (turn, to_y), (to_x, to_y)]
        if y != to_y
        else [(x + wide, y), (to_x, to_y)]
    )


def is_key(text: str) -> bool:
    """Whether an id of a model can be the key of a step."""
    return bool(re.fullmatch(r"[a-z][a-z0-9_]{0,39}", text))
