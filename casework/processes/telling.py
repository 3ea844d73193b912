"""An answer as a person reads it, in either language. People and phones are masked: who needs them asks the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.kernel.masking import masked
from casework.kernel.money import yuan
from casework.processes.conditions import is_empty
from casework.processes.definition import Field, Step, Words
from casework.processes.words import FieldKind

_YES = Words("已承诺", "Declared")
_FILES = Words("{n} 个文件", "{n} files")
_YUAN = Words("{sum} 元", "{sum} yuan")


def said(field: Field, value: Any, locale: str) -> str:
    """One answer in words; empty when there is none."""
    if is_empty(value):
        return ""
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        return _picked(field, value, locale)
    if field.kind is FieldKind.MONEY:
        return _YUAN.said(locale).format(sum=yuan(int(value)))
    if field.kind is FieldKind.PEOPLE:
        return "、".join(_person(person) for person in value)
    if field.kind is FieldKind.PHONE:
        return masked(str(value))
    if field.kind in (FieldKind.FILE, FieldKind.PHOTO):
        return _FILES.said(locale).format(n=len(value))
    if field.kind is FieldKind.DECLARATION:
        return _YES.said(locale)
    return f"{value} {field.unit}".strip() if field.kind is FieldKind.NUMBER else str(value)


def _picked(field: Field, value: Any, locale: str) -> str:
    labels = {choice.key: choice.label.said(locale) for choice in field.choices}
    keys = value if isinstance(value, list) else [value]
    return "、".join(labels.get(key, str(key)) for key in keys)


def _person(person: Mapping[str, str]) -> str:
    tail = f"（{person['id_tail']}）" if person.get("id_tail") else ""
    return f"{person['name']}{tail}"


def lines(step: Step, answers: Mapping[str, Any], locale: str) -> list[tuple[Field, str]]:
    """Every answered field of a step with its answer in words, in the order of the form."""
    told = ((field, said(field, answers.get(field.key), locale)) for field in step.asked)
    return [(field, words) for field, words in told if words]
