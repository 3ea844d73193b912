"""The text filter: pairs of Chinese characters in the database's own index, alike on both databases.

A text becomes runs (Chinese, or letters and digits), a run becomes words: of ``口罩紧缺`` the pairs
``口罩 罩紧 紧缺`` and its last character ``缺``; of ``N95`` the one word ``n95``. What is looked for becomes
a phrase of the same words, which the text must hold in this order: so a two-character word finds what
reading every text would find. The exception is the middle of a run of letters or digits, which is found
from its beginning only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from casework.kernel.db import db
from casework.kernel.models import SearchDoc
from casework.kernel.words import Phrase, marked, phrases, place_in, tokens

PIECE = 8000  # characters: PostgreSQL loses phrases past 16,383 words and refuses a megabyte
OVERLAP = 60  # of two pieces, so that a phrase on the seam is found; the filter takes no longer one
PIECES = 1000  # the numbers that one part of a thing has for its pieces


def pieces(text: str) -> list[str]:
    """The words of a text, piece by piece; at least one piece, for an empty text too."""
    starts = range(0, max(len(text) - OVERLAP, 1), PIECE - OVERLAP)
    return [tokens(text[start : start + PIECE]) for start in starts]


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a thing, the case it belongs to, and the district it lies in."""

    kind: str
    ref_id: int
    case_id: int | None
    text: str
    place: int | None


def put(
    kind: str,
    ref_id: int,
    part: int,
    case_id: int | None,
    text: str,
    *,
    new: bool = False,
    place: int | None = None,
) -> None:
    """Make a text of a case findable, in the transaction that writes it; again, to replace what it was.

    ``kind`` and ``ref_id`` name the thing, ``part`` one of its texts. ``new`` spares the removal of what
    an older, longer text left behind. ``place`` is the district; texts of a case lie where the case does.
    """
    if place is None and case_id is not None:
        place = _place_of(case_id)
    rows = _rows(Text(kind, ref_id, case_id, text, place), part)
    for row in rows:
        db.session.execute(_upsert(db.engine.dialect.name), row)
    if not new:
        _forget_behind(kind, ref_id, rows[-1]["part"], (part + 1) * PIECES)


def put_all(texts: Sequence[Text]) -> None:
    """Make many new things findable at once, each by one text; see ``put``."""
    if rows := [row for text in texts for row in _rows(text, 0)]:
        # What it returns makes it few statements of many rows: SQLite writes to its index at the end of each.
        db.session.connection().execute(_upsert(db.engine.dialect.name).returning(SearchDoc.id), rows)


def _rows(of: Text, part: int) -> list[dict[str, Any]]:
    return [
        {
            "kind": of.kind,
            "ref_id": of.ref_id,
            "part": part * PIECES + number,
            "case_id": of.case_id,
            "tokens": marked(of.kind, words, of.place),
        }
        for number, words in enumerate(pieces(of.text)[:PIECES])
    ]


def _place_of(case_id: int) -> int | None:
    own = sa.select(SearchDoc.tokens).where(SearchDoc.kind == "case", SearchDoc.ref_id == case_id, SearchDoc.part == 0)
    return place_in(db.session.scalar(own) or "")


@lru_cache(maxsize=2)
def _upsert(dialect: str) -> Any:
    """One row in or over what was there. A list of rows in one statement would be compiled anew each time."""
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(SearchDoc)
    return statement.on_conflict_do_update(
        index_elements=[SearchDoc.kind, SearchDoc.ref_id, SearchDoc.part],
        set_={"tokens": statement.excluded.tokens, "case_id": statement.excluded.case_id},
    )


def _forget_behind(kind: str, ref_id: int, last: Any, end: int) -> None:
    db.session.execute(
        sa.delete(SearchDoc).where(
            SearchDoc.kind == kind, SearchDoc.ref_id == ref_id, SearchDoc.part > last, SearchDoc.part < end
        )
    )


def matching(text: str, *, kinds: Sequence[str] = ()) -> sa.Select[int | None]:
    """The ids of the cases that hold every word of ``text`` somewhere; none, if it has no letter in it.

    ``kinds`` are the things whose texts the reader may know of; without them, all.
    """
    asked = phrases(text)
    if not asked:
        return sa.select(SearchDoc.case_id).where(sa.false())
    holds = _holds()
    query = sa.select(SearchDoc.case_id).where(holds(asked[0]), *_of(kinds, SearchDoc))
    for phrase in asked[1:]:
        other = sa.orm.aliased(SearchDoc)
        found = sa.select(other.case_id).where(holds(phrase, other), *_of(kinds, other))
        query = query.where(SearchDoc.case_id.in_(found))
    return query


def naming(word: str, kind: str) -> sa.Select[int]:
    """The ids of the things of a kind whose text holds a word."""
    holds = _holds()
    asked = phrases(word)
    said = [holds(phrase) for phrase in asked] if asked else [sa.false()]
    return sa.select(SearchDoc.ref_id).where(SearchDoc.kind == kind, *said)


def _holds() -> Any:
    return _holds_sqlite if db.engine.dialect.name == "sqlite" else _holds_postgresql


def _of(kinds: Sequence[str], doc: Any) -> list[sa.ColumnElement[bool]]:
    return [doc.kind.in_(kinds)] if kinds else [doc.case_id.is_not(None)]


INDEX = sa.table("search_index", sa.column("rowid", sa.Integer), sa.column("search_index", sa.Text))


def asked_of_sqlite(phrase: Phrase) -> str:
    """A phrase as FTS5 reads it. Words hold letters and digits only: nothing needs to be quoted inside the quotes."""
    return f'"{" ".join(phrase.words)}"' + ("*" if phrase.goes_on else "")


def asked_of_postgresql(phrase: Phrase) -> str:
    """A phrase as a text search query of PostgreSQL."""
    return " <-> ".join(f"'{word}'" for word in phrase.words) + (":*" if phrase.goes_on else "")


def _holds_sqlite(phrase: Phrase, doc: Any = SearchDoc) -> sa.ColumnElement[bool]:
    found = sa.select(INDEX.c.rowid).where(INDEX.c.search_index.match(asked_of_sqlite(phrase)))
    return doc.id.in_(found)  # type: ignore[no-any-return]


def _holds_postgresql(phrase: Phrase, doc: Any = SearchDoc) -> sa.ColumnElement[bool]:
    return vector_holds(asked_of_postgresql(phrase), doc)


def vector_holds(asked: str, doc: Any = SearchDoc) -> sa.ColumnElement[bool]:
    """That a row answers a text search query of PostgreSQL."""
    # Written into the statement: the planner must see whether the word is common to choose its way.
    query = sa.cast(sa.bindparam(None, asked, sa.Text, literal_execute=True), postgresql.TSQUERY)
    vector = sa.column("vector", postgresql.TSVECTOR, _selectable=sa.inspect(doc).selectable)
    return vector.op("@@", is_comparison=True)(query)
