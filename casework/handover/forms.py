"""Forms of the wizard; ticks, choices and notes of rows are read from the request by name."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import DateField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from casework.handover.rules import ITEM_NOTE, NOTE, REASON, TOO_LONG
from casework.kernel.errors import N_
from casework.kernel.forms import Form, VersionedForm, row_id, trimmed

_ = lazy_gettext
Given = MultiDict[str, str]


class BeginForm(Form):
    """Who leaves, why, from which day."""

    person = SelectField(
        _(N_("Who hands over")),
        validators=[InputRequired(_(N_("Who hands over: pick somebody.")))],
        validate_choice=False,
    )
    why = SelectField(_(N_("Reason")), validators=[InputRequired(_(N_("Reason: pick one of those offered.")))])
    from_on = DateField(_(N_("From which day")), [InputRequired(_(N_("From which day: write a day.")))])


class GiveForm(VersionedForm):
    """Who is to have what."""

    successor_id = SelectField(_(N_("Successor")), validators=[Optional()], validate_choice=False)


class SendForm(VersionedForm):
    """The last look, with words for all successors."""

    note = TextAreaField(
        _(N_("Note to the successors")), [Optional(), Length(max=NOTE, message=_(TOO_LONG, most=NOTE))]
    )


class CallOffForm(VersionedForm):
    """Why it is called off."""

    reason = TextAreaField(
        _(N_("Reason")),
        [Optional(), Length(max=REASON, message=_(N_("Reason: shorten it to %(most)s characters."), most=REASON))],
    )


class AnswerForm(Form):
    """One reason for all that is refused, where none is written beside a row."""

    reason = TextAreaField(_(N_("Why you refuse the ticked ones")), [Optional()])


def ticked(given: Given) -> set[int]:
    """The rows that are ticked."""
    return {key for one in given.getlist("things") if (key := row_id(one))}


def notes_of(given: Mapping[str, str]) -> dict[int, str]:
    """The notes beside rows, by row."""
    return _beside(given, "note", ITEM_NOTE + 1)


def reasons_of(given: Mapping[str, str]) -> dict[int, str]:
    """The reasons beside rows, by row; those that are written."""
    return {key: said for key, said in _beside(given, "why", REASON + 1).items() if said}


def _beside(given: Mapping[str, str], name: str, most: int) -> dict[int, str]:
    found = {}
    for field, said in given.items():
        before, _colon, rest = field.partition(":")
        if before == name and (key := row_id(rest)):
            found[key] = str(trimmed(said))[:most]
    return found


def choices_of(given: Mapping[str, str]) -> dict[tuple[str, ...], int]:
    """Who is chosen: for all ``()``, for a kind ``(kind,)``, for a group of a kind ``(kind, group)``."""
    found = {}
    for field, value in given.items():
        head, *rest = field.split(":", 2)
        if head == "give" and (user_id := row_id(value)):
            found[tuple(rest)] = user_id
    return found
