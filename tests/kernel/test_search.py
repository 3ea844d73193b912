"""The filter finds what a scan of every text finds, on both databases."""

from __future__ import annotations

import unicodedata

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.kernel import search
from casework.kernel.db import db, transaction
from casework.kernel.models import SearchDoc

ALPHABET = "口罩紧缺急阳𠮷ㄅカ0951nNxX，。 -·é"
TEXTS = st.text(ALPHABET, max_size=30)
WORDS = st.text(ALPHABET.replace(" ", ""), min_size=1, max_size=5)


def scan(text: str, word: str) -> bool:
    """The oracle: reads the text; letters and digits are found from the beginning of their run."""

    def plain(words: str) -> str:
        written, before = "", ""
        for char in unicodedata.normalize("NFKC", words).lower():
            kind = "" if not char.isalnum() else "latin" if char < "\u2000" else "han"
            written += (" " if kind != before else "") + (char if kind else "")
            before = kind
        return " ".join(written.split())

    wanted = plain(word)
    if not wanted:
        return False
    return (" " + wanted if wanted[0] < "\u2000" else wanted) in " " + plain(text)


def found(word: str) -> set[int]:
    return set(db.session.scalars(search.matching(word)))


@given(texts=st.lists(TEXTS, min_size=1, max_size=8), words=st.lists(WORDS, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
def test_a_word_finds_what_a_scan_finds(app: Flask, texts: list[str], words: list[str]) -> None:
    with transaction():
        db.session.execute(sa.delete(SearchDoc))
        for number, text in enumerate(texts):
            search.put("case", number, 0, number, text)
    for word in words:
        assert found(word) == {number for number, text in enumerate(texts) if scan(text, word)}, word


def test_two_words_may_stand_in_two_texts_of_a_case(app: Flask) -> None:
    with transaction():
        search.put("case", 1, 0, 1, "口罩紧缺")
        search.put("entry", 7, 0, 1, "已联系海关")
        search.put("case", 2, 0, 2, "口罩")
    assert found("口罩 海关") == {1}
    assert found("口罩") == {1, 2}


def test_what_was_replaced_is_found_no_longer(app: Flask) -> None:
    with transaction():
        search.put("case", 1, 0, 1, "旧" * search.PIECE + "房租减免")
    assert found("房租") == {1}
    with transaction():
        search.put("case", 1, 0, 1, "用电")
    assert found("房租") == set()
    assert found("用电") == {1}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SearchDoc)) == 1


@pytest.mark.parametrize("before", range(search.PIECE - 6, search.PIECE + 2))
def test_a_phrase_on_the_seam_of_two_pieces_is_found(app: Flask, before: int) -> None:
    with transaction():
        search.put("case", 1, 0, 1, "，" * before + "临时通行证" + "。" * 100)
    assert found("临时通行证") == {1}


@pytest.mark.parametrize("odd", ['"', "'", "*", "a:* | b", "'); --", "\\", "\x00", "%s", "NEAR(", "   "])
def test_signs_of_the_query_languages_mean_nothing(app: Flask, odd: str) -> None:
    with transaction():
        search.put("case", 1, 0, 1, "口罩")
    assert found(odd) == set()
    assert found(f"口罩{odd.strip() if not any(c.isalnum() for c in odd) else ''}") == {1}
