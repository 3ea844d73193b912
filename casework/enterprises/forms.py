"""Forms of the enterprise pages: shape and wording; areas and people are passed in."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length, Optional

from casework.enterprises.rules import LONGEST
from casework.kernel.errors import N_
from casework.kernel.forms import Form, VersionedForm, say

Choice = tuple[str, str]
WAYS = {"call": N_("Call"), "visit": N_("Visit"), "message": N_("Message")}


def short(limit: int) -> list[Any]:
    """At most so many characters."""
    return [Length(max=limit, message=say(N_("Shorten it to %(max)d characters.")))]


class EnterpriseForm(VersionedForm):
    """A firm, new or corrected."""

    name = StringField(say(N_("Enterprise name")), short(LONGEST["name"]))
    uscc = StringField(say(N_("Credit code")), short(40))
    area_id = SelectField(say(N_("Area")), validate_choice=False)
    address = StringField(say(N_("Address")), short(LONGEST["address"]))
    size = StringField(say(N_("Size")), short(LONGEST["size"]))
    industry = StringField(say(N_("Industry")), short(LONGEST["industry"]))
    active = BooleanField(say(N_("In business")), default=True)


class ContactForm(VersionedForm):
    """A person to call at a firm."""

    name = StringField(say(N_("Full name")), short(LONGEST["contact_name"]))
    duty = StringField(say(N_("Position")), short(60))
    phone = StringField(say(N_("Phone")), short(LONGEST["contact_phone"]))


class TalkForm(Form):
    """A call or visit that belongs to no case."""

    way = RadioField(
        say(N_("How")),
        default="call",
        choices=[SelectChoice(key, say(label)) for key, label in WAYS.items()],
    )
    text = StringField(say(N_("What was said")), short(1000))


class LiaisonForm(VersionedForm):
    """Who answers for the firm, and the deputy."""

    officer_id = SelectField(say(N_("Officer")), validate_choice=False)
    deputy_id = SelectField(say(N_("Deputy")), [Optional()], validate_choice=False)
