"""Reads of marks and sums. Whole months of an area come from the sums, everything narrower from the marks.

Both say the same: sums are the marks, added up in the transaction that wrote them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area, Level
from casework.cases.models import Case, CaseType
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.i18n import language
from casework.kpis import definitions
from casework.kpis.figures import (
    FIGURES,
    Base,
    Figure,
    Flag,
    Group,
    Result,
    composite,
    work_out,
)
from casework.kpis.models import KpiMark, KpiState, KpiSum, KpiWaiting
from casework.kpis.selecting import Selection
from casework.roster.models import Unit

SIZE = 50
MOST_UNITS = 400
KEPT = 64
SUMMED = (Level.CITY, Level.DISTRICT, Level.SUBDISTRICT)
COLUMNS = {
    Level.CITY: KpiMark.city_id,
    Level.DISTRICT: KpiMark.district_id,
    Level.SUBDISTRICT: KpiMark.subdistrict_id,
    Level.COMMUNITY: KpiMark.community_id,
}
ALL_BASES = tuple(base.value for base in Base)


@dataclass(frozen=True, slots=True)
class Board:
    """Every figure of a selection, the same a period before, and the composite of both."""

    now: Mapping[str, Result]
    before: Mapping[str, Result]
    composite: float | None
    composite_before: float | None
    rules: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Freshness:
    """Up to when everything is counted; ``waiting`` changes since then are not."""

    since: datetime | None
    waiting: int


def freshness() -> Freshness:
    """What is not counted yet: nothing, mostly."""
    first = sa.select(sa.func.min(KpiWaiting.at)).scalar_subquery()
    some = sa.select(KpiWaiting.id).limit(paging.CAP + 1).subquery()
    count = sa.select(sa.func.count()).select_from(some).scalar_subquery()
    since, waiting = db.session.execute(sa.select(first, count)).one()
    return Freshness(since, waiting)


def board(chosen: Selection) -> Board:
    """All figures of a selection and of the period before: two queries each, one where the period is whole months."""
    earlier = chosen.during(chosen.period.before)
    rules = definitions.rules_on(chosen.district_id, chosen.period.last)
    rules_before = definitions.rules_on(chosen.district_id, earlier.period.last)
    now, before = _kept_groups(chosen, earlier)
    results = {figure.key: work_out(figure, now, rules) for figure in FIGURES}
    older = {figure.key: work_out(figure, before, rules_before) for figure in FIGURES}
    return Board(results, older, composite(results, rules), composite(older, rules_before), rules)


_kept: WeakKeyDictionary[sa.Engine, OrderedDict[Any, list[Group]]] = WeakKeyDictionary()


def _kept_groups(*asked: Selection) -> list[list[Group]]:
    """Groups as this process has them from before, while nothing was counted since: exact, and asked for once."""
    revision = db.session.scalar(sa.select(KpiState.revision))
    kept = _kept.setdefault(db.engine, OrderedDict())
    found = []
    for chosen in asked:
        key = (revision, chosen.key)
        if key not in kept:
            kept[key] = groups(chosen)
            while len(kept) > KEPT:
                kept.popitem(last=False)
        found.append(kept[key])
    return found


def groups(chosen: Selection, bases: Sequence[str] = ALL_BASES) -> list[Group]:
    """The marks of a selection, those that are alike together."""
    return _by_none(_grouped(chosen, bases, None))


def _by_none(rows: Iterable[Any]) -> list[Group]:
    return [Group(row.base, row.flags, row.bucket, int(row.n), int(row.total)) for row in rows]


def _is_summed(chosen: Selection) -> bool:
    return chosen.unit is None and chosen.area is not None and chosen.area.level in SUMMED


def _grouped(chosen: Selection, bases: Sequence[str], by: str | None) -> list[Any]:
    """Groups, by a column of the marks too where ``by`` names one: type_id, an area's column, unit_id, officer_id."""
    if not _is_summed(chosen) or by in ("unit_id", "officer_id", "community_id"):
        return _from_marks(chosen, bases, [(chosen.period.first, chosen.period.last)], by)
    months, days = chosen.period.pieces()
    found = _from_sums(chosen, bases, months, by) if months else []
    return found + (_from_marks(chosen, bases, days, by) if days else [])


def _from_sums(chosen: Selection, bases: Sequence[str], months: Sequence[date], by: str | None) -> list[Any]:
    if chosen.area is None:
        return []
    area_ids: Any = [chosen.area.id]
    if by in ("district_id", "subdistrict_id"):
        area_ids = sa.select(Area.id).where(Area.parent_id == chosen.area.id)
    chosen_key: Any = {"type_id": KpiSum.type_id, None: sa.literal(0)}.get(by, KpiSum.area_id)
    counted = (sa.func.sum(KpiSum.n).label("n"), sa.func.sum(KpiSum.total).label("total"))
    key = chosen_key.label("key")
    query = (
        sa.select(key, KpiSum.base, KpiSum.flags, KpiSum.bucket, *counted)
        .where(KpiSum.area_id.in_(area_ids), KpiSum.month.in_(months), KpiSum.base.in_(bases))
        .group_by(key, KpiSum.base, KpiSum.flags, KpiSum.bucket)
    )
    return list(db.session.execute(narrowed(query, KpiSum, chosen)))


def _from_marks(
    chosen: Selection, bases: Sequence[str], days: Sequence[tuple[date, date]], by: str | None
) -> list[Any]:
    key: Any = (getattr(KpiMark, by) if by else sa.literal(0)).label("key")
    counted = (sa.func.count().label("n"), sa.func.sum(KpiMark.value).label("total"))
    within = sa.or_(*(KpiMark.day.between(first, last) for first, last in days))
    query = (
        sa.select(key, KpiMark.base, KpiMark.flags, KpiMark.bucket, *counted)
        .where(where_of(chosen), KpiMark.base.in_(bases), within)
        .group_by(key, KpiMark.base, KpiMark.flags, KpiMark.bucket)
    )
    return list(db.session.execute(narrowed(query, KpiMark, chosen)))


def narrowed(query: Any, table: Any, chosen: Selection) -> Any:
    """A read of marks or sums with the filters that both know."""
    if chosen.type_id is not None:
        query = query.where(table.type_id == chosen.type_id)
    if chosen.domains is not None:
        query = query.where(table.domain.in_(sorted(chosen.domains)))
    if chosen.source:
        logged = table.flags.bitwise_and(int(Flag.IMPORTED))
        query = query.where(logged != 0 if chosen.source == "log" else logged == 0)
    return query


def where_of(chosen: Selection) -> sa.ColumnElement[bool]:
    """The marks of the area, and of the team and person where they are asked for."""
    parts: list[sa.ColumnElement[bool]] = []
    if chosen.unit is not None:
        parts.append(KpiMark.unit_id == chosen.unit.id)
    if chosen.officer_id is not None:
        parts.append(KpiMark.officer_id == chosen.officer_id)
    if chosen.area is not None and not chosen.whole_unit:
        parts += _placed(chosen.area)
    return sa.and_(sa.true(), *parts)


def _placed(area: Area) -> list[sa.ColumnElement[bool]]:
    """By the column of the level, with the district before it, as the index begins with that."""
    column = COLUMNS.get(Level(area.level))
    if column is None:
        return [KpiMark.case_id.in_(sa.select(Case.id).where(Case.area_id == area.id))]
    if area.level == Level.SUBDISTRICT:
        return [KpiMark.district_id == area.district_id, column == area.id]
    if area.level == Level.CITY:
        inside = sa.select(Area.id).where(Area.city_id == area.id, Area.level == Level.DISTRICT)
        return [KpiMark.district_id.in_(inside)]
    return [column == area.id]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison: of what, and the figure there."""

    key: int
    name: str
    result: Result


BREAKDOWNS = ("area", "type", "unit", "officer")


def broken_down(figure: Figure, chosen: Selection, by: str) -> list[Line]:
    """A figure by areas below, by type, by unit or by person, in the order of names: nobody is ranked."""
    column = _column_of(chosen, by)
    if column is None:
        return []
    found: dict[int, list[Any]] = {}
    for row in _grouped(chosen, (figure.base.value,), column):
        if row.key is not None:
            found.setdefault(row.key, []).append(row)
    names = _names(by, found)
    rules = definitions.rules_on(chosen.district_id, chosen.period.last)
    made = [Line(key, names.get(key, "—"), work_out(figure, _by_none(rows), rules)) for key, rows in found.items()]
    order = list(names)
    return sorted(made, key=lambda line: order.index(line.key) if line.key in names else len(order))[:MOST_UNITS]


def _column_of(chosen: Selection, by: str) -> str | None:
    if by == "type":
        return "type_id"
    if by == "officer":
        return "officer_id" if chosen.unit is not None else None
    if chosen.unit is not None or chosen.area is None:
        return None
    level = Level(chosen.area.level)
    if by == "unit":
        return "unit_id" if level != Level.CITY else None
    below = {Level.CITY: "district_id", Level.DISTRICT: "subdistrict_id", Level.SUBDISTRICT: "community_id"}
    return below.get(level)


def _names(by: str, keys: Iterable[int]) -> dict[int, str]:
    table: Any = {"area": Area, "type": CaseType, "unit": Unit, "officer": User}[by]
    if by == "type":
        name = CaseType.en if language() == "en" else CaseType.zh
        order: Any = CaseType.position
    else:
        name, order = table.name, {"area": Area.code, "unit": Unit.code, "officer": User.name}[by]
    query = sa.select(table.id, name).where(table.id.in_(list(keys))).order_by(order, table.id)
    return {key: said for key, said in db.session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def through_time(figure: Figure, chosen: Selection, periods: Sequence[Any]) -> list[Result]:
    """A figure of each of some periods, each by the settings of its own time."""
    found = []
    for period in periods:
        then = chosen.during(period)
        rules = definitions.rules_on(chosen.district_id, period.last)
        found.append(work_out(figure, groups(then, (figure.base.value,)), rules))
    return found
