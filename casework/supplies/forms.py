"""Forms of supplies. Numbers are read as people write them: 1,000 and １０００ are the same."""

from __future__ import annotations

import unicodedata
from typing import Any

from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from casework.cases.forms import JudgedByRules, filled, options
from casework.kernel.errors import N_
from casework.kernel.forms import Form, VersionedForm, say
from casework.kernel.i18n import translate
from casework.supplies.words import CATEGORIES

ROWS = 5
"""Lines that can be asked for on one form."""


def number_of(text: str | None) -> int | None:
    """A whole number as it is written, without its separators; None when it is none."""
    plain = unicodedata.normalize("NFKC", text or "").replace(",", "").replace(" ", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else None


class ItemForm(VersionedForm):
    """An item of the catalogue."""

    name = StringField(say(N_("Item")))
    measure = StringField(say(N_("Counted in")))
    category = SelectField(say(N_("Category")), choices=[], validate_choice=False)
    least = StringField(say(N_("At least in each unit")), [Optional(), Length(max=12)])
    active = BooleanField(say(N_("In use")), default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.category.choices = options((key, translate(label)) for key, label in CATEGORIES.items())


class InForm(Form):
    """What came in."""

    item_id = SelectField(say(N_("Item")), choices=[], validate_choice=False)
    quantity = StringField(say(N_("Quantity")), filled(N_("Quantity: write how many.")))
    batch = StringField(say(N_("Batch number")), [Optional()])
    expires_on = DateField(say(N_("Expires on")), [Optional()])
    source = StringField(say(N_("From whom")))
    note = TextAreaField(say(N_("Note")), [Optional()])


class OutForm(Form):
    """What is given out without a case."""

    quantity = StringField(say(N_("Quantity")), filled(N_("Quantity: write how many.")))
    party = StringField(say(N_("Received by")))
    reason = TextAreaField(say(N_("What for")), [Optional()])


class SendForm(Form):
    """What goes to another unit."""

    quantity = StringField(say(N_("Quantity")), filled(N_("Quantity: write how many.")))
    to_unit = SelectField(say(N_("To which unit")), choices=[], validate_choice=False)
    reason = TextAreaField(say(N_("Note")), [Optional()])


class CountForm(Form):
    """How many there are. ``seen`` is what the books said on the page."""

    quantity = StringField(say(N_("Counted")), filled(N_("Counted: write how many there are; 0 when there are none.")))
    reason = TextAreaField(say(N_("Reason of the difference")), [Optional()])
    seen = HiddenField()


class WriteOffForm(Form):
    """What is spoilt, lost or expired."""

    quantity = StringField(say(N_("Quantity")), filled(N_("Quantity: write how many.")))
    reason = TextAreaField(say(N_("Reason")))


class ReasonForm(Form):
    """Why: a reversal, a refusal, a cancellation."""

    reason = TextAreaField(say(N_("Reason")))


class DeliverForm(Form):
    """A delivery on a line of a case."""

    stock = SelectField(say(N_("From which batch")), choices=[], validate_choice=False)
    quantity = StringField(say(N_("Quantity")), filled(N_("Quantity: write how many.")))
    receiver = StringField(say(N_("Received by")))
    note = TextAreaField(say(N_("Note")), [Optional()])


class RequestForm(Form):
    """What a case asks for: ``ROWS`` lines, each with item, quantity, day and note; empty lines do not count."""


for _row in range(ROWS):
    _judged = Optional() if _row else JudgedByRules()  # the first line is the one that everybody fills in
    setattr(RequestForm, f"item_{_row}", SelectField(say(N_("Item")), choices=[], validate_choice=False))
    setattr(RequestForm, f"quantity_{_row}", StringField(say(N_("Quantity")), [_judged]))
    setattr(RequestForm, f"needed_on_{_row}", DateField(say(N_("Needed by")), [_judged]))
    setattr(RequestForm, f"note_{_row}", StringField(say(N_("Note")), [Optional()]))
