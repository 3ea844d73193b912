"""Forms of lists that leave and of ledgers that come back."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional

from casework.kernel.errors import N_
from casework.kernel.forms import Form, VersionedForm, say
from casework.ledgers.taking_out import CSV, XLSX


class TakeOutForm(Form):
    """As what a list leaves, what for, and whether with numbers in full."""

    form = RadioField(
        say(N_("As")),
        [InputRequired(message=say(N_("As: pick one.")))],
        choices=[SelectChoice(XLSX, "Excel (xlsx)"), SelectChoice(CSV, "CSV")],
    )
    full = BooleanField(say(N_("With phone numbers in full")))
    purpose = StringField(
        say(N_("What for")),
        [Optional(), Length(max=300, message=say(N_("What for: shorten it to 300 characters.")))],
    )


class DecideForm(VersionedForm):
    """What the second person says; a reason only for a no."""

    answer = StringField(
        say(N_("Reason, if you refuse")),
        [Optional(), Length(max=300, message=say(N_("Reason: shorten it to 300 characters.")))],
    )


class BackForm(Form):
    """The edited ledger."""

    file = FileField(say(N_("The edited ledger")))


class TakeBackForm(VersionedForm):
    """Why the cells were changed; it stands on the story of each case."""

    reason = StringField(
        say(N_("Reason for the change")),
        [Optional(), Length(max=120, message=say(N_("Reason for the change: shorten it to 120 characters.")))],
    )
