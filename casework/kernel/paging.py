"""Lists are paged by key: a cursor holds a row's sort values, so that page 900 costs what page 1 costs.

``after`` names the row that a page begins behind, ``before`` the row that it ends in front of.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from casework.kernel.db import db

Row = TypeVar("Row")
CAP = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of rows, and the cursors to go on and back; None where there is nothing further."""

    rows: Sequence[Row]
    after: str | None = None
    before: str | None = None
    first: bool = True

    def ways(self, address: Callable[..., str]) -> dict[str, str | None]:
        """What the pager of the pages needs: where the pages on both sides are."""
        return {
            "prev": None if self.first else address(before=self.before),
            "next": address(after=self.after) if self.after else None,
        }


@dataclass(frozen=True, slots=True)
class At:
    """Where a page begins or ends, as its address says; at most one of the two."""

    after: str | None = None
    before: str | None = None


FIRST = At()


def asked(args: Mapping[str, str]) -> At:
    """The cursors of an address."""
    return At(args.get("after"), args.get("before"))


@dataclass(frozen=True, slots=True)
class Key:
    """A column that a list is sorted by: rising, or falling (``down``); where it may be empty, empty ones are last."""

    column: Any
    kind: type
    down: bool = False
    empty: bool = False

    def order(self, back: bool) -> Any:
        """How rows are read, forwards or backwards."""
        order = self.column.desc() if self.down != back else self.column.asc()
        if not self.empty:
            return order
        return order.nulls_first() if back else order.nulls_last()

    def beyond(self, value: Any, back: bool) -> Any:
        """The condition that a row comes later in the order read; None where none can."""
        if value is None:
            return self.column.is_not(None) if back else None
        further = self.column < value if self.down != back else self.column > value
        return sa.or_(further, self.column.is_(None)) if self.empty and not back else further

    def same(self, value: Any) -> Any:
        """The condition that a row stands at the same place."""
        return self.column.is_(None) if value is None else self.column == value


def page_of(
    query: Any,
    keys: Sequence[Key],
    at: At,
    size: int,
    *,
    values: Callable[[Any], Sequence[Any]],
    whole: bool = False,
) -> Page[Any]:
    """One page of a select in the order of ``keys``, the last of which is unique; ``values`` are a row's sort values.

    ``whole``: the rows are entities, not tuples. A cursor that is not ours is the first page.
    """
    back = at.after is None and at.before is not None
    place = _place(at.before if back else at.after, keys)
    back = back and place is not None
    narrowed = query.where(_beyond(keys, place, back)) if place is not None else query
    statement = narrowed.order_by(*(key.order(back) for key in keys)).limit(size + 1)
    read = db.session.scalars(statement) if whole else db.session.execute(statement)
    found: Sequence[Any] = read.all()
    if back and len(found) <= size:  # the beginning: whole, whatever has come or gone since
        return page_of(query, keys, FIRST, size, values=values, whole=whole)
    rows = found[:size][::-1] if back else found[:size]
    return Page(
        rows,
        after=encode(values(rows[-1])) if back or len(found) > size else None,
        before=encode(values(rows[0])) if place is not None and rows else None,
        first=place is None,
    )


def fits(cursor: str, keys: Sequence[Key]) -> bool:
    """Whether a cursor can be one of a list in this order."""
    return _place(cursor, keys) is not None


def _place(cursor: str | None, keys: Sequence[Key]) -> list[Any] | None:
    place = decode(cursor, [key.kind for key in keys])
    if place is None or any(value is None and not key.empty for key, value in zip(keys, place, strict=True)):
        return None
    return place


def _beyond(keys: Sequence[Key], place: Sequence[Any], back: bool) -> Any:
    """The rows further on: beyond in one column, and at the same place in those before it."""
    choices = []
    for index, (key, value) in enumerate(zip(keys, place, strict=True)):
        further = key.beyond(value, back)
        if further is not None:
            choices.append(sa.and_(*(k.same(v) for k, v in zip(keys[:index], place[:index], strict=True)), further))
    return sa.or_(*choices)


def encode(values: Sequence[Any]) -> str:
    """Sort values as an opaque cursor."""
    plain = [value.isoformat() if isinstance(value, datetime | date) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode(cursor: str | None, kinds: Sequence[type]) -> list[Any] | None:
    """A cursor back to sort values, or None if it is absent or not one of ours."""
    if not cursor or len(cursor) > 400:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(kinds):
            return None
        return [_typed(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, OverflowError):
        return None


def _typed(value: Any, kind: type) -> Any:
    if value is None and kind is not int:  # a row has an id, but perhaps no due time
        return None
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("naive")
        return moment.astimezone(UTC)
    if kind is date:
        return date.fromisoformat(value)
    if kind is int and (not isinstance(value, int) or abs(value) > 2**62):
        raise ValueError("no number")
    return kind(value)


def capped_count(query: sa.Select[Any]) -> int:
    """How many rows a query has, counted no further than 1,001: above that the page says “1,000+”."""
    inner = query.with_only_columns(sa.literal(1)).order_by(None).limit(CAP + 1).subquery()
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(inner)) or 0)


def count_text(count: int) -> str:
    """A capped count as it is shown."""
    return f"{CAP:,}+" if count > CAP else f"{count:,}"
