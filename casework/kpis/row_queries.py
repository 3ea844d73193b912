"""The rows behind a figure: the marks that it counts, found by the same masks by which it is worked out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Level
from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.permissions import Actor
from casework.kpis.figures import ASIDE, Figure, Flag, Group
from casework.kpis.models import KpiMark
from casework.kpis.queries import narrowed, where_of
from casework.kpis.selecting import Selection
from casework.roster.models import Unit

SIZE = 50


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
    """The marks behind a figure, newest first: all of its denominator, its numerator, the others, or what is aside.

    The marks of the page are found alone, in the order of their index; what is shown beside them is read for these few.
    """
    query = sa.select(KpiMark.id, KpiMark.day).where(chosen_rows(figure, chosen, part))
    keys = (paging.Key(KpiMark.day, date, down=True), paging.Key(KpiMark.id, int, down=True))
    found = paging.page_of(query, keys, at, SIZE, values=lambda row: [row.day, row.id])
    told = _told([row.id for row in found.rows], actor)
    return replace(found, rows=[told[row.id] for row in found.rows])


def _told(mark_ids: Sequence[int], actor: Actor) -> dict[int, Row]:
    """What is shown of some marks."""
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
        .where(KpiMark.id.in_(mark_ids))
    )
    return {row.id: _row(row) for row in db.session.execute(query)}


def chosen_rows(figure: Figure, chosen: Selection, part: str) -> sa.ColumnElement[bool]:
    """The condition that a mark belongs to a part of a figure: the same masks by which it is worked out."""
    days = KpiMark.day.between(chosen.period.first, chosen.period.last)
    parts = [_where(chosen), KpiMark.base == figure.base.value, days, *_masks(figure, part)]
    return narrowed(sa.select(KpiMark.id).where(*parts), KpiMark, chosen).whereclause  # type: ignore[no-any-return]


def _masks(figure: Figure, part: str) -> list[sa.ColumnElement[bool]]:
    of, hit, half = int(figure.of), int(figure.hit), int(figure.half)
    wanted = [_some(int(ASIDE)) if part == "aside" else _none(int(ASIDE))]
    if figure.kind == "money":
        return [*wanted, _some({"hit": hit, "aside": hit | of}.get(part, of))]
    wanted += [_all(of)] if of else []
    if part == "hit":
        wanted += [_some(hit)]
    elif part == "half":
        wanted += [_some(half), _none(hit)]
    elif part == "miss":
        wanted += [_none(hit | half)]
    return wanted


def _some(bits: int) -> sa.ColumnElement[bool]:
    return KpiMark.flags.bitwise_and(bits) != 0


# "Less than one" and "at least all" instead of "equal": PostgreSQL takes one row in 200 to equal a worked-out value, so
# three such conditions promise it no rows at all, and it sorts the whole table instead of reading an index to the 50th.


def _none(bits: int) -> sa.ColumnElement[bool]:
    return KpiMark.flags.bitwise_and(bits) < 1


def _all(bits: int) -> sa.ColumnElement[bool]:
    return KpiMark.flags.bitwise_and(bits) >= bits


def _where(chosen: Selection) -> sa.ColumnElement[bool]:
    """A city's rows by its own column: one index holds them in the order of the list."""
    if chosen.unit is None and chosen.area is not None and chosen.area.level == Level.CITY:
        return KpiMark.city_id == chosen.area.id
    return where_of(chosen)


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


def numbers_of(case_ids: Sequence[int], actor: Actor) -> list[tuple[str, str, bool]]:
    """Number and title of some cases in their order, and whether the reader may open them."""
    seen = sa.case((visible_to(actor), 1), else_=0).label("seen")
    query = sa.select(Case.id, Case.number, Case.title, seen).where(Case.id.in_(case_ids))
    found = {row.id: (row.number, row.title if row.seen else "", bool(row.seen)) for row in db.session.execute(query)}
    return [found[case_id] for case_id in case_ids if case_id in found]
