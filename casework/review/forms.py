"""Forms of reviews: the rating of the enterprise, limits of countersigning, samples and what is found in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from casework.cases.forms import options
from casework.cases.workflow import SATISFACTION, YES_NO
from casework.kernel.errors import N_
from casework.kernel.forms import Form, VersionedForm
from casework.review.rules import VERDICTS


def _say(message: str) -> Any:
    return lazy_gettext(message)


def _choices(labels: Mapping[str, str]) -> Any:
    return options((key, _say(label)) for key, label in labels.items())


class RateForm(Form):
    """The call-back, answered by the enterprise itself."""

    contacted = RadioField(
        _say(N_("Were you contacted?")), [Optional()], choices=_choices(YES_NO), validate_choice=False
    )
    solved = RadioField(_say(N_("Is it solved?")), [Optional()], choices=_choices(YES_NO), validate_choice=False)
    satisfied = RadioField(
        _say(N_("How satisfied?")), [Optional()], choices=_choices(SATISFACTION), validate_choice=False
    )
    text = TextAreaField(
        _say(N_("In your words")),
        [Optional(), Length(max=5000, message=_say(N_("Shorten it to 5,000 characters.")))],
    )

    def answers(self) -> dict[str, str]:
        """What was answered, by name."""
        return {name: str(self[name].data or "") for name in ("contacted", "solved", "satisfied", "text")}


class LimitForm(Form):
    """From which sum two must sign; an empty sum takes the limit away."""

    area_id = SelectField(_say(N_("Area")), validators=[InputRequired(_say(N_("Area: pick one.")))])
    type_id = SelectField(_say(N_("Type")), validators=[Optional()])
    amount = StringField(
        _say(N_("From this sum on")),
        validators=[Optional(), Length(max=30)],
        description=_say(N_("In yuan, like 500,000 or 50万. Leave it empty to take the limit away.")),
    )


class DrawForm(Form):
    """What a sample is drawn from."""

    area_id = SelectField(_say(N_("Area")), validators=[InputRequired(_say(N_("Area: pick one.")))])
    type_id = SelectField(_say(N_("Type")), validators=[Optional()])
    from_on = DateField(_say(N_("Closed from")), validators=[InputRequired(_say(N_("From: pick a day.")))])
    to_on = DateField(_say(N_("Until")), validators=[InputRequired(_say(N_("Until: pick a day.")))])
    size = IntegerField(_say(N_("How many")), validators=[InputRequired(_say(N_("How many: write a number.")))])
    seed = StringField(
        _say(N_("Seed")),
        validators=[Optional(), Length(max=40, message=_say(N_("Seed: shorten it to 40 characters.")))],
        description=_say(N_("Leave it empty for a random one. The same seed draws the same cases.")),
    )


class FindingForm(VersionedForm):
    """What was found in a sampled case."""

    verdict = RadioField(_say(N_("Finding")), choices=_choices(VERDICTS), validate_choice=False)
    reason = TextAreaField(
        _say(N_("What is not in order")),
        [Optional(), Length(max=500, message=_say(N_("Reason: shorten it to 500 characters.")))],
    )
