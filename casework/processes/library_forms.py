"""The forms of the library of templates: a new one, its review, its sunset."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from casework.kernel.errors import N_
from casework.kernel.forms import Form


class NewForm(Form):
    """A new template: from nothing, from another, from a case, or from a file."""

    start = RadioField(lazy_gettext(N_("Begin from")), choices=[], default="empty", validate_choice=False)
    name = StringField(lazy_gettext(N_("Name")), [Optional()])
    area = SelectField(lazy_gettext(N_("Where it is offered")), choices=[], validate_choice=False)
    copy = SelectField(lazy_gettext(N_("Template to copy")), [Optional()], choices=[], validate_choice=False)
    case = StringField(lazy_gettext(N_("Number of the solved case")), [Optional()])
    file = FileField(lazy_gettext(N_("Template file (JSON or BPMN)")), [Optional()])


STARTS = {
    "empty": N_("An empty page"),
    "copy": N_("A published template"),
    "harvest": N_("A solved case: its steps become the draft"),
    "file": N_("A file"),
}


class ReviewForm(Form):
    """Publish from a day until the sunset, or send back with what to change."""

    valid_from = DateField(lazy_gettext(N_("Valid from")), [Optional()])
    sunset_on = DateField(lazy_gettext(N_("Sunset: the day on which it ends")), [Optional()])
    note = TextAreaField(lazy_gettext(N_("What to change")), [Optional()])


class FateForm(Form):
    """What becomes of a template at its sunset."""

    fate = RadioField(lazy_gettext(N_("What becomes of it")), choices=[], validate_choice=False)
    until = DateField(lazy_gettext(N_("Until")), [Optional()])
    reason = StringField(lazy_gettext(N_("Reason")), [Optional()])
