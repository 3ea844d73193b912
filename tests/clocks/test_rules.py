"""Calendar arithmetic against a minute-by-minute oracle, and the mistakes that others have shipped."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.clocks.calendar import ALWAYS, Calendar
from casework.clocks.kinds import CalendarKind, DayKind
from casework.clocks.rules import (
    Facts,
    due_at,
    minutes_of_days,
    paused_minutes,
    standing,
    working_minutes,
)
from casework.kernel.time import SHANGHAI
from tests.clocks import oracle

HOLIDAY, WORKDAY = DayKind.HOLIDAY, DayKind.WORKDAY
SPRING_2020 = {
    **{date(2020, 1, day): HOLIDAY for day in (1, *range(24, 32))},
    date(2020, 1, 19): WORKDAY,
    date(2020, 2, 1): HOLIDAY,
    date(2020, 2, 2): HOLIDAY,
}
OFFICE = Calendar(CalendarKind.WORKING, SPRING_2020)
NINE_TO_FIVE = Calendar(CalendarKind.WORKING, {}, ((time(9), time(17)),))


def at(text: str) -> datetime:
    """``2020-03-16 09:30`` on the wall clock of Asia/Shanghai."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def add_working(start: datetime, minutes: int, calendar: Calendar) -> datetime:
    """When a limit without extensions and pauses is used up."""
    due = due_at(start, minutes, 0, (), calendar)
    assert due is not None
    return due


# -- against the oracle

EPOCH = datetime(2020, 1, 10, tzinfo=UTC)
moments = st.integers(0, 40 * 24 * 60).map(lambda minute: EPOCH + timedelta(minutes=minute))
dates = st.integers(0, 60).map(lambda day: date(2020, 1, 8) + timedelta(days=day))
hours = st.sampled_from(
    [((540, 720), (840, 1080)), ((540, 1020),), ((0, 1440 - 1),), ((480, 600), (660, 720), (1200, 1201))]
)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, oracle.Counts]:
    """The same calendar twice: ours, and as the oracle knows it."""
    if draw(st.booleans()) and draw(st.booleans()):
        return ALWAYS, oracle.always
    holidays, makeup = draw(st.sets(dates, max_size=12)), draw(st.sets(dates, max_size=4))
    week = draw(st.sampled_from([frozenset(range(5)), frozenset(range(7)), frozenset({0, 2, 6})]))
    spans, changes = draw(hours), sorted(draw(st.dictionaries(dates, hours, max_size=2)).items())
    days = dict.fromkeys(holidays, HOLIDAY) | dict.fromkeys(makeup, WORKDAY)
    later = tuple((day, _times(given)) for day, given in changes)
    ours = Calendar(CalendarKind.WORKING, days, _times(spans), week, later)
    then = [(str(day), list(given)) for day, given in changes]
    return ours, oracle.office({str(day) for day in holidays}, {str(day) for day in makeup}, list(spans), week, then)


def _times(spans: tuple[tuple[int, int], ...]) -> tuple[tuple[time, time], ...]:
    return tuple((time(a // 60, a % 60), time(b // 60, b % 60)) for a, b in spans)


@st.composite
def pauses(draw: st.DrawFn) -> list[tuple[datetime, datetime | None]]:
    made: list[tuple[datetime, datetime | None]] = []
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(moments)
        length = draw(st.one_of(st.none(), st.integers(0, 3 * 1440)))
        made.append((begin, None if length is None else begin + timedelta(minutes=length)))
    return made


@settings(max_examples=150, deadline=None)
@given(calendars(), moments, st.integers(0, 1300), st.integers(0, 300), pauses())
def test_a_due_time_is_what_counting_every_minute_gives(
    both: tuple[Calendar, oracle.Counts],
    start: datetime,
    limit: int,
    extension: int,
    held: list[tuple[datetime, datetime | None]],
) -> None:
    ours, counts = both
    # The oracle would count a pause against a limit of nothing; there is none to hold back.
    expected = oracle.due(start, limit + extension, held if limit + extension else [], counts)
    assert due_at(start, limit, extension, held, ours) == expected


@settings(max_examples=150, deadline=None)
@given(calendars(), moments, st.integers(0, 12 * 1440))
def test_working_minutes_are_what_counting_every_minute_gives(
    both: tuple[Calendar, oracle.Counts], start: datetime, length: int
) -> None:
    ours, counts = both
    end = start + timedelta(minutes=length)
    expected = oracle.minutes_between(start, end, counts)
    assert working_minutes(start, end, ours) == expected
    assert working_minutes(end, start, ours) == -expected


@settings(max_examples=300, deadline=None)
@given(calendars(), moments, st.integers(1, 40_000), st.integers(0, 59_999_999))
def test_adding_and_measuring_agree_to_the_microsecond(
    both: tuple[Calendar, oracle.Counts], start: datetime, minutes: int, odd: int
) -> None:
    ours, _ = both
    start += timedelta(microseconds=odd)
    end = add_working(start, minutes, ours)
    assert working_minutes(start, end, ours) == minutes
    assert working_minutes(start, end - timedelta(microseconds=1), ours) < minutes


@settings(max_examples=200, deadline=None)
@given(calendars(), moments, st.integers(1, 3000), pauses(), st.integers(0, 30 * 1440))
def test_how_it_stands_agrees_with_when_it_is_due(
    both: tuple[Calendar, oracle.Counts],
    start: datetime,
    limit: int,
    held: list[tuple[datetime, datetime | None]],
    later: int,
) -> None:
    ours, _ = both
    now = start + timedelta(minutes=later)
    # What lies ahead is not known yet: a pause that is planned counts when it happens.
    held = [(a, b if b and b <= now else None) for a, b in held if a <= now]
    facts = Facts(started_at=start, limit_minutes=limit, pauses=tuple((a, b, "") for a, b in held))
    stands = standing(facts, ours, now)
    assert (stands.tone == "late") == (stands.due_at is not None and now > stands.due_at)
    if stands.due_at is None:
        assert stands.tone == "paused"
        assert stands.remaining_minutes > 0
    else:
        assert stands.remaining_minutes == working_minutes(now, stands.due_at, ours)


# -- shipped by others

DUE = [
    # start, minutes, due
    ("2020-03-16 10:00", 60, "2020-03-16 11:00"),
    ("2020-03-16 11:30", 60, "2020-03-16 14:30"),  # over lunch
    ("2020-03-16 12:20", 60, "2020-03-16 15:00"),  # begun at lunch
    ("2020-03-16 09:00", 180, "2020-03-16 12:00"),  # ends with the morning, not after lunch
    ("2020-03-16 09:00", 420, "2020-03-16 18:00"),  # ends with the day, not the next morning
    ("2020-03-16 07:00", 60, "2020-03-16 10:00"),  # before opening
    ("2020-03-16 20:00", 60, "2020-03-17 10:00"),  # after closing
    ("2020-03-14 11:00", 60, "2020-03-16 10:00"),  # on a Saturday
    ("2020-03-20 17:50", 60, "2020-03-23 09:50"),  # Friday evening
    ("2020-03-31 17:00", 120, "2020-04-01 10:00"),  # over the end of a month
    ("2020-02-28 17:00", 420, "2020-03-02 17:00"),  # over the end of a February with 29 days
    ("2019-12-31 17:00", 120, "2020-01-02 10:00"),  # over the end of a year
    ("2020-01-17 17:30", 60, "2020-01-19 09:30"),  # a Sunday worked for the Spring Festival
    ("2020-01-23 17:00", 120, "2020-02-03 10:00"),  # the Spring Festival of 2020, as extended
    ("2020-01-23 09:00", 3 * 420, "2020-02-04 18:00"),
]


@pytest.mark.parametrize(("start", "minutes", "due"), DUE)
def test_a_limit_in_working_hours(start: str, minutes: int, due: str) -> None:
    assert add_working(at(start), minutes, OFFICE) == at(due)


def test_a_make_up_saturday_is_a_working_day() -> None:
    calendar = Calendar(CalendarKind.WORKING, {date(2020, 5, 9): WORKDAY})
    assert add_working(at("2020-05-08 17:00"), 120, calendar) == at("2020-05-09 10:00")
    assert add_working(at("2020-05-15 17:00"), 120, calendar) == at("2020-05-18 10:00")


def test_always_counts_nights_and_holidays() -> None:
    assert add_working(at("2020-01-24 23:30"), 60, ALWAYS) == at("2020-01-25 00:30")
    assert add_working(at("2020-01-31 00:00"), 1440, ALWAYS) == at("2020-02-01 00:00")


def test_three_working_days_are_three_times_a_day_of_working_minutes() -> None:
    assert minutes_of_days(3, OFFICE, at("2020-03-16 10:30")) == 1260
    assert add_working(at("2020-03-16 10:30"), minutes_of_days(3, OFFICE, at("2020-03-16 10:30")), OFFICE) == at(
        "2020-03-19 10:30"
    )
    assert minutes_of_days(3, ALWAYS, at("2020-03-16 10:30")) == 4320


def test_a_start_at_closing_time_rolls_to_the_next_opening() -> None:
    assert OFFICE.opening(at("2020-03-16 12:00")) == at("2020-03-16 14:00")
    assert OFFICE.opening(at("2020-03-20 18:00")) == at("2020-03-23 09:00")
    assert OFFICE.opening(at("2020-03-16 09:00")) == at("2020-03-16 09:00")


def test_a_pause_from_closing_to_opening_adds_nothing() -> None:
    pause = (at("2020-03-16 17:00"), at("2020-03-17 09:00"))
    assert paused_minutes(at("2020-03-16 09:00"), pause[1], [pause], NINE_TO_FIVE) == 0
    assert due_at(at("2020-03-16 16:00"), 120, 0, [pause], NINE_TO_FIVE) == at("2020-03-17 10:00")


def test_overlapping_pauses_count_once() -> None:
    held = [
        (at("2020-03-16 09:30"), at("2020-03-16 10:30")),
        (at("2020-03-16 10:00"), at("2020-03-16 11:00")),
        (at("2020-03-16 10:10"), at("2020-03-16 10:20")),
    ]
    assert due_at(at("2020-03-16 09:00"), 60, 0, held, OFFICE) == at("2020-03-16 11:30")


def test_a_pause_after_the_due_time_undoes_nothing() -> None:
    held = [(at("2020-03-16 15:00"), None)]
    facts = Facts(started_at=at("2020-03-16 09:00"), limit_minutes=60, pauses=((*held[0], "x"),))
    assert due_at(at("2020-03-16 09:00"), 60, 0, held, OFFICE) == at("2020-03-16 10:00")
    assert standing(facts, OFFICE, at("2020-03-16 16:00")).tone == "late"


def test_an_open_pause_holds_the_due_time_back() -> None:
    assert due_at(at("2020-03-16 09:00"), 60, 30, [(at("2020-03-16 09:30"), None)], OFFICE) is None


def test_resuming_never_makes_it_late_at_once() -> None:
    start, since, until = at("2020-03-16 09:00"), at("2020-03-16 09:59"), at("2020-06-01 09:00")
    facts = Facts(started_at=start, limit_minutes=60, pauses=((since, until, "x"),))
    stands = standing(facts, OFFICE, until)
    assert (stands.tone, stands.remaining_minutes) == ("soon", 1)


def test_hours_out_of_order_are_no_calendar() -> None:
    for wrong in ((), ((time(14), time(12)),), ((time(9), time(13)), (time(12), time(18)))):
        with pytest.raises(ValueError, match="hours"):
            Calendar(CalendarKind.WORKING, {}, wrong)


@pytest.mark.parametrize(
    ("now", "tone", "used", "left"),
    [
        ("2020-03-16 08:00", "", 0, 420),
        ("2020-03-16 11:00", "", 28, 300),
        ("2020-03-16 16:14", "", 74, 106),
        ("2020-03-16 16:15", "soon", 75, 105),
        ("2020-03-16 18:00", "soon", 100, 0),
        ("2020-03-16 20:00", "late", 100, 0),
        ("2020-03-17 10:00", "late", 114, -60),
    ],
)
def test_the_tone_of_a_clock(now: str, tone: str, used: int, left: int) -> None:
    stands = standing(Facts(started_at=at("2020-03-16 09:00"), limit_minutes=420), OFFICE, at(now))
    assert (stands.tone, stands.used_percent, stands.remaining_minutes) == (tone, used, left)


def test_what_is_done_stands_as_it_did_then() -> None:
    facts = Facts(started_at=at("2020-03-16 09:00"), limit_minutes=60, done_at=at("2020-03-16 09:30"), met=True)
    stands = standing(facts, OFFICE, at("2021-01-01 00:00"))
    assert (stands.tone, stands.remaining_minutes, stands.met) == ("done", 30, True)
