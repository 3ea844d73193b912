"""Lists are paged by key: a cursor holds the last row's sort values, so that page 900 costs what page 1 costs."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from casework.kernel.db import db

Row = TypeVar("Row")
CAP = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of rows, and the cursors to go on; None where there is nothing further."""

    rows: Sequence[Row]
    after: str | None = None
    first: bool = True


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
