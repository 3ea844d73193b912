"""What the designer shows: the steps with their mistakes, the step and field being edited, the phone beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.cases.types import DOMAINS
from casework.kernel.errors import Reason
from casework.kernel.i18n import language
from casework.processes import conditions_said, design_input, design_words, queries, templates
from casework.processes.checker import check
from casework.processes.definition import Definition, Field, Mistake, Step
from casework.processes.models import ProcessTemplate, TemplateVersion
from casework.processes.words import ACTORS, AUTHORITY


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step in the list: what is wrong with it, and whether it runs beside the one above."""

    key: str
    title: str
    actor: str
    after: str
    parallel: bool
    mistakes: Sequence[Mistake]


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignView:
    """A draft for its page. ``draft`` is what is shown, saved or not; ``raw`` the JSON of the step being edited."""

    template: ProcessTemplate
    version: TemplateVersion
    draft: Mapping[str, Any]
    definition: Definition | None
    lines: Sequence[StepLine]
    head_mistakes: Sequence[Mistake]
    errors: int
    warnings: int
    step: Step | None
    raw: Mapping[str, Any]
    number: int
    field: Field | None
    raw_field: Mapping[str, Any]
    can_draw: bool
    may_wait_for: Sequence[Step]
    may_return_to: Sequence[Step]
    readable: Sequence[tuple[str, str]]
    rows: tuple[str, list[conditions_said.Row]] | None
    condition: str
    limit: tuple[str, str, str]
    issues: Sequence[Mapping[str, Any]]
    paper: int
    layouts: Sequence[str]
    can_undo: str
    saved: Any
    before_no: int | None
    span: tuple[int, int]

    @property
    def issue(self) -> Mapping[str, Any]:
        """The document that is edited: empty when the step issues none yet."""
        return self.issues[self.paper] if self.issues else {}

    def wrong(self, part: str) -> list[Mistake]:
        """What is wrong with a part of the step that is edited, advice left out."""
        line = next((one for one in self.lines if self.step and one.key == self.step.key), None)
        found = line.mistakes if line else ()
        return [one for one in found if not one.warning and design_words.part_of(one.place) == part]

    @property
    def by_step(self) -> dict[str, int]:
        """How many mistakes each step has, for the drawing."""
        return {line.key: errors for line in self.lines if (errors := sum(not one.warning for one in line.mistakes))}


def design_view(
    template: ProcessTemplate,
    version: TemplateVersion,
    draft: Mapping[str, Any],
    *,
    step: str = "",
    field: str = "",
    paper: int = 0,
) -> DesignView:
    """Work a draft out for its page: check it, and prepare the step that is edited."""
    definition = check(draft).definition
    locale = language()
    found = design_words.in_words(templates.mistakes(template, version, draft), definition, locale)
    steps = definition.steps if definition else ()
    chosen = next((one for one in steps if one.key == step), None)
    raw = _raw(draft.get("steps", ()), chosen)
    asked = next((one for one in chosen.fields if one.key == field), None) if chosen else None
    issues = raw.get("issues", ())
    latest = queries.edits(version.id)
    return DesignView(
        template=template,
        version=version,
        draft=draft,
        definition=definition,
        lines=_lines(steps, found, locale),
        head_mistakes=[one for one in found if not one.step],
        errors=sum(not one.warning for one in found),
        warnings=sum(one.warning for one in found),
        step=chosen,
        raw=raw,
        number=1 + steps.index(chosen) if chosen else 0,
        field=asked,
        raw_field=_raw(raw.get("fields", ()), asked),
        can_draw=bool(definition and steps and definition.order and _whole(definition)),
        may_wait_for=_may_wait_for(definition, chosen),
        may_return_to=_before(definition, chosen),
        readable=_readable(definition, chosen, locale),
        rows=conditions_said.rows_of(chosen.when, definition) if definition and chosen else None,
        condition=conditions_said.in_words(chosen.when, definition, locale) if definition and chosen else "",
        limit=design_input.limit_shown(raw.get("limit")),
        issues=issues,
        paper=min(max(paper, 0), max(len(issues) - 1, 0)),
        layouts=sorted(queries.layouts(version.id)),
        can_undo=latest[0].what if latest else "",
        saved=version.saved_at,
        before_no=version.no - 1 if version.no > 1 else None,
        span=design_words.spans(definition) if definition else (0, 0),
    )


def _raw(rows: Sequence[Mapping[str, Any]], chosen: Step | Field | None) -> Mapping[str, Any]:
    """The JSON of the step or field that is edited; empty where none is."""
    return next((one for one in rows if chosen and one.get("key") == chosen.key), {})


def _whole(definition: Definition) -> bool:
    """Whether every line of the drawing has both its ends."""
    return all(key in definition.before for step in definition.steps for key in (step.key, *step.after))


def _lines(steps: Sequence[Step], found: Sequence[Mistake], locale: str) -> list[StepLine]:
    numbers = {step.key: str(number) for number, step in enumerate(steps, 1)}
    wrong: dict[str, list[Mistake]] = {}
    for mistake in found:
        wrong.setdefault(mistake.step, []).append(mistake)
    waits = [step.after for step in steps]
    return [
        StepLine(
            key=step.key,
            title=step.title.said(locale) or step.key,
            actor=actor_said(step.actor),
            after="、".join(numbers.get(key, "?") for key in step.after),
            parallel=bool(step.after) and waits.count(step.after) > 1,
            mistakes=wrong.get(step.key, []),
        )
        for step in steps
    ]


def _may_wait_for(definition: Definition | None, step: Step | None) -> list[Step]:
    """The steps that may come before this one: all but those that wait for it."""
    if definition is None or step is None:
        return []
    behind = definition.behind(step.key)
    return [one for one in definition.steps if one.key != step.key and one.key not in behind]


def _before(definition: Definition | None, step: Step | None) -> list[Step]:
    if definition is None or step is None:
        return []
    before = definition.before.get(step.key, frozenset())
    return [one for one in definition.steps if one.key in before]


def _readable(definition: Definition | None, step: Step | None, locale: str) -> list[tuple[str, str]]:
    """What a condition of a step may read, and a paper show: path and words."""
    earlier = _before(definition, step)
    return [
        (f"{one.key}.{field.key}", f"{one.title.said(locale)} · {field.label.said(locale)}")
        for one in ([*earlier, step] if step else earlier)
        for field in one.fields
    ]


def actor_said(actor: str) -> str:
    """Who acts, an authority by its domain."""
    role, _, domain = actor.partition(":")
    return str(Reason(DOMAINS.get(domain, domain))) if domain else str(Reason(ACTORS.get(role, role)))


def actors() -> list[tuple[str, str]]:
    """Everyone who can act: value and words."""
    plain = [(key, str(Reason(label))) for key, label in ACTORS.items() if key != AUTHORITY]
    return plain + [(f"{AUTHORITY}:{domain}", str(Reason(label))) for domain, label in DOMAINS.items()]
