"""The figures of a brief, counted: each in a bounded read of an index, all of them up to the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.areas.models import Area, Level
from casework.board import figures as board
from casework.board import queries as board_queries
from casework.board import rules as board_rules
from casework.briefs.figures import (
    RATES,
    Coverage,
    Figures,
    Lying,
    Money,
    Orders,
    Overdue,
    Pair,
    Part,
    Short,
    Slot,
    rate_of,
)
from casework.briefs.rules import Span, slices
from casework.briefs.scopes import Counted, inside
from casework.briefs.words import Reach
from casework.cases.models import Case, CaseType
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.permissions import Actor
from casework.kernel.time import at_local
from casework.kpis import definitions
from casework.kpis import queries as kpis
from casework.kpis.figures import BY_KEY, Result, work_out
from casework.kpis.periods import Period
from casework.orders.models import SupervisionOrder
from casework.orders.queries import COLUMNS as ORDER_COLUMNS
from casework.roster.models import Unit

LISTED = 100
"""So many late cases are named, those that are late longest."""
ONE = timedelta(days=1)
Before = Callable[[int], None]
BELOW: Mapping[str, Any] = {
    Level.CITY: Case.district_id,
    Level.DISTRICT: Case.subdistrict_id,
    Level.SUBDISTRICT: Case.community_id,
    Level.COMMUNITY: Case.area_id,
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Cases that are alike in type, place and unit: what came, what ended and what lay open, now and before."""

    type_id: int
    place_id: int | None
    unit_id: int | None
    numbers: tuple[int, ...]


def count(counted: Counted, span: Span, actor: Actor, *, now: datetime, step: Before = lambda _: None) -> Figures:
    """All figures; ``step`` is told before each part which one it is."""
    where = inside(counted)
    step(0)
    groups, compares = _groups(counted, where, span), _compares(where, span)
    slots = _slots(where, span)
    step(1)
    lying = board_queries.lying(where, now)
    step(2)
    rates, rates_before, received = _rates(counted, span)
    step(3)
    return Figures(
        **_times(span),
        counted_at=now,
        **_totals(groups, compares),
        slots=slots,
        **_parts(groups, compares),
        lying=_lying(None, "", board_rules.whole(lying), now),
        holders=_holders(lying, now),
        rates=rates,
        rates_before=rates_before,
        money=_money(where, received, compares),
        orders=_orders(counted, span, now, compares),
        **_beside(counted, actor, now),
        overdue=_listed(where, now, step),
    )


def _times(span: Span) -> dict[str, Any]:
    names = ("first", "last", "first_before", "last_before", "start", "end", "start_before", "end_before", "whole")
    return {name: getattr(span, name) for name in names}


# -- what came, ended and lay open, by type, place and unit


def _groups(counted: Counted, where: sa.ColumnElement[bool], span: Span) -> list[Counts]:
    """Six counts of each type, place and unit: came, ended and open, each now and before."""
    place = BELOW[counted.area.level]
    keys = (Case.type_id, place, Case.unit_id)
    found: dict[tuple[int, int | None, int | None], list[int]] = {}
    for at, columns, condition in _asked(span):
        query = sa.select(*keys, *columns).where(where, condition).group_by(*keys)
        for type_id, place_id, unit_id, now, before in db.session.execute(query):
            numbers = found.setdefault((type_id, place_id, unit_id), [0] * 6)
            numbers[at] += now
            numbers[at + 1] += before
    return [Counts(*key, tuple(numbers)) for key, numbers in found.items()]


def _asked(span: Span) -> Iterable[tuple[int, tuple[Any, Any], Any]]:
    """Where each pair of counts stands, how it is counted, and in which range of an index."""
    for at, column in ((0, Case.submitted_at), (2, Case.closed_at)):
        now = sa.and_(column >= span.start, column < span.end)
        before = sa.and_(column >= span.start_before, column < span.end_before)
        yield at, (_count(now), _count(before)), sa.and_(column >= span.start_before, column < span.end)
    came, ended = Case.submitted_at, Case.closed_at
    counts = (_count(came < span.end), _count(came < span.end_before))
    yield 4, counts, sa.and_(Case.is_open.is_(True), came < span.end)
    then = sa.and_(came < span.end, ended >= span.end), sa.and_(came < span.end_before, ended >= span.end_before)
    yield 4, (_count(then[0]), _count(then[1])), sa.and_(ended >= span.end_before, came < span.end)


def _count(condition: Any) -> Any:
    return sa.func.count(sa.case((condition, 1)))


def _compares(where: sa.ColumnElement[bool], span: Span) -> bool:
    """Whether anything was reported before: else there is nothing to compare with."""
    earlier = sa.select(Case.id).where(where, Case.submitted_at < span.end_before)
    return bool(db.session.scalar(sa.select(earlier.exists())))


def _pairs(numbers: Iterable[int], compares: bool) -> tuple[Pair, Pair, Pair]:
    came, came_, ended, ended_, lay, lay_ = numbers
    pairs = ((came, came_), (ended, ended_), (lay, lay_))
    first, second, third = (Pair(now, before if compares else None) for now, before in pairs)
    return first, second, third


def _totals(groups: list[Counts], compares: bool) -> dict[str, Any]:
    whole = [sum(one.numbers[at] for one in groups) for at in range(6)]
    return dict(zip(("came", "ended", "open"), _pairs(whole, compares), strict=True))


def _parts(groups: list[Counts], compares: bool) -> dict[str, Any]:
    types = {row.id: (row.zh, row.en) for row in db.session.scalars(sa.select(CaseType))}
    places = _names(Area, {one.place_id for one in groups})
    units = _names(Unit, {one.unit_id for one in groups})
    return {
        "types": _by({one: one.type_id for one in groups}, types, compares),
        "areas": _by({one: one.place_id for one in groups}, places, compares),
        "units": _by({one: one.unit_id for one in groups}, units, compares),
    }


def _names(table: Any, keys: set[int | None]) -> dict[int, tuple[str, str]]:
    query = sa.select(table.id, table.name).where(table.id.in_([key for key in keys if key])).order_by(table.code)
    return {key: (name, "") for key, name in db.session.execute(query)}


def _by(keyed: Mapping[Counts, int | None], names: Mapping[int, tuple[str, str]], compares: bool) -> tuple[Part, ...]:
    """The groups summed by a key, in the order of the names; what has none comes last."""
    sums: dict[int | None, list[int]] = {}
    for one, key in keyed.items():
        mine = sums.setdefault(key, [0] * 6)
        for at, n in enumerate(one.numbers):
            mine[at] += n
    order = [*(key for key in names if key in sums), *([None] if None in sums else [])]
    return tuple(Part(key, *(names[key] if key else ("", "")), *_pairs(sums[key], compares)) for key in order)


def _slots(where: sa.ColumnElement[bool], span: Span) -> tuple[Slot, ...]:
    """What came and ended in each slice, up to the moment that the brief counts to."""
    cut = slices(span.first, span.last)
    edges = [(at_local(first), min(at_local(last + ONE), span.end)) for first, last in cut]
    counts = []
    for column in (Case.submitted_at, Case.closed_at):
        sums = [_count(sa.and_(column >= a, column < b)) for a, b in edges]
        query = sa.select(*sums).where(where, column >= edges[0][0], column < edges[-1][1])
        counts.append(list(db.session.execute(query).one()))
    return tuple(Slot(first, last, *both) for (first, last), *both in zip(cut, *counts, strict=True))


# -- what lies


def _lying(key: int | None, name: str, stock: board_rules.Stock, now: datetime) -> Lying:
    return Lying(key, name, stock.open, stock.late, stock.soon, dict(stock.aged), dict(stock.held), stock.longest(now))


def _holders(rows: list[board_rules.Lying], now: datetime) -> tuple[Lying, ...]:
    """Every unit with what lies there, where most is late first."""
    stocks = board_rules.by_unit(rows)
    names = _names(Unit, set(stocks))
    found = [_lying(key, names[key][0] if key else "", stock, now) for key, stock in stocks.items()]
    return tuple(sorted(found, key=lambda one: (-one.late, -one.open, one.key or 0)))


def _listed(where: sa.ColumnElement[bool], now: datetime, step: Before) -> tuple[Overdue, ...]:
    step(4)
    query = (
        sa.select(Case.number, Enterprise.name, CaseType.zh, CaseType.en, Unit.name, Case.next_due_at)
        .join(CaseType, CaseType.id == Case.type_id)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .outerjoin(Unit, Unit.id == Case.unit_id)
        .where(where, Case.is_open.is_(True), Case.next_due_at < now)
        .order_by(Case.next_due_at, Case.id)
        .limit(LISTED)
    )
    return tuple(
        Overdue(number, firm or "", zh, en, unit or "", due, (now - due).days)
        for number, firm, zh, en, unit, due in db.session.execute(query)
        if due is not None
    )


# -- rates, money, orders, coverage


def _rates(counted: Counted, span: Span) -> tuple[Any, Any, tuple[int, int]]:
    """The rates now and before, and what was confirmed received in each."""
    chosen = counted.selection(span.first, span.last)
    found: list[Mapping[str, Result]] = []
    for period in (chosen.period, Period("days", span.first_before, span.last_before)):
        then = chosen.during(period)
        rules = definitions.rules_on(chosen.district_id, period.last)
        groups = kpis.groups(then, sorted({BY_KEY[key].base.value for key in (*RATES, "relief")}))
        found.append({key: work_out(BY_KEY[key], groups, rules) for key in (*RATES, "relief")})
    now, before = found
    rates = [tuple(rate_of(key, results[key]) for key in RATES) for results in found]
    return rates[0], rates[1], (now["relief"].of, before["relief"].of)


def _money(where: sa.ColumnElement[bool], received: tuple[int, int], compares: bool) -> Money:
    books = board_queries.relief(where)
    in_time = Pair(received[0], received[1] if compares else None)
    return Money(books.promised, books.agreed, books.received, books.firms, in_time)


def orders_of(counted: Counted) -> sa.ColumnElement[bool]:
    """The supervision orders of the scope: on its units and cases, of its domains."""
    order, area, found = SupervisionOrder, counted.area, list[Any]()
    if counted.reach == Reach.TEAM and counted.unit is not None:
        found.append(order.unit_id == counted.unit.id)
    else:
        found.append(ORDER_COLUMNS[Level(area.level)] == area.id)
    if area.district_id:
        found.append(order.district_id == area.district_id)
    if counted.reach == Reach.AUTHORITY and counted.unit is not None:
        found.append(order.domain.in_(sorted(counted.unit.domains or ())))
    return sa.and_(*found)


def _orders(counted: Counted, span: Span, now: datetime, compares: bool) -> Orders:
    order = SupervisionOrder
    if counted.type_id is not None:  # an order is of no type
        return Orders(Pair(0, None), 0, 0)
    issued = order.issued_at
    query = sa.select(
        _count(sa.and_(issued >= span.start, issued < span.end)),
        _count(sa.and_(issued >= span.start_before, issued < span.end_before)),
        _count(order.is_open.is_(True)),
        _count(sa.and_(order.is_open.is_(True), order.due_at < now)),
    ).where(orders_of(counted), sa.or_(order.is_open.is_(True), issued >= span.start_before))
    new, old, lying, late = db.session.execute(query).one()
    return Orders(Pair(new, old if compares else None), lying, late)


def _beside(counted: Counted, actor: Actor, now: datetime) -> dict[str, Any]:
    """Coverage and supplies: of a whole place alone, and not of a city, whose districts each have their own."""
    if not counted.of_all or counted.area.level == Level.CITY:
        return {"coverage": None, "short": None}
    seen = board.count(actor, counted.area, now=now)
    cell = seen.covered
    covered = Coverage(
        cell.firms, cell.uncovered, cell.ended, cell.no_deputy, cell.stale, seen.stale_days, seen.communities, seen.led
    )
    short = tuple(
        Short(one.item_id, one.unit_id, one.name, one.measure, one.unit_name, one.short) for one in seen.missing
    )
    return {"coverage": covered, "short": short}
