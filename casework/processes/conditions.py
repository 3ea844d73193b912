"""When a step takes place: a closed grammar over earlier answers, read as data and never run as code.

A condition is one of ``{"field": "apply.weight", "op": ">", "value": 5}`` (``op``: = != < <= > >= in empty),
``{"all": [...]}``, ``{"any": [...]}`` and ``{"not": {...}}``. An answer that was not given equals nothing, is not in
any list, and is neither less nor more than anything: only ``empty`` and ``!=`` hold for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from casework.processes.words import Op

DEEPEST = 6
MOST_PARTS = 50
Answers = Mapping[str, Mapping[str, Any]]
"""The answers given so far: by step, then by field."""


def parts(condition: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every comparison in a condition with its place below it."""
    for name in ("all", "any"):
        for index, part in enumerate(condition.get(name, ())):
            yield from parts(part, f"{place}/{name}/{index}")
    if "not" in condition:
        yield from parts(condition["not"], f"{place}/not")
    if "field" in condition:
        yield place, condition


def holds(condition: Mapping[str, Any] | None, answers: Answers) -> bool:
    """Whether a condition holds for these answers. The condition has passed the checker."""
    if condition is None:
        return True
    if "all" in condition:
        return all(holds(part, answers) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, answers) for part in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], answers)
    step, _, name = condition["field"].partition(".")
    return _compare(answers.get(step, {}).get(name), Op(condition["op"]), condition.get("value"))


def is_empty(answer: Any) -> bool:
    """Whether nothing was answered; a declaration that was not made is nothing."""
    return answer is None or answer is False or answer in ("", [], {})


_ORDER: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.LESS: lambda answer, value: answer < value,
    Op.AT_MOST: lambda answer, value: answer <= value,
    Op.MORE: lambda answer, value: answer > value,
    Op.AT_LEAST: lambda answer, value: answer >= value,
}


def _compare(answer: Any, op: Op, value: Any) -> bool:
    if op is Op.EMPTY:
        return is_empty(answer)
    if is_empty(answer):
        return op is Op.DIFFERS
    if op is Op.IN:
        return any(_equal(answer, one) for one in value)
    if op in (Op.EQUALS, Op.DIFFERS):
        return _equal(answer, value) == (op is Op.EQUALS)
    return _ORDER[op](answer, value)


def _equal(answer: Any, value: Any) -> bool:
    """Several choices equal a value when it is among them."""
    return value in answer if isinstance(answer, list) else answer == value
