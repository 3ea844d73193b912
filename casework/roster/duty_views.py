"""Who answers at 02:00: the desk's shifts drawn over a week with their gaps, and who is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Area
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Reason, Refused
from casework.kernel.forms import Form, row_id
from casework.kernel.permissions import can
from casework.kernel.time import SHANGHAI, at_local, local_day, utcnow
from casework.kernel.web import current_actor, page, principal, signed_in
from casework.roster import duty, queries, rules
from casework.roster.duty_forms import AbsenceForm, ShiftForm, WeekForm
from casework.roster.models import Absence, DutyShift, Unit, UnitKind
from casework.roster.words import ABSENCES

blueprint = Blueprint("duty", __name__)
DAYS = 7


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk with its week: who has it and what nobody has."""

    unit: Unit
    shifts: list[DutyShift]
    stretches: list[rules.Stretch]
    now: list[duty.Answering]
    away: tuple[str, ...]
    may_edit: bool


def _asked() -> datetime:
    """The moment that the page is about: ``?at=2026-03-16T02:00``, else now."""
    try:
        found = datetime.fromisoformat(request.args.get("at", ""))
    except ValueError:
        return utcnow()
    moment = found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
    return moment if 2000 < moment.year < 2100 else utcnow()


def _desks(at: datetime, place: Area | None) -> list[Desk]:
    """The desks of one's districts, or those that answer for a place, with who answers at the moment asked for."""
    actor = current_actor()
    query = queries.visible_units(actor).where(Unit.kind == UnitKind.DESK, Unit.closed_on.is_(None)).order_by(Unit.code)
    if place is not None:
        query = query.where(Unit.area_id.in_(place.area_ids))
    units = list(db.session.scalars(query.limit(50)))
    begin = at_local(local_day(at))
    end = begin + timedelta(days=DAYS)
    shifts = duty.shifts_between([unit.id for unit in units], begin, end) if units else []
    running = [shift for shift in shifts if shift.begins_at <= at < shift.ends_at]
    answers = duty.answering(running, at)
    names = {(one.unit.id, one.for_name or one.name) for one in answers}
    found = []
    for unit in units:
        own = [shift for shift in shifts if shift.unit_id == unit.id]
        times = [(shift.begins_at, shift.ends_at, shift.user.name) for shift in own]
        now = [one for one in answers if one.unit.id == unit.id]
        gone = [one.user.name for one in running if one.unit_id == unit.id and (unit.id, one.user.name) not in names]
        may_edit = can(actor, "duty.edit", unit)
        found.append(Desk(unit, own, rules.stretches(times, begin, end), now, tuple(gone), may_edit))
    return found


@blueprint.get("/duty")
@signed_in
def index() -> ResponseReturnValue:
    """Who answers now, or at the time asked for."""
    return _page(_shift_form(False), _absence_form(False))


def _page(
    shift_form: ShiftForm, absence_form: AbsenceForm, week_form: WeekForm | None = None, week_of: int = 0
) -> ResponseReturnValue:
    week_form = week_form or WeekForm(formdata=None)
    at, now, place = _asked(), utcnow(), _place()
    people = _people()
    absences = duty.absences_among(people, local_day(now))
    stand_ins = queries.names(row.deputy_id for row in absences if row.deputy_id)
    return page(
        "roster/duty.html",
        at=at,
        now=now,
        desks=_desks(at, place),
        place=place,
        asked=request.args.get("place", "").replace("\0", "").strip()[:60],
        week=(local_day(now) + timedelta(days=7 - local_day(now).weekday())).isoformat(),
        shift_form=shift_form,
        absence_form=absence_form,
        week_form=week_form,
        week_of=week_of,
        absences=absences,
        people=people,
        stand_ins=stand_ins,
        kinds=ABSENCES,
        status=max(shift_form.http_status, absence_form.http_status, week_form.http_status),
    )


def _place() -> Area | None:
    """The place that the page is about, by name or code: ``?place=南贤社区``; None for all one's districts."""
    said = request.args.get("place", "").replace("\0", "").strip()[:60]
    if not said:
        return None
    visible = areas.visible_to(current_actor())
    named = visible.where(sa.or_(Area.code == said, Area.name == said)).order_by(Area.code).limit(1)
    begins = visible.where(Area.name.startswith(said, autoescape=True)).order_by(Area.code).limit(1)
    return db.session.scalar(named) or db.session.scalar(begins)


def _people() -> dict[int, str]:
    """Those whose absence the actor may note: oneself, and one's team or district."""
    actor = current_actor()
    found = {actor.user_id: actor.name}
    if can(actor, "duty.edit"):
        rows = db.session.scalars(queries.people_visible_to(actor).order_by(User.name, User.id).limit(300))
        found |= {row.id: row.name for row in rows}
    return found


def _shift_form(posted: bool) -> ShiftForm:
    form, actor = (ShiftForm() if posted else ShiftForm(formdata=None)), current_actor()
    units = duty.desks_planned_by(actor)
    form.unit_id.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    today = local_day(utcnow())
    people = {one.user_id: one.name for unit in units for one in _staff(unit, today)}
    form.user_id.choices = [SelectChoice("", "—"), *(SelectChoice(str(key), name) for key, name in people.items())]
    if not can(actor, "duty.edit"):
        form.unit_id.choices = []
    return form


def _staff(unit: Unit, today: object) -> list[queries.Colleague]:
    rows = [row for row in queries.postings_in(unit.id) if row.is_valid_on(today) and row.role in duty.ON_DESK]  # type: ignore[arg-type]
    return [queries.Colleague(row.user_id, row.user.name, row.role) for row in rows]


def _absence_form(posted: bool) -> AbsenceForm:
    form, actor = (AbsenceForm() if posted else AbsenceForm(formdata=None)), current_actor()
    form.person.choices = [SelectChoice(str(key), name) for key, name in _people().items()]
    form.kind.choices = [SelectChoice(kind.value, gettext(label)) for kind, label in ABSENCES.items()]
    today = local_day(utcnow())
    colleagues: dict[int, str] = {}
    for duty_held in actor.duties:
        colleagues |= {one.user_id: one.name for one in queries.officers_of(duty_held.unit_id, today)}
    if can(actor, "duty.edit"):
        colleagues |= _people()
    form.deputy_id.choices = [
        SelectChoice("", gettext("nobody")),
        *(SelectChoice(str(k), v) for k, v in colleagues.items()),
    ]
    return form


@blueprint.post("/duty/shifts")
@signed_in
def plan() -> ResponseReturnValue:
    """Give somebody the desk."""
    actor, form = current_actor(), _shift_form(True)

    def work() -> str:
        unit = queries.visible_unit(row_id(form.unit_id.data) or 0, to=actor)
        begins, ends = form.begins_at.data, form.ends_at.data
        if begins is None or ends is None:
            raise Refused(Reason(N_("Begins: write day and time."), {}, "begins_at"))
        count = duty.plan_shifts(
            unit,
            user_id=row_id(form.user_id.data) or 0,
            begins_at=begins.replace(tzinfo=SHANGHAI),
            ends_at=ends.replace(tzinfo=SHANGHAI),
            weeks=1 if form.weeks.data is None else form.weeks.data,
            actor=actor,
            now=utcnow(),
        )
        flash(gettext("%(n)s shifts are on the plan.", n=count))
        return url_for("duty.index", at=begins.strftime("%Y-%m-%dT%H:%M"))

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    return _page(form, _absence_form(False))


@blueprint.post("/duty/weeks/<int:unit_id>")
@signed_in
def copy(unit_id: int) -> ResponseReturnValue:
    """Plan a week of a desk as the one before it was."""
    actor, form = current_actor(), WeekForm()
    unit = queries.visible_unit(unit_id, to=actor)

    def work() -> str:
        if form.week.data is None:
            raise Refused(Reason(N_("Write a day of the week as 2026-03-16."), {}, "week"))
        monday = form.week.data - timedelta(days=form.week.data.weekday())
        count = duty.copy_week(unit, monday, actor=actor, now=utcnow())
        flash(gettext("%(n)s shifts are on the plan.", n=count))
        return url_for("duty.index", at=f"{monday.isoformat()}T08:00")

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    return _page(_shift_form(False), _absence_form(False), form, unit_id)


@blueprint.post("/duty/shifts/<int:unit_id>/<int:key>/cancel")
@signed_in
def cancel(unit_id: int, key: int) -> ResponseReturnValue:
    """Take a shift off the plan."""
    actor, form = current_actor(), Form()
    unit = queries.visible_unit(unit_id, to=actor)

    def work() -> str:
        duty.cancel_shift(unit, key, actor=actor, now=utcnow())
        return url_for("duty.index")

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("The shift is off the plan."))
        return redirect(location, 303)
    return _page(_shift_form(False), _absence_form(False))


@blueprint.post("/duty/absences")
@signed_in
def note() -> ResponseReturnValue:
    """Note that somebody is away."""
    actor, form = current_actor(), _absence_form(True)

    def work() -> str:
        person = db.session.get(User, _person(form.person.data))
        if person is None:
            raise NotFound("person")
        days = form.from_on.data, form.to_on.data
        if days[0] is None or days[1] is None:
            raise Refused(Reason(N_("Write the first day as 2026-03-16."), {}, "from_on"))
        duty.note_absence(
            person,
            kind=form.kind.data,
            from_on=days[0],
            to_on=days[1],
            deputy_id=row_id(form.deputy_id.data or ""),
            actor=actor,
            now=utcnow(),
        )
        return url_for("duty.index")

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("Noted. New cases go to somebody else on these days."))
        return redirect(location, 303)
    return _page(_shift_form(False), form)


def _person(given: object) -> int:
    """A person whose absence the actor may note; nobody else is known."""
    key, actor = row_id(given), current_actor()
    if key is None:
        raise NotFound("person")
    if key != actor.user_id and can(actor, "duty.edit"):
        return queries.visible_person(key, to=actor).id  # the list of choices may be cut, the right is not
    if key != actor.user_id:
        raise NotFound("person")
    return key


@blueprint.post("/duty/absences/<int:user_id>/<int:key>/end")
@signed_in
def end(user_id: int, key: int) -> ResponseReturnValue:
    """Somebody is back."""
    actor, form = current_actor(), Form()
    person = db.session.get(User, _person(str(user_id)))
    absence = db.session.get(Absence, key)
    if person is None or absence is None or absence.user_id != user_id:
        raise NotFound("absence")

    def work() -> str:
        duty.end_absence(person, key, actor=actor, now=utcnow())
        return url_for("duty.index")

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("Noted."))
        return redirect(location, 303)
    return _page(_shift_form(False), _absence_form(False))
