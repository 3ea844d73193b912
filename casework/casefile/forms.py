"""What is asked before a case is printed: the language, and whether the contact's number stands there in full."""

from __future__ import annotations

from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import Length, Optional

from casework.cases.forms import options
from casework.kernel.errors import N_
from casework.kernel.forms import Form, say


class PrintForm(Form):
    """How the file is to be made."""

    locale = RadioField(say(N_("Language")), choices=options((("zh-CN", "中文"), ("en", "English"))))
    full = BooleanField(say(N_("Print the contact's phone number in full")))
    reason = StringField(say(N_("Reason")), [Optional(), Length(max=300)])
