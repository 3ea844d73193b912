"""Calendars: a year on a page, changes with what they would move, one for an area, and a due time worked out."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.cases import calendar_forms as forms
from casework.cases import calendars
from casework.cases.clockwork import CLOCK_LABELS
from casework.clocks import queries as clocks
from casework.clocks import revising
from casework.clocks.calendars import write_hours
from casework.clocks.drawing import strip
from casework.clocks.explain import FESTIVALS, WEEKDAYS, explanation
from casework.clocks.kinds import ALWAYS, DayKind
from casework.clocks.policy import EDIT, place_of
from casework.clocks.queries import Known
from casework.clocks.rules import Facts, minutes_of_days
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Reason, Refused, because
from casework.kernel.permissions import can
from casework.kernel.time import SHANGHAI, local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal, signed_in

blueprint = Blueprint("calendars", __name__, url_prefix="/settings/calendars")


@dataclass(frozen=True, slots=True)
class Square:
    """A day of the year as it is drawn: ``kind`` is work, rest, holiday or workday; ``name`` says what differs."""

    day: date
    kind: str
    name: str
    official: bool


def _known(key: int) -> Known:
    clocks.forget_calendar()  # what was changed a moment ago is seen, whichever process changed it
    found = clocks.known_calendars().get(key)
    if found is None:
        raise NotFound("calendar")
    return found


def _area_of(known: Known) -> Area | None:
    return db.session.get(Area, known.row.area_id) if known.row.area_id else None


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    """Every calendar with its hours and where it holds."""
    clocks.forget_calendar()
    listed = sorted(clocks.known_calendars().values(), key=lambda one: (one.depth, one.row.code, one.row.label))
    return page("cases/calendars.html", calendars=listed, hours=_hours, week=_week, may_make=can(current_actor(), EDIT))


def _hours(known: Known) -> list[tuple[str, str]]:
    """The hours of a calendar: since when, and as one writes them."""
    return [(one.get("from", ""), write_hours(one["spans"])) for one in known.row.hours]


def _week(known: Known) -> list[Reason]:
    return [Reason(WEEKDAYS[number]) for number in known.row.week]


@blueprint.get("/<int:calendar_id>")
@signed_in
def show(calendar_id: int) -> ResponseReturnValue:
    """A year of a calendar, with the forms that change it."""
    return _page(_known(calendar_id), forms.DaysForm(formdata=None), forms.HoursForm(formdata=None))


def _page(known: Known, days_form: forms.DaysForm, hours_form: forms.HoursForm, **more: Any) -> ResponseReturnValue:
    today = local_day(utcnow())
    year = request.values.get("year", "", type=str)
    shown = int(year) if year.isascii() and year.isdigit() and 2019 <= int(year) <= 2099 else today.year
    return page(
        "cases/calendar.html",
        known=known,
        year=shown,
        months=[_month(known, shown, month) for month in range(1, 13)],
        differing=[(day, fact) for day, fact in known.days.items() if day.year == shown],
        estimated=any(not fact.official for day, fact in known.days.items() if day.year == shown),
        hours=_hours(known),
        week=_week(known),
        today=today,
        festivals=FESTIVALS,
        weekdays=WEEKDAYS,
        days_form=days_form,
        hours_form=hours_form,
        may_edit=can(current_actor(), EDIT, place_of(_area_of(known))),
        status=max(days_form.http_status, hours_form.http_status),
        **{"preview": None, "doing": "", **more},
    )


def _month(known: Known, year: int, month: int) -> list[list[Square | None]]:
    """The weeks of a month; None outside of it."""
    weeks = months.Calendar().monthdatescalendar(year, month)
    return [[_square(known, day) if day.month == month else None for day in week] for week in weeks]


def _square(known: Known, day: date) -> Square:
    fact = known.days.get(day)
    works = known.calendar.is_working_day(day)
    if fact is None or (fact.kind == DayKind.WORKDAY) == (day.weekday() in known.row.week):
        return Square(day, "work" if works else "rest", "", True)
    return Square(day, str(fact.kind), fact.name, fact.official)


@blueprint.post("/<int:calendar_id>/days")
@needs(EDIT)
def change_days(calendar_id: int) -> ResponseReturnValue:
    """Days off and days worked: shown with what they move, done on the second click."""
    form = forms.DaysForm()
    return _change(_known(calendar_id), form, "days")


@blueprint.post("/<int:calendar_id>/hours")
@needs(EDIT)
def change_hours(calendar_id: int) -> ResponseReturnValue:
    """Other hours from a day on."""
    form = forms.HoursForm()
    return _change(_known(calendar_id), form, "hours")


def _change(known: Known, form: forms.DaysForm | forms.HoursForm, doing: str) -> ResponseReturnValue:
    blank: Mapping[str, Any] = {
        "days_form": form if doing == "days" else forms.DaysForm(formdata=None),
        "hours_form": form if doing == "hours" else forms.HoursForm(formdata=None),
    }
    form.http_status = 422
    valid = form.validate()
    change, reasons = form.change()
    form.refuse(reasons if valid else ())
    if change is None or form.refused:
        return _page(known, **blank)
    if request.form.get("do") == "make":
        if location := carry_out(form, lambda: _made(known, change), principal=principal()):
            return redirect(location, 303)
        return _page(known, **blank)
    form.http_status = 200
    last = None if change.spans else change.last
    found = calendars.preview(revising.drafted(known.id, change), change.first, last, now=utcnow())
    past = change.first < local_day(utcnow())
    return _page(known, **blank, preview=found, doing=doing, past=past, **_words())


def _words() -> dict[str, Any]:
    """What a table of moved deadlines needs; who may not read cases sees the counts alone."""
    return {"clock_labels": CLOCK_LABELS, "may_read": can(current_actor(), "case.read")}


def _made(known: Known, change: revising.Change) -> str:
    revising.revise(revising.row(known.id), change, actor=current_actor(), now=utcnow())
    flash(gettext("The calendar is changed. Open deadlines follow within a minute; each case tells it."))
    return url_for("calendars.show", calendar_id=known.id, year=change.first.year)


@blueprint.route("/new", methods=["GET", "POST"])
@needs(EDIT)
def new() -> ResponseReturnValue:
    """A calendar for an area, or under a code of its own: shown with what it moves, made on the second click."""
    actor = current_actor()
    form = forms.NewForm()
    everywhere = can(actor, EDIT, place_of(None))
    form.area_id.choices = forms.area_choices(areas.choices(actor, levels=(Level.DISTRICT,)), everywhere)
    if request.method == "GET":
        form.week.data, form.holidays.data, form.hours.data = (
            ["0", "1", "2", "3", "4"],
            True,
            "09:00-12:00, 14:00-18:00",
        )
        return page("cases/calendar_new.html", form=form, preview=None)
    form.http_status = 422
    area = db.session.get(Area, form.chosen_area()) if form.chosen_area() else None
    if form.chosen_area() and area is None:
        form.refuse([because(N_("Choose an area of the list."), "area_id")])
    elif form.validate() and not form.refuse_faults():
        return _new(form, area)
    return page("cases/calendar_new.html", form=form, preview=None, status=422)


def _new(form: forms.NewForm, area: Area | None) -> ResponseReturnValue:
    actor, now, given = current_actor(), utcnow(), form.given()

    def work() -> str:
        made = revising.make(area=area, actor=actor, now=now, **given)
        if area is not None:
            calendars.outdate(area, made.code)
        flash(gettext("The calendar is made. Open deadlines follow within a minute; each case tells it."))
        return url_for("calendars.show", calendar_id=made.id)

    if request.form.get("do") == "make":
        if location := carry_out(form, work, principal=principal()):
            return redirect(location, 303)
        return page("cases/calendar_new.html", form=form, preview=None, status=form.http_status)
    form.http_status = 200
    found = calendars.preview_of_new(area, forms.drafted(given, area), now=now) if area else calendars.Preview()
    return page("cases/calendar_new.html", form=form, preview=found, past=False, **_words())


@blueprint.get("/try")
@signed_in
def work_out() -> ResponseReturnValue:
    """A due time worked out: from when, how long, by which calendar; in words and drawn."""
    form = forms.TryForm(request.args, meta={"csrf": False})
    known = clocks.known_calendars()
    form.calendar.choices = forms.calendar_choices({one.id: one.row.label for one in known.values()})
    result, now = None, utcnow()
    if request.args:
        try:
            result = _worked_out(form, known, now)
        except Refused as refusal:
            form.refuse(refusal.reasons)
            form.http_status = 422
    else:
        form.start.data, form.unit.data = now.astimezone(SHANGHAI).replace(tzinfo=None), "days"
    return page("cases/calendar_try.html", form=form, result=result, status=form.http_status)


def _worked_out(form: forms.TryForm, known: Mapping[int, Known], now: datetime) -> Any:
    start, amount, unit, key = form.given()
    chosen = None if key == ALWAYS else known.get(int(key)) if key.isdigit() else None
    if key != ALWAYS and chosen is None:
        raise Refused(because(N_("Choose a calendar of the list."), "calendar"))
    calendar = clocks.calendar_of(chosen.id if chosen else None)
    minutes = {"minutes": amount, "hours": amount * 60, "days": 0}[unit]
    if unit == "days":
        minutes = minutes_of_days(amount, calendar, start)
    facts = Facts(started_at=start, limit_minutes=minutes)
    due = facts.due(calendar)
    words = explanation(facts, calendar, chosen.days if chosen else {}, now=now)
    return SimpleNamespace(due=due, words=words, strip=strip(facts, calendar, min(now, due) if due else now))
