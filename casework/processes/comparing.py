"""Two versions side by side: what came, what went, what reads otherwise, in words and not in keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.cases.types import DOMAINS
from casework.kernel.errors import N_, Reason
from casework.processes.conditions_said import in_words
from casework.processes.definition import Definition, Field, Step, Words
from casework.processes.reading import read
from casework.processes.words import ACTORS, FIELD_KINDS

EMPTY = Definition(name=Words(), steps=())


@dataclass(frozen=True, slots=True)
class Change:
    """What differs in one part: ``kind`` is new, gone, moved or changed; ``rows`` are label, before, after."""

    title: str
    kind: str
    rows: Sequence[tuple[Reason, str, str]] = ()


def changes(old: Mapping[str, Any], new: Mapping[str, Any], locale: str) -> list[Change]:
    """Everything that differs between two definitions, in the order of the newer one."""
    before, after = read(old)[0] or EMPTY, read(new)[0] or EMPTY
    found = []
    if rows := _differences(_head(before, locale), _head(after, locale)):
        found.append(Change(after.name.said(locale), "changed", rows))
    order = [step.key for step in before.steps if step.key in after.by_key]
    for step in after.steps:
        found += _step(before, after, step, locale)
    kept = [step.key for step in after.steps if step.key in before.by_key]
    moved = [after.by_key[key].title.said(locale) for one, key in zip(order, kept, strict=True) if one != key]
    if moved:
        found.append(Change("、".join(moved), "moved"))
    found += [Change(step.title.said(locale), "gone") for step in before.steps if step.key not in after.by_key]
    return found


def _step(before: Definition, after: Definition, step: Step, locale: str) -> list[Change]:
    told = described(after, step, locale)
    if step.key not in before.by_key:
        return [Change(step.title.said(locale), "new", [(label, "", words) for label, words in told.values() if words])]
    rows = _differences(described(before, before.by_key[step.key], locale), told)
    return [Change(step.title.said(locale), "changed", rows)] if rows else []


Told = Mapping[str, tuple[Reason, str]]


def _differences(old: Told, new: Told) -> list[tuple[Reason, str, str]]:
    return [
        ((new.get(key) or old[key])[0], old[key][1] if key in old else "", new[key][1] if key in new else "")
        for key in {**new, **old}
        if (old[key][1] if key in old else "") != (new[key][1] if key in new else "")
    ]


def _head(definition: Definition, locale: str) -> Told:
    return {
        "name": (Reason(N_("Name")), definition.name.said(locale)),
        "purpose": (Reason(N_("What it is for")), definition.purpose.said(locale)),
        "owner": (Reason(N_("Owner")), str(Reason(DOMAINS.get(definition.owner, definition.owner)))),
        "basis": (Reason(N_("Legal basis")), definition.basis),
        "serves": (Reason(N_("Case types that it serves")), "、".join(definition.serves)),
    }


def described(definition: Definition, step: Step, locale: str) -> Told:
    """A step in words, part by part; its fields and papers each under their own key."""
    told: dict[str, tuple[Reason, str]] = dict(_plain(definition, step, locale))
    for field in step.asked:
        told[f"field {field.key}"] = (Reason(N_("Filled in")), _field(field, locale))
    for issue in step.issues:
        words = f"{issue.title.said(locale)}，{issue.series}，{issue.valid_hours} h"
        told[f"issue {issue.key}"] = (Reason(N_("Issued")), words)
    return told


def _plain(definition: Definition, step: Step, locale: str) -> Iterator[tuple[str, tuple[Reason, str]]]:
    titles = {key: one.title.said(locale) for key, one in definition.by_key.items()}
    actor = str(Reason(DOMAINS.get(step.domain, step.domain))) if step.domain else str(Reason(ACTORS[step.role]))
    decision = step.decision
    back = "、".join(titles.get(key, key) for key in decision.return_to) if decision else ""
    yield "title", (Reason(N_("Name of the step")), step.title.said(locale))
    yield "actor", (Reason(N_("Who acts")), actor)
    yield "after", (Reason(N_("After which steps")), "、".join(titles.get(key, key) for key in step.after))
    yield "when", (Reason(N_("Only when")), in_words(step.when, definition, locale))
    yield "limit", (Reason(N_("Time limit")), f"{step.limit.minutes} min ({step.limit.calendar})" if step.limit else "")
    yield (
        "visit",
        (Reason(N_("A visit on site")), f"{step.visit.slot_minutes} min × {step.visit.offers}" if step.visit else ""),
    )
    yield "return", (Reason(N_("May return to")), back)
    yield "reject", (Reason(N_("May reject")), str(Reason(N_("yes"))) if decision and decision.reject else "")
    yield "help", (Reason(N_("Help")), step.help.said(locale))


def _field(field: Field, locale: str) -> str:
    parts = [field.label.said(locale), str(Reason(FIELD_KINDS[field.kind]))]
    parts += [field.unit] if field.unit else []
    parts += [f"≥ {field.min:g}"] if field.min is not None else []
    parts += [f"≤ {field.max:g}"] if field.max is not None else []
    parts += [choice.label.said(locale) for choice in field.choices]
    parts += [field.pattern] if field.pattern else []
    parts += [str(Reason(N_("required") if field.required else N_("optional")))]
    return " · ".join(parts)
