"""The form that begins an import."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from casework.kernel.errors import N_
from casework.kernel.forms import Form


def say(message: str) -> Any:
    """A label or refusal in the reader's language."""
    return lazy_gettext(message)


TARGET_LABELS = {
    "areas": N_("Areas"),
    "enterprises": N_("Enterprises"),
    "people": N_("People"),
    "cases": N_("Cases"),
}


class ImportForm(Form):
    """What the file holds, the file, and how its columns are called when we cannot know."""

    target = RadioField(say(N_("What the file holds")), [InputRequired(message=say(N_("Pick what the file holds.")))])
    file = FileField(say(N_("File")))
    mapping = TextAreaField(
        say(N_("Mapping of the columns")), [Length(max=20_000, message=say(N_("The mapping is too long.")))]
    )
    make_teams = BooleanField(say(N_("Make teams that are missing")))
    whole = BooleanField(say(N_("The file is the whole truth for the teams in it: who is not in it leaves them")))


class SharesForm(Form):
    """Shares by hand: from a file, pasted, or typed beside each firm. ``after`` is the version that was seen."""

    file = FileField(say(N_("File")), [Optional()])
    pasted = TextAreaField(say(N_("Pasted from a spreadsheet")), [Optional()])
    reason = StringField(say(N_("Why a new version")))  # not optional where it is asked: there is a version before
    after = HiddenField(default="0")
