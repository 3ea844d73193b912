"""Forms of supervision orders: a new one, an act on one, an interview notice and its record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import DateTimeLocalField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from casework.cases.forms import JudgedByRules, options
from casework.kernel.errors import N_
from casework.kernel.forms import Form, VersionedForm, row_id, say
from casework.kernel.time import SHANGHAI
from casework.orders import rules
from casework.orders.models import InterviewState
from casework.orders.workflow import Action

Choices = Sequence[tuple[int, str]]


def _days(preset: int) -> Any:
    return IntegerField(say(N_("Working days to report")), default=preset, validators=[JudgedByRules()])


class NewForm(Form):
    """What the order says, to which unit where no case is ticked, and who takes it off the list if it is listed."""

    unit = SelectField(say(N_("To which unit")), validators=[JudgedByRules()], validate_choice=False)
    title = StringField(say(N_("Matter")), validators=[JudgedByRules()])
    demands = TextAreaField(say(N_("What is demanded")), validators=[JudgedByRules()])
    basis = StringField(say(N_("Basis")), validators=[Optional()])
    days = _days(rules.PRESET_DAYS)
    delister = SelectField(say(N_("Who takes it off the list")), validators=[Optional()], validate_choice=False)
    listed_why = StringField(say(N_("Why it is listed")), validators=[Optional()])

    def offer(self, units: Choices, delisters: Choices) -> None:
        """Fill the units, and those who could take it off the list."""
        self.unit.choices = _choices(units)
        self.delister.choices = options([("", say(N_("not listed"))), *((str(key), name) for key, name in delisters)])

    def draft(self) -> rules.Draft:
        """What was filled in."""
        return rules.Draft(
            title=self.title.data or "",
            demands=self.demands.data or "",
            basis=self.basis.data or "",
            days=self.days.data,
            listed_why=self.listed_why.data or "",
            delister=row_id(self.delister.data or ""),
        )


class ActForm(VersionedForm):
    """An act on an order: its text, and what else it asks."""

    def answer(self) -> rules.Answer:
        """What was filled in."""
        given = self.data
        return rules.Answer(
            text=given.get("text") or "",
            days=given.get("days"),
            delister=row_id(given.get("delister") or ""),
        )


def for_act(action: Action, delisters: Choices) -> ActForm:
    """The form of an act."""
    fields: dict[str, Any] = {}
    if action.text:
        fields["text"] = TextAreaField(say(action.text), validators=[JudgedByRules()])
    if action.days:
        fields["days"] = _days(rules.AGAIN_DAYS)
    if action.name == "list":
        fields["delister"] = SelectField(
            say(N_("Who takes it off the list")),
            choices=_choices(delisters),
            validators=[JudgedByRules()],
            validate_choice=False,
        )
    if action.files:
        fields["files"] = MultipleFileField(say(N_("Photos and files")), validators=[Optional()])
    made: ActForm = type(f"{action.name.title()}Form", (ActForm,), fields)()
    return made


def _choices(listed: Choices) -> Any:
    return options([("", "—"), *((str(key), name) for key, name in listed)])


class InterviewForm(Form):
    """Whom to call, when, where and why."""

    who = StringField(say(N_("Who is to come")), validators=[JudgedByRules()])
    at = DateTimeLocalField(say(N_("When")), format="%Y-%m-%dT%H:%M", validators=[JudgedByRules()])
    place = StringField(say(N_("Where")), validators=[JudgedByRules()])
    matter = TextAreaField(say(N_("What it is about")), validators=[JudgedByRules()])

    def draft(self) -> rules.InterviewDraft:
        """What was filled in; the time is that of the wall clock in Asia/Shanghai."""
        at: datetime | None = self.at.data
        return rules.InterviewDraft(
            who=self.who.data or "",
            at=at.replace(tzinfo=SHANGHAI) if at else None,
            place=self.place.data or "",
            matter=self.matter.data or "",
        )


class RecordForm(VersionedForm):
    """What became of an interview."""

    state = RadioField(
        say(N_("What became of it")),
        choices=options(
            [
                (InterviewState.HELD.value, say(N_("Held"))),
                (InterviewState.NOT_HELD.value, say(N_("Not held"))),
                (InterviewState.CALLED_OFF.value, say(N_("Called off"))),
            ]
        ),
        validators=[JudgedByRules()],
        validate_choice=False,
    )
    record = TextAreaField(say(N_("Record")), validators=[JudgedByRules()])
