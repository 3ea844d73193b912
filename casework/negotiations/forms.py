"""Forms of the negotiation log, and what they say as drafts. A visit needs a few taps; all else is optional."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import MultipleFileField
from wtforms import (
    DateField,
    DateTimeLocalField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Optional

from casework.cases.forms import options
from casework.kernel.errors import N_
from casework.kernel.forms import Form, VersionedForm
from casework.negotiations.words import (
    BASES,
    DEBTORS,
    KINDS,
    METHODS,
    STANCES,
    WAYS,
    Basis,
    Debtor,
    Method,
    PositionKind,
    Side,
    Way,
)

NEW = "new"


POSITIONS: Sequence[tuple[str, Side, PositionKind]] = (
    ("ask", Side.US, PositionKind.ASK),
    ("offer", Side.THEM, PositionKind.OFFER),
    ("their_ask", Side.THEM, PositionKind.ASK),
    ("our_offer", Side.US, PositionKind.OFFER),
)


"""The prefix of the fields of a position, who speaks, and whether it is asked or offered."""


def _words(labels: Any) -> list[Any]:
    return options((key, lazy_gettext(label)) for key, label in labels.items())


def _say(message: str) -> Any:
    return lazy_gettext(message)


class PartyForm(VersionedForm):
    """What a counterparty is: its kind, its contact, and whom it rents from."""

    party = SelectField(_say(N_("What it is")), choices=[])
    contact = StringField(_say(N_("Contact person")), [Optional()])
    phone = StringField(_say(N_("Phone")), [Optional()])
    above = SelectField(_say(N_("Rents from")), [Optional()], choices=[], validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.party.choices = _words(KINDS)


class RoundForm(Form):
    """A visit, call, meeting or message. ``talks`` is an id of talks, or ``new`` with a name."""

    talks = RadioField(_say(N_("With whom")), choices=[], validate_choice=False)
    name = StringField(_say(N_("Name of the counterparty")), [Optional()])
    party = SelectField(_say(N_("What it is")), [Optional()], choices=[])
    way = RadioField(_say(N_("How")), choices=[], default=Way.VISIT.value)
    stance = RadioField(
        _say(N_("Where the other side stands")),
        [InputRequired(message=_say(N_("Stance: tap where the other side stands.")))],
        choices=[],
    )
    said = TextAreaField(_say(N_("What was said")))
    files = MultipleFileField(_say(N_("Photos and files")), [Optional()])
    next = RadioField(_say(N_("When next")), [Optional()], choices=[], default="", validate_choice=False)
    next_on = DateField(_say(N_("Another day")), [Optional()])
    next_step = StringField(_say(N_("What then")), [Optional()])
    at = DateTimeLocalField(
        _say(N_("When it took place")), [InputRequired()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    )
    until = TimeField(_say(N_("Until")), [Optional()], format=["%H:%M", "%H:%M:%S"])
    place = StringField(_say(N_("Place")), [Optional()])
    latitude = HiddenField()
    longitude = HiddenField()
    ours = StringField(_say(N_("Our side")), [Optional()])
    theirs = StringField(_say(N_("Their side")), [Optional()])
    objections = TextAreaField(_say(N_("What they object to")), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.way.choices, self.stance.choices, self.party.choices = _words(WAYS), _words(STANCES), _words(KINDS)
        for prefix, *_ in POSITIONS:
            self[f"{prefix}_method"].choices = _words(METHODS)

    def has_sums(self) -> bool:
        """Whether anything was asked or offered: then that part of the form is open."""
        names = (f"{prefix}_{part}" for prefix, *_ in POSITIONS for part in ("amount", "months", "percent"))
        return any(self[name].data or self[name].errors for name in names)


for _prefix, *_who in POSITIONS:
    setattr(RoundForm, f"{_prefix}_amount", StringField(_say(N_("Sum in yuan")), [Optional()]))
    setattr(RoundForm, f"{_prefix}_method", SelectField(_say(N_("How it is eased")), [Optional()], choices=[]))
    setattr(RoundForm, f"{_prefix}_months", StringField(_say(N_("Months")), [Optional()]))
    setattr(RoundForm, f"{_prefix}_percent", StringField(_say(N_("Per cent of the rent")), [Optional()]))
    setattr(RoundForm, f"{_prefix}_conditions", StringField(_say(N_("Conditions")), [Optional()]))
    setattr(RoundForm, f"{_prefix}_expires", DateField(_say(N_("Valid until")), [Optional()]))


def next_days(today: date) -> list[tuple[str, str]]:
    """The days that a next visit is most often set to: tomorrow, Monday, a week on; or none."""
    monday = today + timedelta(days=7 - today.weekday())
    days = {
        (today + timedelta(days=1)).isoformat(): N_("Tomorrow"),
        monday.isoformat(): N_("Monday"),
        (today + timedelta(days=7)).isoformat(): N_("In a week"),
    }
    return [*((day, label) for day, label in days.items()), ("", N_("Not needed"))]


class PromiseForm(Form):
    """Who promised what by when."""

    talks = SelectField(_say(N_("In the talks with")), [Optional()], choices=[], validate_choice=False)
    debtor = RadioField(_say(N_("Who owes it")), choices=[], default=Debtor.THEM.value)
    who = StringField(_say(N_("Name of who promised")), [Optional()])
    promiser = SelectField(_say(N_("Which of us")), [Optional()], choices=[], validate_choice=False)
    what = TextAreaField(
        _say(N_("What was promised")), [InputRequired(message=_say(N_("What was promised: write it.")))]
    )
    condition = StringField(_say(N_("On condition")), [Optional()])
    promised_on = DateField(_say(N_("Promised on")), [InputRequired(message=_say(N_("Promised on: pick the day.")))])
    due_on = DateField(_say(N_("Due")), [InputRequired(message=_say(N_("Due: pick the day.")))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.debtor.choices = _words(DEBTORS)


class SettleForm(VersionedForm):
    """Proof of a commitment, and how it ended."""

    proof = TextAreaField(_say(N_("Proof in words")), [Optional()])
    files = MultipleFileField(_say(N_("Photos and files")), [Optional()])
    state = RadioField(_say(N_("What is so now")), choices=[], validate_choice=False)
    reason = StringField(_say(N_("Reason")), [Optional()])


class AgreementForm(Form):
    """What was agreed."""

    method = RadioField(_say(N_("How it is eased")), choices=[], default=Method.WAIVE.value)
    total = StringField(
        _say(N_("Total in yuan")), [InputRequired(message=_say(N_("Total: write the agreed sum in yuan.")))]
    )
    agreed_on = DateField(_say(N_("Agreed on")), [InputRequired(message=_say(N_("Agreed on: pick the day.")))])
    from_on = DateField(_say(N_("From")), [Optional()])
    to_on = DateField(_say(N_("To")), [Optional()])
    terms = TextAreaField(_say(N_("Terms")), [InputRequired(message=_say(N_("Terms: write what was agreed.")))])
    chain = StringField(_say(N_("How it passes down the chain")), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method.choices = _words(METHODS)


class ConfirmForm(VersionedForm):
    """One side says yes: who speaks, and the signed scan where it is on paper."""

    name = StringField(_say(N_("Name of who confirms")), [InputRequired(message=_say(N_("Name: write who confirms.")))])
    files = MultipleFileField(_say(N_("Signed agreement")), [Optional()])


class EndForm(VersionedForm):
    """Why an agreement no longer holds."""

    reason = StringField(_say(N_("Reason")), [InputRequired(message=_say(N_("Reason: say why, in a few words.")))])


class AllocateForm(Form):
    """By what a sum is shared; ``after`` is the version that the person saw."""

    basis = RadioField(_say(N_("Share by")), choices=[], default="rent")
    reason = StringField(_say(N_("Why a new version")))  # shown, and asked for, when there is a version before
    after = HiddenField(default="0")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.basis.choices = _words(BASES)

    def without_hand(self) -> None:
        """Offer what can be worked out; sharing by hand has a page of its own."""
        self.basis.choices = _words({key: label for key, label in BASES.items() if key != Basis.HAND})


class ReceiptForm(Form):
    """What arrived, when, and what shows it."""

    amount = StringField(
        _say(N_("What arrived, in yuan")), [InputRequired(message=_say(N_("Amount: write what arrived.")))]
    )
    received_on = DateField(_say(N_("Received on")), [InputRequired(message=_say(N_("Received on: pick the day.")))])
    note = TextAreaField(_say(N_("Proof in words")), [Optional()])
    files = MultipleFileField(_say(N_("Photos and files")), [Optional()])
    corrects = HiddenField()


class JoinForm(Form):
    """Which case's talks serve this one too."""

    case = StringField(
        _say(N_("Number of the other case")), [InputRequired(message=_say(N_("Case: write its number.")))]
    )
    talks = SelectField(_say(N_("With whom")), [Optional()], choices=[], validate_choice=False)


class LinksForm(Form):
    """Nothing but the wish: make the links of this page."""


class ByLinkForm(Form):
    """What somebody without an account answers: yes with a name, or what is not right."""

    name = StringField(_say(N_("Your name")), [Optional()])
    note = TextAreaField(_say(N_("What is not right")))
    answer = HiddenField(default="yes")
