"""The form of a step, made from its definition. What is typed is kept as it was typed; ``answers.check`` judges it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, Field, RadioField, StringField, TextAreaField
from wtforms.validators import Optional

from casework.cases.forms import options
from casework.kernel.errors import N_, Reason
from casework.kernel.forms import Form, Ticks
from casework.kernel.money import yuan
from casework.processes.definition import Definition, Step
from casework.processes.definition import Field as Asked
from casework.processes.words import FieldKind, Result

PREFIX = "a_"
FILES = (FieldKind.FILE, FieldKind.PHOTO)
# How a browser helps with typing; the answer is read from text all the same.
INPUTS: Mapping[FieldKind, Mapping[str, str]] = {
    FieldKind.NUMBER: {"inputmode": "decimal"},
    FieldKind.MONEY: {"inputmode": "decimal"},
    FieldKind.DATE: {"type": "date"},
    FieldKind.TIME: {"type": "time"},
    FieldKind.PHONE: {"type": "tel", "autocomplete": "tel"},
    FieldKind.PLATE: {"autocapitalize": "characters"},
    FieldKind.USCC: {"autocapitalize": "characters", "maxlength": "30"},
}


class StepTicks(Ticks):
    """Boxes to tick of which what is no choice is refused later, in one sentence."""

    def pre_validate(self, form: Any) -> None:
        """Leave judging to the one place that judges answers."""


class StepForm(Form):
    """What every step carries beside its own fields: why it ends so, and which files to take off."""

    note = TextAreaField(lazy_gettext(N_("Why")), [Optional()])
    drop = StepTicks(lazy_gettext(N_("Take off")), [Optional()], choices=[], validate_choice=False)

    def refuse(self, reasons: Any) -> None:
        """Show reasons about answers at the fields of the step."""
        own = [_moved(reason, f"{PREFIX}{reason.field}" in self._fields) for reason in reasons]
        super().refuse(own)


def _moved(reason: Reason, known: bool) -> Reason:
    return Reason(reason.text, reason.values, f"{PREFIX}{reason.field}") if known else reason


def form_of(step: Step, locale: str, kept: Mapping[str, Any], *, posted: bool = True) -> StepForm:
    """The form of a step in the reader's language, filled with what was typed or sent before.

    ``posted``: bound to what the request holds; not, when the request was about another step.
    """
    made: dict[str, Any] = {f"{PREFIX}{asked.key}": _made(asked, locale) for asked in step.asked}
    data = {f"{PREFIX}{asked.key}": shown(asked, kept.get(asked.key)) for asked in step.asked}
    bound: dict[str, Any] = {} if posted else {"formdata": None}
    form: StepForm = type("StepFormOf", (StepForm,), made)(data=data, **bound)
    return form


def _made(asked: Asked, locale: str) -> Any:
    label = asked.label.said(locale) or asked.key
    flags: list[Any] = [] if asked.required else [Optional()]
    more: dict[str, Any] = {"description": asked.help.said(locale)}
    if asked.kind is FieldKind.LONG_TEXT or asked.kind is FieldKind.PEOPLE:
        return TextAreaField(label, flags, **more)
    if asked.kind in FILES:
        return MultipleFileField(label, flags, **more)
    if asked.kind is FieldKind.DECLARATION:
        return BooleanField(asked.text.said(locale) or label, flags, **more)
    choices = options((choice.key, choice.label.said(locale)) for choice in asked.choices)
    if asked.kind is FieldKind.CHOICE:
        return RadioField(label, flags, choices=choices, validate_choice=False, **more)
    if asked.kind is FieldKind.CHOICES:
        return StepTicks(label, flags, choices=choices, validate_choice=False, **more)
    return StringField(label, flags, **more)


def shown(asked: Asked, value: Any) -> Any:
    """A kept answer, or what was typed, as the form shows it to be changed."""
    if value is None or asked.kind in FILES:
        return None
    if asked.kind is FieldKind.PEOPLE and isinstance(value, list):
        names = ("name", "id_tail", "phone")
        return "\n".join(" ".join(str(one[name]) for name in names if one.get(name)) for one in value)
    if asked.kind is FieldKind.MONEY and isinstance(value, int):
        return yuan(value)
    if asked.kind in (FieldKind.CHOICES, FieldKind.DECLARATION):
        return value
    return str(value)


def typed(step: Step, form: StepForm, files: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """What the form holds for each field that the step asks for; ``files`` are ids by field."""
    found: dict[str, Any] = {}
    for asked in step.asked:
        if asked.kind in FILES:
            found[asked.key] = list(files.get(asked.key, ()))
        else:
            found[asked.key] = _field(form, asked).data
    return {key: value for key, value in found.items() if value not in (None, "", [])}


def _field(form: StepForm, asked: Asked) -> Field:
    found: Field = form[f"{PREFIX}{asked.key}"]
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """A field of a step as the page draws it: the bound field, what it is, and how a browser helps."""

    asked: Asked
    field: Field
    inputs: Mapping[str, str]
    files: Sequence[Any] = ()

    @property
    def kind(self) -> str:
        """Which look it has beside the usual one."""
        looks = {FieldKind.CHOICE: "radios", FieldKind.CHOICES: "checks"}
        few = self.asked.kind is FieldKind.CHOICE and len(self.asked.choices) <= 3
        return "seg" if few else looks.get(self.asked.kind, "")


def lines(step: Step, form: StepForm, files: Mapping[str, Sequence[Any]]) -> list[Line]:
    """The fields of a step in order, with the files that are attached already."""
    return [
        Line(asked, _field(form, asked), INPUTS.get(asked.kind, {}), files.get(asked.key, ())) for asked in step.asked
    ]


@dataclass(frozen=True, slots=True)
class Ending:
    """A button that ends a step: its value (``return:apply``), its words, and whether it asks why."""

    value: str
    label: str
    asks_why: bool = False


def endings(definition: Definition, step: Step, locale: str) -> list[Ending]:
    """The ways in which a step may end, the usual one first."""
    if step.decision is None:
        label = gettext("Issue it") if step.issues else gettext("Send")
        return [Ending(Result.DONE, label)]
    found = [Ending(Result.APPROVE, gettext("Approve"))] if step.decision.approve else []
    for key in step.decision.return_to:
        if before := definition.by_key.get(key):
            label = gettext("Return to “%(step)s”", step=before.title.said(locale))
            found.append(Ending(f"{Result.RETURN}:{key}", label, asks_why=True))
    if step.decision.reject:
        found.append(Ending(Result.REJECT, gettext("Reject"), asks_why=True))
    return found


def ending(text: str | None) -> tuple[Result, str]:
    """The result and the step that a button names. What is no result is a plain sending, which the flow judges."""
    name, _, to = (text or "").partition(":")
    try:
        return Result(name or Result.DONE), to
    except ValueError:
        return Result.DONE, ""
