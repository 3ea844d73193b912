"""Forms of the calendars: days, hours, a new one, and a due time to be worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Length, Optional

from casework.areas.models import Area
from casework.cases.forms import options
from casework.clocks import queries as clocks
from casework.clocks.calendars import read_hours
from casework.clocks.explain import WEEKDAYS
from casework.clocks.kinds import ALWAYS, WORKING, DayKind
from casework.clocks.queries import DEPTHS, Known, Row
from casework.clocks.revising import USUAL, Change, new_faults, objections
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.forms import Form, row_id, say
from casework.kernel.time import SHANGHAI

KINDS = [
    (DayKind.HOLIDAY, say(N_("Days off"))),
    (DayKind.WORKDAY, say(N_("Worked, though it may be a weekend"))),
    (USUAL, say(N_("As they usually are"))),
]
UNITS = [("days", say(N_("days"))), ("hours", say(N_("hours"))), ("minutes", say(N_("minutes")))]
WHY = say(N_("What it rests on"))
WHY_HELP = say(N_("Such as 国办发明电〔2020〕1号; it stands in the story of each case that moves."))
NO_DAY = N_("Write a day such as 2026-10-01.")


class Asked(Optional):
    """May be left out as far as the field is concerned: the form says in its own words what is missing."""

    def __init__(self) -> None:
        super().__init__()
        self.field_flags: dict[str, Any] = {}


class DaysForm(Form):
    """Days that differ."""

    first = DateField(say(N_("First day")), [Asked()])
    last = DateField(say(N_("Last day")), [Optional()])
    kind = RadioField(say(N_("These days are")), [Asked()], choices=options(KINDS), validate_choice=False)
    name = StringField(say(N_("Name")), [Length(max=200)])
    estimate = BooleanField(say(N_("An estimate: the official notice is not out yet")))
    why = StringField(WHY, [Length(max=2000)], description=WHY_HELP)

    def change(self) -> tuple[Change | None, list[Reason]]:
        """The change that was asked for, or what is wrong with it."""
        if self.first.data is None:
            return None, [because(NO_DAY, "first")]
        last = self.last.data or self.first.data
        change = Change(
            first=self.first.data,
            last=last,
            kind=self.kind.data or "",
            name=self.name.data or "",
            official=not self.estimate.data,
            why=self.why.data or "",
        )
        return change, objections(change)


class HoursForm(Form):
    """Other hours from a day on."""

    begin = DateField(say(N_("From this day on")), [Asked()])
    hours = StringField(say(N_("Hours")), [Length(max=200)], description=say(N_("Such as 08:30-12:00, 14:30-18:00.")))
    why = StringField(WHY, [Length(max=2000)], description=WHY_HELP, id="hours-why")

    def change(self) -> tuple[Change | None, list[Reason]]:
        """The change that was asked for, or what is wrong with it."""
        spans, faults = read_hours(self.hours.data or "")
        if self.begin.data is None:
            faults = [because(NO_DAY, "begin"), *faults]
        if faults or self.begin.data is None:
            return None, faults
        begin: date = self.begin.data
        change = Change(first=begin, last=begin, spans=spans, why=self.why.data or "")
        return change, objections(change)


class NewForm(Form):
    """A calendar for an area, or under a code of its own."""

    area_id = SelectField(say(N_("Where it holds")), [Asked()], validate_choice=False)
    code = StringField(
        say(N_("Code")),
        [Length(max=60)],
        default=WORKING,
        description=say(N_("working is what most limits name; another code is for limits that name it.")),
    )
    name = StringField(say(N_("Name")), [Length(max=200)])
    hours = StringField(say(N_("Hours")), [Length(max=200)], description=say(N_("Such as 08:30-12:00, 14:30-18:00.")))
    week = SelectMultipleField(
        say(N_("Weekdays")),
        choices=options((str(number), say(label)) for number, label in enumerate(WEEKDAYS)),
        validate_choice=False,
    )
    holidays = BooleanField(say(N_("Statutory holidays and make-up workdays count")))
    why = StringField(WHY, [Length(max=2000)])

    def chosen_area(self) -> int | None:
        """The area that was chosen; None for everywhere."""
        return row_id(self.area_id.data or "")

    def refuse_faults(self) -> bool:
        """Put what is wrong with hours and place on the form; whether anything is."""
        _, faults = read_hours(self.hours.data or "")
        offered: Any = self.area_id.choices or ()
        known = {str(choice.value) for choice in offered}
        if str(self.area_id.data or "") not in known:
            faults = [*faults, because(N_("Choose an area of the list."), "area_id")]
        given = self.given()
        faults = [*faults, *new_faults(given["code"], given["name"], given["week"], given["why"])]
        self.refuse(faults)
        return bool(faults)

    def given(self) -> dict[str, Any]:
        """The values as the service takes them."""
        return {
            "code": (self.code.data or "").strip(),
            "name": self.name.data or "",
            "spans": read_hours(self.hours.data or "")[0],
            "week": sorted(int(one) for one in self.week.data or () if one in "0123456" and len(one) == 1),
            "holidays": bool(self.holidays.data),
            "why": self.why.data or "",
        }


def drafted(given: Mapping[str, Any], area: Area) -> Known:
    """The calendar that a form describes, before it is made."""
    known = clocks.known_calendars()
    base = next(one for one in known.values() if one.row.code == WORKING and one.row.area_id is None)
    hours = [{"from": "", "spans": given["spans"]}]
    week = given["week"] or [0, 1, 2, 3, 4]
    row = Row(0, given["code"], given["name"], area.id, area.name, hours, week, given["holidays"], 1, given["why"])
    return clocks.known(row, DEPTHS.get(area.level, 0), {base.id: base.own}, base.id)


def area_choices(districts: Sequence[tuple[int, str]], everywhere: bool) -> Any:
    """The areas that a calendar can be for."""
    first = [("", say(N_("Everywhere")))] if everywhere else []
    return options([*first, *((str(key), name) for key, name in districts)])


def calendar_choices(labels: Mapping[int, str]) -> Any:
    """Every calendar, and around the clock."""
    return options([*((str(key), label) for key, label in labels.items()), (ALWAYS, say(N_("Around the clock")))])


class TryForm(Form):
    """A due time to be worked out."""

    start = DateTimeLocalField(say(N_("From when")), [Asked()])
    amount = IntegerField(say(N_("How long")), [Asked()], default=3)
    unit = SelectField(say(N_("Unit")), choices=options(UNITS), validate_choice=False)
    calendar = SelectField(say(N_("By which calendar")), validate_choice=False)

    def given(self) -> tuple[datetime, int, str, str]:
        """Start, amount, unit and calendar.

        Raises:
            Refused: one of them is none.
        """
        faults = []
        start, amount = self.start.data, self.amount.data
        if start is None or not 2019 <= start.year <= 2099:
            faults.append(because(N_("From when: a day and time from 2019 to 2099."), "start"))
        if amount is None or not 0 <= amount <= 10_000:
            faults.append(because(N_("How long: a number from 0 to 10,000."), "amount"))
        if self.unit.data not in ("days", "hours", "minutes") or (self.unit.data == "days" and (amount or 0) > 2000):
            faults.append(because(N_("Unit: days (at most 2,000), hours or minutes."), "unit"))
        if faults or start is None or amount is None:
            raise Refused(faults)
        return start.replace(tzinfo=SHANGHAI).astimezone(UTC), amount, self.unit.data, self.calendar.data or ""
