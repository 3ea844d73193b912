"""Who should hand over soon: postings that end, people away for long, who left with something still held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy import orm

from casework.accounts.models import User
from casework.areas.models import Area
from casework.areas.queries import within
from casework.cases.models import Assignment
from casework.enterprises.models import Liaison
from casework.handover.models import Handover
from casework.handover.rules import AHEAD, LONG
from casework.handover.words import OPEN_STAGES, Why
from casework.kernel.db import db
from casework.kernel.permissions import Actor, Role
from casework.roster.models import Absence, AbsenceKind, Posting
from casework.roster.queries import HANDLERS

MOST = 50


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody who should hand over: why, and the last day or the first day away. ``over``: the day is past."""

    user_id: int
    name: str
    why: Why
    day: date
    over: bool


def suggested(actor: Actor, today: date) -> list[Suggestion]:
    """Those among oneself, one's team and one's district, the most pressing first; who holds nothing is left out."""
    scope = _scope(actor)
    found = {one.user_id: one for one in [*_away(scope, today), *_ending(scope, today)]}
    return sorted(found.values(), key=lambda one: (one.day, one.user_id))


def _scope(actor: Actor) -> sa.ColumnElement[bool]:
    units = [duty.unit_id for duty in actor.duties if duty.role is Role.LEAD]
    districts = [
        Posting.area_id.in_(sa.select(Area.id).where(within(duty.area_id, duty.area_level)))
        for duty in actor.duties
        if duty.role is Role.DISTRICT_ADMIN
    ]
    return sa.or_(Posting.user_id == actor.user_id, Posting.unit_id.in_(units), *districts)


def _holding() -> Sequence[sa.ColumnElement[bool]]:
    """That somebody holds a firm or a case, and that no hand-over is under way."""
    firm = sa.exists().where(Liaison.officer_id == User.id, Liaison.to_on.is_(None))
    deputy = sa.exists().where(Liaison.deputy_id == User.id, Liaison.to_on.is_(None))
    case = sa.exists().where(Assignment.user_id == User.id, Assignment.to_at.is_(None))
    under_way = sa.exists().where(Handover.leaver_id == User.id, Handover.stage.in_(OPEN_STAGES))
    return (sa.or_(firm, deputy, case), ~under_way)


def _ending(scope: sa.ColumnElement[bool], today: date) -> list[Suggestion]:
    until = today + timedelta(days=AHEAD)
    other = orm.aliased(Posting)
    goes_on = sa.exists().where(
        other.user_id == User.id,
        other.role.in_(HANDLERS),
        sa.or_(other.to_on.is_(None), other.to_on > until),
    )
    query = (
        sa.select(User.id, User.name, sa.func.max(Posting.to_on))
        .join(Posting, Posting.user_id == User.id)
        .where(scope, Posting.role.in_(HANDLERS), Posting.to_on <= until, ~goes_on, *_holding())
        .group_by(User.id, User.name)
        .order_by(sa.func.max(Posting.to_on), User.id)
        .limit(MOST)
    )
    rows = db.session.execute(query).all()
    return [Suggestion(key, name, Why.POSTING, day, day < today) for key, name, day in rows if day]


def _away(scope: sa.ColumnElement[bool], today: date) -> list[Suggestion]:
    query = (
        sa.select(User.id, User.name, Absence.kind, Absence.from_on, Absence.to_on)
        .join(Absence, Absence.user_id == User.id)
        .where(
            User.id.in_(sa.select(Posting.user_id).where(scope)),
            Absence.to_on >= today,
            Absence.from_on <= today + timedelta(days=AHEAD),
            *_holding(),
        )
        .order_by(Absence.from_on.desc(), Absence.id)
        .limit(MOST)
    )
    return [
        Suggestion(key, name, Why.ILL if kind == AbsenceKind.ILL else Why.LEAVE, start, start < today)
        for key, name, kind, start, end in db.session.execute(query)
        if (end - start).days + 1 >= LONG
    ]
