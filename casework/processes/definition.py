"""The definition of a temporary process: frozen values that a version keeps, a run follows and a file carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Any

from casework.processes.words import FieldKind

FORMAT = "casework-template/1"


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages; English may still be missing in a draft."""

    zh: str = ""
    en: str = ""

    def said(self, locale: str) -> str:
        """In the reader's language, in Chinese where English is missing."""
        return self.en or self.zh if locale == "en" else self.zh or self.en


NO_WORDS = Words()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer to pick."""

    key: str
    label: Words = NO_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that a step asks for. ``min`` and ``max`` bound the value, the length or how many, by its kind."""

    key: str
    kind: FieldKind = FieldKind.TEXT
    label: Words = NO_WORDS
    help: Words = NO_WORDS
    required: bool = True
    unit: str = ""
    min: float | None = None
    max: float | None = None
    pattern: str = ""
    choices: tuple[Choice, ...] = ()
    text: Words = NO_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A paper that a step wants to see, such as the licence."""

    key: str
    label: Words = NO_WORDS
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How long a step may take: minutes, counted always or in working hours."""

    minutes: int
    calendar: str = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """That a step happens on site: how long a slot is in minutes, and how many are offered to choose from."""

    slot_minutes: int
    offers: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What may come of a step beside being filled: on to the next, back to one of these, or the end."""

    approve: bool = True
    return_to: tuple[str, ...] = ()
    reject: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A numbered document that a step issues. ``facts`` are the answers (``step.field``) that anyone may verify."""

    key: str
    title: Words = NO_WORDS
    series: str = ""
    valid_hours: int
    facts: tuple[str, ...] = ()
    layout: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: who acts, after which steps, when, what it asks for, decides and issues."""

    key: str
    actor: str
    title: Words = NO_WORDS
    help: Words = NO_WORDS
    after: tuple[str, ...] = ()
    when: Mapping[str, Any] | None = None
    fields: tuple[Field, ...] = ()
    documents: tuple[Document, ...] = ()
    limit: Limit | None = None
    visit: Visit | None = None
    decision: Decision | None = None
    issues: tuple[Issue, ...] = ()

    @property
    def domain(self) -> str:
        """The domain of the authority that acts, or empty."""
        return self.actor.partition(":")[2]

    @property
    def role(self) -> str:
        """Who acts, without the domain: enterprise, officer, lead or authority."""
        return self.actor.partition(":")[0]

    @property
    def asked(self) -> tuple[Field, ...]:
        """Everything that its form asks for: the fields, then the documents as files."""
        papers = (
            Field(key=paper.key, kind=FieldKind.FILE, label=paper.label, required=paper.required)
            for paper in self.documents
        )
        return (*self.fields, *papers)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A process as one value. Its graph is asked by key; keys are unique once the checker has passed it."""

    name: Words
    steps: tuple[Step, ...]
    format: str = FORMAT
    code: str = ""
    purpose: Words = NO_WORDS
    serves: tuple[str, ...] = ()
    owner: str = ""
    basis: str = ""

    @cached_property
    def by_key(self) -> dict[str, Step]:
        """The first step of each key."""
        return {step.key: step for step in reversed(self.steps)}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The keys of all steps that can begin, each after those that it waits for; others are left out."""
        left = {key: {before for before in step.after if before in self.by_key} for key, step in self.by_key.items()}
        found: list[str] = []
        while ready := [key for key, waits in left.items() if not waits]:
            found += ready
            for key in ready:
                del left[key]
            for waits in left.values():
                waits.difference_update(ready)
        return tuple(found)

    @cached_property
    def before(self) -> dict[str, frozenset[str]]:
        """For every step that can begin all the steps that must have passed by then."""
        found: dict[str, frozenset[str]] = {}
        for key in self.order:
            direct = [before for before in self.by_key[key].after if before in found]
            found[key] = frozenset(direct).union(*(found[before] for before in direct))
        return found

    def behind(self, key: str) -> frozenset[str]:
        """All the steps that rely on this one."""
        return frozenset(later for later, earlier in self.before.items() if key in earlier)

    def field(self, path: str) -> Field | None:
        """The field that ``step.field`` names, or None."""
        step, _, name = path.partition(".")
        found = self.by_key.get(step)
        return next((field for field in found.fields if field.key == name), None) if found else None


def as_json(value: Any) -> Any:
    """A definition or a part of it as plain JSON values, without what is empty or as it would be anyway."""
    if is_dataclass(value) and not isinstance(value, type):
        said = {part.name: as_json(getattr(value, part.name)) for part in fields(value) if _matters(value, part)}
        return {name: item for name, item in said.items() if item not in (None, "", [])}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [as_json(item) for item in value]
    return value


def _matters(value: Any, part: Any) -> bool:
    return part.name in ("format", "minutes", "kind") or getattr(value, part.name) != part.default


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a definition, where (a JSON pointer), at which step; a warning does not stop publishing."""

    place: str
    reason: Any
    step: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A definition, as far as it can be read, and everything that is wrong with it."""

    definition: Definition | None
    mistakes: Sequence[Mistake] = field(default=())

    @property
    def errors(self) -> list[Mistake]:
        """What keeps it from being published."""
        return [mistake for mistake in self.mistakes if not mistake.warning]
