"""BPMN 2.0 as a process: user tasks, parallel and exclusive gateways, lanes as actors. Nothing is guessed silently.

A parallel or exclusive merge waits for all its branches: a step that is not needed has passed. An exclusive split right
behind a task whose ways all have names asks for one of these names in that task; each way takes place by the answer.
Everything else is named at its element, and then there is no definition at all. What BPMN cannot say, such as limits,
is named by the checker: a draft comes in with it, and its author fills it in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from casework.kernel.errors import N_, Reason
from casework.processes.bpmn_model import EVENTS, GATES, MOST_BPMN, TASKS, Model, model_of, parsed, walk
from casework.processes.bpmn_out import BPMN, is_key
from casework.processes.checker import check
from casework.processes.definition import FORMAT, Checked, Mistake
from casework.processes.shapes import MOST_STEPS

TOO_LARGE = N_("The file is larger than 4 MB: no process is. Choose the right file.")
NO_XML = N_("The file is no BPMN that can be read: export it again as BPMN 2.0 XML.")
MOST_ELEMENTS = 10 * MOST_STEPS
Ways = frozenset[tuple[str, int]]
"""The ways of splits, by number, of which any leads to an element; none: it is always reached."""


def read_bpmn(content: bytes) -> Checked:
    """The process in a BPMN file with all that is wrong with it; no definition when something is not supported."""
    if len(content) > MOST_BPMN:
        return Checked(None, [Mistake("", Reason(TOO_LARGE))])
    root = parsed(content)
    if root is None:
        return Checked(None, [Mistake("", Reason(NO_XML))])
    model = model_of(root)
    _unread(model, root)
    if not model.mistakes:
        _find_returns(model)
    if model.mistakes:
        return Checked(None, model.mistakes)
    data = _definition(model)
    return Checked(None, model.mistakes) if model.mistakes else check(data)


def _unread(model: Model, root: Any) -> None:
    """Name what a graph by ids has no place for: expressions on ways, ids that are missing or shared, far too much."""
    ids: Counter[str] = Counter()
    for element in root.iterfind(f"{{{BPMN}}}process/*"):
        kind = element.tag.rpartition("}")[2]
        if kind in (*TASKS, *GATES, *EVENTS):
            ids[element.get("id", "")] += 1
        text = " ".join((element.findtext(f"{{{BPMN}}}conditionExpression") or "").split())[:100]
        if kind == "sequenceFlow" and text:
            said = N_(
                "The condition “%(text)s” is not read: remove it, and let the task before the split ask by names."
            )
            model.wrong(element.get("id", kind), said, text=text)
    for key in [key for key, count in ids.items() if count > 1 or not key]:
        model.wrong(
            key or "process", N_("An element has no id, or another has the same: save the file again in a modeler.")
        )
    if len(model.kinds) > MOST_ELEMENTS:
        model.wrong("process", N_("A process has at most %(most)s elements: divide it."), most=MOST_ELEMENTS)


def _find_returns(model: Model) -> None:
    """Find the ways back: those that our own steps name, and those from a gateway right behind a task to one before."""
    start = next(key for key, kind in model.kinds.items() if kind == "startEvent")
    _named_returns(model)
    far = {key: place for place, key in enumerate(_nearest_first(model, start))}
    for key in model.tasks():
        if key not in far:
            model.wrong(key, N_("The task cannot be reached from the start."))
    for source, ways in model.flows.items():
        if _task_before(model, source) is None:
            continue
        for target in dict.fromkeys(target for target, _ in ways):
            earlier = far.get(target, 0) <= far.get(source, 0)
            if earlier and _task_at(model, target) and source in walk(target, model.ahead):
                model.back.add((source, target))
    ordered = set(_in_order(model))
    if key := min(model.kinds.keys() - ordered, default=""):
        model.wrong(key, N_("This loop is not supported: go back from a gateway right behind a task, to a task."))


def _in_order(model: Model) -> list[str]:
    """All elements, each behind those that lead to it; those on a loop, or behind one, are left out."""
    left = {key: set(model.behind(key)) for key in model.kinds}
    found = [key for key, waits in left.items() if not waits]
    for key in found:
        for target in model.ahead(key):
            if key in left[target]:
                left[target].discard(key)
                if not left[target]:
                    found.append(target)
    return found


def _named_returns(model: Model) -> None:
    """The ways back that a step of ours names itself."""
    for key in model.tasks():
        back = _decision_of(model, key).get("return_to")
        for gate, _ in model.flows.get(key, ()):
            for target, _ in model.flows.get(gate, ()):
                task = target if target in model.steps else next((one for one, _ in model.flows.get(target, ())), "")
                named = isinstance(back, list) and model.steps.get(task, {}).get("key", task) in back
                if model.kinds.get(gate) == "exclusiveGateway" and named:
                    model.back.add((gate, target))


def _decision_of(model: Model, key: str | None) -> Mapping[str, Any]:
    """What a step of ours says about its decision; empty for others, and where it cannot be read."""
    found = model.steps.get(key or "", {}).get("decision")
    return found if isinstance(found, Mapping) else {}


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
    keys = _keys(model)
    asked = _questions(model)
    whens = {} if model.mistakes else _conditions(model, keys)
    steps: list[dict[str, Any]] = []
    places: list[Any] = []
    for key in [key for key in _in_order(model) if key in keys]:
        own = dict(model.steps[key])
        places.append(own.pop("place", None))
        step = own | {"title": _title(own, model.names[key], key), "key": keys[key], "actor": model.actors[key]}
        step["after"], step["decision"] = _said_after(model, key, keys), _decision(model, key, keys)
        step["when"] = whens.get(key, own.get("when"))
        if key in asked and isinstance(own.get("fields", []), list):
            step["fields"] = [*own.get("fields", []), asked[key]]
        steps.append({name: value for name, value in step.items() if value not in (None, [])})
    if all(isinstance(place, int) for place in places):
        steps = [step for _, step in sorted(zip(places, steps, strict=True), key=lambda pair: pair[0])]
    return {**model.head, "format": FORMAT, "steps": steps}


def _keys(model: Model) -> dict[str, str]:
    """The key of each task: its id, or a number where its id can be none."""
    spare = (key for number in range(1, 2 * MOST_STEPS + 1) if (key := f"step_{number}") not in model.steps)
    return {key: key if is_key(key) else next(spare) for key in model.tasks()}


def _title(own: Mapping[str, Any], name: str, key: str) -> Any:
    """The title that our own step has, unless the task was given another name since."""
    title = own.get("title", {"zh": name or key})
    said = title.get("zh") if isinstance(title, Mapping) else title
    if name and isinstance(said, str) and " ".join(said.split())[: max(len(name), 100)] != name:
        return {"zh": name}
    return title


def _said_after(model: Model, key: str, keys: Mapping[str, str]) -> list[str]:
    """What a step waits for; in the words of our own step where these mean the same as the drawing."""
    after, told = [keys[one] for one in _after(model, key)], model.steps[key].get("after")
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        return after
    passed = {keys[one] for one in model.before(key) if one in keys}
    return told if set(after) <= set(told) <= passed else after


def _after(model: Model, key: str) -> list[str]:
    """The tasks that a task waits for: back through gateways; of two in a row only the later."""
    direct: set[str] = set()
    queue, seen = list(model.behind(key)), set()
    while queue:
        one = queue.pop()
        if one not in seen:
            seen.add(one)
            if one in model.steps:
                direct.add(one)
            else:
                queue += model.behind(one)
    earlier = {two for one in direct for two in model.before(one)}
    return [one for one in model.kinds if one in direct - earlier]


def _decision(model: Model, key: str, keys: Mapping[str, str]) -> Any:
    """What a step decides: as our own step says, and back along the ways that are drawn."""
    own = model.steps[key].get("decision")
    back = [
        keys[task]
        for source, target in sorted(model.back)
        if _task_before(model, source) == key and (task := _task_at(model, target))
    ]
    if (own is None and not back) or not isinstance(own, Mapping | None):
        return own
    kept = {name: value for name, value in (own or {}).items() if name != "return_to"}
    told = (own or {}).get("return_to", [])
    said = [one for one in told if one in back] if isinstance(told, list) else []
    return {"approve": True, **kept, "return_to": said if set(said) == set(back) else back}


def _ways(model: Model, gate: str) -> list[tuple[str, str]]:
    """The ways ahead of an element with their names; not the one that rejects, which the decision of its step says."""
    rejects = _decision_of(model, _task_before(model, gate)).get("reject")
    ahead = [(target, name) for target, name in model.flows.get(gate, ()) if (gate, target) not in model.back]
    return [(target, name) for target, name in ahead if not (rejects and model.kinds[target] == "endEvent")]


def _splits(model: Model) -> dict[str, int]:
    """The exclusive gateways of which one of several ways is taken, with how many."""
    gates = (key for key, kind in model.kinds.items() if kind == "exclusiveGateway")
    return {gate: count for gate in gates if (count := len(_ways(model, gate))) > 1}


def _is_ours(model: Model, gate: str) -> bool:
    """Whether a split only says what the condition of a step right behind it says itself."""
    tasks = (_task_at(model, target) for target, _ in _ways(model, gate))
    return any(task and model.steps[task].get("when") for task in tasks)


def _questions(model: Model) -> dict[str, dict[str, Any]]:
    """What tasks ask, as the splits right behind them need it; a split for which nobody can be asked is named."""
    asked: dict[str, dict[str, Any]] = {}
    for gate in [gate for gate in _splits(model) if not _is_ours(model, gate)]:
        task, names = _task_before(model, gate), [name for _, name in _ways(model, gate)]
        if task is None or not all(names):
            model.wrong(gate, N_("A split needs a name on every way and a task right before it that asks which one."))
        elif task in asked:
            model.wrong(gate, N_("The task before asks for another split already: put a task of its own before this."))
        else:
            choices = [{"key": f"way_{number}", "label": {"zh": name}} for number, name in enumerate(names, 1)]
            asked[task] = {"key": "way", "kind": "choice", "label": {"zh": "去向"}, "choices": choices}
    return asked


def _conditions(model: Model, keys: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """When tasks take place to which only some ways lead. The last split is enough: only who is reached is asked."""
    reached, found = _reached(model), {}
    for task in model.tasks():
        gates = {gate for gate, _ in reached[task]}
        ours = {gate for gate in gates if _is_ours(model, gate)}
        own = model.steps[task].get("when")
        if (own or ours) and not (own and len(gates) == len(ours) == 1 and not reached[min(ours)]):
            said = N_(
                "The split before it is the condition of a step: leave it as exported, change it in the designer."
            )
            model.wrong(task, said)
        elif gates and not own:
            parts = [
                {"field": f"{keys[_task_before(model, gate) or '']}.way", "op": "=", "value": f"way_{number}"}
                for gate, number in sorted(reached[task])
            ]
            found[task] = parts[0] if len(parts) == 1 else {"any": parts}
    return found


def _reached(model: Model) -> dict[str, Ways]:
    """By which ways each element is reached; behind a merge of all ways of a split, by those to the split."""
    splits, found = _splits(model), dict[str, Ways]()
    coming: dict[str, list[tuple[str, int]]] = {key: [] for key in model.kinds}
    for source in model.kinds:
        for number, (target, _) in enumerate(_ways(model, source), 1):
            coming[target].append((source, number))
    for key in _in_order(model):
        parts = {frozenset({one}) if one[0] in splits else found[one[0]] for one in coming[key]}
        if model.kinds[key] == "parallelGateway" and len(parts) > 1:
            said = N_("The join waits for ways of which only some are taken: merge them by an exclusive gateway.")
            model.wrong(key, said)
        found[key] = _merged(Ways().union(*parts) if all(parts) else Ways(), splits, found)
    return found


def _merged(ways: Ways, splits: Mapping[str, int], found: Mapping[str, Ways]) -> Ways:
    """The ways without those splits of which all ways are among them: by the ways to these instead."""
    while True:
        counted = Counter(gate for gate, _ in ways)
        whole = next((gate for gate, count in counted.items() if count == splits[gate]), None)
        if whole is None or not found[whole]:
            return ways if whole is None else Ways()
        ways = frozenset(one for one in ways if one[0] != whole) | found[whole]
