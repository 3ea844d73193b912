"""How an entry is hashed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from casework.audit.rules import canonical, commitment, entry_hash

ENTRY: dict[str, Any] = {
    "chain": "case:1",
    "seq": 2,
    "at": datetime(2020, 3, 16, 1, tzinfo=UTC),
    "actor_id": 3,
    "channel": "web",
    "request_id": "r",
    "verb": "CaseMoved",
    "commitment": "c",
    "prev": "p",
}
OTHER: dict[str, Any] = {
    "chain": "case:2",
    "seq": 3,
    "at": datetime(2020, 3, 16, 1, 0, 0, 1, tzinfo=UTC),
    "actor_id": None,
    "channel": "job",
    "request_id": "s",
    "verb": "NoteAdded",
    "commitment": "d",
    "prev": "q",
}


@pytest.mark.parametrize("column", list(ENTRY))
def test_every_column_counts(column: str) -> None:
    assert entry_hash(**ENTRY) != entry_hash(**{**ENTRY, column: OTHER[column]})


def test_the_order_of_keys_does_not_count_and_chinese_stays_chinese() -> None:
    assert canonical({"b": 1, "a": "租金"}) == '{"a":"租金","b":1}'.encode()
    assert commitment({"a": 1, "b": 2}, "00") == commitment({"b": 2, "a": 1}, "00")


def test_the_salt_hides_what_was_said() -> None:
    assert commitment({"text": "同一句"}, "00") != commitment({"text": "同一句"}, "01")
