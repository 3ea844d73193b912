"""The mark of a row tells what was taken out, and cannot be made or bent by anybody."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from casework.ledgers import marks as ledger_marks

KEY = b"k" * 32
COLUMNS = ("title", "place", "text")
TEXTS = {"title": "租金", "place": "", "text": "三个月没有营业"}


def a_mark() -> str:
    return ledger_marks.made(KEY, "8801-2020-000001", 3, TEXTS)


def test_a_mark_says_which_case_and_which_cells_changed() -> None:
    mark = ledger_marks.read(KEY, a_mark(), COLUMNS)
    assert mark is not None
    assert (mark.number, mark.version) == ("8801-2020-000001", 3)
    now = {**TEXTS, "place": "南贤路1号"}
    differing = [
        name for name in COLUMNS if ledger_marks.digest(KEY, mark.number, name, now[name]) != mark.digests[name]
    ]
    assert differing == ["place"]


@given(at=st.integers(0, len(a_mark()) - 1), other=st.characters(codec="ascii"))
def test_a_mark_with_one_sign_changed_is_none(at: int, other: str) -> None:
    mark = a_mark()
    bent = mark[:at] + other + mark[at + 1 :]
    assert bent == mark or bent.strip() == mark or ledger_marks.read(KEY, bent, COLUMNS) is None


def test_a_mark_of_another_key_or_of_other_columns_is_none() -> None:
    assert ledger_marks.read(b"o" * 32, a_mark(), COLUMNS) is None
    assert ledger_marks.read(KEY, a_mark(), (*COLUMNS, "tags")) is None
    assert ledger_marks.read(KEY, "", COLUMNS) is None


def test_the_same_text_in_two_cases_has_two_digests_so_that_nobody_compares_them() -> None:
    assert ledger_marks.digest(KEY, "1", "place", "x") != ledger_marks.digest(KEY, "2", "place", "x")
