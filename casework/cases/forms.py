"""Forms of the case pages; the form of an action is made from its needs in the workflow table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from casework.cases.rules import phone_fault
from casework.cases.workflow import CHOICES, SOURCE_LABELS, Action, Need, Source
from casework.kernel.errors import N_
from casework.kernel.forms import Form, VersionedForm, row_id, say

Choice = tuple[str, str]
MARKS = {"yes": N_("Met"), "no": N_("Not met"), "unclear": N_("Unclear")}
FIELD_SOURCES = (Source.PHONE, Source.WALK_IN, Source.VISIT, Source.LETTER)


@dataclass(frozen=True, slots=True)
class Offered:
    """What the selects of an action form offer: units that may lead or take part, people, outcomes, checklist."""

    units: Sequence[Choice] = ()
    partners: Sequence[Choice] = ()
    officers: Sequence[Choice] = ()
    support: Sequence[Choice] = ()
    outcomes: frozenset[str] = frozenset()
    checklist: Mapping[str, str] = field(default_factory=dict)


def filled(message: str) -> list[Any]:
    """Required, with a sentence of its own."""
    return [InputRequired(message=say(message))]


def options(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Values and labels as a select takes them."""
    return [SelectChoice(value, label) for value, label in pairs]


class ActionForm(VersionedForm):
    """The form of one action; fields come from ``for_action``."""

    action: Action

    def answer(self) -> dict[str, Any]:
        """The answer as the rules take it: ids as integers, days as dates, empty ones left out."""
        values = {
            need.name: _clean(need, self._fields[need.name]) for need in self.action.needs if need.kind != "checklist"
        }
        if any(need.kind == "checklist" for need in self.action.needs):
            values["checklist"] = self._marks()
        return {name: value for name, value in values.items() if value not in (None, "", [], {})}

    def _marks(self) -> dict[str, dict[str, str]]:
        marks = {}
        for name, bound in self._fields.items():
            if name.startswith("mark_") and bound.data:
                note = self._fields[f"note_{name[5:]}"].data or ""
                marks[name[5:]] = {"mark": bound.data, "note": note}
        return marks

    def fill_unit(self, unit_id: str | None) -> None:
        """Preselect a unit that the page suggests."""
        bound = self._fields.get("unit")
        if bound is not None and not bound.data:
            bound.data = unit_id


def _clean(need: Need, bound: Field) -> Any:
    value = bound.data
    if need.kind in ("unit", "officer"):
        return row_id(value) if value else None
    if need.kind in ("units", "officers"):
        return [found for item in value or [] if (found := row_id(item))]
    return value


def for_action(action: Action, offered: Offered) -> type[ActionForm]:
    """The form class of an action with what its selects offer."""
    fields: dict[str, Any] = {"action": action}
    for need in action.needs:
        if need.kind == "checklist":
            fields |= _checklist_fields(offered)
        else:
            fields[need.name] = _field(need, offered)
    return type(f"{action.name.title()}Form", (ActionForm,), fields)


def _checklist_fields(offered: Offered) -> dict[str, Field]:
    fields: dict[str, Any] = {}
    for key, label in offered.checklist.items():
        marks = [(mark, say(text)) for mark, text in MARKS.items()]
        fields[f"mark_{key}"] = RadioField(label, choices=options(marks), validators=[Optional()])
        fields[f"note_{key}"] = StringField(say(N_("What is missing")), validators=[Length(max=200)])
    return fields


class JudgedByRules(Optional):
    """May be empty as far as the form goes: that it must be filled in is said by the rules, with all other reasons."""

    def __init__(self) -> None:
        super().__init__()
        self.field_flags = {}


class TagForm(Form):
    """One word for a case."""

    word = StringField(say(N_("Tag")), validators=[JudgedByRules()])


def _field(need: Need, offered: Offered) -> Any:
    label: Any = say(need.label)
    text: Any = {"description": say(need.help) if need.help else ""}
    # Required is judged by the rules, so that every reason is named at once and in one place.
    rules: list[Any] = [JudgedByRules() if need.required else Optional()]
    if need.kind == "text":
        kind = StringField if need.name in ("whom", "person", "other", "title", "word") else TextAreaField
        return kind(label, validators=rules, **text)
    if need.kind == "day":
        return DateField(label, validators=[*rules, _a_date], **text)
    if need.kind == "days":
        return IntegerField(label, validators=rules, **text)
    if need.kind == "case":
        return StringField(label, validators=rules, **text)
    if need.kind in ("units", "officers"):
        choices = offered.partners if need.kind == "units" else offered.support
        return SelectMultipleField(label, choices=options(choices), validators=rules, validate_choice=False, **text)
    if need.kind in ("unit", "officer"):
        choices = [("", "—"), *(offered.units if need.kind == "unit" else offered.officers)]
        return SelectField(label, choices=options(choices), validators=rules, validate_choice=False, **text)
    choices = [
        (code, say(words))
        for code, words in CHOICES[need.kind].items()
        if need.kind != "outcome" or code in offered.outcomes
    ]
    if len(choices) <= 4:
        return RadioField(label, choices=options(choices), validators=rules, **text)
    return SelectField(label, choices=options([("", "—"), *choices]), validators=rules, **text)


def _a_date(form: Any, bound: Any) -> None:
    if bound.raw_data and bound.raw_data[0] and bound.data is None:
        raise ValidationError(gettext("Write the date like 2020-03-16."))


class CaseForm(Form):
    """A new case in one screen."""

    title = StringField(
        say(N_("Matter in one line")),
        validators=[
            *filled(N_("Matter in one line: write what is wrong in a few words.")),
            Length(max=120, message=say(N_("Matter in one line: shorten it to 120 characters."))),
        ],
    )
    text = TextAreaField(
        say(N_("What happened, what is asked")),
        validators=[
            *filled(N_("What happened: write at least one sentence.")),
            Length(max=5000, message=say(N_("What happened: shorten it to 5,000 characters."))),
        ],
    )
    type_id = SelectField(say(N_("Type")), validators=filled(N_("Type: pick one.")))
    source = RadioField(
        say(N_("How it came")),
        default=Source.PHONE,
        choices=options((source.value, say(SOURCE_LABELS[source])) for source in FIELD_SOURCES),
    )
    requester = StringField(
        say(N_("Enterprise")),
        validators=[
            *filled(N_("Enterprise: write its name, or the person's if there is no firm.")),
            Length(max=200),
        ],
    )
    uscc = StringField(say(N_("Credit code")), validators=[Optional(), Length(max=30)])
    contact_name = StringField(say(N_("Contact person")), validators=[Optional(), Length(max=60)])
    contact_phone = StringField(say(N_("Phone")), validators=[Optional(), Length(max=30)])
    area_id = SelectField(say(N_("Area")), validators=filled(N_("Area: pick where it happens.")))
    place = StringField(say(N_("Place")), validators=[Optional(), Length(max=200)])
    urgent = BooleanField(say(N_("Urgent")))
    joint = BooleanField(say(N_("Joint case of several firms")))
    files = MultipleFileField(say(N_("Photos and files")), validators=[Optional()])

    def validate_contact_phone(self, bound: Any) -> None:
        """A phone that can be called: digits, at least seven of them (12345 and 110 too)."""
        if fault := phone_fault(bound.data or ""):
            raise ValidationError(str(fault))


class EditCaseForm(VersionedForm):
    """Correct what was written down; the story keeps old and new."""

    title = CaseForm.title
    text = CaseForm.text
    type_id = CaseForm.type_id
    requester = CaseForm.requester
    contact_name = CaseForm.contact_name
    contact_phone = CaseForm.contact_phone
    area_id = CaseForm.area_id
    place = CaseForm.place
    urgent = CaseForm.urgent
    reason = StringField(say(N_("Reason for the change")), validators=[Length(max=200)])
    validate_contact_phone = CaseForm.validate_contact_phone


class NoteForm(Form):
    """A note for the story."""

    text = TextAreaField(say(N_("Note")), validators=filled(N_("Note: write a sentence.")))
    corrects = StringField(validators=[Optional()])


class FilesForm(Form):
    """Files for the case, with what they prove."""

    files = MultipleFileField(say(N_("Photos and files")))
    kind = SelectField(say(N_("What it proves")), validators=[Optional()], validate_choice=False)


class BeneficiariesForm(Form):
    """Firms of a joint case: pasted from a spreadsheet, or as a file."""

    pasted = TextAreaField(say(N_("Paste from a spreadsheet")), validators=[Optional(), Length(max=100_000)])
    file = MultipleFileField(say(N_("Or a spreadsheet file")))


class SettleForm(VersionedForm):
    """Settle or exclude one firm."""

    status = SelectField(validate_choice=False)
    reason = StringField(say(N_("Reason")), validators=[Length(max=300)])
