"""What is wrong with a draft in the officers' words: steps by their titles, answers by their labels, never a key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from casework.kernel.errors import Reason
from casework.processes.definition import Definition, Mistake


@dataclass(frozen=True, slots=True)
class Linked:
    """A sentence that leads to where it can be mended."""

    text: str
    href: str


def worded(reason: Reason, definition: Definition | None, locale: str) -> Reason:
    """A reason that names steps and answers as officers do."""
    if definition is None:
        return reason
    values = {name: _value(name, value, definition, locale) for name, value in reason.values.items()}
    return Reason(reason.text, values, reason.field)


def _value(name: str, value: object, definition: Definition, locale: str) -> object:
    if isinstance(value, Reason):
        return worded(value, definition, locale)
    if name in ("key", "step"):
        return title(definition, str(value), locale)
    if name == "path":
        return path_said(definition, str(value), locale)
    if name == "steps":
        return " ▸ ".join(title(definition, key, locale) for key in str(value).split(" ▸ "))
    return value


def title(definition: Definition, key: str, locale: str) -> str:
    """The title of a step; the key itself where no step has it, as only a file can say."""
    step = definition.by_key.get(key)
    return (step.title.said(locale) or key) if step else key


def path_said(definition: Definition, path: str, locale: str) -> str:
    """An answer as ``step · field``."""
    key, _, name = path.partition(".")
    field = definition.field(path)
    return f"{title(definition, key, locale)} · {field.label.said(locale) or name if field else name}"


def in_words(mistakes: Iterable[Mistake], definition: Definition | None, locale: str) -> list[Mistake]:
    """Mistakes in the officers' words; what is only advice is said once a step."""
    found, advised = [], set()
    for mistake in mistakes:
        said = replace(mistake, reason=worded(mistake.reason, definition, locale))
        if said.warning:
            if (said.step, str(said.reason)) in advised:
                continue
            advised.add((said.step, str(said.reason)))
        found.append(said)
    return found


def part_of(place: str) -> str:
    """The part of a step that a mistake is about: ``limit``, ``fields/2``, ``issues/0``."""
    pieces = place.split("/")[3:]
    return "/".join(pieces[:2]) if pieces[:1] in (["fields"], ["issues"]) else "".join(pieces[:1])


def spans(definition: Definition) -> tuple[int, int]:
    """How many minutes a process takes at most if each step takes its limit, and how many less than one by one."""
    ends: dict[str, int] = {}
    alone = 0
    for key in definition.order:
        step = definition.by_key[key]
        minutes = step.limit.minutes if step.limit else 0
        ends[key] = minutes + max((ends.get(one, 0) for one in step.after), default=0)
        alone += minutes
    longest = max(ends.values(), default=0)
    return longest, alone - longest
