"""From which sum two must sign: set by area and type, and asked for one case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from casework import audit
from casework.areas.models import Area
from casework.cases.models import Case, CaseType
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.review import rules
from casework.review.limit_events import CountersignLimitSet
from casework.review.models import CountersignLimit
from casework.review.policy import LIMITS
from casework.review.rules import Limit


def limit_of(case: Case) -> int | None:
    """The sum from which this case needs a second signature; None where one is enough whatever the sum."""
    query = sa.select(CountersignLimit.area_id, CountersignLimit.type_id, CountersignLimit.amount_fen).where(
        CountersignLimit.area_id.in_(sorted(case.area_ids)),
        sa.or_(CountersignLimit.type_id.is_(None), CountersignLimit.type_id == case.type_id),
    )
    return rules.limit_for([Limit(*row) for row in db.session.execute(query)], _nearest_first(case))


def _nearest_first(case: Case) -> list[int]:
    chain = (case.area_id, case.community_id, case.subdistrict_id, case.district_id, case.city_id)
    return [area for area in chain if area]


def _theirs(actor: Actor) -> sa.ColumnElement[bool]:
    places = sorted({duty.area_id for duty in actor.duties})
    columns = (Area.id, Area.city_id, Area.district_id, Area.subdistrict_id)
    return sa.or_(*(column.in_(places) for column in columns))


def all_of(actor: Actor) -> Sequence[tuple[CountersignLimit, str, CaseType | None]]:
    """The limits inside the actor's areas: the limit, the place, its type."""
    query = (
        sa.select(CountersignLimit, Area.path, CaseType)
        .join(Area, Area.id == CountersignLimit.area_id)
        .outerjoin(CaseType, CaseType.id == CountersignLimit.type_id)
        .where(_theirs(actor))
        .order_by(Area.code, CaseType.position.asc().nulls_first())
        .limit(500)
    )
    return [(limit, path, kind) for limit, path, kind in db.session.execute(query)]


def put(*, area_id: int, type_id: int | None, amount_fen: int | None, actor: Actor, now: datetime) -> None:
    """Set the sum for an area and type, or take it away.

    Raises:
        NotPermitted: the area is not theirs.
        NotFound: there is no such area or type.
        Refused: the sum is not above zero.
    """
    area = db.session.get(Area, area_id)
    if area is None or (type_id is not None and db.session.get(CaseType, type_id) is None):
        raise NotFound("area or type")
    authorise(actor, LIMITS, area)
    if amount_fen is not None and amount_fen <= 0:
        raise Refused(because(N_("Sum: write one above zero."), "amount"))
    same = CountersignLimit.type_id.is_(None) if type_id is None else CountersignLimit.type_id == type_id
    found = db.session.scalar(sa.select(CountersignLimit).where(CountersignLimit.area_id == area_id, same))
    before = found.amount_fen if found else None
    if before == amount_fen:
        return
    if found is not None and amount_fen is None:
        db.session.delete(found)
    elif amount_fen is not None:
        found = found or CountersignLimit(area_id=area_id, type_id=type_id)
        found.amount_fen, found.set_by_id, found.set_at = amount_fen, actor.user_id, now
        db.session.add(found)
    db.session.flush()  # the row with its version check before the entry
    kind = db.session.get_one(CaseType, type_id).code if type_id else ""
    audit.record(CountersignLimitSet(area=area.path, type=kind, before=before, after=amount_fen), by=actor, at=now)
