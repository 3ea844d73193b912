"""Forms of the figures: leave a case out, take it back in, lay down a setting."""

from __future__ import annotations

from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from casework.cases.forms import options
from casework.kernel.errors import N_
from casework.kernel.forms import Form, say
from casework.kpis.figures import GROUPS, RULES
from casework.kpis.story import ALL_FIGURES


class ExclusionForm(Form):
    """What the case is left out of, and why."""

    what = SelectField(
        say(N_("Figures")),
        choices=options([("all", say(ALL_FIGURES)), *((key, say(label)) for key, (label, _) in GROUPS.items())]),
    )
    reason = TextAreaField(say(N_("Reason")))


class BackForm(Form):
    """Why the case counts again."""

    reason = StringField(say(N_("Reason")))


class SettingForm(Form):
    """A setting of the figures, from a day on."""

    name = SelectField(say(N_("Setting")), choices=options((key, say(rule[0])) for key, rule in RULES.items()))
    value = IntegerField(say(N_("Value")), validators=[InputRequired(say(N_("Value: write a whole number.")))])
    from_on = DateField(say(N_("From")), validators=[InputRequired(say(N_("From: pick a day.")))])
    why = StringField(say(N_("Decided by whom, and where")))
