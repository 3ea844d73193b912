"""Whatever is killed, restarted or doubled: each level of each clock is told once, none early and none missed."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.supervision import schedules


@pytest.mark.parametrize("seed", [20200316])  # `make trials` runs fifty
def test_nothing_is_missed_doubled_or_early(app: Flask, database_url: str, seed: int) -> None:
    found = schedules.run(app, database_url, seed)
    assert (found.missed, found.doubled, found.early, found.after_the_end) == (0, 0, 0, 0)
    assert found.told > 100
    assert found.by_the_killed > 50
    assert found.kills >= 3
