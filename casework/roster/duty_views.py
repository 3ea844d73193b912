"""Who answers at 02:00: the desk's shifts drawn over a week with their gaps, and who is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from casework.accounts.models import User
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Reason, Refused
from casework.kernel.forms import Form, row_id
from casework.kernel.permissions import can
from casework.kernel.time import SHANGHAI, at_local, local_day, utcnow
from casework.kernel.web import current_actor, page, principal, signed_in
from casework.roster import duty, queries, rules
from casework.roster.duty_forms import AbsenceForm, ShiftForm
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
    now: tuple[str, ...]
    may_edit: bool


def _asked() -> datetime:
    """The moment that the page is about: ``?at=2026-03-16T02:00``, else now."""
    try:
        found = datetime.fromisoformat(request.args.get("at", ""))
    except ValueError:
        return utcnow()
    moment = found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
    return moment if 2000 < moment.year < 2100 else utcnow()


def _desks(at: datetime) -> list[Desk]:
    actor = current_actor()
    query = queries.visible_units(actor).where(Unit.kind == UnitKind.DESK, Unit.closed_on.is_(None)).order_by(Unit.code)
    units = list(db.session.scalars(query.limit(50)))
    begin = at_local(local_day(at))
    end = begin + timedelta(days=DAYS)
    shifts = duty.shifts_between([unit.id for unit in units], begin, end) if units else []
    found = []
    for unit in units:
        own = [shift for shift in shifts if shift.unit_id == unit.id]
        times = [(shift.begins_at, shift.ends_at, shift.user.name) for shift in own]
        now = tuple(shift.user.name for shift in own if shift.begins_at <= at < shift.ends_at)
        may_edit = can(actor, "duty.edit", unit)
        found.append(Desk(unit, own, rules.stretches(times, begin, end), now, may_edit))
    return found


@blueprint.get("/duty")
@signed_in
def index() -> ResponseReturnValue:
    """Who answers now, or at the time asked for."""
    return _page(_shift_form(False), _absence_form(False))


def _page(shift_form: ShiftForm, absence_form: AbsenceForm) -> ResponseReturnValue:
    at, now = _asked(), utcnow()
    people = _people()
    absences = duty.absences_among(people, local_day(now))
    stand_ins = queries.names(row.deputy_id for row in absences if row.deputy_id)
    return page(
        "roster/duty.html",
        at=at,
        now=now,
        desks=_desks(at),
        shift_form=shift_form,
        absence_form=absence_form,
        absences=absences,
        people=people,
        stand_ins=stand_ins,
        kinds=ABSENCES,
        status=max(shift_form.http_status, absence_form.http_status),
    )


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
    units = list(_editable_desks())
    form.unit_id.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    today = local_day(utcnow())
    people = {one.user_id: one.name for unit in units for one in _staff(unit, today)}
    form.user_id.choices = [SelectChoice("", "—"), *(SelectChoice(str(key), name) for key, name in people.items())]
    if not can(actor, "duty.edit"):
        form.unit_id.choices = []
    return form


def _editable_desks() -> list[Unit]:
    actor = current_actor()
    query = queries.visible_units(actor).where(Unit.kind == UnitKind.DESK, Unit.closed_on.is_(None)).order_by(Unit.code)
    return [unit for unit in db.session.scalars(query.limit(50)) if can(actor, "duty.edit", unit)]


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
            raise Refused(Reason(N_("From: write day and time."), {}, "begins_at"))
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
    key = row_id(given)
    if key is None or key not in _people():
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
