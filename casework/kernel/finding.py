"""The texts that hold some words, newest first: how many are read depends on what is shown, not on what there is.

Two ways lead there. *By the word*: the index gives its newest texts one after another, and the first that the reader
may know of are taken. *By the place*: where the reader may know of few cases, their texts are read and the word
is looked for in them. ``few`` decides; both give the same texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from casework.kernel.db import db
from casework.kernel.models import SearchDoc
from casework.kernel.search import INDEX, asked_of_postgresql, asked_of_sqlite, vector_holds
from casework.kernel.words import MARK, PLACE, Phrase

WINDOW, WIDEST = 50, 5_000
"""For each find shown PostgreSQL looks at so many of the newest texts first: its index gives them in no order."""
MARGIN = 1.5
"""Where these hold too few finds it looks once more: at so many times as many as these make one expect to need."""

COLUMNS = (SearchDoc.id, SearchDoc.ref_id, SearchDoc.part, SearchDoc.case_id)
# The sum keeps the planner from reading the whole table in the order asked for: it guesses badly how rare a word is.
_BY_ID = (SearchDoc.id + 0).desc()
Narrow = Callable[[sa.Select[Any]], sa.Select[Any]]


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: phrases, all of which a text must hold, in the texts of one kind.

    ``narrow`` joins a select of `SearchDoc` to what the reader may know of; ``few`` are the cases that this
    leaves, where they are few; ``places`` the districts outside which it leaves nothing, where they are known.
    ``rare`` kinds have so few texts that the newest of all texts are hardly ever theirs.
    """

    phrases: Sequence[Phrase]
    kind: str
    narrow: Narrow
    few: Sequence[int] | None = None
    places: Sequence[int] | None = None
    rare: bool = False

    @property
    def marks(self) -> list[list[str]]:
        """The marks that a text must bear: one of each list."""
        places = [[f"{PLACE}{place}" for place in self.places]] if self.places else []
        return [[f"{MARK}{self.kind}"], *places]


def newest(sought: Sought, *, most: int, before: int | None = None, with_tokens: bool = False) -> Sequence[Any]:
    """The newest texts, as rows of id, ref_id, part and case_id; ``before`` is the id to go on from."""
    if not sought.phrases or (sought.few is not None and not sought.few):
        return []
    columns = (*COLUMNS, SearchDoc.tokens) if with_tokens else COLUMNS
    if sought.few is not None:
        return _of_few(sought, columns, most, before)
    if db.engine.dialect.name == "sqlite":
        return db.session.execute(_by_index(sought, columns, before).limit(most)).all()
    return _by_windows(sought, columns, most, before)


def _by_index(sought: Sought, columns: Sequence[Any], before: int | None) -> sa.Select[Any]:
    """FTS5 hands out its rows in falling order by itself."""
    marks = [f"({' OR '.join(marks)})" for marks in sought.marks]
    asked = " AND ".join([*(asked_of_sqlite(phrase) for phrase in sought.phrases), *marks])
    # With a sum the planner cannot begin at the texts: the index comes first, whatever it believes.
    query = sa.select(*columns).select_from(INDEX).join(SearchDoc, SearchDoc.id == INDEX.c.rowid + 0)
    query = query.where(INDEX.c.search_index.match(asked))
    if before is not None:
        query = query.where(INDEX.c.rowid < before)
    return sought.narrow(query).order_by(INDEX.c.rowid.desc())


def _by_windows(sought: Sought, columns: Sequence[Any], most: int, before: int | None) -> Sequence[Any]:
    """A common word fills the page from the newest texts; of a rarer one the index has few enough to fetch them all."""
    marks = [f"({' | '.join(marks)})" for marks in sought.marks]
    asked = " & ".join([*(f"({asked_of_postgresql(phrase)})" for phrase in sought.phrases), *marks])
    query = sought.narrow(sa.select(*columns).where(vector_holds(asked))).limit(most)
    if before is not None:
        query = query.where(SearchDoc.id < before)
    if not sought.rare:
        top = before or int(db.session.scalar(sa.select(sa.func.max(SearchDoc.id))) or 0) + 1
        rows = _in_windows(query, top, most)
        if len(rows) >= most:
            return rows
    return db.session.execute(query.order_by(_BY_ID)).all()


def _in_windows(query: sa.Select[Any], top: int, most: int) -> Sequence[Any]:
    """The finds among the newest texts: of so many, and where these promise it, of as many as should be enough."""
    window = min(WINDOW * most, WIDEST)
    rows: Sequence[Any] = []
    for order in (SearchDoc.id.desc(), _BY_ID):  # the first few are best read in their order, more by the index
        if window >= top:
            return []
        rows = db.session.execute(query.where(SearchDoc.id >= top - window).order_by(order)).all()
        if len(rows) >= most or not rows:
            break
        window = int(window * MARGIN * most / len(rows))
    return rows


def _of_few(sought: Sought, columns: Sequence[Any], most: int, before: int | None) -> Sequence[Any]:
    query = sa.select(*columns).where(SearchDoc.case_id.in_(sought.few or ()), SearchDoc.kind == sought.kind)
    if before is not None:
        query = query.where(SearchDoc.id < before)
    query = query.where(says(sought.phrases))
    return db.session.execute(sought.narrow(query).order_by(_BY_ID).limit(most)).all()


def says(phrases: Sequence[Phrase]) -> sa.ColumnElement[bool]:
    """That a text says all of this, by reading the text itself: for few texts, where the index would name many."""
    if db.engine.dialect.name != "sqlite":
        return vector_holds(" & ".join(f"({asked_of_postgresql(one)})" for one in phrases))
    words = sa.literal(" ") + SearchDoc.tokens + " "
    said = (f" {' '.join(phrase.words)}{'' if phrase.goes_on else ' '}" for phrase in phrases)
    return sa.and_(*(sa.func.instr(words, one) > 0 for one in said))
