"""The text filter: pairs of Chinese characters in the database's own index, alike on both databases.

A text becomes runs (Chinese, or letters and digits), a run becomes words: of ``口罩紧缺`` the pairs
``口罩 罩紧 紧缺`` and its last character ``缺``; of ``N95`` the one word ``n95``. What is looked for becomes
a phrase of the same words, which the text must hold in this order: so a two-character word finds what
reading every text would find. The exception is the middle of a run of letters or digits, which is found
from its beginning only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from casework.kernel.db import db
from casework.kernel.models import SearchDoc
from casework.kernel.words import IS_HAN, runs

PIECE = 8000  # characters: PostgreSQL loses phrases past 16,383 words and refuses a megabyte
OVERLAP = 60  # of two pieces, so that a phrase on the seam is found; the filter takes no longer one
PIECES = 1000  # the numbers that one part of a thing has for its pieces


def tokens(text: str) -> str:
    """The words of a text that go into the index, with blanks between."""
    return " ".join(word for run in runs(text) for word in _words(run))


def _words(run: str) -> Iterator[str]:
    if not IS_HAN.match(run):
        yield run
        return
    yield from (a + b for a, b in pairwise(run))
    yield run[-1]


def pieces(text: str) -> list[str]:
    """The words of a text, piece by piece; at least one piece, for an empty text too."""
    starts = range(0, max(len(text) - OVERLAP, 1), PIECE - OVERLAP)
    return [tokens(text[start : start + PIECE]) for start in starts]


def put(kind: str, ref_id: int, part: int, case_id: int | None, text: str, *, new: bool = False) -> None:
    """Make a text of a case findable, in the transaction that writes it; again, to replace what it was.

    ``kind`` and ``ref_id`` name the thing, ``part`` one of its texts. ``new`` spares the removal of what
    an older, longer text left behind.
    """
    rows = [
        {"kind": kind, "ref_id": ref_id, "part": part * PIECES + number, "case_id": case_id, "tokens": words}
        for number, words in enumerate(pieces(text)[:PIECES])
    ]
    for row in rows:
        db.session.execute(_upsert(db.engine.dialect.name), row)
    if not new:
        _forget_behind(kind, ref_id, rows[-1]["part"], (part + 1) * PIECES)


def put_all(texts: Sequence[tuple[str, int, int | None, str]]) -> None:
    """Make many new texts findable at once: kind, id and case of each, and what it says; see ``put``."""
    rows = [
        {"kind": kind, "ref_id": ref_id, "part": number, "case_id": case_id, "tokens": words}
        for kind, ref_id, case_id, text in texts
        for number, words in enumerate(pieces(text)[:PIECES])
    ]
    if rows:
        db.session.connection().execute(_upsert(db.engine.dialect.name), rows)


@lru_cache(maxsize=2)
def _upsert(dialect: str) -> sa.Executable:
    """One row in or over what was there. A list of rows in one statement would be compiled anew each time."""
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(SearchDoc)
    upsert: sa.Executable = statement.on_conflict_do_update(
        index_elements=[SearchDoc.kind, SearchDoc.ref_id, SearchDoc.part],
        set_={"tokens": statement.excluded.tokens, "case_id": statement.excluded.case_id},
    )
    return upsert


def _forget_behind(kind: str, ref_id: int, last: Any, end: int) -> None:
    db.session.execute(
        sa.delete(SearchDoc).where(
            SearchDoc.kind == kind, SearchDoc.ref_id == ref_id, SearchDoc.part > last, SearchDoc.part < end
        )
    )


def matching(text: str) -> sa.Select[int | None]:
    """The ids of the cases that hold every word of ``text`` somewhere; none, if it has no letter in it."""
    phrases = [phrase for word in text.split() if (phrase := _phrase(word))]
    if not phrases:
        return sa.select(SearchDoc.case_id).where(sa.false())
    holds = _holds_sqlite if db.engine.dialect.name == "sqlite" else _holds_postgresql
    query = sa.select(SearchDoc.case_id).where(holds(phrases[0]))
    for phrase in phrases[1:]:
        other = sa.orm.aliased(SearchDoc)
        query = query.where(SearchDoc.case_id.in_(sa.select(other.case_id).where(holds(phrase, other))))
    return query


def _phrase(word: str) -> tuple[list[str], bool] | None:
    """The words to be found in a row, and whether the last one may go on."""
    found = runs(word)
    if not found:
        return None
    words = [part for run in found[:-1] for part in _words(run)]
    last = found[-1]
    if IS_HAN.match(last) and len(last) > 1:
        return [*words, *(a + b for a, b in pairwise(last))], False
    return [*words, last], True


def _holds_sqlite(phrase: tuple[list[str], bool], doc: Any = SearchDoc) -> sa.ColumnElement[bool]:
    words, goes_on = phrase
    index = sa.table("search_index", sa.column("rowid", sa.Integer), sa.column("search_index", sa.Text))
    # Words hold letters and digits only, so that nothing needs to be quoted inside the quotes.
    asked = f'"{" ".join(words)}"' + ("*" if goes_on else "")
    return doc.id.in_(sa.select(index.c.rowid).where(index.c.search_index.match(asked)))  # type: ignore[no-any-return]


def _holds_postgresql(phrase: tuple[list[str], bool], doc: Any = SearchDoc) -> sa.ColumnElement[bool]:
    words, goes_on = phrase
    asked = " <-> ".join(f"'{word}'" for word in words) + (":*" if goes_on else "")
    # Written into the statement: the planner must see whether the word is common to choose its way.
    query = sa.cast(sa.bindparam(None, asked, sa.Text, literal_execute=True), postgresql.TSQUERY)
    vector = sa.column("vector", postgresql.TSVECTOR, _selectable=sa.inspect(doc).selectable)
    return vector.op("@@", is_comparison=True)(query)
