"""Forms of signing in and of one's own page."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, PasswordField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from casework.accounts.rules import LONGEST, TOKEN_DAYS
from casework.kernel.forms import Form, Ticks

KEPT_LIMIT = 200_000
"""Characters of an interrupted form that travel through the sign-in page."""


class SignInForm(Form):
    """User name and password; ``kept`` is the form that the sign-in interrupted, ``resume`` where it was going."""

    username = StringField(_("User name"), [InputRequired(_("Write your user name.")), Length(max=60)])
    password = PasswordField(_("Password"), [InputRequired(_("Write your password.")), Length(max=LONGEST * 4)])
    next = HiddenField()
    resume = HiddenField()
    kept = HiddenField()


class PasswordForm(Form):
    """A new password, with the old one."""

    current = PasswordField(_("Present password"), [InputRequired(_("Write your present password."))])
    password = PasswordField(_("New password"), [InputRequired(_("Write the new password."))])
    repeat = PasswordField(_("New password again"), [InputRequired(_("Write the new password again."))])


class TokenForm(Form):
    """A token for a machine."""

    name = StringField(_("Which program it is for"), [Optional()])
    scopes = Ticks(
        _("What the token may do"),
        choices=[SelectChoice("read", _("Read")), SelectChoice("write", _("Write"))],
        default=["read"],
    )
    days = IntegerField(
        _("Days until it ends"), [Optional(), NumberRange(1, TOKEN_DAYS, _("Write a number from 1 to 90."))], default=30
    )
    networks = StringField(_("Only from these networks"), [Optional(), Length(max=400)])

    def listed_networks(self) -> list[str]:
        """The networks, however they are divided."""
        return re.split(r"[\s,，;；、]+", self.networks.data) if self.networks.data else []
