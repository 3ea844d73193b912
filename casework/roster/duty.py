"""Who is away and who stands in, and who has the desk: reads and writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import orm

from casework import audit
from casework.accounts.models import User
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.permissions import Actor, Role, authorise, can
from casework.kernel.time import at_local, local, local_day
from casework.roster import pairs, queries, rules
from casework.roster.events import AbsenceEnded, AbsenceNoted, ShiftCancelled, ShiftsPlanned
from casework.roster.models import Absence, DutyShift, Posting, Unit, UnitKind

ON_DESK = (Role.DESK, Role.OFFICER, Role.LEAD, Role.DISTRICT_ADMIN)
PLANNED = 400


def serves_in(user_id: int, unit_id: int, day: date, roles: Sequence[Role] = ON_DESK) -> bool:
    """Whether a person with an open account has a posting in the unit on this day."""
    query = sa.select(Posting.id).join(User, User.id == Posting.user_id)
    query = query.where(
        Posting.user_id == user_id,
        Posting.unit_id == unit_id,
        Posting.role.in_(roles),
        queries.valid_on(day),
        User.disabled_at.is_(None),
    )
    return db.session.scalar(query.limit(1)) is not None


def away(user_ids: Iterable[int], day: date) -> dict[int, Absence]:
    """Those of the people who are away on this day, with their absence."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return {}
    query = sa.select(Absence).where(Absence.user_id.in_(wanted), Absence.from_on <= day, Absence.to_on >= day)
    return {row.user_id: row for row in db.session.scalars(query.order_by(Absence.id))}


def out_on(user_ids: Iterable[int], day: date) -> dict[int, int | None]:
    """Those of the people who are away on this day or serve nowhere any more, with who stands in."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return {}
    serving = (
        sa.select(Posting.user_id)
        .join(User, User.id == Posting.user_id)
        .where(
            Posting.user_id.in_(wanted),
            Posting.role.in_(queries.HANDLERS),
            queries.valid_on(day),
            User.disabled_at.is_(None),
        )
    )
    there = set(db.session.scalars(serving))
    gone: dict[int, int | None] = {key: None for key in wanted if key not in there}
    return gone | {key: absence.deputy_id for key, absence in away(wanted, day).items()}


def stood_in_for(user_ids: Iterable[int], day: date) -> set[int]:
    """Those for whom one of the people stands in on this day."""
    query = sa.select(Absence.user_id).where(
        Absence.deputy_id.in_(list(user_ids)), Absence.from_on <= day, Absence.to_on >= day
    )
    return set(db.session.scalars(query))


def absences_of(user_id: int, today: date) -> list[Absence]:
    """Present and coming absences of a person, next first."""
    return absences_among([user_id], today)


def absences_among(user_ids: Iterable[int], today: date) -> list[Absence]:
    """Present and coming absences of some people, next first."""
    query = sa.select(Absence).where(Absence.user_id.in_(list(user_ids)), Absence.to_on >= today)
    return list(db.session.scalars(query.order_by(Absence.from_on, Absence.id).limit(200)))


def _posted(user: User, today: date) -> Posting:
    """The posting by which somebody may speak for a person: any of today.

    Raises:
        Refused: the person serves nowhere today.
    """
    found = [posting for posting in queries.postings_of(user.id) if posting.is_valid_on(today)]
    if not found:
        raise Refused(because(N_("This person serves nowhere today.")))
    return found[0]


def note_absence(
    user: User, *, kind: str, from_on: date, to_on: date, deputy_id: int | None, actor: Actor, now: datetime
) -> Absence:
    """Note that a person is away, and who stands in; for oneself, one's team or one's district.

    Raises:
        NotPermitted: it is another person, and neither one's team nor one's district.
        Refused: days the wrong way round or long past, days noted already, or nobody who could stand in.
    """
    today = local_day(now)
    posting = _posted(user, today)
    if actor.user_id != user.id:
        authorise(actor, "duty.edit", posting)
    reasons = rules.absence_objections(from_on, to_on, today)
    if any(from_on <= other.to_on and to_on >= other.from_on for other in absences_of(user.id, today)):
        reasons.append(because(N_("Some of these days are noted already: end the earlier absence first."), "from_on"))
    deputy = db.session.get(User, deputy_id) if deputy_id else None
    if deputy_id and (
        deputy is None or deputy.id == user.id or not serves_in(deputy.id, posting.unit_id, today, queries.HANDLERS)
    ):
        reasons.append(because(N_("Stands in: pick a colleague of the same unit."), "deputy_id"))
    if reasons:
        raise Refused(reasons)
    absence = Absence(user_id=user.id, kind=kind, from_on=from_on, to_on=to_on, deputy_id=deputy.id if deputy else None)
    db.session.add(absence)
    fact = AbsenceNoted(user.id, user.name, kind, from_on, to_on, deputy.name if deputy else "")
    audit.record(fact, by=actor, at=now)
    return absence


def end_absence(user: User, absence_id: int, *, actor: Actor, now: datetime) -> None:
    """Somebody is back: the absence ends yesterday, and goes altogether when it had not begun.

    Raises:
        NotFound: it is none of theirs, or over.
        NotPermitted: see ``note_absence``.
    """
    today = local_day(now)
    found = next((row for row in absences_of(user.id, today) if row.id == absence_id), None)
    if found is None:
        raise NotFound("absence")
    if actor.user_id != user.id:
        authorise(actor, "duty.edit", _posted(user, today))
    yesterday = today - timedelta(days=1)
    if found.from_on > yesterday:
        db.session.delete(found)
    else:
        found.to_on = yesterday
    audit.record(AbsenceEnded(user.id, user.name, yesterday), by=actor, at=now)


def plan_shifts(
    unit: Unit, *, user_id: int, begins_at: datetime, ends_at: datetime, weeks: int = 1, actor: Actor, now: datetime
) -> int:
    """Give a person the desk, the same time each week for so many weeks; returns how many shifts were new.

    Raises:
        NotPermitted: the unit is not the actor's.
        Refused: times the wrong way round, or a person who does not serve in the unit then.
    """
    authorise(actor, "duty.edit", unit)
    if reasons := rules.shift_objections(begins_at, ends_at, weeks):
        raise Refused(reasons)
    user = db.session.get(User, user_id)
    if user is None or not serves_in(user_id, unit.id, local_day(begins_at)):
        raise Refused(because(N_("Who: pick somebody who serves in this unit on that day."), "user_id"))
    known = set(
        db.session.scalars(
            sa.select(DutyShift.begins_at).where(
                DutyShift.unit_id == unit.id, DutyShift.user_id == user_id, DutyShift.ends_at >= begins_at
            )
        )
    )
    starts = [begins_at + timedelta(weeks=week) for week in range(weeks)]
    fresh = [start for start in starts if start not in known]
    lasts = ends_at - begins_at
    db.session.add_all(
        DutyShift(unit_id=unit.id, user_id=user_id, begins_at=start, ends_at=start + lasts) for start in fresh
    )
    if fresh:
        fact = ShiftsPlanned(user.id, user.name, unit.id, unit.name, _said(begins_at), _said(ends_at), weeks)
        audit.record(fact, by=actor, at=now)
    return len(fresh)


def _said(moment: datetime) -> str:
    return local(moment).strftime("%Y-%m-%d %H:%M")


def cancel_shift(unit: Unit, shift_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a shift that has not ended off the plan.

    Raises:
        NotFound: it is none of the unit's, or over.
        NotPermitted: the unit is not the actor's.
    """
    authorise(actor, "duty.edit", unit)
    shift = db.session.get(DutyShift, shift_id)
    if shift is None or shift.unit_id != unit.id or shift.ends_at <= now:
        raise NotFound("shift")
    fact = ShiftCancelled(shift.user_id, shift.user.name, unit.name, _said(shift.begins_at))
    db.session.delete(shift)
    audit.record(fact, by=actor, at=now)


def shifts_between(unit_ids: Sequence[int], begin: datetime, end: datetime) -> list[DutyShift]:
    """The shifts of some desks that touch a time, in order, with their people."""
    query = (
        sa.select(DutyShift)
        .options(orm.joinedload(DutyShift.user), orm.joinedload(DutyShift.unit))
        .where(DutyShift.unit_id.in_(list(unit_ids)), DutyShift.ends_at > begin, DutyShift.begins_at < end)
        .order_by(DutyShift.begins_at, DutyShift.id)
        .limit(PLANNED)
    )
    return list(db.session.scalars(query))


@dataclass(frozen=True, slots=True)
class Answering:
    """Somebody who answers at a desk; ``for_name`` is whom they stand in for, blank on their own shift."""

    unit: Unit
    user_id: int
    name: str
    ends_at: datetime
    for_name: str = ""


def answering(shifts: Sequence[DutyShift], at: datetime) -> list[Answering]:
    """Who answers at this moment of these shifts: for who is away the one who stands in, else nobody."""
    running = [shift for shift in shifts if shift.begins_at <= at < shift.ends_at]
    day = local_day(at)
    gone = away((shift.user_id for shift in running), day)
    deputies = pairs.stand_ins(gone, day)
    deputies = {who: deputy for who, deputy in deputies.items() if deputy not in away(deputies.values(), day)}
    known = queries.names(deputies.values())
    found = []
    for shift in running:
        if shift.user_id not in gone:
            found.append(Answering(shift.unit, shift.user_id, shift.user.name, shift.ends_at))
        elif deputy := deputies.get(shift.user_id):
            found.append(Answering(shift.unit, deputy, known.get(deputy, ""), shift.ends_at, shift.user.name))
    return found


def gaps(unit_ids: Sequence[int], begin: datetime, end: datetime) -> dict[int, list[rules.Stretch]]:
    """When nobody has the desk, by desk: nobody planned, or who is planned is away that day and nobody stands in."""
    shifts = shifts_between(unit_ids, begin, end) if unit_ids else []
    alone = _away_alone({one.user_id for one in shifts}, local_day(begin), local_day(end))
    shifts = [one for one in shifts if (one.user_id, local_day(one.begins_at)) not in alone]
    found = {}
    for unit_id in unit_ids:
        times = [(one.begins_at, one.ends_at, one.user.name) for one in shifts if one.unit_id == unit_id]
        found[unit_id] = [part for part in rules.stretches(times, begin, end) if not part.names]
    return found


def _away_alone(user_ids: Collection[int], first: date, last: date) -> set[tuple[int, date]]:
    """Person and day of the absences between two days in which nobody stands in."""
    touching = sa.select(Absence).where(Absence.user_id.in_(user_ids), Absence.from_on <= last, Absence.to_on >= first)
    rows = list(db.session.scalars(touching)) if user_ids else []
    deputies = pairs.stand_ins({row.user_id: row for row in rows}, first)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    alone = [row for row in rows if not row.deputy_id and row.user_id not in deputies]
    return {(row.user_id, day) for row in alone for day in days if row.from_on <= day <= row.to_on}


def desks_planned_by(actor: Actor) -> list[Unit]:
    """The open desks whose plan is the actor's, by code."""
    query = queries.visible_units(actor).where(Unit.kind == UnitKind.DESK, Unit.closed_on.is_(None))
    query = query.options(orm.joinedload(Unit.area)).order_by(Unit.code).limit(50)
    return [unit for unit in db.session.scalars(query) if can(actor, "duty.edit", unit)]


def copy_week(unit: Unit, monday: date, *, actor: Actor, now: datetime) -> int:
    """Plan a week as the one before it was; returns how many shifts are new. Who no longer serves is left out.

    Raises:
        NotPermitted: the unit is not the actor's.
        Refused: the week before has no shifts, or the week is over.
    """
    authorise(actor, "duty.edit", unit)
    begin = at_local(monday)
    if begin + timedelta(weeks=1) <= now:
        raise Refused(because(N_("This week is over: choose a later one."), "week"))
    earlier = shifts_between([unit.id], begin - timedelta(weeks=1), begin)
    earlier = [one for one in earlier if one.begins_at >= begin - timedelta(weeks=1)]
    if not earlier:
        raise Refused(because(N_("The week before has no shifts to copy."), "week"))
    count = 0
    for one in earlier:
        starts, ends = one.begins_at + timedelta(weeks=1), one.ends_at + timedelta(weeks=1)
        if ends > now and serves_in(one.user_id, unit.id, local_day(starts)):
            count += plan_shifts(unit, user_id=one.user_id, begins_at=starts, ends_at=ends, actor=actor, now=now)
    return count


def on_duty(area_ids: Iterable[int], at: datetime) -> list[Answering]:
    """Who answers at this moment at the desks of a place: nobody who is away."""
    desks = [unit.id for unit in queries.units_in(area_ids, kind=UnitKind.DESK)]
    return answering(shifts_between(desks, at, at + timedelta(seconds=1)) if desks else [], at)
