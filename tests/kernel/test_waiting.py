"""Work that waits: one that cannot be done now holds up nobody, and how far it is is not told at every turn."""

from __future__ import annotations

from flask import Flask

from casework.kernel import waiting
from casework.kernel.errors import Conflict


def test_one_that_cannot_be_done_now_keeps_none_behind_it_waiting(app: Flask) -> None:
    seen: list[int] = []

    def carry_out(key: int) -> bool:
        seen.append(key)
        if key == 2:
            raise Conflict("somebody else was faster")
        return key != 3

    assert waiting.each([1, 2, 3, 4], carry_out, "put off") == 2
    assert seen == [1, 2, 3, 4]


def test_how_far_it_is_is_told_at_once_and_then_not_at_every_turn(app: Flask) -> None:
    told: list[int] = []
    beats = waiting.Beats(told.append)
    for done in range(50):
        beats.tell(done)
    assert told[0] == 0
    assert len(told) < 50
