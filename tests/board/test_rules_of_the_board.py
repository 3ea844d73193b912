"""The chart and the sums of the board, on facts alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from casework.board.rules import BASE, TOP, WIDTH, Day, Stock, by_community, chart, pressing, step

MONDAY = date(2020, 3, 16)
NOON = datetime(2020, 3, 16, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("most", "top"), [(0, 4), (1, 4), (4, 4), (5, 8), (9, 20), (21, 40), (92, 200), (201, 400), (4001, 8000)]
)
def test_the_scale_has_four_round_steps_and_holds_the_largest(most: int, top: int) -> None:
    drawn = chart([Day(MONDAY, most, 0)])
    assert [n for _, n in drawn.lines] == [top // 4 * n for n in range(5)]
    assert all(TOP <= bar.y <= BASE for bar in drawn.bars)


def test_bars_stand_on_the_base_and_are_as_high_as_their_number() -> None:
    drawn = chart([Day(MONDAY, 4, 2), Day(MONDAY + timedelta(days=1), 0, 1)])
    assert [(bar.kind, round(bar.y + bar.height, 1)) for bar in drawn.bars] == [("in", BASE), ("out", BASE)] * 2
    heights = [bar.height for bar in drawn.bars]
    assert heights[0] == BASE - TOP
    assert heights[1] == 2 * heights[3]
    assert heights[2] == 0
    assert max(bar.x for bar in drawn.bars) < WIDTH


def test_the_last_day_is_always_named() -> None:
    days = [Day(MONDAY + timedelta(days=n), 1, 1) for n in range(14)]
    assert [day for _, day in chart(days).words][-1] == days[-1].day
    assert chart([]).bars == ()


def test_where_most_is_late_stands_first() -> None:
    stocks = {1: Stock(open=9, late=0), 2: Stock(open=2, late=2), None: Stock(open=9, late=1), 4: Stock(open=3)}
    assert pressing(stocks) == [2, None, 1, 4]
    assert len(pressing({n: Stock(open=n) for n in range(1, 30)})) == 8


@pytest.mark.parametrize(
    ("count", "most", "warm"), [(0, 9, 0), (0, 0, 0), (1, 100, 1), (50, 100, 2), (51, 100, 3), (100, 100, 4)]
)
def test_a_community_is_as_warm_as_its_share_of_the_largest(count: int, most: int, warm: int) -> None:
    assert step(count, most) == warm


def test_custody_is_counted_since_the_earliest_and_by_limits_that_have_passed() -> None:
    stock = Stock(open=1, since=NOON - timedelta(days=8))
    stock.add(Stock(open=2, since=NOON - timedelta(days=3, hours=1)))
    stock.add(Stock(open=1))
    assert (stock.open, stock.longest(NOON), stock.held_beyond(NOON)) == (4, 8, "7")
    assert Stock(since=NOON - timedelta(days=3)).held_beyond(NOON) == ""
    assert Stock().longest(NOON) == 0


def test_a_community_counts_what_lies_with_any_unit() -> None:
    assert by_community([(1, 7, Stock(open=2)), (2, 7, Stock(open=3)), (None, None, Stock(open=1))]) == {7: 5, None: 1}
