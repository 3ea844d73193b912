"""Forms of people, postings and units. Choices are given by the view."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from casework.kernel.forms import Form, Ticks, VersionedForm

_CHOICE = _("Choose one of the list.")
_PHONE = [
    Optional(),
    Length(max=30, message=_("A phone number has at most 30 characters.")),
    Regexp(r"^[0-9+() -]*$", message=_("Write the phone with digits, such as 138 0013 8000.")),
]
_NAME = [InputRequired(_("Write the person's name.")), Length(max=60, message=_("A name has at most 60 characters."))]


class PersonForm(Form):
    """A new account."""

    username = StringField(
        _("User name"),
        [InputRequired(_("Write a user name."))],
        description=_("Small letters, digits, dots or dashes."),
    )
    name = StringField(_("Full name"), _NAME)
    phone = StringField(_("Phone"), _PHONE)


class PersonEditForm(VersionedForm):
    """Name and phone of a person."""

    name = StringField(_("Full name"), _NAME)
    phone = StringField(_("Phone"), _PHONE)


class PostingForm(Form):
    """A new posting."""

    role = SelectField(_("Role"), validators=[InputRequired(_CHOICE)])
    unit_id = SelectField(_("Unit"), coerce=int, validators=[InputRequired(_CHOICE)])
    area_id = SelectField(_("Area"), coerce=int, validators=[InputRequired(_CHOICE)])
    from_on = DateField(_("First day"), [InputRequired(_("Write the first day as 2026-03-16."))])
    to_on = DateField(_("Last day"), [Optional()], description=_("Empty: until further notice."))
    sent_by = StringField(_("Home body"), [Optional(), Length(max=80, message=_("At most 80 characters."))])


class PairForm(Form):
    """The other of a lasting pair."""

    partner_id = SelectField(_("AB pair"), validators=[Optional()], validate_choice=False)


class HandOutForm(Form):
    """Who gets a first password."""

    people = Ticks(
        _("Who gets one"),
        validate_choice=False,
    )


class EndForm(VersionedForm):
    """The last day of a posting."""

    to_on = DateField(_("Last day"), [InputRequired(_("Write the last day as 2026-03-16."))])


class UnitForm(VersionedForm):
    """A unit, new or edited."""

    code = StringField(_("Code"), [Optional(), Length(max=30)])
    name = StringField(
        _("Name"),
        [InputRequired(_("Write the name of the unit.")), Length(max=80, message=_("At most 80 characters."))],
    )
    kind = SelectField(_("Kind"), validators=[InputRequired(_CHOICE)])
    area_id = SelectField(_("Area"), coerce=int, validators=[InputRequired(_CHOICE)])
    domains = StringField(
        _("Domains"),
        [Optional(), Length(max=200)],
        description=_("Of an authority: what it supervises, with blanks between."),
    )
    phone = StringField(_("Phone"), [Optional(), Length(max=40)])
    sent_by = StringField(_("Sending body"), [Optional(), Length(max=80, message=_("At most 80 characters."))])
