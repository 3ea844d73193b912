"""The newest texts that hold some words are the newest, whatever lies between them, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.kernel import words
from casework.kernel.db import db, transaction
from casework.kernel.finding import Sought, newest
from casework.kernel.models import SearchDoc
from casework.kernel.words import SLICE_OF

TOP = 400 * SLICE_OF
ANYWHERE = st.lists(st.integers(1, TOP), min_size=1, max_size=60, unique=True)
EVENLY = st.integers(1, 3 * SLICE_OF).map(lambda step: list(range(TOP, TOP - 60 * step, -step)))
SAID = {0: "口罩紧缺", 1: "口岸罩住", 2: "海关口罩", 3: "n95 口罩"}


def written(ids: Sequence[int]) -> dict[int, str]:
    """Texts under these ids; what each says follows from its id."""
    said = {key: SAID[key % 4] for key in ids}
    with transaction():
        db.session.execute(sa.delete(SearchDoc))
        rows = [
            {"id": key, "kind": "entry", "ref_id": key, "part": 0, "case_id": key % 3,
             "tokens": words.marked("entry", words.tokens(text), key % 2)}
            for key, text in said.items()
        ]  # fmt: skip
        db.session.execute(sa.insert(SearchDoc), rows)
    return said


def asked(word: str, **more: Any) -> Sought:
    def narrow(query: sa.Select[Any]) -> sa.Select[Any]:
        return query.where(SearchDoc.case_id != 0)

    return Sought(words.phrases(word), "entry", narrow, **more)


@given(
    ids=ANYWHERE | EVENLY,
    word=st.sampled_from(["口罩", "口", "海关", "n", "口 海关", "罩紧缺"]),
    most=st.integers(1, 9),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
def test_page_after_page_shows_each_find_once_the_newest_first(
    app: Flask, ids: list[int], word: str, most: int
) -> None:
    said = written(ids)
    wanted = [
        key for key in sorted(said, reverse=True) if key % 3 and all(part in said[key] for part in word.split())
    ]  # fmt: skip
    for sought in (asked(word), asked(word, rare=True), asked(word, few=[1, 2])):
        found: list[int] = []
        while rows := newest(sought, most=most, before=found[-1] if found else None):
            found += [row.id for row in rows]
        assert found == wanted


@pytest.mark.parametrize("word", ["口罩", "口"])
def test_texts_of_other_districts_are_left_out_by_the_index(app: Flask, word: str) -> None:
    written(range(1, 200))
    assert {row.id % 2 for row in newest(asked(word, places=[1]), most=500)} == {1}


def test_each_text_bears_the_mark_of_its_slice(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("FTS5 hands out its rows in falling order by itself")
    written([1, SLICE_OF - 1, SLICE_OF, 7 * SLICE_OF + 5])
    marks = db.session.execute(sa.text("SELECT id FROM search_docs WHERE vector @@ '''ｓ0'''::tsquery ORDER BY id"))
    assert list(marks.scalars()) == [1, SLICE_OF - 1]
