"""That the table of the life cycle is whole: asked once, when it is imported."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casework.cases.workflow import Action, State


def prove(
    actions: Sequence[Action], by_name: Mapping[str, Action], *, first: State, ends: Collection[State], kinds: Any
) -> None:
    """States are reachable, each open state has a way to an end, names are unique, kinds of needs are known."""
    if len(by_name) != len(actions):
        raise AssertionError("two actions of one name")
    every = set(type(first))
    if unreachable := every - _reachable(actions, first):
        raise AssertionError(f"unreachable: {unreachable}")
    if endless := [state for state in every - set(ends) if not _has_an_end(actions, state, ends)]:
        raise AssertionError(f"no end from {endless}")
    if unknown := {need.kind for action in actions for need in action.needs} - set(kinds):
        raise AssertionError(f"unknown kinds of need: {unknown}")


def _reachable(actions: Sequence[Action], first: State) -> set[State]:
    """The states that some chain of actions leads to from the first one."""
    reached, frontier = {first}, [first]
    while frontier:
        here = frontier.pop()
        fresh = {target for action in actions if here in action.sources for target in action.targets} - reached
        reached |= fresh
        frontier.extend(fresh)
    return reached


def _has_an_end(actions: Sequence[Action], state: State, ends: Collection[State]) -> bool:
    return any(target in ends for action in actions if state in action.sources for target in action.targets)
