"""The forms of an import."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from casework.cases.forms import options
from casework.kernel.errors import N_
from casework.kernel.forms import Form, say

TARGET_LABELS = {
    "cases": N_("Cases"),
    "enterprises": N_("Enterprises"),
    "people": N_("People"),
    "areas": N_("Areas"),
    "beneficiaries": N_("Firms of a joint case"),
    "coverage": N_("Who answers for what"),
    "stock": N_("Supplies in stock"),
}
HAS_CHANGES = frozenset(("cases", "enterprises", "beneficiaries", "stock"))
HAS_DOUBLES = frozenset(("cases", "enterprises"))


class ImportForm(Form):
    """What the file holds, the file, and how its columns are called when we cannot know."""

    target = RadioField(say(N_("What the file holds")), [InputRequired(message=say(N_("Pick what the file holds.")))])
    case = StringField(
        say(N_("Number of the joint case")), [Length(max=30, message=say(N_("The number is too long.")))]
    )
    file = FileField(say(N_("File")))
    mapping = TextAreaField(
        say(N_("Mapping of the columns")), [Length(max=20_000, message=say(N_("The mapping is too long.")))]
    )
    make_teams = BooleanField(say(N_("Make teams that are missing")))
    whole = BooleanField(say(N_("The file is the whole truth for the teams in it: who is not in it leaves them")))


class ColumnsForm(Form):
    """How the table is read and what becomes of what is there; the columns themselves are fields of the table."""

    take_over = RadioField(
        say(N_("Where something is there already")),
        choices=options(
            (
                ("blanks", say(N_("Only fill what is blank here"))),
                ("take", say(N_("Take over what the file says; old and new are shown first"))),
            )
        ),
        default="blanks",
    )
    leave_doubles = RadioField(
        say(N_("Rows that look like doubles")),
        choices=options((("in", say(N_("Import them, and name them"))), ("out", say(N_("Leave them out"))))),
        default="in",
    )
    make_teams = BooleanField(say(N_("Make teams that are missing")))
    whole = BooleanField(say(N_("The file is the whole truth for the teams in it: who is not in it leaves them")))


class UndoForm(Form):
    """Why an import is taken back."""

    reason = StringField(
        say(N_("Reason")),
        [
            InputRequired(message=say(N_("Reason: say why, in a few words."))),
            Length(max=300, message=say(N_("Reason: shorten it to 300 characters."))),
        ],
    )
