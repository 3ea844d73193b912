"""Two versions side by side: what came, what went, what reads otherwise, in words and not in keys."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.cases.types import DOMAINS
from casework.kernel.errors import N_, Reason, because
from casework.processes.conditions_said import in_words
from casework.processes.definition import Definition, Field, Issue, Step, Words
from casework.processes.reading import read
from casework.processes.story import lasted
from casework.processes.words import ACTORS, FIELD_KINDS

EMPTY = Definition(name=Words(), steps=())
NO_TYPES: Mapping[str, str] = {}
CALENDARS = {"always": N_("around the clock"), "working": N_("working time")}


@dataclass(frozen=True, slots=True)
class Change:
    """What differs in one part: ``kind`` is new, gone, moved or changed; ``rows`` are label, before, after."""

    title: str
    kind: str
    rows: Sequence[tuple[Reason, str, str]] = ()


def changes(
    old: Mapping[str, Any], new: Mapping[str, Any], locale: str, types: Mapping[str, str] = NO_TYPES
) -> list[Change]:
    """Everything that differs between two definitions, in the order of the newer one. ``types`` names case types."""
    before, after = read(old)[0] or EMPTY, read(new)[0] or EMPTY
    found = []
    if rows := _differences(_head(before, locale, types), _head(after, locale, types)):
        found.append(Change(after.name.said(locale), "changed", rows))
    for step in after.by_key.values():
        found += _step(before, after, step, locale)
    if moved := [after.by_key[key].title.said(locale) for key in _moved(list(before.by_key), list(after.by_key))]:
        found.append(Change("、".join(moved), "moved"))
    found += [Change(step.title.said(locale), "gone") for key, step in before.by_key.items() if key not in after.by_key]
    return found


def _moved(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The fewest that were taken to another place: all but the longest row that kept its order."""
    was = {key: place for place, key in enumerate(old)}
    kept = [key for key in new if key in was]
    tops: list[int] = []  # the last place of the best row of each length
    lengths = []
    for key in kept:
        length = bisect_left(tops, was[key])
        tops[length : length + 1] = [was[key]]
        lengths.append(length)
    left, stayed = len(tops) - 1, set()
    for key, length in zip(reversed(kept), reversed(lengths), strict=True):
        if length == left:
            stayed.add(key)
            left -= 1
    return [key for key in kept if key not in stayed]


def _step(before: Definition, after: Definition, step: Step, locale: str) -> list[Change]:
    told = described(after, step, locale)
    if step.key not in before.by_key:
        return [Change(step.title.said(locale), "new", [(label, "", words) for label, words in told.values() if words])]
    old = before.by_key[step.key]
    rows = [*_differences(described(before, old, locale), told), *_order(old, step, locale)]
    return [Change(step.title.said(locale), "changed", rows)] if rows else []


def _order(old: Step, new: Step, locale: str) -> Iterator[tuple[Reason, str, str]]:
    """That the same things are filled in, in another order."""
    was, now = [one.key for one in old.asked], [one.key for one in new.asked]
    if was != now and sorted(was) == sorted(now):
        told = ("、".join(one.label.said(locale) for one in step.asked) for step in (old, new))
        yield Reason(N_("Order of what is filled in")), next(told), next(told)


Told = Mapping[str, tuple[Reason, str]]


def _differences(old: Told, new: Told) -> list[tuple[Reason, str, str]]:
    return [
        ((new.get(key) or old[key])[0], old[key][1] if key in old else "", new[key][1] if key in new else "")
        for key in {**new, **old}
        if (old[key][1] if key in old else "") != (new[key][1] if key in new else "")
    ]


def _head(definition: Definition, locale: str, types: Mapping[str, str]) -> Told:
    return {
        **dict(_words("name", N_("Name"), definition.name, locale)),
        **dict(_words("purpose", N_("What it is for"), definition.purpose, locale)),
        "owner": (Reason(N_("Owner")), str(Reason(DOMAINS.get(definition.owner, definition.owner)))),
        "basis": (Reason(N_("Legal basis")), definition.basis),
        "serves": (
            Reason(N_("Case types that it serves")),
            "、".join(types.get(code, code) for code in definition.serves),
        ),
    }


def _words(key: str, label: str, words: Words, locale: str) -> Iterator[tuple[str, tuple[Reason, str]]]:
    """A text in the reader's language, then in the other one, as either may have changed alone."""
    english = locale == "en"
    other = N_("%(label)s in Chinese") if english else N_("%(label)s in English")
    yield key, (Reason(label), words.said(locale))
    yield f"{key} other", (because(other, label=Reason(label)), words.zh if english else words.en)


def _both(words: Words, locale: str) -> str:
    said = (words.en, words.zh) if locale == "en" else (words.zh, words.en)
    return " / ".join(filter(None, said))


def described(definition: Definition, step: Step, locale: str) -> Told:
    """A step in words, part by part; its fields and papers each under their own key."""
    told: dict[str, tuple[Reason, str]] = dict(_plain(definition, step, locale))
    for field in step.asked:
        told[f"field {field.key}"] = (Reason(N_("Filled in")), _field(field, locale))
    for issue in step.issues:
        told[f"issue {issue.key}"] = (Reason(N_("Issued")), _issue(definition, issue, locale))
    return told


def _issue(definition: Definition, issue: Issue, locale: str) -> str:
    shown = [field.label.said(locale) for path in issue.facts if (field := definition.field(path))]
    valid = because(N_("valid for %(hours)s hours"), hours=issue.valid_hours)
    return " · ".join(
        filter(None, (_both(issue.title, locale), issue.series, str(valid), "、".join(shown), issue.layout))
    )


def _plain(definition: Definition, step: Step, locale: str) -> Iterator[tuple[str, tuple[Reason, str]]]:
    titles = {key: one.title.said(locale) for key, one in definition.by_key.items()}
    actor = str(Reason(DOMAINS.get(step.domain, step.domain))) if step.domain else str(Reason(ACTORS[step.role]))
    yield from _words("title", N_("Name of the step"), step.title, locale)
    yield "actor", (Reason(N_("Who acts")), actor)
    yield "after", (Reason(N_("After which steps")), "、".join(titles.get(key, key) for key in step.after))
    yield "when", (Reason(N_("Only when")), in_words(step.when, definition, locale))
    yield "limit", (Reason(N_("Time limit")), _limit(step))
    yield "visit", (Reason(N_("A visit on site")), _visit(step))
    yield from _ends(step, titles)
    yield from _words("help", N_("Help"), step.help, locale)


def _limit(step: Step) -> str:
    if step.limit is None:
        return ""
    return f"{lasted(step.limit.minutes)} · {Reason(CALENDARS.get(step.limit.calendar, step.limit.calendar))}"


def _visit(step: Step) -> str:
    if step.visit is None:
        return ""
    said = N_("%(offers)s times to choose from, %(minutes)s minutes each")
    return str(because(said, offers=step.visit.offers, minutes=step.visit.slot_minutes))


def _ends(step: Step, titles: Mapping[str, str]) -> Iterator[tuple[str, tuple[Reason, str]]]:
    decision, yes = step.decision, str(Reason(N_("yes")))
    back = "、".join(titles.get(key, key) for key in decision.return_to) if decision else ""
    yield "approve", (Reason(N_("Decides")), yes if decision else "")
    yield "return", (Reason(N_("May return to")), back)
    yield "reject", (Reason(N_("May reject")), yes if decision and decision.reject else "")


def _field(field: Field, locale: str) -> str:
    parts = [_both(field.label, locale), str(Reason(FIELD_KINDS[field.kind]))]
    parts += [field.unit] if field.unit else []
    parts += [f"≥ {field.min:g}"] if field.min is not None else []
    parts += [f"≤ {field.max:g}"] if field.max is not None else []
    parts += [choice.label.said(locale) for choice in field.choices]
    parts += [field.pattern] if field.pattern else []
    parts += [said for words in (field.text, field.help) if (said := _both(words, locale))]
    parts += [str(Reason(N_("required") if field.required else N_("optional")))]
    return " · ".join(parts)
