"""Forms of care. Areas and people are passed in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from casework.care.models import Resident
from casework.care.rules import CONDITIONS, ENDS, KINDS, Draft
from casework.cases.forms import options
from casework.clocks.explain import WHOLE_WEEKDAYS
from casework.enterprises.forms import WAYS, short
from casework.kernel.errors import N_
from casework.kernel.forms import Form, VersionedForm, row_id, say
from casework.kernel.masking import masked

Choice = tuple[Any, str]


class ResidentForm(VersionedForm):
    """What is told of a resident, and how often somebody looks in."""

    name = StringField(say(N_("Full name")), short(60))
    phone = StringField(say(N_("Phone")), [Optional(), *short(30)])
    area_id = SelectField(
        say(N_("Area")), [InputRequired(say(N_("Area: pick where they live.")))], validate_choice=False
    )
    address = StringField(say(N_("Address")), [Optional(), *short(300)])
    kind = SelectField(
        say(N_("Why they are looked after")), choices=options((key, say(text)) for key, text in KINDS.items())
    )
    needs = TextAreaField(say(N_("What they need")), [Optional(), *short(500)])
    every_days = IntegerField(
        say(N_("Every how many days")),
        [InputRequired(say(N_("Every how many days: write a number from 1 to 365.")))],
        default=3,
    )
    weekday = SelectField(say(N_("Weekday that suits")), [Optional()])

    def offer(self, places: Iterable[Choice]) -> None:
        """Give the selects their choices."""
        days = [(str(number), gettext(name)) for number, name in enumerate(WHOLE_WEEKDAYS, start=1)]
        self.weekday.choices = options([("", gettext("Any day")), *days])
        self.area_id.choices = options([("", "—"), *((str(key), name) for key, name in places)])

    def draft(self, known: Resident | None = None) -> Draft:
        """What the form says; a number that was left as it was shown stays as it is."""
        phone = self.phone.data or ""
        if known is not None and phone == masked(known.phone):
            phone = known.phone
        return Draft(
            name=self.name.data or "",
            phone=phone,
            address=self.address.data or "",
            needs=self.needs.data or "",
            kind=self.kind.data or "",
            every_days=self.every_days.data or 0,
            weekday=row_id(self.weekday.data),
        )

    def show(self, resident: Resident) -> None:
        """Fill in what stands now."""
        self.phone.data = masked(resident.phone)
        self.area_id.data, self.weekday.data = str(resident.area_id), str(resident.weekday or "")
        self.version.data = str(resident.version)
        for name in ("name", "address", "kind", "needs", "every_days"):
            self[name].data = getattr(resident, name)


class BeginForm(ResidentForm):
    """A resident who is looked after from now on."""

    unit_id = SelectField(say(N_("Team")), validate_choice=False)
    keeper_id = SelectField(say(N_("Who looks after them")), validate_choice=False)
    deputy_id = SelectField(say(N_("Deputy")), [Optional()], validate_choice=False)
    since = DateField(say(N_("Looked after since")), [InputRequired(say(N_("Since: write the day as 2026-03-16.")))])


class HandOverForm(VersionedForm):
    """Who looks after a resident from today."""

    keeper_id = SelectField(say(N_("Who looks after them")), validate_choice=False)
    deputy_id = SelectField(say(N_("Deputy")), [Optional()], validate_choice=False)


class LookForm(Form):
    """How a resident was found."""

    condition = RadioField(
        say(N_("How they are")),
        default="well",
        choices=options((key, say(text)) for key, text in CONDITIONS.items()),
    )
    way = RadioField(
        say(N_("How")), default="visit", choices=options((key, say(WAYS[key])) for key in ("visit", "call"))
    )
    text = TextAreaField(say(N_("What was found")), [Optional(), *short(1000)])


class EndForm(VersionedForm):
    """Why care ends."""

    why = SelectField(say(N_("Why it ends")), choices=options((key, say(text)) for key, text in ENDS.items()))
    note = StringField(say(N_("What else there is to say")), [Optional(), *short(300)])


def offer_people(form: BeginForm | HandOverForm, people: Iterable[tuple[int, str]]) -> None:
    """Give the two selects the people of the team."""
    listed = [(str(key), name) for key, name in people]
    form.keeper_id.choices = options([("", "—"), *listed])
    form.deputy_id.choices = options([("", gettext("No deputy")), *listed])
