"""The form of the shares of a sum by hand."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Optional

from casework.kernel.errors import N_
from casework.kernel.forms import Form, say


class SharesForm(Form):
    """Shares by hand: from a file, pasted, or typed beside each firm. ``after`` is the version that was seen."""

    file = FileField(say(N_("File")), [Optional()])
    pasted = TextAreaField(say(N_("Pasted from a spreadsheet")), [Optional()])
    reason = StringField(say(N_("Why a new version")))  # not optional where it is asked: there is a version before
    after = HiddenField(default="0")
