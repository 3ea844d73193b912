"""Visits in somebody's days: agreed for a day and time, due by the rhythm, done; the first two can be put elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from casework.agenda.entries import Ask, Entry, Kind, Movable, Put
from casework.enterprises.models import ContactEntry, Enterprise
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Reason
from casework.kernel.permissions import Actor, Known, can
from casework.kernel.time import at_local, local_day
from casework.roster import duty
from casework.roster.rules import who_goes
from casework.visits import policy, queries, service
from casework.visits.models import Appointment, AppointmentState
from casework.visits.queries import Firm
from casework.visits.rules import MET

AGREED, DUE = N_("Visit agreed"), N_("Visit due")
TOLD = N_("A visit is agreed for the day that you choose. The next one is counted from when it is logged.")
MORNING = 9 * 60
HOUR = timedelta(hours=1)


def agreed(ask: Ask) -> list[Entry]:
    """The visits that are agreed for these days, with those who go."""
    standing = sa.and_(Appointment.state == AppointmentState.AGREED, Appointment.at.between(ask.since, ask.until))
    meant = Enterprise.id.in_(sa.select(Appointment.enterprise_id).where(standing))
    firms = {firm.id: firm for firm in queries.firms_of(ask.people, ask.today, meant)}
    query = sa.select(Appointment).where(Appointment.enterprise_id.in_(firms), standing)
    rows = db.session.scalars(query.order_by(Appointment.at, Appointment.id).limit(ask.most)).all() if firms else []
    out = _out(ask, [(row.visitor_id, *firms[row.enterprise_id].chain) for row in rows])
    found = []
    for row in rows:
        firm = firms[row.enterprise_id]
        given = firm.given_to if local_day(row.at) == ask.today else None
        goer = given or who_goes((row.visitor_id, *firm.chain), out)
        if goer in ask.people:
            found.append(_agreed(row, firm, goer or 0, ask))
    return found


def _agreed(row: Appointment, firm: Firm, goer: int, ask: Ask) -> Entry:
    return Entry(
        kind=Kind.VISIT,
        uid=f"appointment-{row.id}",
        user_id=goer,
        begins=row.at,
        ends=row.at + HOUR,
        what=Reason(AGREED),
        known=Known("", firm.name),
        path=_path(firm.id, ask.viewer),
        detail=" · ".join(filter(None, (row.with_whom, row.about))),
        late=row.at < ask.now,
        move=f"{Kind.VISIT}/{row.id}" if ask.plans_for(goer) else "",
        version=row.version,
    )


def due(ask: Ask) -> list[Entry]:
    """The firms that are due for a visit on these days and have none agreed; what is overdue is due today."""
    if ask.last < ask.today:
        return []
    # The rhythm is a day at least: whoever was contacted on the last day is not due by then.
    firms = queries.firms_of(ask.people, ask.today, _could_be_due(ask))
    firms = [firm for firm in firms if firm.due_on and firm.due_on <= ask.last]
    out = _out(ask, [firm.chain for firm in firms])
    found = []
    for firm in sorted(firms, key=lambda one: (one.due_on, one.place_code, one.id))[: ask.most]:
        day = max(firm.due_on or ask.today, ask.today)
        goer = (firm.given_to if day == ask.today else None) or who_goes(firm.chain, out)
        if goer in ask.people and day >= ask.first:
            found.append(_due(firm, goer or 0, ask))
    return found


def _could_be_due(ask: Ask) -> sa.ColumnElement[bool]:
    coming = sa.exists().where(
        Appointment.enterprise_id == Enterprise.id,
        Appointment.state == AppointmentState.AGREED,
        Appointment.at >= at_local(ask.today),
    )
    spoken = sa.or_(Enterprise.contacted_on.is_(None), Enterprise.contacted_on < ask.last)
    return sa.and_(spoken, sa.not_(coming))


def _due(firm: Firm, goer: int, ask: Ask) -> Entry:
    day = firm.due_on or ask.today
    return Entry(
        kind=Kind.DUE,
        uid=f"due-{firm.id}",
        user_id=goer,
        begins=max(day, ask.today),
        what=Reason(DUE),
        known=Known("", firm.name),
        path=_path(firm.id, ask.viewer),
        detail=firm.place,
        late=day < ask.today,
        move=f"{Kind.DUE}/{firm.id}" if ask.plans_for(goer) else "",
    )


def done(ask: Ask) -> list[Entry]:
    """The calls and visits that were written down on these days."""
    query = (
        sa.select(ContactEntry, Enterprise.name)
        .join(Enterprise, Enterprise.id == ContactEntry.enterprise_id)
        .where(ContactEntry.by_id.in_(ask.people), ContactEntry.day.between(ask.first, ask.last))
        .order_by(ContactEntry.day.desc(), ContactEntry.id.desc())
        .limit(ask.most)
    )
    return [
        Entry(
            kind=Kind.DONE,
            uid=f"contact-{entry.id}",
            user_id=entry.by_id,
            begins=entry.at,
            what=Reason(MET.get(entry.met, MET["spoke"])),
            known=Known("", name),
            path=_path(entry.enterprise_id, ask.viewer),
        )
        for entry, name in db.session.execute(query)
    ]


def _path(firm_id: int, viewer: Actor) -> str:
    """Where a firm is for somebody: the stop for those who go there, else its page."""
    return f"/visits/{firm_id}" if can(viewer, policy.READ) else f"/enterprises/{firm_id}"


def _out(ask: Ask, chains: Sequence[Sequence[int | None]]) -> Mapping[int, int | None]:
    return duty.out_on({key for chain in chains for key in chain if key}, ask.today)


# -- put on another day


def movable_visit(key: int, actor: Actor, now: datetime) -> Movable:
    """A visit that was agreed.

    Raises:
        NotFound: there is none, or the firm is none of theirs.
    """
    row, firm = queries.appointment(key, to=actor, day=local_day(now))

    def put(at: datetime, reason: str, now: datetime) -> Put:
        was = row.at
        service.move(row, firm, at=at, visitor_id=row.visitor_id, reason=reason, actor=actor, now=now)
        return Put(Kind.VISIT, row.id, row.version, was)

    return Movable(
        what=Reason(AGREED),
        title=firm.name,
        begins=row.at,
        path=f"/visits/{firm.id}",
        row=row,
        put=put,
        drop=partial(_cancel, row, firm, actor),
    )


def _cancel(row: Appointment, firm: Firm, actor: Actor, reason: str, now: datetime) -> None:
    service.cancel(row, firm, reason=reason, actor=actor, now=now)


def movable_due(key: int, actor: Actor, now: datetime) -> Movable:
    """A visit that is due by the rhythm: put on a day it is agreed for it, at the hour that suits.

    Raises:
        NotFound: the firm is none of theirs, or no visit is planned there.
    """
    today = local_day(now)
    firm = queries.visible_stop(key, to=actor, day=today)
    if firm.due_on is None:
        raise NotFound("due")
    begins = firm.plan.begins if firm.plan and firm.plan.begins is not None else MORNING
    about = firm.plan.ask if firm.plan else ""

    def put(at: datetime, _reason: str, now: datetime) -> Put:
        made = service.agree(firm, at=at, with_whom="", about=about, visitor_id=None, actor=actor, now=now)
        return Put(Kind.VISIT, made.id, made.version, None)

    return Movable(
        what=Reason(DUE),
        title=firm.name,
        begins=at_local(max(firm.due_on, today), begins // 60, begins % 60),
        path=f"/visits/{firm.id}",
        asks_reason=False,
        told=Reason(TOLD),
        put=put,
    )
