"""The shape of a definition as one table: the reader, the JSON Schema and the messages are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casework.clocks.kinds import CalendarKind
from casework.processes.definition import FORMAT
from casework.processes.words import FieldKind, Op

MOST_STEPS, MOST_FIELDS, MOST_CHOICES = 300, 60, 100
KEY = "^[a-z][a-z0-9_]{0,39}$"
PATH = "^[a-z][a-z0-9_]{0,39}\\.[a-z][a-z0-9_]{0,39}$"
ACTOR = "^(enterprise|officer|lead|authority:[a-z][a-z0-9_]{0,29})$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What one property may hold. ``high`` bounds a number, a length or how many."""

    kind: str
    required: bool = False
    low: float = 0
    high: float = 0
    values: tuple[str, ...] = ()
    form: str = ""
    says: str = ""


def text(high: int, *, required: bool = False, form: str = "", says: str = "") -> Spec:
    """A text of at most so many characters, of a form where one is given."""
    return Spec(kind="text", high=high, required=required, form=form, says=says)


def words(*, required: bool = False, says: str = "") -> Spec:
    """A text in both languages, or only Chinese."""
    return Spec(kind="words", high=2000, required=required, says=says)


def whole(low: int, high: int, *, required: bool = False, says: str = "") -> Spec:
    """A whole number in a range."""
    return Spec(kind="whole", low=low, high=high, required=required, says=says)


def one_of(values: tuple[str, ...], *, required: bool = False, says: str = "") -> Spec:
    """One of a closed set."""
    return Spec(kind="one_of", values=values, required=required, says=says)


def many(kind: str, high: int, *, required: bool = False, low: int = 0, form: str = "", says: str = "") -> Spec:
    """A list of texts of a form, or of things of a shape."""
    return Spec(kind=f"list:{kind}", low=low, high=high, required=required, form=form, says=says)


YES_NO = Spec(kind="bool")
A_KEY = text(40, required=True, form=KEY, says="Small letters, digits and _, beginning with a letter.")

SHAPES: Mapping[str, Mapping[str, Spec]] = {
    "template": {
        "format": one_of((FORMAT,), required=True),
        "code": text(30, form="^[A-Z][A-Z0-9-]{1,29}$", says="By which the file is known again."),
        "name": words(required=True),
        "purpose": words(says="What it is for, in a sentence."),
        "serves": many("text", 40, form=KEY, says="The case types that it serves."),
        "owner": text(30, form=KEY, says="The domain of the authority that owns it."),
        "basis": text(500, says="The legal basis."),
        "steps": many("step", MOST_STEPS, required=True, low=1),
    },
    "step": {
        "key": A_KEY,
        "title": words(required=True),
        "help": words(says="What the actor should know."),
        "actor": text(40, required=True, form=ACTOR, says="enterprise, officer, lead, or authority: and a domain."),
        "after": many("text", MOST_STEPS, form=KEY, says="The steps that must have passed; none: it begins the run."),
        "when": Spec(kind="condition", says="Without it the step always takes place."),
        "fields": many("field", MOST_FIELDS),
        "documents": many("document", 20),
        "limit": Spec(kind="shape:limit"),
        "visit": Spec(kind="shape:visit"),
        "decision": Spec(kind="shape:decision"),
        "issues": many("issue", 5),
    },
    "field": {
        "key": A_KEY,
        "kind": one_of(tuple(kind.value for kind in FieldKind), required=True),
        "label": words(required=True),
        "help": words(),
        "required": YES_NO,
        "unit": text(20, says="What a number counts, such as 吨."),
        "min": Spec(kind="number", low=-1e12, high=1e12, says="Least value (yuan for money), length, or how many."),
        "max": Spec(kind="number", low=-1e12, high=1e12, says="Most value (yuan for money), length, or how many."),
        "pattern": text(200, says="A row of characters, \\d, \\w, . and [classes], each with ?, {n} or {m,n}."),
        "choices": many("choice", MOST_CHOICES),
        "text": words(says="What is declared."),
    },
    "choice": {"key": A_KEY, "label": words(required=True)},
    "document": {"key": A_KEY, "label": words(required=True), "required": YES_NO},
    "limit": {
        "minutes": whole(1, 525_600, required=True),
        "calendar": one_of(tuple(kind.value for kind in CalendarKind)),
    },
    "visit": {"slot_minutes": whole(5, 480, required=True), "offers": whole(1, 20)},
    "decision": {"approve": YES_NO, "return_to": many("text", MOST_STEPS, form=KEY), "reject": YES_NO},
    "issue": {
        "key": A_KEY,
        "title": words(required=True),
        "series": text(20, required=True, says="The word of its number, such as 临发."),
        "valid_hours": whole(1, 8_784, required=True),
        "facts": many("text", 12, form=PATH, says="Answers (step.field) that anyone may verify."),
        "layout": text(100, form="^[\\w-]+\\.docx$", says="The document layout that it is written from."),
    },
}


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a template file."""
    shapes = {name: _shape(properties) for name, properties in SHAPES.items()}
    whole_file = shapes.pop("template")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Casework temporary-process template",
        **whole_file,
        "$defs": {**shapes, "words": _words(), "condition": _condition()},
    }


def _shape(properties: Mapping[str, Spec]) -> dict[str, Any]:
    said = {
        "type": "object",
        "properties": {name: _property(spec) for name, spec in properties.items()},
        "required": [name for name, spec in properties.items() if spec.required],
        "additionalProperties": False,
    }
    return {name: value for name, value in said.items() if value != []}


def _property(spec: Spec) -> dict[str, Any]:
    kind, _, of = spec.kind.partition(":")
    made = _of_kind(kind, of, spec)
    return {**made, "description": spec.says} if spec.says else made


def _of_kind(kind: str, of: str, spec: Spec) -> dict[str, Any]:
    if kind == "text":
        return {"type": "string", "maxLength": int(spec.high), **({"pattern": spec.form} if spec.form else {})}
    if kind == "list":
        inside = {"type": "string", "pattern": spec.form} if of == "text" else {"$ref": f"#/$defs/{of}"}
        return {"type": "array", "items": inside, "minItems": int(spec.low), "maxItems": int(spec.high)}
    if kind in ("words", "condition"):
        return {"$ref": f"#/$defs/{kind}"}
    if kind == "shape":
        return {"$ref": f"#/$defs/{of}"}
    if kind == "one_of":
        return {"enum": list(spec.values)}
    if kind == "bool":
        return {"type": "boolean"}
    return {"type": "integer" if kind == "whole" else "number", "minimum": spec.low, "maximum": spec.high}


def _words() -> dict[str, Any]:
    text_only = {"type": "string", "maxLength": 2000}
    both = {"type": "object", "properties": {"zh": text_only, "en": text_only}, "required": ["zh"]}
    return {"anyOf": [text_only, {**both, "additionalProperties": False}]}


def _condition() -> dict[str, Any]:
    inside = {"$ref": "#/$defs/condition"}
    several = {"type": "array", "items": inside, "minItems": 1, "maxItems": 50}
    compared = {
        "type": "object",
        "properties": {
            "field": {"type": "string", "pattern": PATH},
            "op": {"enum": [op.value for op in Op]},
            "value": {"type": ["string", "number", "boolean", "array"]},
        },
        "required": ["field", "op"],
        "additionalProperties": False,
    }
    joined = [
        {"type": "object", "properties": {name: of}, "required": [name], "additionalProperties": False}
        for name, of in (("all", several), ("any", several), ("not", inside))
    ]
    return {"oneOf": [compared, *joined]}
