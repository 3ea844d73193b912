"""Forms of shifts and absences."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import DateField, DateTimeLocalField, IntegerField, SelectField
from wtforms.validators import InputRequired, Optional

from casework.kernel.forms import Form


class ShiftForm(Form):
    """Who has the desk from when to when, for how many weeks."""

    unit_id = SelectField(_("Desk"), validators=[InputRequired(_("Desk: pick one."))], validate_choice=False)
    user_id = SelectField(_("Who"), validators=[InputRequired(_("Who: pick somebody."))], validate_choice=False)
    begins_at = DateTimeLocalField(_("Begins"), [InputRequired(_("Begins: write day and time."))])
    ends_at = DateTimeLocalField(_("Ends"), [InputRequired(_("Ends: write day and time."))])
    weeks = IntegerField(_("For how many weeks"), [Optional()], default=1)


class AwayForm(Form):
    """Days away of a person, and who stands in."""

    kind = SelectField(_("Why"), validators=[InputRequired(_("Why: pick one."))])
    from_on = DateField(_("First day"), [InputRequired(_("Write the first day as 2026-03-16."))])
    to_on = DateField(_("Last day"), [InputRequired(_("Write the last day as 2026-03-16."))])
    deputy_id = SelectField(_("Stands in"), validators=[Optional()], validate_choice=False)


class AbsenceForm(AwayForm):
    """Who is away from day to day, and who stands in."""

    person = SelectField(
        _("Who is away"), validators=[InputRequired(_("Who is away: pick somebody."))], validate_choice=False
    )


class WeekForm(Form):
    """A week of a desk, by any day in it, to be planned like the one before."""

    week = DateField(_("A day of the week"), [InputRequired(_("Write a day of the week as 2026-03-16."))])
