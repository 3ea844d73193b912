"""What is asked before a brief is written, and before one is planned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from wtforms import BooleanField, DateField, RadioField, SelectField, TimeField
from wtforms.validators import StopValidation

from casework.briefs.rules import days_of
from casework.briefs.words import KINDS, Kind
from casework.cases.forms import JudgedByRules, options
from casework.clocks.explain import WHOLE_WEEKDAYS
from casework.kernel.errors import N_, because
from casework.kernel.forms import Form, Ticks, row_id, say

LANGUAGES = (("zh-CN", "中文"), ("en", "English"))


class _Scoped(Form):
    """What is counted, and how the papers look."""

    scope = SelectField(say(N_("Area or unit")), validate_choice=False)
    type = SelectField(say(N_("Type")), validate_choice=False)
    locale = RadioField(say(N_("Language of the papers")), choices=options(LANGUAGES), default="zh-CN")
    red_head = BooleanField(say(N_("With a red head")), default=True)

    def offer(self, scopes: Sequence[tuple[str, str]], types: Sequence[tuple[int, str]]) -> None:
        """Fill the scopes and the types."""
        self.scope.choices = options(scopes)
        self.type.choices = options([("", say(N_("All"))), *((str(key), name) for key, name in types)])

    @property
    def type_id(self) -> int | None:
        """The type that was chosen, if any."""
        return row_id(self.type.data or "")


class BriefForm(_Scoped):
    """A brief at once: which kind, about which days."""

    kind = RadioField(say(N_("Kind")), choices=options((key, say(label)) for key, label in KINDS.items()))
    on = DateField(say(N_("Day, or a day of the week")), validators=[JudgedByRules()])
    first = DateField(say(N_("First day")), validators=[JudgedByRules()])
    last = DateField(say(N_("Last day")), validators=[JudgedByRules()])

    @property
    def days(self) -> tuple[date | None, date | None]:
        """The days that were asked for."""
        if self.kind.data == Kind.SPECIAL:
            return self.first.data, self.last.data
        return days_of(self.kind.data, self.on.data) if self.on.data else (None, None)


class PlanForm(_Scoped):
    """A plan: which kind, when, and who is told."""

    kind = RadioField(
        say(N_("Kind")),
        choices=options((key, say(KINDS[key])) for key in (Kind.DAILY, Kind.WEEKLY)),
        default=Kind.DAILY,
    )
    weekday = SelectField(
        say(N_("Day of the week, for a weekly brief")),
        choices=options((str(at), say(name)) for at, name in enumerate(WHOLE_WEEKDAYS)),
    )
    at = TimeField(say(N_("Time")), default=time(17, 30))
    tell = Ticks(
        say(N_("Who is told")),
        coerce=int,
        validate_choice=False,
    )

    def validate_at(self, field: Any) -> None:
        """A time is needed."""
        if field.data is None:
            field.errors = []
            raise StopValidation(str(because(N_("Time: write it like 17:30."))))

    @property
    def minute(self) -> int:
        """Minutes from midnight."""
        return self.at.data.hour * 60 + self.at.data.minute if self.at.data else 0
