"""Paths as tables of facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from casework.kpis.path_drawing import draw
from casework.kpis.paths import Done, Trace, discover, times

T = datetime(2020, 3, 16, 1, tzinfo=UTC)


def trace(case_id: int, steps: str, minutes: int = 10) -> Trace:
    """A letter a step, so many minutes apart."""
    return Trace(case_id, tuple(Done(name, T + timedelta(minutes=minutes * n), "甲") for n, name in enumerate(steps)))


def test_cases_events_variants_and_times_are_counted() -> None:
    log = discover([trace(1, "abc"), trace(2, "abc", 20), trace(3, "ac")])
    assert (log.cases, log.events) == (3, 8)
    assert [(one.steps, one.n, one.median, one.case_ids) for one in log.variants] == [
        (("a", "b", "c"), 2, 30, (1, 2)),
        (("a", "c"), 1, 10, (3,)),
    ]
    assert log.time is not None
    assert (log.time.median, log.time.p90) == (20, 40)


def test_an_edge_is_one_step_right_after_another_commonest_first() -> None:
    log = discover([trace(1, "abab"), trace(2, "ab", 30)])
    assert {edge: (found.n, found.median) for edge, found in log.edges.items()} == {
        ("a", "b"): (3, 10),
        ("b", "a"): (1, 10),
    }
    assert next(iter(log.edges)) == ("a", "b")


def test_a_step_taken_again_after_another_is_a_way_back_and_twice_in_a_row_is_not() -> None:
    log = discover([trace(1, "abca"), trace(2, "abb"), trace(3, "abc")])
    assert (log.backs, log.back_cases) == ({("c", "a"): 1}, 1)


def test_time_goes_to_whom_the_case_was_with() -> None:
    steps = (Done("a", T, ""), Done("b", T + timedelta(hours=1), "受理"), Done("c", T + timedelta(hours=4), "小组"))
    log = discover([Trace(1, steps)])
    assert {name: found.total for name, found in log.holders.items()} == {"小组": 180, "受理": 60}


def test_nothing_shows_nothing() -> None:
    log = discover([])
    assert (log.cases, log.time, log.variants) == (0, None, [])
    assert draw(log).boxes == ()


def test_the_drawing_stands_in_the_order_of_steps_and_draws_ways_back_on_the_left() -> None:
    drawing = draw(discover([trace(1, "abcbd"), trace(2, "abcd")]))
    assert [box.name for box in drawing.boxes] == ["a", "b", "c", "d"]
    backs = [way for way in drawing.ways if way.back]
    assert [(way.source, way.target) for way in backs] == [("c", "b")]
    assert all(way.label_x < drawing.boxes[0].x for way in backs)


def test_the_drawing_keeps_to_what_is_common_and_says_what_it_left_out() -> None:
    names = "abcdefghijklmnopqrstuvwxyz"
    drawing = draw(discover([trace(1, names), trace(2, names[:10])]))
    assert len(drawing.boxes) == 14
    assert drawing.left_out == 12


def test_few_cases_that_skip_ahead_do_not_turn_the_usual_order_round() -> None:
    log = discover([trace(1, "abcd"), trace(2, "abcd"), trace(3, "acbd"), trace(4, "ac"), trace(5, "ac")])
    assert [box.name for box in draw(log).boxes] == ["a", "b", "c", "d"]


def test_nine_of_ten_keep_the_p90() -> None:
    found = times(list(range(1, 11)))
    assert (found.median, found.p90, found.total) == (5.5, 9, 55)
