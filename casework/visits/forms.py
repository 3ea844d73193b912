"""Forms of visits: what a stop, a plan or an appointment is told. People and areas are passed in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from flask_babel import gettext
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, Optional

from casework.cases.forms import options
from casework.enterprises.forms import WAYS, short
from casework.kernel.errors import N_
from casework.kernel.forms import Form, VersionedForm, row_id, say
from casework.kernel.time import SHANGHAI, local
from casework.visits.models import Appointment, VisitPlan
from casework.visits.rules import MET, WEEKDAYS, PlanDraft

MOMENT = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
HOURS = ["%H:%M", "%H:%M:%S"]


class StopForm(Form):
    """What came of a visit, in as few taps as there are."""

    way = RadioField(
        say(N_("How")), default="visit", choices=options((key, say(WAYS[key])) for key in ("visit", "call", "message"))
    )
    met = RadioField(
        say(N_("How it went")), default="spoke", choices=options((key, say(text)) for key, text in MET.items())
    )
    text = TextAreaField(say(N_("What was said")), short(1000))
    files = MultipleFileField(say(N_("Photos and files")), validators=[Optional()])


class PlanForm(VersionedForm):
    """How often a firm is visited, and what suits."""

    every_days = IntegerField(
        say(N_("Every how many days")),
        [InputRequired(say(N_("Every how many days: write a number from 1 to 365.")))],
    )
    weekday = SelectField(say(N_("Weekday that suits")), [Optional()])
    begins = TimeField(say(N_("Suits from")), [Optional()], format=HOURS)
    ends = TimeField(say(N_("Suits until")), [Optional()], format=HOURS)
    ask = StringField(say(N_("What to ask")), [Optional(), *short(300)])
    visitor_id = SelectField(say(N_("Who goes")), [Optional()], validate_choice=False)

    def offer(self, people: Iterable[tuple[int, str]]) -> None:
        """Give the selects their choices."""
        self.weekday.choices = options(
            [("", gettext("Any day")), *((str(day), gettext(name)) for day, name in WEEKDAYS.items())]
        )
        whoever = gettext("Whoever answers for it")
        self.visitor_id.choices = options([("", whoever), *((str(key), name) for key, name in people)])

    def draft(self) -> PlanDraft:
        """What the form says, as the service takes it."""
        return PlanDraft(
            every_days=self.every_days.data or 0,
            weekday=row_id(self.weekday.data),
            begins=_minutes(self.begins.data),
            ends=_minutes(self.ends.data),
            ask=self.ask.data or "",
            visitor_id=row_id(self.visitor_id.data),
        )

    def show(self, plan: VisitPlan) -> None:
        """Fill in what stands now."""
        self.every_days.data, self.ask.data = plan.every_days, plan.ask
        self.weekday.data = str(plan.weekday or "")
        self.begins.data, self.ends.data = _time(plan.begins), _time(plan.ends)
        self.visitor_id.data = str(plan.visitor_id or "")


class BulkForm(PlanForm):
    """One plan for many firms."""

    area = SelectField(say(N_("Which enterprises")), validate_choice=False)
    officer_id = SelectField(say(N_("Only those of")), [Optional()], validate_choice=False)
    again = BooleanField(say(N_("Those with a plan of their own too")))


class AppointmentForm(VersionedForm):
    """A visit that is agreed for a day and time."""

    at = DateTimeLocalField(
        say(N_("Day and time")), [InputRequired(say(N_("Day and time: write both.")))], format=MOMENT
    )
    with_whom = StringField(say(N_("With whom on site")), [Optional(), *short(120)])
    about = StringField(say(N_("What it is about")), [Optional(), *short(300)])
    visitor_id = SelectField(say(N_("Who goes")), [Optional()], validate_choice=False)

    def offer(self, people: Iterable[tuple[int, str]]) -> None:
        """Give the select its choices."""
        whoever = gettext("Whoever answers for it")
        self.visitor_id.choices = options([("", whoever), *((str(key), name) for key, name in people)])

    def moment(self) -> datetime | None:
        """The time on the wall clock, as a moment."""
        at: datetime | None = self.at.data
        return at.replace(tzinfo=SHANGHAI) if at else None


class MoveForm(AppointmentForm):
    """Another day or time, with the reason."""

    reason = StringField(say(N_("Reason")), short(300))

    def show(self, made: Appointment) -> None:
        """Fill in what stands now."""
        self.at.data = local(made.at).replace(tzinfo=None)
        self.visitor_id.data = str(made.visitor_id or "")


class CancelForm(VersionedForm):
    """Why it is called off."""

    reason = StringField(say(N_("Reason")), [Length(max=300, message=say(N_("Shorten it to %(max)d characters.")))])


def _minutes(at: Any) -> int | None:
    return at.hour * 60 + at.minute if isinstance(at, time) else None


def _time(minutes: int | None) -> time | None:
    return time(minutes // 60, minutes % 60) if minutes is not None else None
