"""The formulas, as tables of facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from casework.kpis.figures import (
    BY_KEY,
    FIGURES,
    GROUP_OF,
    RULES,
    Base,
    Flag,
    Group,
    bucket_of,
    composite,
    percentile,
    work_out,
)
from casework.kpis.periods import Period, period, read_period
from casework.kpis.rules import Facts, Grant, Receipt, Run, Step, marks_of

T = datetime(2020, 3, 16, 1, tzinfo=UTC)
NOW = T + timedelta(days=30)
PRESETS = {name: rule[1] for name, rule in RULES.items()}
H = timedelta(hours=1)
PATH = (
    Step("accept", T + H, "accepted"),
    Step("dispatch", T + 2 * H, "dispatched", {"unit": 7, "officer": 70}),
    Step("acknowledge", T + 3 * H, "in_progress"),
    Step("submit_result", T + 20 * H, "under_review"),
    Step("approve", T + 22 * H, "callback"),
    Step(
        "callback", T + 30 * H, "closed", {"result": "reached", "contacted": "yes", "solved": "yes", "satisfied": "4"}
    ),
)


def run(clock: str, start: datetime, due: datetime | None, done: datetime | None, **changes: object) -> Run:
    met = None if done is None or due is None else done <= due
    base = Run(clock=clock, started_at=start, due_at=due, first_due=due, done_at=done, met=met)
    return replace(base, **changes)  # type: ignore[arg-type]


CLOSED = Facts(
    state="closed",
    submitted_at=T,
    contacted_at=T + 4 * H,
    closed_at=T + 30 * H,
    unit_id=7,
    lead_id=70,
    outcome="solved",
    steps=PATH,
    runs=(
        run("first_contact", T, T + 5 * H, T + 4 * H),
        run("resolve", T, T + 40 * H, T + 22 * H),
        run("acknowledge", T + 2 * H, T + 4 * H, T + 3 * H),
    ),
    working_minutes=240,
)


def figures(*cases: Facts, now: datetime = NOW, **rules: int) -> dict[str, tuple[float, int]]:
    """Numerator and denominator of every figure over some cases."""
    groups = [
        Group(mark.base.value, int(mark.flags), mark.bucket, 1, mark.value)
        for case in cases
        for mark in marks_of(case, now).found
    ]
    results = {figure.key: work_out(figure, groups, PRESETS | rules) for figure in FIGURES}
    return {key: (result.numerator, result.of) for key, result in results.items()}


def test_a_case_that_went_well_counts_for_everything_it_should() -> None:
    found = figures(CLOSED)
    good = ["first_contact", "acknowledged", "on_time", "on_time_first", "on_time_dispatched", "resolved", "one_time"]
    good += ["claimed", "called", "response", "solution", "satisfaction"]
    assert {key: found[key] for key in good} == dict.fromkeys(good, (1, 1))
    bad = ["objections", "overdue", "rework", "repeats", "unreached", "refused"]
    assert {key: found[key] for key in bad} == dict.fromkeys(bad, (0, 1))
    assert {key for key, (_, of) in found.items() if of == 0} == {
        "unfounded",
        "mended",
        "orders",
        "relief",
        "pass_through",
    }


def test_a_contact_after_its_target_is_late_and_none_before_its_target_is_not_counted() -> None:
    late = replace(CLOSED, contacted_at=T + 6 * H)
    assert figures(late)["first_contact"] == (0, 1)
    assert figures(replace(CLOSED, contacted_at=None), now=T + 5 * H - timedelta(minutes=1))["first_contact"] == (0, 0)
    assert figures(replace(CLOSED, contacted_at=None), now=T + 5 * H)["first_contact"] == (0, 1)


def test_what_falls_due_later_is_looked_at_again_then() -> None:
    assert marks_of(CLOSED, T).again_at == T + 4 * H
    assert marks_of(CLOSED, NOW).again_at is None


def test_an_open_case_past_its_due_time_is_overdue_and_an_extended_one_is_not() -> None:
    open_case = replace(CLOSED, state="in_progress", closed_at=None, runs=(run("resolve", T, T + 40 * H, None),))
    found = figures(open_case)
    assert (found["on_time"], found["overdue"]) == ((0, 1), (1, 1))
    extended = run("resolve", T, T + 90 * H, T + 60 * H, first_due=T + 40 * H, extended=True)
    found = figures(replace(CLOSED, runs=(extended,)))
    assert (found["on_time"], found["on_time_first"], found["overdue"]) == ((1, 1), (0, 1), (0, 1))


def test_the_two_variants_of_in_time_have_their_own_denominators() -> None:
    not_due = replace(CLOSED, state="in_progress", closed_at=None, runs=(run("resolve", T, NOW + H, None),))
    found = figures(CLOSED, not_due)
    assert found["on_time"] == (1, 1)
    assert found["on_time_dispatched"] == (1, 2)
    assert found["resolved"] == (1, 2)


def test_a_paused_clock_is_not_due() -> None:
    paused = replace(CLOSED, state="waiting", closed_at=None, runs=(run("resolve", T, None, None),))
    assert figures(paused)["on_time"] == (0, 0)


@pytest.mark.parametrize("state", ["declined", "withdrawn", "merged"])
def test_what_ended_otherwise_is_aside_everywhere(state: str) -> None:
    found = figures(replace(CLOSED, state=state, runs=tuple(replace(one, cancelled=True) for one in CLOSED.runs)))
    assert {key for key, (_, of) in found.items() if of} == set()
    marks = marks_of(replace(CLOSED, state=state), NOW).found
    assert marks
    assert all(Flag.OUT in mark.flags for mark in marks)


def test_an_excluded_case_is_aside_in_its_group_alone() -> None:
    found = figures(replace(CLOSED, excluded=frozenset({"time"})))
    assert (found["on_time"], found["resolved"], found["satisfaction"]) == ((0, 0), (0, 0), (1, 1))
    found = figures(replace(CLOSED, excluded=frozenset({"all"})))
    assert {of for _, of in found.values()} == {0}


def test_each_dispatch_counts_with_its_own_answer() -> None:
    ruled = {"ruling": "upheld", "unit": 8, "officer": 80}
    steps = (
        PATH[1],
        Step("object", T + 3 * H, "objected", {"code": "wrong_unit"}),
        Step("rule", T + 4 * H, "dispatched", ruled),
        Step("object", T + 5 * H, "objected", {"code": "wrong_unit"}),
        Step("rule", T + 6 * H, "in_progress", {"ruling": "overruled"}),
        *PATH[3:],
    )
    found = figures(replace(CLOSED, steps=steps))
    assert (found["acknowledged"], found["objections"], found["unfounded"]) == ((0, 2), (2, 2), (1, 2))
    marks = [mark for mark in marks_of(replace(CLOSED, steps=steps), NOW).found if mark.base is Base.DISPATCH]
    assert [(mark.unit_id, mark.officer_id) for mark in marks] == [(7, 70), (8, 80)]


def test_an_acknowledgement_after_the_limit_is_not_in_time() -> None:
    late = replace(CLOSED, runs=(run("acknowledge", T + 2 * H, T + 2.5 * H, T + 3 * H),))
    assert figures(late)["acknowledged"] == (0, 1)


def test_work_sent_back_by_review_or_call_back_is_no_single_go() -> None:
    returned = (
        *PATH[:4],
        Step("return", T + 21 * H, "in_progress"),
        Step("submit_result", T + 23 * H, "under_review"),
        *PATH[4:],
    )
    found = figures(replace(CLOSED, steps=returned))
    assert (found["rework"], found["one_time"]) == ((1, 2), (0, 1))
    bad = {"result": "reached", "contacted": "yes", "solved": "no", "satisfied": "1"}
    again = (
        *PATH[:5],
        Step("callback", T + 24 * H, "in_progress", bad),
        Step("submit_result", T + 26 * H, "under_review"),
        *PATH[4:],
    )
    mended = run("resolve", T + 24 * H, T + 48 * H, T + 28 * H)
    found = figures(replace(CLOSED, steps=again, runs=(*CLOSED.runs, mended)))
    assert (found["rework"], found["one_time"], found["mended"]) == ((1, 2), (0, 1), (1, 1))
    late = run("resolve", T + 24 * H, T + 27 * H, T + 28 * H)
    assert figures(replace(CLOSED, steps=again, runs=(*CLOSED.runs, late)))["mended"] == (0, 1)


def test_a_reopened_or_repeated_case_is_no_single_go_and_a_repeat_is_one() -> None:
    reopened = (*PATH, Step("reopen", T + 40 * H, "in_progress"), *PATH[3:])
    assert figures(replace(CLOSED, steps=reopened))["one_time"] == (0, 1)
    assert figures(replace(CLOSED, repeated=True))["one_time"] == (0, 1)
    assert figures(replace(CLOSED, repeats=True))["repeats"] == (1, 1)


@pytest.mark.parametrize(
    ("answer", "outcome", "solution", "satisfaction", "called", "response"),
    [
        (
            {"result": "reached", "contacted": "no", "solved": "yes", "satisfied": "3"},
            "solved",
            (1, 1),
            (1, 1),
            (1, 1),
            (0, 1),
        ),
        ({"result": "reached", "contacted": "yes", "solved": "yes"}, "partly_solved", (0.5, 1), (0, 0), (1, 1), (1, 1)),
        (
            {"result": "reached", "contacted": "yes", "solved": "partly", "satisfied": "2"},
            "solved",
            (0.5, 1),
            (0, 1),
            (1, 1),
            (1, 1),
        ),
        ({"result": "unreached"}, "solved", (0, 0), (0, 0), (0, 1), (0, 0)),
        ({"result": "refused"}, "solved", (0, 0), (0, 0), (0, 1), (0, 0)),
    ],
)
def test_the_rates_of_the_call_back(
    answer: dict[str, str], outcome: str, solution: object, satisfaction: object, called: object, response: object
) -> None:
    steps = (*PATH[:5], Step("callback", T + 30 * H, "closed", answer))
    found = figures(replace(CLOSED, steps=steps, outcome=outcome))
    assert (found["solution"], found["satisfaction"]) == (solution, satisfaction)
    assert (found["called"], found["response"]) == (called, response)


def test_k_and_the_weights_are_settings() -> None:
    partly = {"result": "reached", "contacted": "yes", "solved": "partly", "satisfied": "1"}
    case = replace(CLOSED, steps=(*PATH[:5], Step("callback", T + 30 * H, "closed", partly)))
    assert figures(case, partly=250)["solution"] == (0.25, 1)
    groups = [Group(m.base.value, int(m.flags), 0, 1, 0) for m in marks_of(case, NOW).found]
    results = {key: work_out(BY_KEY[key], groups, PRESETS) for key in ("response", "solution", "satisfaction")}
    assert composite(results, PRESETS) == pytest.approx(0.2 * 1 + 0.4 * 0.5 + 0.4 * 0)
    assert composite(results, PRESETS | {"w_response": 1000, "w_solution": 0, "w_satisfaction": 0}) == 1


def test_relief_is_what_was_confirmed_and_passes_through_as_a_share() -> None:
    day = date(2020, 3, 20)
    found = figures(
        replace(CLOSED, grants=(Grant(1, day, 1000, 1000), Grant(2, day, 500, 0)), receipts=(Receipt(9, day, 1000),))
    )
    assert (found["relief"][1], found["pass_through"]) == (1000, (1000, 1500))


def test_a_small_denominator_is_called_small() -> None:
    result = work_out(BY_KEY["on_time"], [Group("due", int(Flag.IN_TIME), 0, 19, 0)], PRESETS)
    assert result.is_small
    assert not work_out(BY_KEY["on_time"], [Group("due", int(Flag.IN_TIME), 0, 20, 0)], PRESETS).is_small


def test_percentiles_are_of_the_nearest_rank_and_buckets_within_five_per_cent() -> None:
    assert percentile({5: 1, 10: 1, 20: 1}, 50) == 10
    assert percentile(dict.fromkeys(range(1, 11), 1), 90) == 9
    assert percentile({}, 50) is None
    assert [bucket_of(value) for value in (0, 7, 20)] == [0, 7, 20]
    assert all(value / 1.0501 - 1 <= bucket_of(value) <= value for value in range(21, 50_000, 37))


def test_every_base_belongs_to_one_kind_and_every_figure_has_a_base() -> None:
    assert set(GROUP_OF) == set(Base)
    assert {figure.base for figure in FIGURES} == set(Base)


@pytest.mark.parametrize(
    ("span", "on", "first", "last", "before"),
    [
        ("week", date(2020, 3, 18), date(2020, 3, 16), date(2020, 3, 22), date(2020, 3, 9)),
        ("month", date(2020, 2, 29), date(2020, 2, 1), date(2020, 2, 29), date(2020, 1, 1)),
        ("quarter", date(2020, 12, 31), date(2020, 10, 1), date(2020, 12, 31), date(2020, 7, 1)),
        ("year", date(2020, 5, 5), date(2020, 1, 1), date(2020, 12, 31), date(2019, 1, 1)),
    ],
)
def test_periods_know_their_days_and_the_one_before(span: str, on: date, first: date, last: date, before: date) -> None:
    found = period(span, on)
    assert (found.first, found.last, found.before.first) == (first, last, before)
    assert found.after.before == found


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2020, 1, 15), date(2020, 4, 10)),
        (date(2020, 1, 1), date(2020, 12, 31)),
        (date(2020, 3, 2), date(2020, 3, 30)),
        (date(2020, 1, 31), date(2020, 3, 1)),
        (date(2020, 1, 20), date(2020, 2, 3)),
    ],
)
def test_a_period_falls_into_whole_months_and_the_days_at_its_ends(first: date, last: date) -> None:
    months, days = Period("days", first, last).pieces()
    covered = {day for a, b in days for day in (a + timedelta(days=n) for n in range((b - a).days + 1))}
    for month in months:
        whole = period("month", month)
        fresh = {whole.first + timedelta(days=n) for n in range((whole.last - whole.first).days + 1)}
        assert not fresh & covered
        covered |= fresh
    assert covered == {first + timedelta(days=n) for n in range((last - first).days + 1)}


def test_an_address_that_is_not_understood_is_this_month() -> None:
    today = date(2020, 3, 18)
    assert read_period({"span": "aeon", "on": "x"}, today) == period("month", today)
    assert read_period({"span": "days", "from": "2020-03-05", "to": "2020-03-01"}, today) == period("month", today)
