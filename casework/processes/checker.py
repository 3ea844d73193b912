"""What is wrong with a definition, each mistake at its place: structure first, then the graph, then what it asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from casework.kernel.errors import N_, Reason, because
from casework.processes import patterns
from casework.processes.conditions import parts
from casework.processes.definition import Checked, Definition, Field, Issue, Mistake, Step, Words
from casework.processes.reading import Unreadable, load, read
from casework.processes.words import COMPARING, ENTERPRISE, ORDERED, PICKED, PRIVATE, RANGED, FieldKind, Op


def check_file(content: bytes) -> Checked:
    """Everything that is wrong with a template file."""
    try:
        return check(load(content))
    except Unreadable as error:
        return Checked(None, [Mistake("", error.reason)])


def check(data: Mapping[str, Any]) -> Checked:
    """Everything that is wrong with a definition given as JSON values."""
    definition, mistakes = read(data)
    if definition is not None:
        mistakes = [*mistakes, *_all(definition)]
    return Checked(definition, mistakes)


def _all(definition: Definition) -> Iterator[Mistake]:
    yield from _words_at("/name", definition.name, "")
    yield from _twice((f"/steps/{index}/key", step.key, step.key) for index, step in enumerate(definition.steps))
    for index, step in enumerate(definition.steps):
        place = f"/steps/{index}"
        for mistake in (
            *_order(definition, step, place),
            *_condition(definition, step, place),
            *_decision(definition, step, place),
            *_time(step, place),
            *_asked(step, place),
            *_issued(definition, step, place),
        ):
            yield Mistake(mistake.place, mistake.reason, step.key, mistake.warning)


def _order(definition: Definition, step: Step, place: str) -> Iterator[Mistake]:
    for index, key in enumerate(step.after):
        here = f"{place}/after/{index}"
        if key == step.key:
            yield Mistake(here, Reason(N_("The step waits for itself: it can never begin.")))
        elif key not in definition.by_key:
            yield Mistake(here, because(N_("There is no step “%(key)s”: this join can never complete."), key=key))
        elif key in step.after[:index]:
            yield Mistake(here, because(N_("“%(key)s” stands here twice: keep one."), key=key))
    if step.key in definition.before or step.key in step.after:
        return
    circle = _circle(definition, step.key)
    if step.key in circle:
        said = N_("These steps wait for each other and can never begin: %(steps)s.")
        yield Mistake(f"{place}/after", because(said, steps=" ▸ ".join(circle)))
    else:
        said = N_("The step cannot be reached: it waits for one that can never begin.")
        yield Mistake(f"{place}/after", Reason(said))


def _circle(definition: Definition, start: str) -> list[str]:
    """The way from a step that can never begin back to a step on it; the circle that it waits for."""
    way = [start]
    while True:
        waits = [key for key in definition.by_key[way[-1]].after if key in definition.by_key]
        stuck = [key for key in waits if key not in definition.before]
        if not stuck:
            return []
        ahead = start if start in stuck else stuck[0]
        if ahead in way:
            return [*way[way.index(ahead) :], ahead]
        way.append(ahead)


def _condition(definition: Definition, step: Step, place: str) -> Iterator[Mistake]:
    for below, part in parts(step.when) if step.when else ():
        here, path = f"{place}/when{below}", part["field"]
        field = definition.field(path)
        if field is None:
            yield Mistake(here, because(N_("The condition reads “%(path)s”, which no step asks for."), path=path))
        elif path.partition(".")[0] not in definition.before.get(step.key, ()):
            said = N_("The condition reads “%(path)s”, which may not be answered by then: let the step come after it.")
            yield Mistake(here, because(said, path=path))
        elif fault := _comparison_fault(field, Op(part["op"]), part.get("value")):
            yield Mistake(here, fault)


def _comparison_fault(field: Field, op: Op, value: Any) -> Reason | None:
    label = field.label.zh or field.key
    if op is Op.EMPTY:
        return None
    if op in COMPARING and field.kind not in ORDERED:
        return because(N_("“%(label)s” has no less or more: ask whether it equals something."), label=label)
    for one in value if op is Op.IN else [value]:
        if not _can_equal(field, one):
            return because(N_("“%(label)s” can never be “%(value)s”."), label=label, value=one)
    return None


def _can_equal(field: Field, value: Any) -> bool:
    if field.kind in PICKED:
        return value in [choice.key for choice in field.choices]
    if field.kind in (FieldKind.NUMBER, FieldKind.MONEY):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if field.kind is FieldKind.DECLARATION:
        return isinstance(value, bool)
    return isinstance(value, str) and field.kind not in (FieldKind.PEOPLE, FieldKind.FILE, FieldKind.PHOTO)


def _decision(definition: Definition, step: Step, place: str) -> Iterator[Mistake]:
    decision = step.decision
    if decision is None:
        return
    if step.actor == ENTERPRISE:
        yield Mistake(f"{place}/decision", Reason(N_("The enterprise cannot decide on its own matter.")))
    if not decision.approve:
        said = N_("There is no way to the end: this step can only return or reject. Let it approve too.")
        yield Mistake(f"{place}/decision", Reason(said))
    for index, key in enumerate(decision.return_to):
        if key not in definition.before.get(step.key, ()):
            said = N_("“%(key)s” has not been passed when this is decided: return to a step before it.")
            yield Mistake(f"{place}/decision/return_to/{index}", because(said, key=key))


def _time(step: Step, place: str) -> Iterator[Mistake]:
    if step.limit is None and step.actor != ENTERPRISE:
        yield Mistake(f"{place}/limit", Reason(N_("No time limit: the enterprise does not know how long to wait.")))
    if step.visit is not None and step.actor == ENTERPRISE:
        yield Mistake(
            f"{place}/visit", Reason(N_("The enterprise does not visit itself: let an officer or authority."))
        )


def _asked(step: Step, place: str) -> Iterator[Mistake]:
    yield from _words_at(f"{place}/title", step.title, step.key)
    named = [(f"{place}/fields/{index}/key", field.key, step.key) for index, field in enumerate(step.fields)]
    papers = [(f"{place}/documents/{index}/key", paper.key, step.key) for index, paper in enumerate(step.documents)]
    yield from _twice(named + papers)
    for index, field in enumerate(step.fields):
        yield from _field(field, f"{place}/fields/{index}")
    for index, paper in enumerate(step.documents):
        yield from _words_at(f"{place}/documents/{index}/label", paper.label, step.key)


def _field(field: Field, place: str) -> Iterator[Mistake]:
    yield from _words_at(f"{place}/label", field.label, "")
    if field.kind in PICKED:
        yield from _choices(field, place)
    elif field.choices:
        yield Mistake(f"{place}/choices", Reason(N_("Only a choice has choices: remove them or change the kind.")))
    if field.kind is FieldKind.DECLARATION and not field.text.zh:
        yield Mistake(f"{place}/text", Reason(N_("Write what is declared.")))
    if (field.min is not None or field.max is not None) and field.kind not in RANGED:
        yield Mistake(f"{place}/min", Reason(N_("This kind of field has no least and most.")))
    if field.min is not None and field.max is not None and field.min > field.max:
        yield Mistake(f"{place}/min", Reason(N_("The least is more than the most: nothing could be answered.")))
    if field.pattern:
        yield from _pattern(field, place)


def _choices(field: Field, place: str) -> Iterator[Mistake]:
    if len(field.choices) < 2:
        yield Mistake(f"{place}/choices", Reason(N_("A choice needs at least two answers to choose from.")))
    yield from _twice((f"{place}/choices/{index}/key", choice.key, "") for index, choice in enumerate(field.choices))
    for index, choice in enumerate(field.choices):
        yield from _words_at(f"{place}/choices/{index}/label", choice.label, "")


def _pattern(field: Field, place: str) -> Iterator[Mistake]:
    if field.kind is not FieldKind.TEXT:
        yield Mistake(f"{place}/pattern", Reason(N_("Only a text has a pattern.")))
    try:
        patterns.read(field.pattern)
    except patterns.BadPattern as error:
        said = N_("The pattern cannot be read from character %(at)s on: use \\d, [A-Z] and {4}, as in [A-Z]{2}\\d{6}.")
        yield Mistake(f"{place}/pattern", because(said, at=error.at))


def _issued(definition: Definition, step: Step, place: str) -> Iterator[Mistake]:
    if step.issues and step.actor == ENTERPRISE:
        yield Mistake(f"{place}/issues", Reason(N_("The enterprise cannot issue a document to itself.")))
    yield from _twice((f"{place}/issues/{index}/key", issue.key, step.key) for index, issue in enumerate(step.issues))
    for index, issue in enumerate(step.issues):
        here = f"{place}/issues/{index}"
        yield from _words_at(f"{here}/title", issue.title, step.key)
        yield from _facts(definition, step, issue, here)


def _facts(definition: Definition, step: Step, issue: Issue, place: str) -> Iterator[Mistake]:
    known = definition.before.get(step.key, frozenset()) | {step.key}
    for index, path in enumerate(issue.facts):
        here, field = f"{place}/facts/{index}", definition.field(path)
        if field is None or path.partition(".")[0] not in known:
            said = N_("The document shows “%(path)s”, which is not answered by then.")
            yield Mistake(here, because(said, path=path))
        elif field.kind in PRIVATE:
            said = N_("“%(label)s” is personal: anyone could read it where the document is verified.")
            yield Mistake(here, because(said, label=field.label.zh or field.key))


def _words_at(place: str, words: Words, step: str) -> Iterator[Mistake]:
    if not words.zh:
        yield Mistake(place, Reason(N_("The Chinese text is missing.")), step)
    elif not words.en:
        yield Mistake(place, Reason(N_("The English text is missing: Chinese is shown instead.")), step, warning=True)


def _twice(keys: Iterable[tuple[str, str, str]]) -> Iterator[Mistake]:
    counted: Counter[str] = Counter()
    for place, key, step in keys:
        counted[key] += 1
        if counted[key] == 2:
            yield Mistake(
                place, because(N_("“%(key)s” stands here twice: each needs a key of its own."), key=key), step
            )
