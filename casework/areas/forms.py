"""Forms of the tree of areas."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from casework.kernel.forms import Form, VersionedForm

_NAME = [
    InputRequired(_("Write the name of the place.")),
    Length(max=100, message=_("A name has at most 100 characters.")),
]


class SiteForm(Form):
    """A new site."""

    name = StringField(_("Name of the site"), _NAME, description=_("A building, park or market, as people call it."))


class RenameForm(VersionedForm):
    """Another name for a place."""

    name = StringField(_("Name"), _NAME)
