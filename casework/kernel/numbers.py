"""Numbers that count on without a gap: a table of counters has the series as its primary key, and ``last``."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from casework.kernel.db import Model, db, insert_into


def next_number(counter: type[Model], *, count: int = 1, **series: Any) -> int:
    """The next number of a series, the first of ``count``; a new series begins with 1.

    The counter's row stays locked until the transaction ends, and what is rolled back is given again: no gap arises.
    ``series`` names a value for each column of the primary key.
    """
    table: Any = counter.__table__
    insert = insert_into(table).values(**series, last=count)
    insert = insert.on_conflict_do_update(
        index_elements=list(sa.inspect(counter).primary_key), set_={"last": table.c.last + count}
    )
    last = db.session.execute(insert.returning(table.c.last)).scalar_one()
    return int(last) - count + 1
