"""BPMN 2.0 as a process: user tasks, parallel and exclusive gateways, lanes as actors. Nothing is guessed silently.

A parallel or exclusive merge waits for all its branches: a step that is not needed has passed. An exclusive split right
behind a task whose ways all have names asks for one of these names in that task; each way takes place by the answer.
Everything else is named at its element, and then there is no definition at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from casework.kernel.errors import N_, Reason, because
from casework.processes.bpmn_out import BPMN, OURS, is_key
from casework.processes.checker import check
from casework.processes.definition import FORMAT, Checked, Mistake
from casework.processes.reading import MOST_BYTES
from casework.processes.shapes import MOST_STEPS

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
NO_XML = N_("The file is no BPMN that can be read: export it again as BPMN 2.0 XML.")


@dataclass(slots=True)
class Model:
    """A model as a graph: elements by id with their kind, name and step, ways out, and what is wrong so far."""

    kinds: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    actors: dict[str, str] = field(default_factory=dict)
    flows: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    back: set[tuple[str, str]] = field(default_factory=set)
    head: dict[str, Any] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, key: str, sentence: str, **values: object) -> None:
        """Name something at its element."""
        name = self.names.get(key, "")
        self.mistakes.append(Mistake(f"{name} ({key})" if name else key, because(sentence, **values)))

    def tasks(self) -> list[str]:
        """The ids of the tasks, in the order of the file."""
        return [key for key, kind in self.kinds.items() if kind in TASKS]

    def ahead(self, key: str) -> list[str]:
        """Where one goes on from an element, without the ways back."""
        return [target for target, _ in self.flows.get(key, ()) if (key, target) not in self.back]

    def behind(self, key: str) -> list[str]:
        """Where one comes from, without the ways back."""
        return [source for source in self.flows if key in self.ahead(source)]


def read_bpmn(content: bytes) -> Checked:
    """The process in a BPMN file with all that is wrong with it; no definition when something is not supported."""
    if len(content) > MOST_BYTES:
        return Checked(
            None, [Mistake("", Reason(N_("The file is larger than 1 MB: no process is. Choose the right file.")))]
        )
    root = _parsed(content)
    if root is None:
        return Checked(None, [Mistake("", Reason(NO_XML))])
    model = _model(root)
    if not model.mistakes:
        _find_returns(model)
    if model.mistakes:
        return Checked(None, model.mistakes)
    data = _definition(model)
    return Checked(None, model.mistakes) if model.mistakes else check(data)


def _parsed(content: bytes) -> Any:
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


def _model(root: Any) -> Model:
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


def _find_returns(model: Model) -> None:
    """Find the ways back: those that our own steps name, and those from a gateway right behind a task to one before."""
    start = next(key for key, kind in model.kinds.items() if kind == "startEvent")
    _named_returns(model)
    far = {key: place for place, key in enumerate(_nearest_first(model, start))}
    for key in model.tasks():
        if key not in far:
            model.wrong(key, N_("The task cannot be reached from the start."))
    for source, ways in model.flows.items():
        for target, _ in ways:
            earlier = far.get(target, 0) <= far.get(source, 0) and source in _walk(target, model.ahead)
            if earlier and _task_before(model, source) and _task_at(model, target):
                model.back.add((source, target))
    for key in model.kinds:
        if any(key in _walk(target, model.ahead) for target in model.ahead(key)):
            model.wrong(key, N_("This loop is not supported: go back from a gateway right behind a task, to a task."))
            return


def _named_returns(model: Model) -> None:
    """The ways back that a step of ours names itself."""
    for key in model.tasks():
        back = (model.steps[key].get("decision") or {}).get("return_to") or ()
        for gate, _ in model.flows.get(key, ()):
            for target, _ in model.flows.get(gate, ()):
                task = target if target in model.steps else next((one for one, _ in model.flows.get(target, ())), "")
                if model.kinds.get(gate) == "exclusiveGateway" and model.steps.get(task, {}).get("key", task) in back:
                    model.back.add((gate, target))


def _nearest_first(model: Model, start: str) -> list[str]:
    """Everything that is reached from the start, the nearest first."""
    found, seen = [start], {start}
    for key in found:
        for target in model.ahead(key):
            if target not in seen:
                seen.add(target)
                found.append(target)
    return found


def _task_before(model: Model, key: str) -> str | None:
    """The task right before an exclusive gateway."""
    before = model.behind(key)
    is_gate = model.kinds.get(key) == "exclusiveGateway" and len(before) == 1
    return before[0] if is_gate and model.kinds.get(before[0]) in TASKS else None


def _task_at(model: Model, key: str) -> str | None:
    """The task that an element is, or that an exclusive gateway leads to at once."""
    if model.kinds.get(key) in TASKS:
        return key
    ahead = model.ahead(key)
    return ahead[0] if len(ahead) == 1 and model.kinds.get(ahead[0]) in TASKS else None


def _definition(model: Model) -> dict[str, Any]:
    """The graph as a definition, step by step; splits without names are named."""
    keys = {key: key if is_key(key) else f"step_{number}" for number, key in enumerate(model.tasks(), 1)}
    whens = _conditions(model, keys)
    steps: list[dict[str, Any]] = []
    places: list[Any] = []
    for key in _ordered(model):
        own = dict(model.steps[key])
        places.append(own.pop("place", None))
        step: dict[str, Any] = {
            "title": {"zh": model.names[key] or key},
            **own,
            "key": keys[key],
            "actor": model.actors[key],
        }
        after = [keys[one] for one in _after(model, key)]
        told = [one for one in own.get("after", ()) if isinstance(one, str)]
        _set(step, "after", told if set(told) == set(after) else after)
        if "when" not in own:
            _set(step, "when", whens.get(key))
        _set(step, "decision", _decision(model, key, keys, own))
        steps.append(step)
    for step in steps:
        extra = model.steps.get(f"choice:{step['key']}")
        if extra:
            step["fields"] = [*step.get("fields", ()), extra]
    if all(isinstance(place, int) for place in places):
        steps = [step for _, step in sorted(zip(places, steps, strict=True), key=lambda pair: pair[0])]
    return {**model.head, "format": FORMAT, "steps": steps}


def _set(step: dict[str, Any], name: str, value: Any) -> None:
    if value:
        step[name] = value
    else:
        step.pop(name, None)


def _ordered(model: Model) -> list[str]:
    """The tasks, each behind those that it waits for, else in the order of the file."""
    waits = {key: set(_after(model, key)) for key in model.tasks()}
    found: list[str] = []
    while waits:
        ready = [key for key, before in waits.items() if before <= set(found)]
        found += ready or list(waits)
        for key in ready or list(waits):
            del waits[key]
    return found


def _walk(start: str, ways: Callable[[str], list[str]]) -> Iterator[str]:
    seen, queue = set(), [start]
    while queue:
        key = queue.pop()
        if key not in seen:
            seen.add(key)
            yield key
            queue += ways(key)


def _after(model: Model, key: str) -> list[str]:
    """The tasks that a task waits for: back through gateways; of two in a row only the later."""
    direct: set[str] = set()
    queue, seen = list(model.behind(key)), set()
    while queue:
        one = queue.pop()
        if one in seen:
            continue
        seen.add(one)
        if model.kinds.get(one) in TASKS:
            direct.add(one)
        else:
            queue += model.behind(one)
    earlier = {two for one in direct for two in _walk(one, model.behind) if two != one}
    return [one for one in model.tasks() if one in direct - earlier]


def _decision(model: Model, key: str, keys: Mapping[str, str], own: Mapping[str, Any]) -> dict[str, Any] | None:
    back = [
        keys[task]
        for source, target in sorted(model.back)
        if _task_before(model, source) == key and (task := _task_at(model, target))
    ]
    kept = dict(own.get("decision") or {})
    if not back and not kept:
        return None
    told = [one for one in kept.get("return_to", ()) if one in back]
    kept["return_to"] = told if set(told) == set(back) else back
    if not kept["return_to"]:
        del kept["return_to"]
    return {"approve": True} | kept


def _conditions(model: Model, keys: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """When the tasks behind exclusive splits take place, by the answers that the splits ask for."""
    found: dict[str, list[dict[str, Any]]] = {}
    for gate in [key for key, kind in model.kinds.items() if kind == "exclusiveGateway"]:
        ways = [(target, name) for target, name in model.flows.get(gate, ()) if (gate, target) not in model.back]
        if len(ways) < 2 or _is_ours(model, gate):
            continue
        reached = [{one for one in _walk(target, model.ahead) if model.kinds[one] in TASKS} for target, _ in ways]
        always = set.intersection(*reached)
        asks = _task_before(model, gate)
        if asks is None or not all(name for _, name in ways):
            model.wrong(gate, N_("A split needs a name on every way and a task right before it that asks which one."))
            continue
        _asked(model, keys[asks], ways)
        for number, tasks in enumerate(reached, 1):
            for task in tasks - always:
                one = {"field": f"{keys[asks]}.way", "op": "=", "value": f"way_{number}"}
                found.setdefault(task, []).append(one)
    return {task: parts[0] if len(parts) == 1 else {"any": parts} for task, parts in found.items()}


def _asked(model: Model, key: str, ways: list[tuple[str, str]]) -> None:
    choices = [{"key": f"way_{number}", "label": {"zh": name}} for number, (_, name) in enumerate(ways, 1)]
    model.steps[f"choice:{key}"] = {"key": "way", "kind": "choice", "label": {"zh": "去向"}, "choices": choices}


def _is_ours(model: Model, gate: str) -> bool:
    """Whether a split only says what its step says itself: a condition of ours, or a decision to reject."""
    ahead = model.ahead(gate)
    tasks = [one for one in ahead if model.kinds[one] in TASKS]
    merged = [two for one in ahead if model.kinds[one] == "exclusiveGateway" for two in model.ahead(one)]
    if any(model.steps.get(one, {}).get("when") for one in (*tasks, *(two for two in merged if two in model.steps))):
        return True
    before = _task_before(model, gate)
    ends = [one for one in ahead if model.kinds[one] == "endEvent"]
    rejects = before is not None and (model.steps.get(before, {}).get("decision") or {}).get("reject")
    return bool(rejects and len(ahead) - len(ends) <= 1)
