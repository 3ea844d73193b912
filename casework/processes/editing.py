"""Changes to a draft as values in, values out: steps, their fields and papers. Keys are made here; nobody types them.

A draft is the definition as JSON values. Each change returns a new one; what it cannot do is refused in one sentence.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from casework.kernel.errors import N_, Reason, Refused, because
from casework.processes.shapes import MOST_FIELDS, MOST_STEPS
from casework.processes.words import OFFICER

Draft = Mapping[str, Any]
NO_STEP = N_("This step is not in the draft any more: choose another.")
NO_FIELD = N_("This field is not in the step any more: choose another.")
NO_PAPER = N_("This document is not in the step any more: choose another.")
MOST_ISSUES = 5


def steps_of(draft: Draft) -> list[dict[str, Any]]:
    """The steps of a draft, as they are."""
    return [step for step in draft.get("steps", ()) if isinstance(step, dict)]


def step_in(draft: Draft, key: str) -> dict[str, Any]:
    """One step.

    Raises:
        Refused: the draft has no such step.
    """
    for step in steps_of(draft):
        if step.get("key") == key:
            return step
    raise Refused(because(NO_STEP))


def _copied(draft: Draft) -> dict[str, Any]:
    made: dict[str, Any] = copy.deepcopy(dict(draft))
    made["steps"] = steps_of(made)
    return made


def new_key(taken: Sequence[str], word: str) -> str:
    """The first of ``word_1``, ``word_2`` … that is free."""
    return next(key for number in range(1, len(taken) + 2) if (key := f"{word}_{number}") not in taken)


def dropped(before: Draft, after: Draft, locale: str) -> list[Reason]:
    """What other steps lost by a change because it read or returned to what is gone: a sentence for each step."""
    was = {step["key"]: step for step in steps_of(before)}
    found = []
    for step in steps_of(after):
        old, title = was.get(step["key"], step), _said(step.get("title"), locale)
        if old.get("when") and not step.get("when"):
            found.append(because(N_("“%(step)s” has no condition any more: it read what is gone."), step=title))
        if _returns(step) < _returns(old):
            found.append(because(N_("“%(step)s” returns to it no more."), step=title))
        if _shown(step) < _shown(old):
            found.append(because(N_("The document of “%(step)s” shows it no more."), step=title))
    return found


def _said(words: Any, locale: str) -> str:
    if not isinstance(words, Mapping):
        return str(words or "")
    return str(words.get(locale) or words.get("zh") or words.get("en") or "")


def _returns(step: Mapping[str, Any]) -> int:
    return len((step.get("decision") or {}).get("return_to", ()))


def _shown(step: Mapping[str, Any]) -> int:
    return sum(len(issue.get("facts", ())) for issue in step.get("issues", ()))


def set_head(draft: Draft, head: Mapping[str, Any]) -> dict[str, Any]:
    """Name, purpose, basis, owner and served types; what is empty goes."""
    made = _copied(draft)
    for name, value in head.items():
        _put(made, name, value)
    return made


def set_step(draft: Draft, key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Properties of a step; what is empty goes, what is not named stays."""
    made = _copied(draft)
    step = step_in(made, key)
    for name, value in values.items():
        _put(step, name, value)
    return made


def _put(into: dict[str, Any], name: str, value: Any) -> None:
    if value in (None, "", [], {}):
        into.pop(name, None)
    else:
        into[name] = value


def add_step(
    draft: Draft, *, after: Sequence[str] = (), title: str = "", beside: str = ""
) -> tuple[dict[str, Any], str]:
    """A new step: behind others, or beside one, waiting for the same. Returns the draft and the key.

    Put behind one step alone, those that waited for it go on waiting for it: a branch is two steps behind one.
    """
    made = _copied(draft)
    steps = made["steps"]
    if len(steps) >= MOST_STEPS:
        raise Refused(because(N_("A process has at most %(most)s steps."), most=MOST_STEPS))
    keys = [step["key"] for step in steps]
    key = new_key(keys, "step")
    waits = list(step_in(made, beside).get("after", ())) if beside else [one for one in after if one in keys]
    new: dict[str, Any] = {"key": key, "title": {"zh": title or "新步骤"}, "actor": OFFICER, "limit": {"minutes": 120}}
    _put(new, "after", waits)
    place = keys.index(beside) + 1 if beside else max((keys.index(one) for one in waits), default=len(keys) - 1) + 1
    steps.insert(place, new)
    return made, key


def insert_after(draft: Draft, key: str) -> tuple[dict[str, Any], str]:
    """A new step right behind one: what waited for that one now waits for the new one."""
    followers = [step["key"] for step in steps_of(draft) if key in step.get("after", ())]
    made, new = add_step(draft, after=[key])
    for step in made["steps"]:
        if step["key"] in followers:
            step["after"] = [new if one == key else one for one in step["after"]]
    return made, new


def remove_step(draft: Draft, key: str) -> dict[str, Any]:
    """Without a step: what waited for it waits for what it waited for; what read or returned to it does no more."""
    made = _copied(draft)
    gone = step_in(made, key)
    made["steps"].remove(gone)
    for step in made["steps"]:
        if key in step.get("after", ()):
            waits = [one for one in step["after"] if one != key]
            _put(step, "after", waits + [one for one in gone.get("after", ()) if one not in waits])
        _forget(step, lambda path: path.partition(".")[0] == key)
        if decision := step.get("decision"):
            _put(decision, "return_to", [one for one in decision.get("return_to", ()) if one != key])
    return made


def _forget(step: dict[str, Any], is_gone: Callable[[str], bool]) -> None:
    """Drop the condition and the facts that read what is gone."""
    if step.get("when") and any(is_gone(path) for path in _paths(step["when"])):
        del step["when"]
    for issue in step.get("issues", ()):
        _put(issue, "facts", [path for path in issue.get("facts", ()) if not is_gone(path)])


def _paths(condition: Any) -> list[str]:
    if not isinstance(condition, Mapping):
        return []
    inside = [*condition.get("all", ()), *condition.get("any", ()), condition.get("not")]
    return [str(condition.get("field", "")), *(path for part in inside for path in _paths(part))]


def move_step(draft: Draft, key: str, place: int) -> dict[str, Any]:
    """A step to another place of the list. What waits for what stays: the list is only how it is read."""
    made = _copied(draft)
    step = step_in(made, key)
    made["steps"].remove(step)
    made["steps"].insert(max(0, min(place, len(made["steps"]))), step)
    return made


def shift_step(draft: Draft, key: str, by: int) -> dict[str, Any]:
    """A step up or down the list by so many places."""
    keys = [step["key"] for step in steps_of(draft)]
    if key not in keys:
        raise Refused(because(NO_STEP))
    return move_step(draft, key, keys.index(key) + by)


def add_field(draft: Draft, key: str) -> tuple[dict[str, Any], str]:
    """A new field at the end of a step; returns the draft and its key."""
    made = _copied(draft)
    step = step_in(made, key)
    fields = step.setdefault("fields", [])
    if len(fields) >= MOST_FIELDS:
        raise Refused(because(N_("A step asks for at most %(most)s things."), most=MOST_FIELDS))
    taken = [field["key"] for field in fields] + [paper["key"] for paper in step.get("documents", ())]
    new = new_key(taken, "field")
    fields.append({"key": new, "kind": "text", "label": {"zh": "新的一项"}})
    return made, new


def set_field(draft: Draft, key: str, field: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Properties of a field; what its kind does not take goes by itself."""
    made = _copied(draft)
    found = _field(step_in(made, key), field)
    for name, value in values.items():
        _put(found, name, value)
    if found.get("required") is True:
        del found["required"]
    for name in _foreign(found.get("kind", "text")):
        found.pop(name, None)
    return made


def _foreign(kind: str) -> tuple[str, ...]:
    """What a field of a kind has no use for."""
    only = {
        "choices": ("choice", "choices"),
        "text": ("declaration",),
        "pattern": ("text",),
        "unit": ("number", "money"),
    }
    return tuple(name for name, kinds in only.items() if kind not in kinds)


def _field(step: Mapping[str, Any], key: str) -> dict[str, Any]:
    for field in step.get("fields", ()):
        if field.get("key") == key:
            found: dict[str, Any] = field
            return found
    raise Refused(because(NO_FIELD))


def remove_field(draft: Draft, key: str, field: str) -> dict[str, Any]:
    """Without a field, and without what read it."""
    made = _copied(draft)
    step = step_in(made, key)
    fields = step.get("fields", [])
    fields.remove(_field(step, field))
    _put(step, "fields", fields)
    for other in made["steps"]:
        _forget(other, lambda path: path == f"{key}.{field}")
    return made


def move_field(draft: Draft, key: str, field: str, place: int) -> dict[str, Any]:
    """A field to another place of its step."""
    made = _copied(draft)
    step = step_in(made, key)
    found = _field(step, field)
    fields = step["fields"]
    fields.remove(found)
    fields.insert(max(0, min(place, len(fields))), found)
    return made


def shift_field(draft: Draft, key: str, field: str, by: int) -> dict[str, Any]:
    """A field up or down its step by so many places."""
    step = step_in(draft, key)
    return move_field(draft, key, field, step.get("fields", []).index(_field(step, field)) + by)


def set_issue(draft: Draft, key: str, place: int, values: Mapping[str, Any] | None) -> dict[str, Any]:
    """A document that a step issues, at a place of its list; None takes it away, the place behind the last adds one.

    Raises:
        Refused: there is no such place, or the step issues as many as it may.
    """
    made = _copied(draft)
    step = step_in(made, key)
    issues = list(step.get("issues", ()))
    if not 0 <= place <= len(issues) - (values is None):
        raise Refused(because(NO_PAPER))
    if values is None:
        del issues[place]
    elif place < len(issues):
        issues[place] = {"key": issues[place]["key"], **values}
    elif place < MOST_ISSUES:
        issues.append({"key": new_key([issue["key"] for issue in issues], "paper"), **values})
    else:
        raise Refused(because(N_("A step issues at most %(most)s documents."), most=MOST_ISSUES))
    _put(step, "issues", issues)
    return made
