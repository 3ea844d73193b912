"""Conditions between people and data: said in words, and read from the rows of the designer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.money import parse_yuan, yuan
from casework.processes.definition import Definition, Field
from casework.processes.words import PICKED, FieldKind, Op

OPS: Mapping[str, str] = {
    Op.EQUALS: N_("is"),
    Op.DIFFERS: N_("is not"),
    Op.LESS: N_("is less than"),
    Op.AT_MOST: N_("is at most"),
    Op.MORE: N_("is more than"),
    Op.AT_LEAST: N_("is at least"),
    Op.IN: N_("is one of"),
    Op.EMPTY: N_("is not answered"),
}
ROWS = 3
Row = tuple[str, str, str]
"""Field path, comparison, and the value as it is typed."""


def rows_of(condition: Mapping[str, Any] | None, definition: Definition) -> tuple[str, list[Row]] | None:
    """A condition as (all | any, rows); None when it is nested deeper than rows can show."""
    if not condition:
        return "all", []
    join = "any" if "any" in condition else "all"
    parts = [condition] if "field" in condition else condition.get(join, ())
    if "not" in condition or len(parts) > ROWS or not all("field" in part for part in parts):
        return None
    return join, [
        (part["field"], part["op"], _typed(definition.field(part["field"]), part.get("value"))) for part in parts
    ]


def _typed(field: Field | None, value: Any) -> str:
    if value is None or value is True:
        return ""
    if isinstance(value, list):
        return "、".join(_typed(field, one) for one in value)
    if field is not None and field.kind in PICKED:
        return next((choice.label.zh for choice in field.choices if choice.key == value), str(value))
    return (
        yuan(int(value))
        if field is not None and field.kind is FieldKind.MONEY
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def read_rows(join: str, rows: Sequence[Row], definition: Definition) -> dict[str, Any] | None:
    """The condition that rows say; None when none is filled in.

    Raises:
        Refused: a value cannot be read.
    """
    parts = [_part(path, op, typed, definition) for path, op, typed in rows if path]
    if len(parts) < 2:
        return parts[0] if parts else None
    return {"any" if join == "any" else "all": parts}


def _part(path: str, op: str, typed: str, definition: Definition) -> dict[str, Any]:
    field = definition.field(path)
    known = op if op in OPS else Op.EQUALS.value
    if known == Op.EMPTY:
        return {"field": path, "op": known}
    if known == Op.IN:
        pieces = [piece for piece in re.split(r"[、,，;；]", typed) if piece.strip()]
        return {"field": path, "op": known, "value": [_value(field, piece) for piece in pieces]}
    return {"field": path, "op": known, "value": _value(field, typed)}


def _value(field: Field | None, typed: str) -> Any:
    typed = typed.strip()
    if field is None:
        return typed
    if field.kind in PICKED:
        named = {choice.label.zh: choice.key for choice in field.choices} | {c.label.en: c.key for c in field.choices}
        return named.get(typed, typed)
    if field.kind is FieldKind.DECLARATION:
        return True
    if field.kind is FieldKind.MONEY:
        return parse_yuan(typed, "when")
    return _number(typed) if field.kind is FieldKind.NUMBER else typed


def _number(typed: str) -> float | int:
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", typed, re.ASCII):
        raise Refused(because(N_("Only when: write a number to compare with, such as 5."), "when"))
    return float(typed) if "." in typed else int(typed)


def in_words(condition: Mapping[str, Any] | None, definition: Definition, locale: str) -> str:
    """A condition as a sentence: 重量 大于 5 且 是否冷链 是 是."""
    if not condition:
        return ""
    for name, joint in (("all", N_("and")), ("any", N_("or"))):
        if name in condition:
            said = [in_words(part, definition, locale) for part in condition[name]]
            return f" {Reason(joint)} ".join(f"({one})" if " " in one and len(said) > 1 else one for one in said)
    if "not" in condition:
        return str(because(N_("not (%(what)s)"), what=in_words(condition["not"], definition, locale)))
    field = definition.field(condition.get("field", ""))
    label = field.label.said(locale) if field else condition.get("field", "")
    value = _typed(field, condition.get("value"))
    return f"{label} {Reason(OPS.get(condition.get('op', ''), ''))} {value}".strip()
