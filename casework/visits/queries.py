"""Whose turn it is to go to which firm, worked out anew each time from liaisons, absences, plans and last contacts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from casework.accounts.models import User
from casework.areas.models import Area
from casework.enterprises import queries as enterprises
from casework.enterprises.models import REACHED, Enterprise, Liaison
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, can
from casework.kernel.rhythm import Rhythm, due_on
from casework.kernel.time import at_local, local_day
from casework.roster import duty
from casework.roster.models import Posting
from casework.roster.queries import HANDLERS, valid_on
from casework.roster.rules import who_goes
from casework.visits.models import Appointment, AppointmentState, DayTurn, VisitPlan, VisitPreset
from casework.visits.policy import READ
from casework.visits.rules import AHEAD, Part, part_of

_SHOWN = (
    *(Enterprise.name, Enterprise.address, Enterprise.active, Enterprise.contacted_on, Enterprise.area_id),
    *(Enterprise.city_id, Enterprise.district_id, Enterprise.subdistrict_id, Enterprise.community_id),
)
_BY_SIZE, _OTHERS = orm.aliased(VisitPreset), orm.aliased(VisitPreset)


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm as somebody goes to it: where it lies, how often, who answers for it and who goes today instead.

    ``unit_ids`` and ``holder_ids`` are what permissions ask; they are filled in for one firm, not for a list.
    """

    id: int
    name: str
    address: str
    contacted_on: date | None
    active: bool
    place: str
    place_code: str
    area_ids: frozenset[int]
    officer_id: int | None
    deputy_id: int | None
    plan: VisitPlan | None
    rhythm: Rhythm | None
    since: date | None
    given_to: int | None
    position: int | None
    unit_ids: frozenset[int] = frozenset()
    holder_ids: frozenset[int] = frozenset()
    domain: str = ""

    @property
    def chain(self) -> tuple[int | None, ...]:
        """Who goes: the person that the plan names, else the officer, else the deputy."""
        return (self.plan.visitor_id if self.plan else None, self.officer_id, self.deputy_id)

    @property
    def due_on(self) -> date | None:
        """The day of the next visit; None: nobody planned one."""
        if self.rhythm is None or self.since is None or not self.active:
            return None
        return due_on(self.rhythm, last=self.contacted_on, since=self.since)


@dataclass(frozen=True, slots=True)
class Stop:
    """A firm on somebody's route: due by its plan, or agreed for a day and time, or both."""

    firm: Firm
    part: Part
    goer_id: int | None
    due_on: date
    appointment: Appointment | None = None


def _firms(condition: sa.ColumnElement[bool], day: date) -> list[Firm]:
    """Firms with plan or preset, liaison and what changed on one day: one query."""
    here = sa.and_(_BY_SIZE.district_id == Enterprise.district_id, _BY_SIZE.size == Enterprise.size)
    query = (
        sa.select(Enterprise, VisitPlan, Area.name, Area.code, Liaison.officer_id, Liaison.deputy_id)
        .add_columns(
            sa.func.coalesce(_BY_SIZE.every_days, _OTHERS.every_days),
            sa.func.coalesce(_BY_SIZE.since, _OTHERS.since),
            DayTurn.to_user_id,
            DayTurn.position,
            Enterprise.contacted_on,  # as it stands, whatever the session holds of the firm
        )
        .join(Area, Area.id == sa.func.coalesce(Enterprise.community_id, Enterprise.area_id))
        .outerjoin(VisitPlan, VisitPlan.enterprise_id == Enterprise.id)
        .outerjoin(_BY_SIZE, sa.and_(here, Enterprise.size != ""))
        .outerjoin(_OTHERS, sa.and_(_OTHERS.district_id == Enterprise.district_id, _OTHERS.size == ""))
        .outerjoin(Liaison, sa.and_(Liaison.enterprise_id == Enterprise.id, Liaison.to_on.is_(None)))
        .outerjoin(DayTurn, sa.and_(DayTurn.enterprise_id == Enterprise.id, DayTurn.day == day))
        .where(condition)
        .options(orm.load_only(*_SHOWN))
    )
    return [_firm(row) for row in db.session.execute(query)]


def _firm(row: Any) -> Firm:
    firm, plan, place, code, officer_id, deputy_id, every, since, given_to, position, contacted_on = row
    rhythm = Rhythm(plan.every_days, plan.weekday) if plan else Rhythm(every) if every else None
    return Firm(
        id=firm.id,
        name=firm.name,
        address=firm.address,
        contacted_on=contacted_on,
        active=firm.active,
        place=place,
        place_code=code,
        area_ids=firm.area_ids,
        officer_id=officer_id,
        deputy_id=deputy_id,
        plan=plan,
        rhythm=rhythm,
        since=plan.since if plan else since,
        given_to=given_to,
        position=position,
    )


def firms_of(people: Collection[int], day: date, *more: sa.ColumnElement[bool]) -> list[Firm]:
    """The firms in business to which one of the people may have to go, under further conditions."""
    return _firms(sa.and_(_reach(people, day), *more), day)


def _reach(people: Collection[int], day: date) -> sa.ColumnElement[bool]:
    """The firms in business that could be on the route of one of the people."""
    answering = {*people, *duty.stood_in_for(people, day)}
    held = sa.or_(Liaison.officer_id.in_(answering), Liaison.deputy_id.in_(answering))
    agreed = sa.and_(Appointment.visitor_id.in_(people), Appointment.state == AppointmentState.AGREED)
    ways: Any = sa.union(
        sa.select(Liaison.enterprise_id).where(held, Liaison.to_on.is_(None)),
        sa.select(VisitPlan.enterprise_id).where(VisitPlan.visitor_id.in_(answering)),
        sa.select(DayTurn.enterprise_id).where(DayTurn.to_user_id.in_(people), DayTurn.day == day),
        sa.select(Appointment.enterprise_id).where(agreed),
    )
    return sa.and_(Enterprise.active.is_(True), Enterprise.id.in_(ways))


def _agreed(keys: Sequence[int], day: date) -> dict[int, list[Appointment]]:
    """What stands agreed with the firms up to a week ahead, and what was missed, by firm."""
    before = end_of(day + AHEAD)
    query = sa.select(Appointment).where(
        Appointment.enterprise_id.in_(keys), Appointment.state == AppointmentState.AGREED, Appointment.at < before
    )
    found: dict[int, list[Appointment]] = {}
    for row in db.session.scalars(query.order_by(Appointment.at, Appointment.id)):
        found.setdefault(row.enterprise_id, []).append(row)
    return found


def stops(people: Collection[int], day: date) -> list[Stop]:
    """The stops of some people on a day, in six queries for any number of them; in no order.

    Where somebody went today and met nobody the stop is off the route until tomorrow.
    """
    firms = _firms(_reach(people, day), day)
    agreed = _agreed([firm.id for firm in firms], day)
    chains = {key for firm in firms for key in firm.chain}
    chains |= {row.visitor_id for rows in agreed.values() for row in rows}
    out = duty.out_on({key for key in chains if key}, day)
    found = [stop for firm in firms for stop in _stops_of(firm, agreed.get(firm.id, []), out, day)]
    found = [stop for stop in found if stop.goer_id in people]
    tried = _tried([stop.firm.id for stop in found if stop.part is not Part.AHEAD], day)
    return [stop for stop in found if stop.part is Part.AHEAD or stop.firm.id not in tried]


def _stops_of(firm: Firm, agreed: Sequence[Appointment], out: Mapping[int, int | None], day: date) -> list[Stop]:
    found: list[Stop] = []
    due = firm.due_on
    if due is not None and due <= day:
        found.append(Stop(firm, part_of(due, day) or Part.TODAY, firm.given_to or who_goes(firm.chain, out), due))
    for row in agreed:
        on = local_day(row.at)
        goer = (firm.given_to if on <= day else None) or who_goes((row.visitor_id, *firm.chain), out)
        same = next((stop for stop in found if stop.goer_id == goer and stop.appointment is None), None)
        if same is not None and on <= day:
            found[found.index(same)] = replace(same, appointment=row)
        elif part := part_of(on, day):
            found.append(Stop(firm, part, goer, on, row))
    return found


def _tried(keys: Sequence[int], day: date) -> set[int]:
    """Those of the firms where somebody went on this day and nobody was met since."""
    last = enterprises.last_entries(keys)
    return {key for key, entry in last.items() if entry.day == day and entry.met not in REACHED}


def visible_stop(key: int, *, to: Actor, day: date) -> Firm:
    """A firm that the actor goes to, by liaison, plan, appointment or for this one day, or somebody of their team.

    Raises:
        NotFound: there is none, or it is none of theirs: the same answer for both.
    """
    found = stop_of(key, day)
    if found is None or not can(to, READ, found):
        raise NotFound("stop")
    return found


def stop_of(key: int, day: date) -> Firm | None:
    """A firm as a stop, with all who go to it on a day, for permissions to look at."""
    firm = next(iter(_firms(Enterprise.id == key, day)), None)
    if firm is None:
        return None
    agreed = sa.select(Appointment.visitor_id).where(
        Appointment.enterprise_id == key,
        Appointment.state == AppointmentState.AGREED,
        Appointment.visitor_id.is_not(None),
    )
    people = {person for person in (*firm.chain, firm.given_to, *db.session.scalars(agreed)) if person}
    goer = who_goes(firm.chain, duty.out_on({person for person in firm.chain if person}, day))
    people |= {goer} if goer else set()
    teams = sa.select(Posting.unit_id).where(Posting.user_id.in_(people), valid_on(day))
    return replace(firm, holder_ids=frozenset(people), unit_ids=frozenset(db.session.scalars(teams)))


def goer_of(firm: Firm, day: date) -> int | None:
    """Who goes to a firm on a day by its plan."""
    return firm.given_to or who_goes(firm.chain, duty.out_on({person for person in firm.chain if person}, day))


def appointments_of(enterprise_id: int) -> Sequence[Appointment]:
    """What stands agreed with a firm, next first."""
    query = sa.select(Appointment).where(
        Appointment.enterprise_id == enterprise_id, Appointment.state == AppointmentState.AGREED
    )
    return db.session.scalars(query.order_by(Appointment.at, Appointment.id).limit(20)).all()


def appointment(key: int, *, to: Actor, day: date) -> tuple[Appointment, Firm]:
    """What was agreed, with the firm.

    Raises:
        NotFound: there is none, or the firm is none of theirs.
    """
    found = db.session.get(Appointment, key)
    if found is None:
        raise NotFound("appointment")
    return found, visible_stop(found.enterprise_id, to=to, day=day)


def new_turn(key: str, day: date) -> DayTurn:
    """A stop of one day of which nothing was changed yet; ``key`` is f and a firm's id, or r and a resident's."""
    kind, number = key[0], int(key[1:])
    firm_id, resident_id = (number, None) if kind == "f" else (None, number)
    return DayTurn(day=day, enterprise_id=firm_id, resident_id=resident_id)


def turns_of(keys: Collection[str], day: date) -> dict[str, DayTurn]:
    """What was changed on a day at some stops, by their key."""
    firms = [int(key[1:]) for key in keys if key[0] == "f"]
    residents = [int(key[1:]) for key in keys if key[0] == "r"]
    subjects = sa.or_(DayTurn.enterprise_id.in_(firms), DayTurn.resident_id.in_(residents))
    rows = db.session.scalars(sa.select(DayTurn).where(DayTurn.day == day, subjects))
    return {f"f{row.enterprise_id}" if row.enterprise_id else f"r{row.resident_id}": row for row in rows}


def serves(user_id: int, area_ids: frozenset[int] | None, day: date) -> bool:
    """Whether a person with an open account is officer, lead or helper, in one of the areas if any are given."""
    query = sa.select(Posting.id).join(User, User.id == Posting.user_id)
    query = query.where(
        Posting.user_id == user_id, Posting.role.in_(HANDLERS), valid_on(day), User.disabled_at.is_(None)
    )
    query = query.where(Posting.area_id.in_(sorted(area_ids))) if area_ids is not None else query
    return db.session.scalar(query.limit(1)) is not None


def people_for(area_ids: frozenset[int], day: date) -> list[tuple[int, str]]:
    """Who may be sent to a place: its officers, leads and helpers of the day, by name."""
    query = (
        sa.select(User.id, User.name)
        .join(Posting, Posting.user_id == User.id)
        .where(
            Posting.role.in_(HANDLERS),
            Posting.area_id.in_(sorted(area_ids)),
            valid_on(day),
            User.disabled_at.is_(None),
        )
    )
    return [(row[0], row[1]) for row in db.session.execute(query.distinct().order_by(User.name, User.id))]


def care_positions(keys: Sequence[int], day: date) -> dict[int, int | None]:
    """Where residents were put on a day's route by hand."""
    query = sa.select(DayTurn.resident_id, DayTurn.position).where(DayTurn.resident_id.in_(keys), DayTurn.day == day)
    return {row[0] or 0: row[1] for row in db.session.execute(query)} if keys else {}


def end_of(day: date) -> datetime:
    """The moment at which a day is over."""
    return at_local(day + timedelta(days=1))
