"""BPMN 2.0 as a process: user tasks, parallel and exclusive gateways, lanes as actors. Nothing is guessed silently.

A parallel or exclusive merge waits for all its branches: a step that is not needed has passed. An exclusive split right
behind a task whose ways all have names asks for one of these names in that task; each way takes place by the answer.
Everything else is named at its element, and then there is no definition at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.kernel.errors import N_, Reason
from casework.processes.bpmn_model import MOST_BPMN, TASKS, Model, model_of, parsed, walk
from casework.processes.bpmn_out import is_key
from casework.processes.checker import check
from casework.processes.definition import FORMAT, Checked, Mistake

NO_XML = N_("The file is no BPMN that can be read: export it again as BPMN 2.0 XML.")


def read_bpmn(content: bytes) -> Checked:
    """The process in a BPMN file with all that is wrong with it; no definition when something is not supported."""
    if len(content) > MOST_BPMN:
        return Checked(
            None, [Mistake("", Reason(N_("The file is larger than 4 MB: no process is. Choose the right file.")))]
        )
    root = parsed(content)
    if root is None:
        return Checked(None, [Mistake("", Reason(NO_XML))])
    model = model_of(root)
    if not model.mistakes:
        _find_returns(model)
    if model.mistakes:
        return Checked(None, model.mistakes)
    data = _definition(model)
    return Checked(None, model.mistakes) if model.mistakes else check(data)


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
            earlier = far.get(target, 0) <= far.get(source, 0) and _task_before(model, source) is not None
            if earlier and _task_at(model, target) and source in walk(target, model.ahead):
                model.back.add((source, target))
    if key := _on_a_loop(model):
        model.wrong(key, N_("This loop is not supported: go back from a gateway right behind a task, to a task."))


def _on_a_loop(model: Model) -> str:
    """An element that one comes back to, going only ahead; empty when there is none."""
    left = {key: set(model.behind(key)) for key in model.kinds}
    ready = [key for key, waits in left.items() if not waits]
    while ready:
        key = ready.pop()
        left.pop(key, None)
        for target in model.ahead(key):
            if target in left:
                left[target].discard(key)
                if not left[target]:
                    ready.append(target)
    return min(left, default="")


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
        reached = [{one for one in walk(target, model.ahead) if model.kinds[one] in TASKS} for target, _ in ways]
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
