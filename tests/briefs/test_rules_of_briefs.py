"""What a brief says of its figures, which days it is about, and when a planned one is due."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from casework.briefs import charts, figures, rules, sentences
from casework.briefs.figures import Coverage, Figures, Lying, Money, Orders, Overdue, Pair, Part, Rate, Short, Slot
from casework.briefs.words import Kind
from casework.kernel.i18n import speaking
from casework.kernel.time import at_local

MONDAY = date(2020, 3, 9)
SUNDAY = date(2020, 3, 15)
AFTER = at_local(date(2020, 3, 16), 9)
NONE = Pair(0, 0)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with speaking("en"):
        yield


def lying(key: int | None, name: str, late: int, open_: int = 9) -> Lying:
    return Lying(key, name, open_, late, 0, {"7": 0}, {"7": 0}, 1)


def part(key: int | None, zh: str, came: tuple[int, int | None], open_: tuple[int, int | None] = (0, 0)) -> Part:
    return Part(key, zh, "", Pair(*came), NONE, Pair(*open_))


def rate(key: str, hits: int, of: int) -> Rate:
    return Rate(key, of, hits, 0, 0, 0, 500, 20)


def some(**changes: Any) -> Figures:
    span = rules.span(MONDAY, SUNDAY, AFTER)
    days = {name: getattr(span, name) for name in ("first", "last", "first_before", "last_before", "whole")}
    moments = {name: getattr(span, name) for name in ("start", "end", "start_before", "end_before")}
    boring = Figures(
        **days,
        **moments,
        counted_at=AFTER,
        came=Pair(42, 30),
        ended=Pair(30, 30),
        open=Pair(20, 21),
        slots=(Slot(MONDAY, MONDAY, 3, 1),),
        types=(),
        areas=(),
        units=(),
        lying=lying(None, "", 0, 0),
        holders=(),
        rates=(),
        rates_before=(),
        money=Money(0, 0, 0, 0, NONE),
        orders=Orders(NONE, 0, 0),
    )
    return replace(boring, **changes)


def said(of: Figures, kind: str = Kind.WEEKLY, locale: str = "en") -> list[str]:
    with speaking(locale):
        return [line for section in sentences.told(of, kind, locale) for line in section.lines]


# -- the counts


@pytest.mark.parametrize(
    ("now", "before", "sentence"),
    [
        (42, 30, "42 cases reported in the week, 12 or 40.0% more than in the week before (30)."),
        (30, 42, "30 cases reported in the week, 12 or 28.6% fewer than in the week before (42)."),
        (30, 30, "30 cases reported in the week, as many as in the week before (30)."),
        (1, 0, "1 case reported in the week, 1 more than in the week before (0)."),
        (0, 3, "No case reported in the week, 3 fewer than in the week before (3)."),
        (0, 0, "No case reported in the week, as many as in the week before (0)."),
        (7, None, "7 cases reported in the week; there is nothing in the week before to compare with."),
        (1234, 1000, "1,234 cases reported in the week, 234 or 23.4% more than in the week before (1,000)."),
        (40, 19, "40 cases reported in the week, 21 more than in the week before (19)."),  # too few for a share
    ],
)
def test_a_count_is_said_against_the_time_before(now: int, before: int | None, sentence: str) -> None:
    assert said(some(came=Pair(now, before)))[0] == sentence


@pytest.mark.parametrize(
    ("now", "before", "sentence"),
    [
        (42, 30, "本周新收诉求 42 件，较上周（30 件）增加 12 件（上升 40.0%）。"),
        (3, 5, "本周新收诉求 3 件，较上周（5 件）减少 2 件。"),
        (5, 5, "本周新收诉求 5 件，较上周（5 件）持平。"),
        (0, None, "本周新收诉求 0 件；上周没有数据，不作比较。"),
    ],
)
def test_a_count_is_said_in_chinese_alike(now: int, before: int | None, sentence: str) -> None:
    assert said(some(came=Pair(now, before)), locale="zh-CN")[0] == sentence


def test_the_words_follow_the_kind_of_brief() -> None:
    assert "on the day, 12 or 40.0% more than on the day before" in said(some(), Kind.DAILY)[0]
    assert "in the period, 12 or 40.0% more than in the period before" in said(some(), Kind.SPECIAL)[0]


@pytest.mark.parametrize(("now", "before", "warned"), [(19, 3, True), (3, 19, True), (20, 3, False), (3, None, False)])
def test_small_numbers_are_called_small(now: int, before: int | None, warned: bool) -> None:
    assert any("no trend is to be read" in line for line in said(some(came=Pair(now, before)))) is warned


def test_a_time_that_is_not_over_says_up_to_when() -> None:
    span = rules.span(MONDAY, SUNDAY, at_local(date(2020, 3, 11), 17, 30))
    text = " ".join(said(some(whole=span.whole, end=span.end)))
    assert "everything is counted up to 2020-03-11 17:30, and so is what it is compared with" in text


# -- the parts


def test_the_parts_that_make_the_change_are_named_largest_first_and_the_others_summed() -> None:
    parts = [part(n, name, (now, then)) for n, (name, now, then) in enumerate(
        [("甲", 9, 0), ("乙", 1, 4), ("丙", 2, 0), ("丁", 1, 0), ("戊", 5, 5), ("己", 1, 0)], 1)]  # fmt: skip
    text = " ".join(said(some(types=tuple(parts))))
    assert "What was reported, by type: 甲 9 more, 乙 3 fewer, 丙 2 more, all others 2 more." in text


def test_the_named_parts_and_the_others_add_up_to_the_change() -> None:
    parts = tuple(part(n, f"区{n}", (n * n, 40)) for n in range(1, 12))
    with speaking("zh-CN"):
        sentence = str(sentences.taken_apart("came", "areas", parts, "zh-CN"))
    moved = sum(one.came.moved for one in parts)
    found = [int(n) * (1 if way == "增加" else -1) for way, n in re.findall(r"(增加|减少) (\d+) 件", sentence)]
    assert len(found) == 4
    assert sum(found) == moved


def test_parts_that_move_against_each_other_are_told_where_the_whole_stands_still() -> None:
    text = " ".join(said(some(came=Pair(30, 30), types=(part(1, "甲", (9, 5)), part(2, "乙", (21, 25))))))
    assert "by type: 甲 4 more, 乙 4 fewer." in text


def test_where_no_part_moved_it_says_so_and_with_nothing_before_names_no_change() -> None:
    assert "No type, area or unit differs from the time before." in said(some(types=(part(1, "甲", (5, 5)),)))
    alone = some(came=Pair(5, None), ended=Pair(0, None), open=Pair(5, None), types=(part(1, "甲", (5, None)),))
    assert not [line for line in said(alone) if "differs" in line or "by type" in line]
    assert "There is nothing before to compare with: the tables show the parts of this time alone." in said(alone)


def test_what_has_no_name_is_called_so() -> None:
    text = " ".join(said(some(units=(part(None, "", (0, 0), (4, 1)),))))
    assert "What lies open, by unit: no unit yet 3 more." in text


def test_no_sentence_names_a_cause() -> None:
    everything = some(types=(part(1, "甲", (9, 5)),), lying=lying(None, "", 3), holders=(lying(1, "组", 3),))
    for locale in ("en", "zh-CN"):
        text = (
            " ".join(said(everything, locale=locale)).replace("不说明增减的原因", "").replace("why it came about", "")
        )
        assert not [word for word in ("because", "due to", "caused", "因为", "由于", "导致", "原因") if word in text]


# -- late, rates, money, orders, coverage


def test_the_late_are_told_with_whom_they_lie_and_how_many_the_list_names() -> None:
    holders = tuple(lying(n, f"组{n}", n) for n in range(6))
    listed = (Overdue("1", "", "", "", "", AFTER, 1),)
    text = " ".join(said(some(lying=lying(None, "", 15, 30), holders=holders, overdue=listed)))
    assert "30 cases open, of them late 15" in text
    assert "The late ones lie with: 组5 5, 组4 4, 组3 3, all others 3." in text
    assert "The list names those that are late longest: 1." in text


def test_where_nothing_is_late_it_says_so() -> None:
    assert "Nothing is late now." in said(some(lying=lying(None, "", 0, 4)))
    assert "Nothing is late now." not in said(some())  # nothing is open


def test_a_rate_is_told_with_its_n_and_d_and_a_small_one_without_its_change() -> None:
    large = some(rates=(rate("on_time", 45, 50),), rates_before=(rate("on_time", 20, 40),))
    assert "Resolved in time: 90.0% (45 of 50), in the week before 50.0% (20 of 40): +40.0 points." in said(large)
    small = some(rates=(rate("on_time", 4, 5),), rates_before=(rate("on_time", 20, 40),))
    assert [line for line in said(small) if "too few to judge by" in line and "points" not in line]
    first = some(rates=(rate("on_time", 45, 50),), rates_before=(rate("on_time", 0, 0),))
    assert "Resolved in time: 90.0% (45 of 50); there is nothing in the week before to compare with." in said(first)
    assert not [line for line in said(some(rates=(rate("on_time", 0, 0),))) if "Resolved" in line]


def test_money_is_told_in_yuan_to_the_fen() -> None:
    text = " ".join(said(some(money=Money(61_234_567, 100, 5, 1, Pair(5, None)))))
    assert "promised 612,345.67 yuan, agreed by both sides 1.00 yuan, confirmed received 0.05 yuan" in text
    assert "Confirmed received in the week: 0.05 yuan; there is nothing in the week before to compare with." in text


def test_orders_coverage_and_supplies_are_told_where_there_are_any() -> None:
    seen = Coverage(10, 1, 2, 0, 4, 14, 5, 3)
    full = some(orders=Orders(Pair(2, 1), 3, 1), coverage=seen, short=(Short(1, None, "口罩", "只", "", 1500),))
    text = " ".join(said(full))
    assert "Issued in the week: 2; in the week before: 1. Open now: 3, of them late: 1." in text
    assert "Enterprises without officer: 3 of 10; not contacted for 14 days: 4" in text
    assert "Supplies short: 口罩 1,500 只." in text
    assert [one.key for one in sentences.told(some(), Kind.WEEKLY, "en")] == ["totals", "parts", "late"]


# -- the archive


def test_figures_come_back_from_their_archive_as_they_were() -> None:
    whole = some(
        types=(part(1, "甲", (9, None)),),
        holders=(lying(3, "组", 2),),
        rates=(rate("on_time", 4, 5),),
        rates_before=(rate("on_time", 0, 0),),
        coverage=Coverage(10, 1, 2, 0, 4, 14, 5, 3),
        short=(Short(1, None, "口罩", "只", "", 1500),),
        overdue=(Overdue("8801-2020-000001", "面馆", "租金", "Rent", "组", AFTER, 3),),
    )
    kept = figures.as_json(whole)
    assert figures.from_json(kept) == whole
    assert figures.as_json(figures.from_json(kept)) == kept


def test_the_seal_changes_with_any_figure_and_not_with_the_order_of_keys() -> None:
    kept = figures.as_json(some())
    assert figures.seal_of(kept, {}) == figures.seal_of(dict(reversed(kept.items())), {})
    assert figures.seal_of(kept, {}) != figures.seal_of(figures.as_json(some(came=Pair(43, 30))), {})


# -- the days


def test_a_week_is_compared_with_the_week_before() -> None:
    found = rules.span(MONDAY, SUNDAY, AFTER)
    assert (found.start, found.end) == (at_local(MONDAY), at_local(date(2020, 3, 16)))
    assert (found.start_before, found.end_before) == (at_local(date(2020, 3, 2)), at_local(MONDAY))
    assert found.whole


def test_half_a_day_is_compared_with_half_a_day() -> None:
    found = rules.span(MONDAY, MONDAY, at_local(MONDAY, 17, 30))
    assert (found.end, found.end_before) == (at_local(MONDAY, 17, 30), at_local(date(2020, 3, 8), 17, 30))
    assert not found.whole


@pytest.mark.parametrize(
    ("days", "slices"),
    [(1, 14), (14, 14), (15, 3), (98, 14), (99, 4), (500, 6), (3660, 11)],
)
def test_any_period_is_drawn_in_at_most_fourteen_slices_without_a_gap(days: int, slices: int) -> None:
    start = MONDAY - timedelta(days=days - 1)
    found = rules.slices(start, MONDAY)
    assert len(found) <= rules.SLICES
    assert slices - 1 <= len(found) <= slices + 1
    assert found[-1][1] == MONDAY
    assert found[0][0] == min(start, MONDAY - timedelta(days=13))
    assert all(after[0] - before[1] == timedelta(days=1) for before, after in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("kind", "at", "first", "last"),
    [
        ("daily", (date(2020, 3, 11), 17, 30), date(2020, 3, 11), date(2020, 3, 11)),
        ("daily", (date(2020, 3, 11), 8, 30), date(2020, 3, 10), date(2020, 3, 10)),
        ("weekly", (date(2020, 3, 16), 9, 0), MONDAY, SUNDAY),
        ("weekly", (date(2020, 3, 13), 11, 59), date(2020, 3, 2), date(2020, 3, 8)),
        ("weekly", (date(2020, 3, 13), 12, 0), MONDAY, SUNDAY),
        ("weekly", (date(2020, 3, 15), 9, 0), MONDAY, SUNDAY),
    ],
)
def test_a_planned_brief_is_about_the_days_that_its_hour_means(
    kind: str, at: tuple[date, int, int], first: date, last: date
) -> None:
    assert rules.covered(kind, at_local(*at)) == (first, last)


def weekdays(day: date) -> bool:
    return day.weekday() < 5


@pytest.mark.parametrize(
    ("weekday", "after", "due"),
    [
        (None, at_local(date(2020, 3, 12), 17), at_local(date(2020, 3, 12), 17, 30)),
        (None, at_local(date(2020, 3, 13), 17, 30), at_local(date(2020, 3, 16), 17, 30)),  # over the weekend
        (6, at_local(date(2020, 3, 13), 9), at_local(date(2020, 3, 15), 17, 30)),  # a weekday that is no working day
        (0, at_local(date(2020, 3, 16), 17, 30), at_local(date(2020, 3, 23), 17, 30)),
    ],
)
def test_the_next_occasion_is_on_a_working_day_or_on_the_weekday(
    weekday: int | None, after: datetime, due: datetime
) -> None:
    assert rules.next_occasion(17 * 60 + 30, weekday, after, weekdays) == due


@pytest.mark.parametrize(
    ("kind", "first", "last", "field"),
    [
        ("weekly", None, None, "on"),
        ("special", MONDAY, None, "last"),
        ("special", SUNDAY, MONDAY, "last"),
        ("special", date(2008, 1, 1), MONDAY, "last"),
        ("daily", date(2020, 3, 17), date(2020, 3, 17), "on"),
        ("daily", date(1980, 3, 17), date(1980, 3, 17), "on"),
    ],
)
def test_days_that_no_brief_can_be_about_are_refused_at_their_field(
    kind: str, first: date | None, last: date | None, field: str
) -> None:
    [reason] = rules.faults(kind, first, last, date(2020, 3, 16))
    assert reason.field == field


# -- the drawings


def test_the_bars_of_a_chart_are_as_long_as_their_numbers_and_hold_their_names_as_text() -> None:
    drawn = charts.lines([("甲<b>", 10, 5), ("乙", 20, None), ("丙", 0, 0)])
    assert [(line.name, line.width / drawn.rows[0].width) for line in drawn.rows] == [("乙", 1.0), ("甲<b>", 0.5)]
    assert "甲&lt;b&gt;" in charts.lines_svg(drawn)
    assert charts.lines([]).rows == ()
