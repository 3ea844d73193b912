"""A process as BPMN 2.0 with its drawing, for any modeler. What BPMN has no words for travels in our own namespace.

Each step is a user task in the lane of its actor. A join is a parallel gateway before it, a fork one behind it; a
condition is an exclusive gateway before the step and one behind; a return is a way back from one to one. The ids of
tasks are the keys of steps; all others hold a hyphen, which no key does.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
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
SIZES = {"userTask": (150, 70), "startEvent": (32, 32), "endEvent": (32, 32)}
GATE = (44, 44)
ROW, TOP, POOL, GAP, CHANNEL = 150, 20, 30, 36, 48
SLOTS = ("start", "join", "if", "again", "task", "decide", "rejected", "endif", "fork", "end")
"""What may stand in a column, from left to right; one that no step there needs takes no room."""
KINDS = {"start": "startEvent", "end": "endEvent", "rejected": "endEvent", "task": "userTask",
         "join": "parallelGateway", "fork": "parallelGateway"}  # fmt: skip
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class Node:
    """An element at its place: left edge and middle, known once all columns are."""

    slot: str
    name: str
    actor: str
    column: int
    y: int
    x: int = 0

    @property
    def kind(self) -> str:
        """Which element of BPMN it is."""
        return KINDS.get(self.slot, "exclusiveGateway")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return SIZES.get(self.kind, GATE)


@dataclass(slots=True)
class Plan:
    """The graph on its way to XML: nodes by id, flows with ends and name, lanes with top and height, columns."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[tuple[str, str, str]] = field(default_factory=list)
    lanes: dict[str, tuple[int, int]] = field(default_factory=dict)
    lefts: list[int] = field(default_factory=list)

    def flow(self, source: str, target: str, name: str = "") -> None:
        """Join two nodes."""
        self.flows.append((source, target, name))


def export(definition: Definition) -> bytes:
    """A checked definition as BPMN 2.0 XML with its drawing."""
    plan = _planned(definition)
    for prefix, address in (("bpmn", BPMN), ("bpmndi", DI), ("dc", DC), ("di", DD), ("casework", OURS)):
        Tree.register_namespace(prefix, address)
    root = Tree.Element(f"{{{BPMN}}}definitions", {"id": "the-definitions", "targetNamespace": OURS})
    pool = Tree.SubElement(root, f"{{{BPMN}}}collaboration", {"id": "the-collaboration"})
    names = {"id": "the-pool", "name": definition.name.zh, "processRef": "the-process"}
    Tree.SubElement(pool, f"{{{BPMN}}}participant", names)
    names = {"id": "the-process", "name": definition.name.zh, "isExecutable": "false"}
    process = Tree.SubElement(root, f"{{{BPMN}}}process", names)
    head = as_json(definition)
    head.pop("steps", None)
    _ours(process, "head", head)
    _lane_set(process, plan)
    for key in plan.nodes:
        _node(process, plan, key, definition)
    for number, (source, target, name) in enumerate(plan.flows):
        ends = {"id": f"flow-{number}", "sourceRef": source, "targetRef": target} | ({"name": name} if name else {})
        Tree.SubElement(process, f"{{{BPMN}}}sequenceFlow", ends)
    _drawn(root, plan)
    written: bytes = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _planned(definition: Definition) -> Plan:
    plan = Plan()
    places = _places(definition, plan)
    followers = Counter(before for step in definition.steps for before in set(step.after))
    returned = {to for step in definition.steps if step.decision for to in step.decision.return_to}
    for key in definition.order:
        _of_step(plan, definition.by_key[key], places[key], followers[key], again=key in returned)
    _ends(plan, definition, places, followers)
    for key in definition.order:
        step = definition.by_key[key]
        for before in step.after:
            plan.flow(_exit(plan, before), _entry(plan, key))
        for to in step.decision.return_to if step.decision else ():
            plan.flow(f"decide-{key}", f"again-{to}", "退回")
    _columns(plan)
    return plan


def _places(definition: Definition, plan: Plan) -> dict[str, tuple[int, int]]:
    """The column and the middle of each step: columns by order, rows within the lane of its actor."""
    column: dict[str, int] = {}
    deep: Counter[tuple[str, int]] = Counter()
    rows: dict[str, int] = {}
    for key in definition.order:
        step = definition.by_key[key]
        column[key] = 1 + max((column[before] for before in step.after), default=0)
        rows[key] = deep[step.actor, column[key]]
        deep[step.actor, column[key]] += 1
    top = TOP
    for actor in dict.fromkeys(definition.by_key[key].actor for key in definition.order):
        high = ROW * max(count for (one, _), count in deep.items() if one == actor)
        plan.lanes[actor] = (top, high)
        top += high
    return {
        key: (column[key], plan.lanes[definition.by_key[key].actor][0] + row * ROW + ROW // 2)
        for key, row in rows.items()
    }


def _of_step(plan: Plan, step: Step, place: tuple[int, int], followers: int, *, again: bool) -> None:
    """The nodes of one step, and the ways between them."""
    decision, (column, y) = step.decision, place
    wanted = {
        "join": len(step.after) > 1,
        "if": step.when is not None,
        "again": again,
        "task": True,
        "decide": decision is not None and bool(decision.return_to or decision.reject),
        "endif": step.when is not None,
        "fork": followers > 1,
    }
    chain = []
    for slot in [slot for slot, is_there in wanted.items() if is_there]:
        key = step.key if slot == "task" else f"{slot}-{step.key}"
        plan.nodes[key] = Node(slot, step.title.zh if slot == "task" else "", step.actor, column, y)
        chain.append(key)
    for source, target in pairwise(chain):
        plan.flow(source, target, "要办" if source.startswith("if-") else "")
    if step.when is not None:
        plan.flow(f"if-{step.key}", f"endif-{step.key}", "不用办")
    if decision and decision.reject:
        plan.nodes[f"rejected-{step.key}"] = Node("rejected", "不予办理", step.actor, column, y + ROW // 2 - 30)
        plan.flow(f"decide-{step.key}", f"rejected-{step.key}")


def _ends(plan: Plan, definition: Definition, places: Mapping[str, tuple[int, int]], followers: Counter[str]) -> None:
    """Where the process begins and ends, with a fork or join where several steps do."""
    firsts = [key for key in definition.order if not definition.by_key[key].after]
    lasts = [key for key in definition.order if not followers[key]]
    actor, y = definition.by_key[firsts[0]].actor, places[firsts[0]][1]
    plan.nodes["the-start"] = Node("start", "", actor, 0, y)
    source = "the-start"
    if len(firsts) > 1:
        source = "the-fork"
        plan.nodes[source] = Node("fork", "", actor, 0, y)
        plan.flow("the-start", source)
    for key in firsts:
        plan.flow(source, _entry(plan, key))
    actor, y = definition.by_key[lasts[-1]].actor, places[lasts[-1]][1]
    column, target = 1 + max(column for column, _ in places.values()), "the-end"
    if len(lasts) > 1:
        target = "the-join"
        plan.nodes[target] = Node("join", "", actor, column, y)
        plan.flow(target, "the-end")
    plan.nodes["the-end"] = Node("end", "", actor, column, y)
    for key in lasts:
        plan.flow(_exit(plan, key), target)


def _columns(plan: Plan) -> None:
    """Give each node its left edge: a column is as wide as what stands in it, with a channel for lines before it."""
    used: dict[int, dict[str, int]] = defaultdict(dict)
    for node in plan.nodes.values():
        used[node.column][node.slot] = node.size[0]
    x = 2 * POOL + GAP
    for column in range(1 + max(used)):
        plan.lefts.append(x)
        x += CHANNEL
        for slot in [slot for slot in SLOTS if slot in used[column]]:
            used[column][slot], x = x, x + used[column][slot] + GAP
    plan.lefts.append(x)
    for node in plan.nodes.values():
        node.x = used[node.column][node.slot]


def _entry(plan: Plan, key: str) -> str:
    return next((one for one in (f"join-{key}", f"if-{key}", f"again-{key}") if one in plan.nodes), key)


def _exit(plan: Plan, key: str) -> str:
    return next((one for one in (f"fork-{key}", f"endif-{key}", f"decide-{key}") if one in plan.nodes), key)


def _ours(parent: Tree.Element, name: str, value: Any) -> None:
    extension = Tree.SubElement(parent, f"{{{BPMN}}}extensionElements")
    said = json.dumps(value, ensure_ascii=False, sort_keys=True)
    plain = _NO_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", said)  # JSON may hold them, XML not
    Tree.SubElement(extension, f"{{{OURS}}}{name}").text = plain


def _lane_set(process: Tree.Element, plan: Plan) -> None:
    lanes = Tree.SubElement(process, f"{{{BPMN}}}laneSet", {"id": "the-lanes"})
    for number, actor in enumerate(plan.lanes):
        names = {"id": f"lane-{number}", "name": LANES.get(actor, actor)}
        lane = Tree.SubElement(lanes, f"{{{BPMN}}}lane", names | {f"{{{OURS}}}actor": actor})
        for key, node in plan.nodes.items():
            if node.actor == actor:
                Tree.SubElement(lane, f"{{{BPMN}}}flowNodeRef").text = key


def _node(process: Tree.Element, plan: Plan, key: str, definition: Definition) -> None:
    node = plan.nodes[key]
    names = {"id": key} | ({"name": node.name} if node.name else {})
    element = Tree.SubElement(process, f"{{{BPMN}}}{node.kind}", names)
    if node.slot == "task":
        said = as_json(definition.by_key[key])
        said["key"], said["place"] = key, [step.key for step in definition.steps].index(key)
        _ours(element, "step", said)
    for end, name in ((1, "incoming"), (0, "outgoing")):
        for number, flow in enumerate(plan.flows):
            if flow[end] == key:
                Tree.SubElement(element, f"{{{BPMN}}}{name}").text = f"flow-{number}"


def _drawn(root: Tree.Element, plan: Plan) -> None:
    diagram = Tree.SubElement(root, f"{{{DI}}}BPMNDiagram", {"id": "the-diagram"})
    plane = Tree.SubElement(diagram, f"{{{DI}}}BPMNPlane", {"id": "the-plane", "bpmnElement": "the-collaboration"})
    wide, high = plan.lefts[-1] + CHANNEL, sum(high for _, high in plan.lanes.values())
    _shape(plane, "the-pool", (POOL, TOP, wide - POOL, high), {"isHorizontal": "true"})
    for number, (top, high) in enumerate(plan.lanes.values()):
        _shape(plane, f"lane-{number}", (2 * POOL, top, wide - 2 * POOL, high), {"isHorizontal": "true"})
    for key, node in plan.nodes.items():
        wide, high = node.size
        shape = _shape(plane, key, (node.x, node.y - high // 2, wide, high), {})
        if node.slot == "rejected":
            _bounds(Tree.SubElement(shape, f"{{{DI}}}BPMNLabel"), (node.x + wide + 4, node.y - 8, 50, 14))
    for number, (source, target, _) in enumerate(plan.flows):
        names = {"id": f"edge-{number}", "bpmnElement": f"flow-{number}"}
        edge = Tree.SubElement(plane, f"{{{DI}}}BPMNEdge", names)
        for x, y in _way(plan, plan.nodes[source], plan.nodes[target]):
            Tree.SubElement(edge, f"{{{DD}}}waypoint", {"x": str(x), "y": str(y)})


def _shape(plane: Tree.Element, key: str, box: tuple[int, int, int, int], more: dict[str, str]) -> Tree.Element:
    shape = Tree.SubElement(plane, f"{{{DI}}}BPMNShape", {"id": f"shape-{key}", "bpmnElement": key} | more)
    _bounds(shape, box)
    return shape


def _bounds(shape: Tree.Element, box: tuple[int, int, int, int]) -> None:
    said = zip(("x", "y", "width", "height"), map(str, box), strict=True)
    Tree.SubElement(shape, f"{{{DC}}}Bounds", dict(said))


def _way(plan: Plan, source: Node, target: Node) -> list[tuple[int, int]]:
    """A line between two nodes: along rows and in the channels before columns, so that it passes no other node."""
    right, middle, to_middle = source.x + source.size[0], source.x + source.size[0] // 2, target.x + target.size[0] // 2
    y, to_y, half, to_half = source.y, target.y, source.size[1] // 2, target.size[1] // 2
    if target.slot == "again" and source.slot == "decide":
        deep = max(y, to_y) + ROW // 2 - 6
        return [(middle, y + half), (middle, deep), (to_middle, deep), (to_middle, to_y + to_half)]
    if target.slot == "rejected":
        return [(middle, y + half), (middle, to_y), (target.x, to_y)]
    if (source.slot, target.slot) == ("if", "endif"):
        above = y - ROW // 2 + 28
        return [(middle, y - half), (middle, above), (to_middle, above), (to_middle, to_y - to_half)]
    if source.column == target.column:
        return [(right, y), (target.x, to_y)]
    out, into = plan.lefts[source.column + 1] + 12, plan.lefts[target.column] + 24
    if target.column == source.column + 1:
        return [(right, y), (target.x, to_y)] if y == to_y else [(right, y), (into, y), (into, to_y), (target.x, to_y)]
    above = to_y - ROW // 2 + 8
    return [(right, y), (out, y), (out, above), (into, above), (into, to_y), (target.x, to_y)]


def is_key(text: str) -> bool:
    """Whether an id of a model can be the key of a step."""
    return bool(re.fullmatch(r"[a-z][a-z0-9_]{0,39}", text))
