"""A BPMN file as a graph: its elements, lanes and ways. What is not supported is named at its element."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from casework.kernel.errors import N_, because
from casework.processes.bpmn_out import BPMN, OURS
from casework.processes.definition import Mistake
from casework.processes.shapes import MOST_STEPS

MOST_BPMN = 4 * 1024 * 1024
TASKS = ("userTask",)
GATES = ("parallelGateway", "exclusiveGateway")
EVENTS = ("startEvent", "endEvent")
QUIET = frozenset({
    "laneSet", "sequenceFlow", "documentation", "extensionElements", "textAnnotation", "association", "incoming",
    "outgoing", "dataObject", "dataObjectReference", "dataStoreReference", "ioSpecification", "group",
})  # fmt: skip
"""What says nothing about who does what after what."""
ACTORS: Mapping[str, tuple[str, ...]] = {
    "enterprise": ("企业", "申请人", "公司", "enterprise", "company", "applicant", "customer"),
    "officer": ("专员", "干部", "officer", "liaison officer"),
    "lead": ("组长", "lead", "team lead"),
}


@dataclass(slots=True)
class Model:
    """A model as a graph: elements by id with their kind, name and step, ways out, and what is wrong so far."""

    kinds: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    actors: dict[str, str] = field(default_factory=dict)
    flows: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    sources: dict[str, list[str]] = field(default_factory=dict)
    back: set[tuple[str, str]] = field(default_factory=set)
    passed: dict[str, frozenset[str]] = field(default_factory=dict)
    head: dict[str, Any] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, key: str, sentence: str, **values: object) -> None:
        """Name something at its element."""
        name = self.names.get(key, "")
        self.mistakes.append(Mistake(f"{name} ({key})" if name else key, because(sentence, **values)))

    def before(self, key: str) -> frozenset[str]:
        """All the elements from which one comes to this one. Asked only once the ways back are known."""
        if key not in self.passed:
            self.passed[key] = frozenset(one for one in walk(key, self.behind) if one != key)
        return self.passed[key]

    def tasks(self) -> list[str]:
        """The ids of the tasks, in the order of the file."""
        return [key for key, kind in self.kinds.items() if kind in TASKS]

    def ahead(self, key: str) -> list[str]:
        """Where one goes on from an element, without the ways back."""
        return [target for target, _ in self.flows.get(key, ()) if (key, target) not in self.back]

    def behind(self, key: str) -> list[str]:
        """Where one comes from, without the ways back."""
        return [source for source in self.sources.get(key, ()) if (source, key) not in self.back]


def walk(start: str, ways: Callable[[str], list[str]]) -> Iterator[str]:
    """Everything that ways lead to from an element, itself first."""
    seen, queue = set(), [start]
    while queue:
        key = queue.pop()
        if key not in seen:
            seen.add(key)
            yield key
            queue += ways(key)


def parsed(content: bytes) -> Any:
    """The root element; None for what is no XML, or XML that would load or expand anything."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.getroottree().docinfo.doctype or root.tag != f"{{{BPMN}}}definitions":
        return None
    return root


def _local(element: Any) -> tuple[str, str]:
    """Namespace and name of an element; empty for comments."""
    tag = element.tag if isinstance(element.tag, str) else ""
    address, _, name = tag.rpartition("}")
    return address.lstrip("{"), name


def model_of(root: Any) -> Model:
    """The one process of a file as a graph, with everything in it that is not supported."""
    model = Model()
    processes = [element for element in root if _local(element) == (BPMN, "process")]
    for element in root:
        if _local(element) == (BPMN, "collaboration"):
            _pools(model, element)
    filled = [process for process in processes if any(_local(one)[1] not in QUIET for one in process)]
    if len(filled) != 1:
        model.wrong("process", N_("The file holds %(n)s processes: it takes exactly one."), n=len(filled))
        return model
    process = filled[0]
    model.head = _own(process, "head")
    model.head.setdefault("name", {"zh": _clean(process.get("name") or process.get("id") or "BPMN")})
    for element in process:
        _element(model, element)
    _lanes(model, process)
    _whole(model)
    return model


def _pools(model: Model, collaboration: Any) -> None:
    for element in collaboration:
        if _local(element) == (BPMN, "messageFlow"):
            key = element.get("id", "messageFlow")
            model.names[key] = _clean(element.get("name", ""))
            model.wrong(key, N_("Messages between pools are not supported: draw one process with lanes."))


def _clean(text: str) -> str:
    return " ".join(text.split())[:100]


def _own(element: Any, name: str) -> dict[str, Any]:
    """What we wrote into an element ourselves; empty when nothing, or when it cannot be read."""
    found = element.find(f"{{{BPMN}}}extensionElements/{{{OURS}}}{name}")
    if found is None or not found.text:
        return {}
    try:
        data = json.loads(found.text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _element(model: Model, element: Any) -> None:
    address, kind = _local(element)
    if address != BPMN or not kind:
        return
    key = element.get("id", kind)
    if kind == "sequenceFlow":
        source, target = element.get("sourceRef", ""), element.get("targetRef", "")
        model.flows.setdefault(source, []).append((target, _clean(element.get("name", ""))))
        model.sources.setdefault(target, []).append(source)
    elif kind in (*TASKS, *GATES, *EVENTS):
        model.kinds[key], model.names[key] = kind, _clean(element.get("name", ""))
        _insides(model, element, key, kind)
    elif kind not in QUIET:
        model.names[key] = _clean(element.get("name", ""))
        model.wrong(key, N_("“%(kind)s” is not supported: take a user task, a gateway, or leave it out."), kind=kind)


def _insides(model: Model, element: Any, key: str, kind: str) -> None:
    """A task's own step; and what changes the meaning of an element from inside."""
    for part in element:
        _, name = _local(part)
        if name.endswith("EventDefinition") or name in (
            "multiInstanceLoopCharacteristics",
            "standardLoopCharacteristics",
        ):
            model.wrong(
                key, N_("“%(kind)s” is not supported: take a user task, a gateway, or leave it out."), kind=name
            )
    if kind in TASKS:
        model.steps[key] = _own(element, "step")


def _lanes(model: Model, process: Any) -> None:
    for lane in process.iter(f"{{{BPMN}}}lane"):
        name, own = _clean(lane.get("name", "")), lane.get(f"{{{OURS}}}actor")
        actor = own or _actor(name)
        for ref in lane.iterchildren(f"{{{BPMN}}}flowNodeRef"):
            key = (ref.text or "").strip()
            if key not in model.steps:
                continue
            if actor is None:
                said = N_(
                    "Lane “%(lane)s”: nobody here is called so; name it 企业, 专员, 组长, or authority:transport."
                )
                model.wrong(key, said, lane=name)
            model.actors[key] = actor or "officer"
    for key in model.tasks():
        if key not in model.actors:
            model.wrong(key, N_("The task lies in no lane: draw lanes, so that it is known who acts."))
            model.actors[key] = "officer"


def _actor(name: str) -> str | None:
    plain = name.casefold()
    if plain.startswith("authority:"):
        return plain
    return next((actor for actor, words in ACTORS.items() if plain in words), None)


def _whole(model: Model) -> None:
    """Every way has both ends, there is one beginning, and it is not too large."""
    for source, ways in model.flows.items():
        for target, _ in ways:
            loose = source not in model.kinds or target not in model.kinds
            if loose and not model.mistakes:  # else it is the way of an element that was named already
                model.wrong(source or target, N_("A way begins or ends nowhere: draw it again."))
    if len(model.tasks()) > MOST_STEPS:
        model.wrong("process", N_("A process has at most %(most)s steps."), most=MOST_STEPS)
    if not model.tasks():
        model.wrong("process", N_("There is no user task in it."))
    if sum(kind == "startEvent" for kind in model.kinds.values()) != 1:
        model.wrong("process", N_("It needs exactly one start event."))
