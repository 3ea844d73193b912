"""When each level comes: working-time gaps, days off, yellow before, and how often one may urge."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from casework.clocks.calendar import ALWAYS, Calendar
from casework.clocks.kinds import Clock, DayKind
from casework.clocks.rules import Facts, due_at
from casework.kernel.time import at_local
from casework.supervision import rules
from casework.supervision.rules import PRESET, Gap, Ladder
from casework.supervision.words import RUNGS, Level

# 劳动节 2020: 1 to 5 May off, Sunday 26 April and Saturday 9 May worked.
OFF = {date(2020, 5, day): DayKind.HOLIDAY for day in range(1, 6)}
WORK = Calendar(days={**OFF, date(2020, 4, 26): DayKind.WORKDAY, date(2020, 5, 9): DayKind.WORKDAY})


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return at_local(date(2020, month, day), hour, minute)


def planned(
    start: datetime, minutes: int, *, clock: Clock = Clock.RESOLVE, ladder: Ladder = PRESET, urgent: bool = False,
    calendar: Calendar = WORK, pauses: tuple[tuple[datetime, datetime | None, str], ...] = (),
) -> dict[Level, datetime]:  # fmt: skip
    facts = Facts(started_at=start, limit_minutes=minutes, pauses=pauses)
    return dict(rules.plan(clock, facts, ladder, calendar=calendar, working=WORK, urgent=urgent))


@pytest.mark.parametrize(
    ("due", "gap", "expected"),
    [
        (at(4, 22, 17, 50), Gap(1), at(4, 23, 17, 50)),  # Wednesday
        (at(4, 24, 17, 50), Gap(1), at(4, 26, 17, 50)),  # Friday: the make-up Sunday counts
        (at(4, 24, 17, 50), Gap(2), at(4, 27, 17, 50)),
        (at(4, 30, 17, 50), Gap(1), at(5, 6, 17, 50)),  # over the five days off
        (at(5, 8, 17, 50), Gap(1), at(5, 9, 17, 50)),  # the make-up Saturday
        (at(5, 15, 17, 50), Gap(1), at(5, 18, 17, 50)),  # a plain weekend
        (at(5, 15, 17, 50), Gap(1, "hours"), at(5, 18, 9, 50)),
        (at(5, 15, 17, 50), Gap(0), at(5, 15, 17, 50)),
        (at(5, 15, 18), Gap(0), at(5, 15, 18)),  # due as the office closes: not the next morning
        (at(5, 16, 10), Gap(0), at(5, 18, 9)),  # due on a Saturday: the rung waits for Monday
        (at(5, 3, 3), Gap(0), at(5, 6, 9)),
        (at(5, 16, 10), Gap(1), at(5, 18, 18)),
    ],
)
def test_the_gap_to_a_rung_does_not_burn_on_days_off(due: datetime, gap: Gap, expected: datetime) -> None:
    assert rules.rung_at(due, gap, WORK) == expected


def test_an_urgent_case_climbs_around_the_clock() -> None:
    ladder = planned(at(5, 15, 9), 420, urgent=True)
    assert ladder[Level.RED] == at(5, 15, 18)
    assert [ladder[level] for level in RUNGS] == [at(5, 15, 18), at(5, 15, 20), at(5, 16)]


def test_yellow_comes_at_three_quarters_of_the_limit() -> None:
    assert planned(at(5, 15, 9), 420)[Level.YELLOW] == due_at(at(5, 15, 9), 315, 0, (), WORK)


def test_yellow_comes_half_an_hour_before_the_end_of_a_short_limit_but_never_before_half_of_it() -> None:
    assert planned(at(5, 15, 9), 100)[Level.YELLOW] == at(5, 15, 10, 10)
    assert planned(at(5, 15, 9), 40)[Level.YELLOW] == at(5, 15, 9, 20)


def test_a_pause_moves_every_level_and_an_open_one_holds_them_all() -> None:
    plain = planned(at(5, 18, 9), 420)
    held = planned(at(5, 18, 9), 420, pauses=((at(5, 18, 10), at(5, 19, 10), ""),))
    assert all(held[level] >= plain[level] + timedelta(days=1) for level in Level)
    assert planned(at(5, 18, 9), 420, pauses=((at(5, 18, 10), None, ""),)) == {}


def test_a_promise_is_yellow_on_the_morning_of_the_working_day_before() -> None:
    for day, before in (((5, 20), (5, 19)), ((5, 18), (5, 15)), ((5, 4), (4, 30)), ((4, 27), (4, 26))):
        start, end = at(4, 1), at(*day) + timedelta(days=1)
        minutes = int((end - start).total_seconds()) // 60
        found = planned(start, minutes, clock=Clock.PROMISE, calendar=ALWAYS)
        assert (found[Level.YELLOW], found[Level.RED]) == (at(*before, 9), WORK.opening(end))
        assert planned(start, minutes, clock=Clock.PROMISE, calendar=ALWAYS, urgent=True)[Level.RED] == end
        assert set(found) == {Level.YELLOW, Level.RED, Level.LEAD}


def test_a_promise_for_today_is_yellow_at_once_and_not_before_it_was_made() -> None:
    assert planned(at(5, 20), 1440, clock=Clock.PROMISE, calendar=ALWAYS)[Level.YELLOW] == at(5, 20)


def test_what_ends_by_itself_has_no_ladder() -> None:
    assert planned(at(5, 18, 9), 60, clock=Clock.PARKED) == planned(at(5, 18, 9), 60, clock=Clock.ANSWER) == {}
    assert set(planned(at(5, 18, 9), 60, clock=Clock.ACKNOWLEDGE)) == {Level.YELLOW}


PLAN = [(Level.YELLOW, at(5, 18, 10)), (Level.RED, at(5, 18, 12)), (Level.LEAD, at(5, 18, 12))]


@pytest.mark.parametrize(
    ("now", "told", "tell", "next_at"),
    [
        (at(5, 18, 9), (), (), at(5, 18, 10)),
        (at(5, 18, 10), (), (), at(5, 18, 10)),  # not before its moment is past
        (at(5, 18, 11), (), (Level.YELLOW,), at(5, 18, 12)),
        (at(5, 18, 11), ("yellow",), (), at(5, 18, 12)),
        (at(5, 19, 11), (), (Level.RED, Level.LEAD), None),  # the yellow card was missed: red only
        (at(5, 19, 11), ("yellow", "red"), (Level.LEAD,), None),
        (at(5, 19, 11), ("yellow", "red", "lead"), (), None),
    ],
)
def test_each_level_is_told_once_and_red_leaves_no_yellow_behind(
    now: datetime, told: tuple[str, ...], tell: tuple[Level, ...], next_at: datetime | None
) -> None:
    assert rules.turn(PLAN, told, now) == rules.Turn(tell, next_at)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"yellow_percent": 49}, "yellow_percent"),
        ({"yellow_percent": 96}, "yellow_percent"),
        ({"yellow_minutes": -1}, "yellow_minutes"),
        ({"gaps": {**rules.GAPS, Level.LEAD: Gap(-1)}}, "lead"),
        ({"gaps": {**rules.GAPS, Level.LEAD: Gap(1, "weeks")}}, "lead"),
        ({"gaps": {**rules.GAPS, Level.REGULATOR: Gap(61)}}, "regulator"),
        ({"gaps": {**rules.GAPS, Level.AREA_LEADER: Gap(3)}}, "regulator"),
        ({"urgent_gaps": {**rules.URGENT_GAPS, Level.LEAD: Gap(3, "hours")}}, "urgent_area_leader"),
    ],
)
def test_a_ladder_out_of_order_or_before_the_due_time_is_refused(changes: dict[str, object], field: str) -> None:
    assert [reason.field for reason in rules.ladder_faults(Ladder(**changes))] == [field]  # type: ignore[arg-type]
    assert rules.ladder_faults(PRESET) == []


@pytest.mark.parametrize(
    ("before", "now", "again"),
    [
        ((), at(5, 15, 10), None),
        ((at(5, 15, 10),), at(5, 15, 10, 30), at(5, 15, 11)),
        ((at(5, 15, 10),), at(5, 15, 11), None),
        ((at(5, 15, 9), at(5, 15, 11), at(5, 15, 14)), at(5, 15, 17), at(5, 18, 9)),
        ((at(5, 15, 9), at(5, 15, 11), at(5, 16, 14)), at(5, 17, 17), at(5, 18, 9)),  # the weekend is Friday's
        ((at(5, 15, 9), at(5, 15, 11), at(5, 15, 14)), at(5, 18, 9), None),
    ],
)
def test_staff_urge_once_an_hour_and_three_times_a_working_day(
    before: tuple[datetime, ...], now: datetime, again: datetime | None
) -> None:
    assert rules.urge_again_at(before, rules.STAFF, now, WORK) == again


def test_the_requester_urges_once_a_working_day() -> None:
    assert rules.urge_again_at((at(5, 15, 9),), rules.REQUESTER, at(5, 17, 9), WORK) == at(5, 18, 9)
    assert rules.urge_again_at((at(5, 15, 9),), rules.REQUESTER, at(5, 18, 0, 1), WORK) is None
