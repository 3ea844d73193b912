"""The kinds of things that this package itself can pass on: firms, cases, promises, shifts; and what follows a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.areas.models import Area
from casework.coverage.events import LiaisonsAssigned
from casework.enterprises.models import Enterprise, Liaison
from casework.enterprises.service import hand_over
from casework.handover import case_kinds
from casework.handover.people_events import ShiftsHandedOver
from casework.handover.serving import serves
from casework.handover.things import FOLLOWING, KINDS, Following, Kind, Passing, Thing
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.permissions import Role
from casework.kernel.time import at_local, local, local_day
from casework.roster.duty import ON_DESK
from casework.roster.models import DutyShift, Unit
from casework.roster.queries import HANDLERS, names

ANSWERING = (Role.OFFICER, Role.LEAD)
MOST = 5000


# -- firms


def _firms(column: Any, kind: str) -> Callable[[int, datetime], list[Thing]]:
    def held(user_id: int, now: datetime) -> list[Thing]:
        query = (
            sa.select(Enterprise.id, Enterprise.name, Enterprise.address, Area.name)
            .join(Liaison, Liaison.enterprise_id == Enterprise.id)
            .outerjoin(Area, Area.id == sa.func.coalesce(Enterprise.community_id, Enterprise.area_id))
            .where(column == user_id, Liaison.to_on.is_(None))
            .order_by(Area.code, Enterprise.id)
            .limit(MOST)
        )
        return [
            Thing(
                kind=kind,
                ref=key,
                title=name,
                detail=address,
                href=f"/enterprises/{key}",
                group=place or "",
                enterprise_id=key if kind == "firm" else None,
            )
            for key, name, address, place in db.session.execute(query)
        ]

    return held


def _reached(things: Sequence[Thing], user_id: int, day: date) -> set[int]:
    """The firms that lie where a person serves as officer or lead."""
    _, areas = serves(user_id, day, ANSWERING)
    found = db.session.scalars(sa.select(Enterprise).where(Enterprise.id.in_([thing.ref for thing in things])))
    return {firm.id for firm in found if firm.area_ids & areas}


def _may_deputise(things: Sequence[Thing], user_id: int, day: date) -> set[int]:
    """Those of them whose officer is somebody else."""
    own = sa.select(Liaison.enterprise_id).where(Liaison.officer_id == user_id, Liaison.to_on.is_(None))
    return _reached(things, user_id, day) - set(db.session.scalars(own))


def _current(passing: Passing, column: Any) -> dict[tuple[int, int | None], list[int]]:
    """The firms that the leaver still has, by officer and deputy."""
    query = sa.select(Liaison).where(
        Liaison.enterprise_id.in_(passing.refs), Liaison.to_on.is_(None), column == passing.leaver.id
    )
    found: dict[tuple[int, int | None], list[int]] = {}
    for row in db.session.scalars(query.order_by(Liaison.id)):
        found.setdefault((row.officer_id, row.deputy_id), []).append(row.enterprise_id)
    return found


def _give(firm_ids: list[int], officer_id: int, deputy_id: int | None, passing: Passing) -> None:
    firms = list(db.session.scalars(sa.select(Enterprise).where(Enterprise.id.in_(firm_ids)).order_by(Enterprise.id)))
    today = local_day(passing.now)
    hand_over(firms, officer_id, deputy_id, today)
    known = names(key for key in (officer_id, deputy_id) if key)
    deputy = known.get(deputy_id or 0, "")
    fact = LiaisonsAssigned(
        officer_id, known[officer_id], len(firms), today, deputy=deputy, enterprises=sorted(firm_ids)
    )
    audit.record(fact, by=passing.actor, at=passing.now)


def _move_firms(passing: Passing) -> set[int]:
    """The successor is the officer from today; a deputy who becomes the officer leaves that place free."""
    moved: set[int] = set()
    for (_, deputy_id), ids in _current(passing, Liaison.officer_id).items():
        _give(ids, passing.successor.id, None if deputy_id == passing.successor.id else deputy_id, passing)
        moved |= set(ids)
    return moved


def _move_deputies(passing: Passing) -> set[int]:
    """The successor is the deputy from today, save where they are the officer by now."""
    moved: set[int] = set()
    for (officer_id, _), ids in _current(passing, Liaison.deputy_id).items():
        if officer_id != passing.successor.id:
            _give(ids, officer_id, passing.successor.id, passing)
            moved |= set(ids)
    return moved


# -- shifts


def _shifts(user_id: int, now: datetime) -> list[Thing]:
    """From tomorrow: today's shift is the leaver's own."""
    query = (
        sa.select(DutyShift, Unit.name)
        .join(Unit, Unit.id == DutyShift.unit_id)
        .where(DutyShift.user_id == user_id, DutyShift.begins_at >= at_local(local_day(now) + timedelta(days=1)))
        .order_by(DutyShift.begins_at, DutyShift.id)
        .limit(MOST)
    )
    return [
        Thing(
            kind="shift",
            ref=shift.id,
            title=f"{local(shift.begins_at):%Y-%m-%d %H:%M} – {local(shift.ends_at):%m-%d %H:%M}",
            detail=unit,
            href=f"/duty?at={local(shift.begins_at):%Y-%m-%dT%H:%M}",
            group=unit,
        )
        for shift, unit in db.session.execute(query)
    ]


def _at_the_desk(things: Sequence[Thing], user_id: int, day: date) -> set[int]:
    units, _ = serves(user_id, day, ON_DESK)
    query = sa.select(DutyShift.id).where(
        DutyShift.id.in_([thing.ref for thing in things]), DutyShift.unit_id.in_(units)
    )
    return set(db.session.scalars(query))


def _move_shifts(passing: Passing) -> set[int]:
    query = sa.select(DutyShift).where(
        DutyShift.id.in_(passing.refs), DutyShift.user_id == passing.leaver.id, DutyShift.begins_at > passing.now
    )
    found = list(db.session.scalars(query.order_by(DutyShift.id)))
    for shift in found:
        shift.user_id = passing.successor.id
    if found:
        fact = ShiftsHandedOver(passing.leaver.name, passing.successor.id, passing.successor.name, len(found))
        audit.record(fact, by=passing.actor, at=passing.now)
    return {shift.id for shift in found}


OURS = (
    Kind(
        name="firm",
        label=N_("Enterprises, as officer"),
        one=N_("%(num)s enterprise"),
        many=N_("%(num)s enterprises"),
        held=_firms(Liaison.officer_id, "firm"),
        fits=_reached,
        move=_move_firms,
    ),
    Kind(
        name="deputy",
        label=N_("Enterprises, as deputy"),
        one=N_("deputy for %(num)s enterprise"),
        many=N_("deputy for %(num)s enterprises"),
        held=_firms(Liaison.deputy_id, "deputy"),
        fits=_may_deputise,
        move=_move_deputies,
    ),
    Kind(
        name="case",
        label=N_("Cases, in the lead"),
        one=N_("%(num)s case"),
        many=N_("%(num)s cases"),
        held=case_kinds.cases("lead", "case"),
        fits=case_kinds.workable(ANSWERING),
        move=case_kinds.move_cases("lead"),
    ),
    Kind(
        name="support",
        label=N_("Cases, in support"),
        one=N_("support in %(num)s case"),
        many=N_("support in %(num)s cases"),
        held=case_kinds.cases("support", "support"),
        fits=case_kinds.workable(HANDLERS),
        move=case_kinds.move_cases("support"),
    ),
    Kind(
        name="promise",
        label=N_("Promises of ours"),
        one=N_("%(num)s promise"),
        many=N_("%(num)s promises"),
        held=case_kinds.ours_promised,
        fits=case_kinds.workable(HANDLERS),
        move=case_kinds.move_promises,
    ),
    Kind(
        name="shift",
        label=N_("Shifts from tomorrow"),
        one=N_("%(num)s shift"),
        many=N_("%(num)s shifts"),
        held=_shifts,
        fits=_at_the_desk,
        move=_move_shifts,
    ),
)
WITH_THE_CASE = (
    Following(name="step", label=N_("Steps of processes"), listed=case_kinds.steps),
    Following(name="visit", label=N_("Next visits"), listed=case_kinds.visits),
)


def install() -> None:
    """Enter them in the table."""
    KINDS.update((kind.name, kind) for kind in OURS)
    FOLLOWING.update((one.name, one) for one in WITH_THE_CASE)
