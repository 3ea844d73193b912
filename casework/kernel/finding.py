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
from casework.kernel.words import MARK, PLACE, SLICE, SLICE_OF, Phrase

FIRST_LOOK, WIDEST = 50, 5_000
"""For each find wanted so many of the newest texts are looked at first, where the index gives them in no order."""
MARGIN = 1.5
"""Where these hold too few finds it looks once more: at so many times as many as these make one expect to need."""
DEAR = 32
"""Slices cost by their number, all texts by the finds in them: past this part of all slices all are cheaper."""

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
    def single(self) -> list[Phrase]:
        """The phrases that are a single sign."""
        return [phrase for phrase in self.phrases if phrase.is_single]

    @property
    def longer(self) -> list[Phrase]:
        """The others."""
        return [phrase for phrase in self.phrases if not phrase.is_single]

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
    return _by_word(sought, columns, most, before)


def _by_word(sought: Sought, columns: Sequence[Any], most: int, before: int | None) -> Sequence[Any]:
    """A common word fills the page from the newest slices; of a rarer one the index has few enough to fetch them all.

    FTS5 hands out its rows in falling order by itself: it needs no slices but for a single sign, with which
    thousands of words begin; in slices the texts themselves are read for it.
    """
    ordered = db.engine.dialect.name == "sqlite"
    way = _by_index if ordered else _by_array

    def held(slices: range | None) -> Sequence[Any]:
        query = way(sought, columns, slices)
        if before is not None:
            query = query.where(SearchDoc.id < before)
        return db.session.execute(query.limit(most)).all()

    if not sought.rare and (sought.single or not ordered):
        rows = _in_newest(held, before or int(db.session.scalar(sa.select(sa.func.max(SearchDoc.id))) or 0) + 1, most)
        if len(rows) >= most:
            return rows
    return held(None)


def _by_index(sought: Sought, columns: Sequence[Any], slices: range | None) -> sa.Select[Any]:
    """By the index of SQLite."""
    indexed = sought.phrases if slices is None else sought.longer
    marks = [f"({' OR '.join(marks)})" for marks in sought.marks]
    asked = " AND ".join([*(asked_of_sqlite(phrase) for phrase in indexed), *marks])
    # With a sum the planner cannot begin at the texts: the index comes first, whatever it believes.
    query = sa.select(*columns).select_from(INDEX).join(SearchDoc, SearchDoc.id == INDEX.c.rowid + 0)
    query = query.where(INDEX.c.search_index.match(asked))
    if slices is not None:
        query = query.where(INDEX.c.rowid >= slices.start * SLICE_OF, says(sought.single))
    return sought.narrow(query).order_by(INDEX.c.rowid.desc())


def _by_array(sought: Sought, columns: Sequence[Any], slices: range | None) -> sa.Select[Any]:
    """By the index of PostgreSQL, where texts bear the mark of their slice: it leaves out the older ones by itself.

    As an array: the index comes first and its finds are walked in order, however common the planner holds them.
    """
    indexed = sought.phrases if slices is None else sought.longer
    found = sa.select(SearchDoc.id).where(vector_holds(_asked(indexed, sought.marks, slices)))
    among = SearchDoc.id == sa.any_(sa.func.array(found.correlate(None).scalar_subquery()))
    query = sought.narrow(sa.select(*columns).where(among))
    if slices is not None and sought.single:
        query = query.where(says(sought.single))
    return query.order_by(SearchDoc.id.desc())


def _asked(phrases: Sequence[Phrase], marks: Sequence[Sequence[str]], slices: range | None) -> str:
    """Phrases and one mark of each list, in some slices or everywhere, as a text search query of PostgreSQL."""
    where = [*marks, *([[f"{SLICE}{number}" for number in slices]] if slices is not None else [])]
    one_of = (f"({' | '.join(each)})" for each in where)
    return " & ".join([*(f"({asked_of_postgresql(phrase)})" for phrase in phrases), *one_of])


def _in_newest(held: Callable[[range], Sequence[Any]], top: int, most: int) -> Sequence[Any]:
    """The finds in the newest slices: in a few of them, and where these promise it, in as many as should be enough."""
    newest, count = (top - 1) // SLICE_OF, min(FIRST_LOOK * most, WIDEST) // SLICE_OF + 2
    rows = held(range(max(newest + 1 - count, 0), newest + 1))
    if not rows or len(rows) >= most:
        return rows
    count = int(count * MARGIN * most / len(rows))
    return held(range(newest + 1 - count, newest + 1)) if count <= newest // DEAR else []


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
