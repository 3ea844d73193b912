"""The form that puts something on another day."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, DateField, HiddenField, StringField, TimeField
from wtforms.validators import InputRequired, Length, Optional

from casework.kernel.errors import N_
from casework.kernel.forms import VersionedForm, say


class PutForm(VersionedForm):
    """To which day, at which time, and why; ``sure``: although no time counts on that day."""

    back = HiddenField()
    day = DateField(say(N_("To which day")), [InputRequired(say(N_("Day: write one as 2026-03-16.")))])
    at = TimeField(say(N_("At what time")), [Optional()], format=["%H:%M", "%H:%M:%S"])
    reason = StringField(say(N_("Reason")), [Length(max=300, message=say(N_("Shorten it to %(max)d characters.")))])
    sure = BooleanField(say(N_("It was agreed for a day that is not a working day")))

    @property
    def minutes(self) -> int | None:
        """The time of day in minutes; None: as it was."""
        at: Any = self.at.data
        return at.hour * 60 + at.minute if at else None
