"""The case list: filters from the address bar, sorted and paged by key, counts that stop at 1,000+.

Rows are read as columns, not as objects: a page of fifty costs one query and no mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area, Level
from casework.cases import tags
from casework.cases.lines import COLUMNS, CaseRow, row_of
from casework.cases.models import Assignment, Case
from casework.cases.moments import day_of, held_since, on_day
from casework.cases.queries import AREA_COLUMNS, visible_to
from casework.cases.searching import searched
from casework.cases.workflow import OPEN, State
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.forms import row_id
from casework.kernel.permissions import Actor

SIZE = 50
AGES = {"1": 1, "3": 3, "7": 7, "14": 14, "30": 30}
DUES = ("late", "today", "week", "paused")
SORTS = ("due", "new")
NO_UNIT = 0
"""What an address names the cases with that no unit has yet."""
IDS = 200
VIEWS = ("open", "mine", "today", "late", "review", "parked", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address bar asks for; unknown values are left out."""

    q: str = ""
    state: str = ""
    type: int | None = None
    area: int | None = None
    unit: int | None = None
    officer: int | None = None
    helper: int | None = None
    enterprise: int | None = None
    age: str = ""
    held: str = ""
    due: str = ""
    submitted: str = ""
    ended: str = ""
    place: str = ""
    tag: str = ""
    ids: str = ""
    sort: str = "due"
    scope: str = "open"

    def as_query(self, **changes: Any) -> dict[str, str]:
        """The filters as address parameters, with changes; empty ones left out."""
        from dataclasses import asdict

        values = {**asdict(self), **changes}
        defaults = {"sort": "due", "scope": "open"}
        return {
            name: str(value)
            for name, value in values.items()
            if value not in (None, "") and defaults.get(name) != value
        }


def read_filters(args: Mapping[str, str]) -> Filters:
    """Filters from the address bar; what is not understood is ignored, never an error."""

    def number(name: str) -> int | None:
        return row_id(args.get(name, ""))

    def one_of(name: str, allowed: Any, default: str = "") -> str:
        return args.get(name, "") if args.get(name, "") in allowed else default

    return Filters(
        q=args.get("q", "").strip()[:60],
        state=one_of("state", set(State)),
        type=number("type"),
        area=number("area"),
        unit=number("unit"),
        officer=number("officer"),
        helper=number("helper"),
        enterprise=number("enterprise"),
        age=one_of("age", AGES),
        held=one_of("held", AGES),
        due=one_of("due", DUES),
        submitted=day_of(args.get("submitted", "")),
        ended=day_of(args.get("ended", "")),
        place=one_of("place", ("none",)),
        ids=",".join(map(str, _ids(args.get("ids", "")))),
        tag=tags.cleaned(args.get("tag", ""))[: tags.LONGEST],
        sort=one_of("sort", SORTS, "due"),
        scope=one_of("scope", ("open", "all"), "open"),
    )


def _ids(given: str) -> list[int]:
    """Cases that were chosen by hand, no more than an address holds."""
    return [key for one in given.split(",")[:IDS] if (key := row_id(one))]


def filtered(actor: Actor, filters: Filters, now: datetime) -> sa.Select[Any]:
    """The scoped and filtered select, not yet sorted."""
    query = sa.select(Case.id).where(visible_to(actor))
    if filters.state:
        query = query.where(Case.state == filters.state)
    elif filters.scope == "open":
        query = query.where(Case.is_open.is_(True))
    plain = {
        Case.type_id: filters.type,
        Case.unit_id: filters.unit or None,
        Case.lead_id: filters.officer,
        Case.enterprise_id: filters.enterprise,
    }
    for column, value in plain.items():
        if value is not None:
            query = query.where(column == value)
    for value, condition in ((filters.helper, _helped_by), (filters.area, in_area)):
        if value is not None:
            query = query.where(condition(value))
    query = query.where(Case.id.in_(_ids(filters.ids))) if filters.ids else query
    query = query.where(tags.tagged(filters.tag)) if filters.tag else query
    query = _timed(_nowhere(query, filters), filters, now)
    return searched(query, filters.q, actor) if filters.q else query


def _nowhere(query: sa.Select[Any], filters: Filters) -> sa.Select[Any]:
    """The cases that no unit has yet, or that lie in no community."""
    query = query.where(Case.unit_id.is_(None)) if filters.unit == NO_UNIT else query
    return query.where(Case.community_id.is_(None)) if filters.place else query


def _timed(query: sa.Select[Any], filters: Filters, now: datetime) -> sa.Select[Any]:
    if filters.age:
        query = query.where(Case.submitted_at < now - timedelta(days=AGES[filters.age]))
    if filters.held:
        query = query.where(held_since() < now - timedelta(days=AGES[filters.held]))
    if filters.due:
        query = query.where(_due(filters.due, now))
    for column, day in ((Case.submitted_at, filters.submitted), (Case.closed_at, filters.ended)):
        if day:
            query = query.where(on_day(column, date.fromisoformat(day)))
    return query


def _helped_by(user_id: int) -> sa.ColumnElement[bool]:
    """The cases on which a person helps without leading them."""
    held = sa.select(Assignment.case_id).where(
        Assignment.user_id == user_id, Assignment.to_at.is_(None), Assignment.part == "support"
    )
    return Case.id.in_(held)


def in_area(area_id: int) -> sa.ColumnElement[bool]:
    """That a case lies in an area of any level."""
    area = db.session.get(Area, area_id)
    return AREA_COLUMNS[area.level if area else Level.SITE] == area_id


def _due(due: str, now: datetime) -> sa.ColumnElement[bool]:
    if due == "paused":
        return Case.next_paused.is_(True)
    if due == "late":
        return sa.and_(Case.is_open.is_(True), Case.next_due_at < now)
    days = 1 if due == "today" else 7
    return sa.and_(Case.is_open.is_(True), Case.next_due_at >= now, Case.next_due_at < now + timedelta(days=days))


def cases(
    actor: Actor,
    filters: Filters,
    after: str | None,
    *,
    now: datetime,
    before: str | None = None,
    size: int = SIZE,
    only: sa.ColumnElement[bool] | None = None,
) -> paging.Page[CaseRow]:
    """One page of the list; ``only`` narrows it further, as for the review queue."""
    query: Any = filtered(actor, filters, now).with_only_columns(*COLUMNS, tags.joined().label("tags"))
    query = query if only is None else query.where(only)
    query = query.outerjoin(User, User.id == Case.lead_id).outerjoin(Area, Area.id == Case.area_id)
    found = page_of(query, filters, paging.At(after, before), size)
    return replace(found, rows=[row_of(row, now) for row in found.rows])


def page_of(query: Any, filters: Filters, at: paging.At, size: int) -> paging.Page[Any]:
    """One page of a select of cases, in the order that the filters ask for."""
    return paging.page_of(query, order_of(filters), at, size, values=_by_id if _by_new(filters) else _by_due)


def order_of(filters: Filters) -> tuple[paging.Key, ...]:
    """The keys that a list with these filters is sorted by."""
    return _NEWEST if _by_new(filters) else _DUE


_NEWEST = (paging.Key(Case.id, int, down=True),)
# The paused ones have no due time: they stand last, in the order they came.
_DUE = (paging.Key(Case.next_due_at, datetime, empty=True), paging.Key(Case.id, int))


def _by_id(row: Any) -> list[Any]:
    return [row.id]


def _by_due(row: Any) -> list[Any]:
    return [row.next_due_at, row.id]


def _by_new(filters: Filters) -> bool:
    """Closed cases have no due time and searches read newest first."""
    return (
        filters.sort == "new"
        or bool(filters.q)
        or filters.scope == "all"
        or (bool(filters.state) and filters.state not in OPEN)
    )


def total(actor: Actor, filters: Filters, found: paging.Page[CaseRow], *, now: datetime) -> str:
    """How many the filter finds, as the page says it: exact to 1,000, and for a search only what the page shows.

    Counting what a common word matches would cost more than finding its newest fifty.
    """
    if found.first and not found.after:
        return str(len(found.rows))
    if filters.q:
        return f"{SIZE}+"
    return paging.count_text(count(actor, filters, now=now))


def count(actor: Actor, filters: Filters, *, now: datetime) -> int:
    """How many the filter finds, counted no further than 1,001."""
    return paging.capped_count(filtered(actor, filters, now))
