"""The ladder draws any talks inside its box, and says what it cannot draw."""

from __future__ import annotations

import re
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from casework.kernel.time import at_local
from casework.negotiations.ladder import HEIGHT, MOST_STEPS, WIDTH, Agreed, Ladder, Mark, Rung, ladder

DAY = date(2020, 2, 12)
SUMS = st.none() | st.integers(min_value=0, max_value=10**12)


def a_mark(fen: int | None, *, method: str = "waive", expires_on: date | None = None) -> Mark:
    return Mark(fen, method, expires_on)


def a_rung(day: int, ask: int | None = None, offer: int | None = None, **changes: object) -> Rung:
    asks = [] if ask is None else [a_mark(ask)]
    offers = [] if offer is None else [a_mark(offer, **changes)]  # type: ignore[arg-type]
    return Rung(at_local(DAY + timedelta(days=day), 14), "hesitates", asks, offers)


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]


@given(
    rungs=st.lists(st.tuples(SUMS, SUMS), max_size=80),
    agreed=st.none() | st.integers(min_value=1, max_value=10**12),
)
@settings(max_examples=150, deadline=None)
def test_everything_drawn_lies_in_the_box(rungs: list[tuple[int | None, int | None]], agreed: int | None) -> None:
    made = ladder(
        [a_rung(place, ask, offer) for place, (ask, offer) in enumerate(rungs)],
        Agreed(DAY + timedelta(days=90), agreed) if agreed else None,
        DAY,
    )
    for path in (made.ask_path, made.offer_path, made.gap_path):
        assert all(0 <= number <= WIDTH for number in numbers(path))
    for point in made.points:
        assert 0 <= point.x <= WIDTH
        assert 0 <= point.y <= HEIGHT
        assert not point.label or 0 < point.label_y < HEIGHT
    xs = [point.x for point in made.points if point.kind == "ask"]
    assert xs == sorted(xs)
    assert len(xs) <= MOST_STEPS
    assert all(row.gap_fen is None or row.gap_fen >= 0 for row in made.rows)
    assert len(made.rows) == len(rungs)


def test_the_gap_closes_from_the_first_visit_to_the_agreement() -> None:
    rungs = [a_rung(0, 96_000_000, 0), a_rung(3, 80_000_000, 16_000_000), a_rung(7, 64_000_000, 61_234_567)]
    made = ladder(rungs, None, DAY)
    assert [row.gap_fen for row in made.rows] == [96_000_000, 64_000_000, 2_765_433]
    assert (made.first_gap_fen, made.gap_fen, made.gap_bp) == (96_000_000, 2_765_433, 432)
    assert ladder(rungs, Agreed(DAY, 61_234_567), DAY).gap_fen == 0


def test_a_round_without_a_sum_carries_the_former_one_forward() -> None:
    made = ladder([a_rung(0, 500, 100), a_rung(1), a_rung(2, None, 200)], None, DAY)
    assert [(row.ask_fen, row.offer_fen) for row in made.rows] == [(500, 100), (500, 100), (500, 200)]


def test_an_offer_past_its_day_is_marked_unless_an_agreement_rests_on_it() -> None:
    rungs = [a_rung(0, 500, 300, expires_on=DAY)]
    later = DAY + timedelta(days=1)
    assert [point.expired for point in ladder(rungs, None, later).points if point.kind == "offer"] == [True]
    assert not any(point.expired for point in ladder(rungs, None, DAY).points)
    assert not any(point.expired for point in ladder(rungs, Agreed(DAY, 300), later).points)


def test_a_deferral_and_an_unknown_sum_stand_in_the_table_only() -> None:
    made = ladder([a_rung(0, None, 700, method="defer"), Rung(at_local(DAY, 9), "agrees", [a_mark(None)])], None, DAY)
    assert not made.drawn
    assert [len(row.marks) for row in made.rows] == [1, 1]


def test_talks_without_a_round_draw_nothing() -> None:
    assert ladder([], None, DAY) == Ladder(drawn=False, rows=[])


def test_the_first_offer_may_be_the_agreement_itself() -> None:
    made = ladder([a_rung(0, 500), a_rung(1, 400)], Agreed(DAY, 300), DAY)
    assert made.drawn
    assert made.gap_path == ""


def test_two_hundred_rounds_stand_in_the_table_and_forty_at_most_are_drawn() -> None:
    rungs = [a_rung(place, 96_000_000 - place * 100_000, place * 100_000) for place in range(200)]
    made = ladder(rungs, None, DAY)
    for kind in ("ask", "offer"):
        points = [point for point in made.points if point.kind == kind]
        assert len(points) == MOST_STEPS
        assert len({point.x for point in points}) == MOST_STEPS, "none upon another"
    assert len(made.rows) == 200
    assert (made.first_gap_fen, made.gap_fen) == (96_000_000, 56_200_000)


def test_one_round_is_a_level_line_and_an_offer_above_the_ask_leaves_no_gap() -> None:
    made = ladder([a_rung(0, 500, 700)], None, DAY)
    assert [point.kind for point in made.points] == ["ask", "offer"]
    assert (made.gap_fen, made.gap_bp) == (0, 0)
    assert made.ask_path.startswith("M")
    assert made.ask_path.count("V") == 0


def test_a_side_that_has_not_spoken_leaves_the_gap_open() -> None:
    made = ladder([a_rung(0, 500), a_rung(1, 400)], None, DAY)
    assert (made.gap_fen, made.gap_bp, made.first_gap_fen, made.gap_path) == (None, None, None, "")
