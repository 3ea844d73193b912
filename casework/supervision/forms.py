"""Forms of urging, and of the ladder of a district."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from casework.cases.forms import options
from casework.kernel.errors import N_
from casework.kernel.forms import Form, VersionedForm, say
from casework.supervision.rules import Gap, Ladder
from casework.supervision.words import LEVEL_LABELS, RUNGS, Level

NUMBER = say(N_("Write a whole number."))
UNITS = [("days", say(N_("days"))), ("hours", say(N_("hours")))]


class UrgeForm(Form):
    """What is to be done."""

    reason = TextAreaField(say(N_("What is to be done")), [Length(max=2000)])


class RequesterUrgeForm(Form):
    """The same on the requester's page, under a name of its own: its reasons are not those of the other forms."""

    reason = TextAreaField(say(N_("What is pressing")), [Length(max=2000)])


class LadderForm(VersionedForm):
    """When a district is reminded: yellow, and how long after the due time each rung comes."""

    yellow_percent = IntegerField(say(N_("Yellow when so much of the limit is used")), [InputRequired(NUMBER)])
    yellow_minutes = IntegerField(say(N_("At least so long before")), [InputRequired(NUMBER)])

    def ladder(self) -> Ladder:
        """What was filled in."""
        return Ladder(
            yellow_percent=int(self.yellow_percent.data or 0),
            yellow_minutes=int(self.yellow_minutes.data or 0),
            gaps=self._gaps(""),
            urgent_gaps=self._gaps("urgent_"),
        )

    def _gaps(self, prefix: str) -> dict[Level, Gap]:
        return {
            level: Gap(int(self[f"{prefix}{level}"].data or 0), str(self[f"{prefix}{level}_unit"].data or ""))
            for level in RUNGS
        }


for _prefix in ("", "urgent_"):
    for _level in RUNGS:
        setattr(LadderForm, f"{_prefix}{_level}", IntegerField(say(LEVEL_LABELS[_level]), [InputRequired(NUMBER)]))
        setattr(
            LadderForm,
            f"{_prefix}{_level}_unit",
            SelectField(say(N_("Unit")), choices=options(UNITS), validate_choice=False),
        )


def values_of(ladder: Ladder) -> dict[str, Any]:
    """A ladder as the form shows it."""
    plain: dict[str, Any] = {"yellow_percent": ladder.yellow_percent, "yellow_minutes": ladder.yellow_minutes}
    for prefix, gaps in (("", ladder.gaps), ("urgent_", ladder.urgent_gaps)):
        for level in RUNGS:
            plain |= {f"{prefix}{level}": gaps[level].amount, f"{prefix}{level}_unit": gaps[level].unit}
    return plain
