"""The figures of a place for a reader, each counted once in a bounded query; the rows behind them are the lists'."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.board.policy import READERS
from casework.board.rules import AGED, DAYS, HELD, Day, Lying, Relief, Stock
from casework.cases.lists import AGES, in_area
from casework.cases.models import Case
from casework.cases.moments import held_since
from casework.cases.queries import visible_to
from casework.coverage.queries import Place
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, can
from casework.kernel.time import at_local
from casework.negotiations.models import Agreement, Receipt
from casework.negotiations.words import ReceiptKind, Standing
from casework.processes.models import ProcessRun, ProcessTemplate
from casework.processes.words import RunState

SOON = timedelta(days=1)
_LATER = orm.aliased(Receipt)
# Only what no later receipt put right counts.
STANDS = sa.and_(Receipt.kind == ReceiptKind.RECEIVED, ~sa.exists().where(_LATER.corrects_id == Receipt.id))
IN_FORCE = Agreement.state != Standing.ENDED


def places(actor: Actor) -> list[Area]:
    """The places that a person reads figures of: those of today's duties, the widest; for a city its districts."""
    held = [duty for duty in actor.duties if duty.role in READERS]
    cities = [duty.area_id for duty in held if duty.area_level == Level.CITY]
    own = [duty.area_id for duty in held if duty.area_level != Level.CITY]
    query = sa.select(Area).where(
        sa.or_(Area.id.in_(own), sa.and_(Area.level == Level.DISTRICT, Area.city_id.in_(cities)))
    )
    found = {area.id: area for area in db.session.scalars(query.order_by(Area.code))}
    return [area for area in found.values() if not (area.area_ids - {area.id}) & found.keys()]


def place(wanted: int | None, offered: list[Area]) -> Area:
    """The place asked for, else the first.

    Raises:
        NotFound: it is none of theirs.
    """
    found = next((area for area in offered if wanted in (None, area.id)), None)
    if found is None:
        raise NotFound("place")
    return found


def sees_all(actor: Actor, area: Area) -> bool:
    """Whether every case of the place exists for them; else those that the list shows."""
    return can(actor, "case.read", area)


def scope(actor: Actor, area: Area) -> sa.ColumnElement[bool]:
    """The cases that the figures of a place count for a reader: those that the list shows there."""
    inside = [in_area(area.id)]
    if area.level != Level.DISTRICT:  # the indexes begin with it
        inside.append(Case.district_id == area.district_id)
    if not sees_all(actor, area):
        inside.append(visible_to(actor))
    return sa.and_(*inside)


def _count(condition: Any) -> Any:
    return sa.func.count(sa.case((condition, 1)))


def lying(inside: sa.ColumnElement[bool], now: datetime) -> list[Lying]:
    """The open cases by the unit and the community where they lie: one reading of an index."""
    due, held = Case.next_due_at, held_since()
    columns = [
        sa.func.count(),
        _count(due < now),
        _count(sa.and_(due >= now, due < now + SOON)),
        *(_count(Case.submitted_at < now - timedelta(days=AGES[days])) for days in AGED),
        *(_count(held < now - timedelta(days=AGES[days])) for days in HELD),
        sa.func.min(held),
    ]
    query = sa.select(Case.unit_id, Case.community_id, *columns).where(inside, Case.is_open.is_(True))
    found = db.session.execute(query.group_by(Case.unit_id, Case.community_id))
    return [(row[0], row[1], _stock(row[2:])) for row in found]


def _stock(row: Any) -> Stock:
    count, late, soon, *rest = row
    aged, held = rest[: len(AGED)], rest[len(AGED) : -1]
    return Stock(
        count, late, soon, dict(zip(AGED, aged, strict=True)), dict(zip(HELD, held, strict=True)), since=rest[-1]
    )


def flow(inside: sa.ColumnElement[bool], today: date) -> list[Day]:
    """What came in and what ended on each of the last days, today last: a range of an index each."""
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    came, ended = (_on_days(inside, column, days) for column in (Case.submitted_at, Case.closed_at))
    return [Day(*one) for one in zip(days, came, ended, strict=True)]


def _on_days(inside: sa.ColumnElement[bool], column: Any, days: list[date]) -> list[int]:
    edges = [at_local(day) for day in days] + [at_local(days[-1] + timedelta(days=1))]
    sums = [_count(sa.and_(column >= a, column < b)) for a, b in pairwise(edges)]
    query = sa.select(*sums).where(inside, column >= edges[0], column < edges[-1])
    return list(db.session.execute(query).one())


def relief(inside: sa.ColumnElement[bool]) -> Relief:
    """What was promised, agreed and confirmed to have arrived, in fen: the cases are looked up once for all three."""
    found = sa.select(Agreement.id, Agreement.state, Agreement.total_fen).join(Case, Case.id == Agreement.case_id)
    mine = found.where(inside).cte("mine")
    promised = sa.select(sa.func.sum(mine.c.total_fen)).where(mine.c.state != Standing.ENDED)
    agreed = sa.select(sa.func.sum(mine.c.total_fen)).where(mine.c.state == Standing.CONFIRMED)
    arrived = sa.select(
        promised.scalar_subquery(),
        agreed.scalar_subquery(),
        sa.func.sum(Receipt.amount_fen),
        sa.func.count(Receipt.beneficiary_id.distinct()),
    ).join(mine, mine.c.id == Receipt.agreement_id)
    *sums, firms = db.session.execute(arrived.where(STANDS, Receipt.amount_fen > 0)).one()
    said, sealed, came = (int(one or 0) for one in sums)
    return Relief(said, sealed, came, firms)


def processes(inside: sa.ColumnElement[bool]) -> list[tuple[int, str, str, int]]:
    """The temporary processes that are under way: (template id, Chinese name, English name, runs), most used first."""
    number = sa.func.count()
    query = (
        sa.select(ProcessTemplate.id, ProcessTemplate.zh, ProcessTemplate.en, number)
        .join(ProcessRun, ProcessRun.template_id == ProcessTemplate.id)
        .join(Case, Case.id == ProcessRun.case_id)
        .where(inside, ProcessRun.state == RunState.RUNNING.value)
        .group_by(ProcessTemplate.id, ProcessTemplate.zh, ProcessTemplate.en)
        .order_by(number.desc(), ProcessTemplate.id)
    )
    return [(key, zh or en, en or zh, count) for key, zh, en, count in db.session.execute(query)]


def inside_of(area: Area, found: list[Place]) -> list[Place]:
    """The places of a district's board that lie in an area, or are it."""
    if area.level == Level.DISTRICT:
        return found
    above = {place.id: place.parent_id for place in found}

    def reached(key: int | None) -> bool:
        return key == area.id or (key is not None and reached(above.get(key)))

    return [place for place in found if reached(place.id)]


def district_of(area: Area) -> Area:
    """The district that a place lies in, or is."""
    return (areas.area(area.district_id) if area.district_id else None) or area
