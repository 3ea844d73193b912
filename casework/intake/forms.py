"""Forms of the portal and of the requester's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from casework.cases.forms import options
from casework.kernel.errors import N_
from casework.kernel.forms import Form

_ = lazy_gettext
LONG = Length(max=8000, message=_(N_("Shorten it to 5,000 characters; what is longer can be attached as a file.")))
SHORT = Length(max=200, message=_(N_("At most 200 characters.")))


def _choices(table: Mapping[str, str]) -> list[Any]:
    return options((key, _(label)) for key, label in table.items())


class WhatForm(Form):
    """What is wrong, in one's own words, with photos."""

    text = TextAreaField(_(N_("What is the difficulty, and what would help?")), [LONG])
    files = MultipleFileField(_(N_("Photos and files")), validators=[Optional()])
    drop = SelectMultipleField(validators=[Optional()], validate_choice=False)


class KindForm(Form):
    """What kind of difficulty it is."""

    kind = RadioField(_(N_("What kind of difficulty is it?")), validators=[Optional()], validate_choice=False)


class FirmForm(Form):
    """Whose difficulty it is."""

    firm = StringField(_(N_("Name of the enterprise or shop")), [SHORT])
    firm_id = RadioField(validators=[Optional()], validate_choice=False)
    asked = HiddenField()


class PlaceForm(Form):
    """Where it is."""

    address = StringField(_(N_("Address")), [SHORT])
    area_id = SelectField(_(N_("District, subdistrict or community")), validators=[Optional()], validate_choice=False)


class ContactForm(Form):
    """Whom we call. ``website`` is for machines that fill in everything."""

    name = StringField(_(N_("Your name")), [Length(max=60, message=_(N_("At most 60 characters.")))])
    phone = StringField(_(N_("Your phone")), [Length(max=30, message=_(N_("At most 30 characters.")))])
    website = StringField(_(N_("Leave this empty")), [Optional()])


class MessageForm(Form):
    """A message copied from a chat."""

    message = TextAreaField(
        _(N_("Message as it was copied")),
        [Length(max=5000, message=_(N_("What happened: shorten it to 5,000 characters.")))],
    )


class ReplyForm(Form):
    """A message of the requester."""

    text = TextAreaField(_(N_("Your message")), [LONG])
    files = MultipleFileField(_(N_("Photos and files")), validators=[Optional()])


class ReasonForm(Form):
    """Why it should be taken up again, or is no longer asked for."""

    reason = TextAreaField(_(N_("What is still wrong")), [LONG])


class TellForm(Form):
    """What the office writes to the requester."""

    text = TextAreaField(_(N_("What the requester is to read")), [LONG])
