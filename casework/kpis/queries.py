"""Reads of marks and sums. Whole months of an area come from the sums, everything narrower from the marks.

Both say the same: sums are the marks, added up in the transaction that wrote them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area, Level
from casework.cases.models import Case, CaseType
from casework.cases.queries import visible_to
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.i18n import language
from casework.kernel.permissions import Actor
from casework.kpis import definitions
from casework.kpis.figures import (
    ASIDE,
    FIGURES,
    Base,
    Figure,
    Flag,
    Group,
    Result,
    composite,
    work_out,
)
from casework.kpis.models import KpiMark, KpiSum, KpiWaiting
from casework.kpis.selecting import Selection
from casework.roster.models import Unit

SIZE = 50
MOST_UNITS = 400
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
    now, before = groups(chosen), groups(earlier)
    results = {figure.key: work_out(figure, now, rules) for figure in FIGURES}
    older = {figure.key: work_out(figure, before, rules_before) for figure in FIGURES}
    return Board(results, older, composite(results, rules), composite(older, rules_before), rules)


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
    return list(db.session.execute(_narrowed(query, KpiSum, chosen)))


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
    return list(db.session.execute(_narrowed(query, KpiMark, chosen)))


def _narrowed(query: Any, table: Any, chosen: Selection) -> Any:
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


@dataclass(frozen=True, slots=True)
class Row:
    """One mark with its case, as a list of rows shows it. Of a case out of the reader's sight only the number."""

    id: int
    day: date
    at: datetime | None
    flags: Flag
    value: int
    number: str
    title: str
    state: str
    requester: str
    seen: bool
    type_id: int
    unit: str
    officer: str


PARTS = ("all", "hit", "miss", "half", "aside")


def rows(figure: Figure, chosen: Selection, part: str, at: paging.At, *, actor: Actor) -> paging.Page[Row]:
    """The marks behind a figure, newest first: all of its denominator, its numerator, the others, or what is aside."""
    query = (
        sa.select(
            KpiMark.id,
            KpiMark.day,
            KpiMark.at,
            KpiMark.flags,
            KpiMark.value,
            KpiMark.type_id,
            Case.number,
            Case.title,
            Case.state,
            Case.requester,
            Unit.name.label("unit"),
            User.name.label("officer"),
            sa.case((visible_to(actor), 1), else_=0).label("seen"),
        )
        .join(Case, Case.id == KpiMark.case_id)
        .outerjoin(Unit, Unit.id == KpiMark.unit_id)
        .outerjoin(User, User.id == KpiMark.officer_id)
        .where(chosen_rows(figure, chosen, part))
    )
    keys = (paging.Key(KpiMark.day, date, down=True), paging.Key(KpiMark.id, int, down=True))
    found = paging.page_of(query, keys, at, SIZE, values=lambda row: [row.day, row.id])
    return replace(found, rows=[_row(row) for row in found.rows])


def chosen_rows(figure: Figure, chosen: Selection, part: str) -> sa.ColumnElement[bool]:
    """The condition that a mark belongs to a part of a figure: the same masks by which it is worked out."""
    flags, of, hit, half = KpiMark.flags, int(figure.of), int(figure.hit), int(figure.half)
    parts: list[Any] = [
        where_of(chosen),
        KpiMark.base == figure.base.value,
        KpiMark.day.between(chosen.period.first, chosen.period.last),
        flags.bitwise_and(int(ASIDE)) != 0 if part == "aside" else flags.bitwise_and(int(ASIDE)) == 0,
    ]
    if figure.kind == "money":
        wanted = {"hit": hit, "aside": hit | of}.get(part, of)
        parts.append(flags.bitwise_and(wanted) != 0)
        return _narrowed(sa.select(KpiMark.id).where(*parts), KpiMark, chosen).whereclause  # type: ignore[no-any-return]
    parts.append(flags.bitwise_and(of) == of)
    if part == "hit":
        parts.append(flags.bitwise_and(hit) != 0)
    elif part == "half":
        parts.append(sa.and_(flags.bitwise_and(half) != 0, flags.bitwise_and(hit) == 0))
    elif part == "miss":
        parts.append(flags.bitwise_and(hit | half) == 0)
    return _narrowed(sa.select(KpiMark.id).where(*parts), KpiMark, chosen).whereclause  # type: ignore[no-any-return]


def _row(row: Any) -> Row:
    seen = bool(row.seen)
    return Row(
        id=row.id,
        day=row.day,
        at=row.at,
        flags=Flag(row.flags),
        value=row.value,
        number=row.number,
        title=row.title if seen else "",
        state=row.state,
        requester=row.requester if seen else "",
        seen=seen,
        type_id=row.type_id,
        unit=row.unit or "",
        officer=row.officer or "",
    )


def row_counts(figure: Figure, found: Iterable[Group]) -> dict[str, int]:
    """How many rows each part of a figure has: by the masks that its rows are found by."""
    counts = dict.fromkeys(PARTS, 0)
    money = figure.kind == "money"
    for group in found:
        flags = Flag(group.flags)
        if group.base != figure.base:
            continue
        if money:
            part = "aside" if flags & ASIDE else "hit" if flags & figure.hit else "all"
            counts[part] += group.n
        elif flags & figure.of == figure.of:
            for part in _parts_of(figure, flags):
                counts[part] += group.n
    return counts


def _parts_of(figure: Figure, flags: Flag) -> list[str]:
    if flags & ASIDE:
        return ["aside"]
    if figure.hit and flags & figure.hit:
        return ["all", "hit"]
    return ["all", "half"] if figure.half and flags & figure.half else ["all", "miss"]
